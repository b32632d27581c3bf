//! Exits: at the open (step 3) and along the path inside the bar (step 4).
//!
//! Prices here are signed (see `levels`), so that a falling leg is adverse to a long and to a short alike.

use alipes_market::mutants::is_on;

use crate::data::Bar;

use super::fills::Moment;
use super::{Account, Journal, Kind, Path};

impl<J: Journal> Account<J> {
    /// Steps 3 and 4: exits at the open, then along the path.
    #[inline]
    pub(crate) fn walk(&mut self, bar: &Bar, detail: &[Bar], at: Moment) {
        if !self.waiting.is_empty() {
            return self.walk_with_limits(bar, detail, at);
        }
        if self.levels.are_bare() {
            return;
        }
        self.exit_at_open(bar.open, at);
        if self.terms.path == Path::Detail && !detail.is_empty() {
            for (k, finer) in detail.iter().enumerate() {
                if k > 0 {
                    self.exit_at_open(finer.open, at);
                }
                self.walk_bar(finer, true, at);
            }
        } else if self.units != 0.0 {
            let is_adverse_first = self.is_adverse_first(bar, self.levels.side);
            self.walk_bar(bar, is_adverse_first, at);
        }
    }

    pub(crate) fn is_adverse_first(&self, bar: &Bar, side: f64) -> bool {
        match self.terms.path {
            Path::Pessimistic | Path::Detail => !is_on("bars_stop_order"),
            Path::Optimistic => false,
            Path::Nearest => {
                let (below, above) = (bar.open - bar.low, bar.high - bar.open);
                if side < 0.0 { above <= below } else { below <= above }
            }
        }
    }

    /// Step 3: what the open has jumped over fills at the open.
    #[inline]
    pub(crate) fn exit_at_open(&mut self, open: f64, at: Moment) {
        if self.units == 0.0 {
            return;
        }
        let price = self.levels.side * open;
        self.levels.raise(price, self.terms.grid.as_ref());
        if price <= self.levels.liquidation {
            self.take_out(Kind::Liquidation, open, at);
        } else if price <= self.levels.nearest_stop() {
            let kind = self.nearest_stop_kind();
            let fill =
                if is_on("bars_gap_at_stop") { self.unsigned(self.levels.nearest_stop()) } else { open };
            self.take_out(kind, fill, at);
        } else if self.levels.reaches_target(price, &self.terms) {
            self.exit(Kind::TakeProfit, open, true, at);
        }
    }

    #[inline]
    fn walk_bar(&mut self, bar: &Bar, is_adverse_first: bool, at: Moment) {
        let (adverse, favourable) = self.levels.range(bar.low, bar.high);
        let side = self.levels.side;
        let (first, second) = if is_adverse_first { (adverse, favourable) } else { (favourable, adverse) };
        let mut from = side * bar.open;
        for (leg, to) in [first, second, side * bar.close].into_iter().enumerate() {
            if self.units == 0.0 {
                return;
            }
            if to < from {
                self.fall(to, leg, at);
            } else if to > from {
                self.rise(to, at);
            }
            from = to;
        }
    }

    /// An adverse leg down to `to`: the nearest stop or the liquidation price that it touches.
    #[inline]
    pub(crate) fn fall(&mut self, to: f64, leg: usize, at: Moment) {
        let stop = self.levels.nearest_stop();
        let stop = if is_on("bars_trail_raise") && leg == 2 { self.levels.stop } else { stop };
        let liquidation = self.levels.liquidation;
        if to > stop && to > liquidation {
            return;
        }
        let is_stop = if is_on("bars_liquidation_first") { to > liquidation } else { stop >= liquidation };
        if is_stop {
            let kind = self.nearest_stop_kind();
            self.take_out(kind, self.unsigned(stop), at);
        } else {
            self.take_out(Kind::Liquidation, self.unsigned(liquidation), at);
        }
    }

    /// A favourable leg up to `to`: the trail follows, then the target.
    #[inline]
    pub(crate) fn rise(&mut self, to: f64, at: Moment) {
        self.levels.raise(to, self.terms.grid.as_ref());
        if self.levels.reaches_target(to, &self.terms) {
            self.exit(Kind::TakeProfit, self.unsigned(self.levels.target), true, at);
        }
    }

    fn unsigned(&self, price: f64) -> f64 {
        self.levels.side * price
    }

    fn nearest_stop_kind(&self) -> Kind {
        if self.levels.stop >= self.levels.trail { Kind::StopLoss } else { Kind::Trailing }
    }
}
