//! Resting limits along the path, beside the exits of a position (steps 3 and 4 with orders of a strategy).
//!
//! A limit fills like a target (B6): at its own price, or at a better open; as a maker and without slippage. What it
//! opens is live at once, for the rest of the leg too. When a trade ends, nothing more fills in the bar (B8).

use crate::data::Bar;

use super::fills::Moment;
use super::{Account, Journal, Path};

impl<J: Journal> Account<J> {
    /// Steps 3 and 4 with orders that rest.
    pub(crate) fn walk_with_limits(&mut self, bar: &Bar, detail: &[Bar], at: Moment) {
        let ended = self.tally.count;
        let own = [*bar];
        let bars = if self.terms.path == Path::Detail && !detail.is_empty() { detail } else { &own };
        for (k, finer) in bars.iter().enumerate() {
            let open = if k == 0 { bar.open } else { finer.open };
            self.exit_at_open(open, at);
            while self.tally.count == ended && self.fill_limit_at_open(open, at) {}
            self.walk_legs(finer, ended, at);
            if self.tally.count != ended {
                return;
            }
        }
    }

    /// The limit that lies beyond the open, if any, fills there.
    fn fill_limit_at_open(&mut self, open: f64, at: Moment) -> bool {
        let reached = [true, false].into_iter().find_map(|falls| self.nearest_limit(open, falls));
        if let Some((place, _)) = reached {
            self.fill_resting(place, open, at);
        }
        reached.is_some()
    }

    /// The limit that a leg to `to` reaches first; of equal ones the earliest.
    fn nearest_limit(&self, to: f64, falls: bool) -> Option<(usize, f64)> {
        let must_trade_through = self.terms.must_trade_through();
        let mut nearest: Option<(usize, f64)> = None;
        for (place, order) in self.waiting.iter().enumerate() {
            let Some(limit) = order.resting(falls) else { continue };
            let is_through = if falls { to < limit } else { to > limit };
            let is_reached = is_through || (to == limit && !must_trade_through);
            let is_nearer = nearest.is_none_or(|(_, best)| if falls { limit > best } else { limit < best });
            if is_reached && is_nearer {
                nearest = Some((place, limit));
            }
        }
        nearest
    }

    fn walk_legs(&mut self, bar: &Bar, ended: u64, at: Moment) {
        let side = match self.side() {
            Some(side) => side,
            None => match self.waiting.iter().find_map(super::orders::Waiting::opens) {
                Some(side) => side,
                None => return,
            },
        };
        let is_adverse_first = self.is_adverse_first(bar, side.sign());
        let low_first = side.is_buy() == is_adverse_first;
        let (first, second) = if low_first { (bar.low, bar.high) } else { (bar.high, bar.low) };
        let mut from = bar.open;
        for (leg, to) in [first, second, bar.close].into_iter().enumerate() {
            if to != from {
                while self.tally.count == ended && self.take_step(leg, to, to < from, at) {}
            }
            from = to;
        }
    }

    /// The next thing that a leg to `to` meets: an exit, or a limit; of equal ones the exit. False if there is none.
    fn take_step(&mut self, leg: usize, to: f64, falls: bool, at: Moment) -> bool {
        let side = self.levels.side;
        let exit = self.exit_on_leg(side * to, (side > 0.0) == falls);
        let limit = self.nearest_limit(to, falls);
        let ahead = |a: f64, b: f64| if falls { a >= b } else { a <= b };
        let exit = exit.map(|level| side * level);
        match (exit, limit) {
            (None, None) => false,
            (exit, Some((place, limit))) if exit.is_none_or(|exit| !ahead(exit, limit)) => {
                self.fill_resting(place, limit, at);
                true
            }
            _ => {
                if (side > 0.0) == falls {
                    self.fall(side * to, leg, at);
                } else {
                    self.rise(side * to, at);
                }
                false
            }
        }
    }

    /// The signed level of the exit that a leg to the signed price `to` meets; moves the trail on a favourable leg.
    fn exit_on_leg(&mut self, to: f64, is_adverse: bool) -> Option<f64> {
        if self.units == 0.0 {
            None
        } else if is_adverse {
            let level = self.levels.nearest_stop().max(self.levels.liquidation);
            (to <= level).then_some(level)
        } else {
            self.levels.raise(to, self.terms.grid.as_ref());
            self.levels.reaches_target(to, &self.terms).then_some(self.levels.target)
        }
    }
}
