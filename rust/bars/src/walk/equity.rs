//! Equity from bar to bar: its drawdown, its value at midnights, the sums of its returns.

use super::market::Market;
use super::returns::Returns;
use crate::data::Ns;
use crate::portfolio::{Account, Journal};
use crate::track::{Moments, Track};

/// What is to be kept of the equity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// The drawdown's depth.
    pub drawdown: bool,
    /// Its longest time under water.
    pub drawdown_time: bool,
    /// Equity at midnights.
    pub days: bool,
    /// Sums of bar returns.
    pub moments: bool,
    /// The peak of drawdowns starts at the first bar's equity, not at the initial cash.
    pub peak_from_first_bar: bool,
}

/// Money and position as they are on a run of bars.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holding {
    pub cash: f64,
    pub units: f64,
}

impl Holding {
    #[inline]
    pub(crate) fn at(self, price: f64) -> f64 {
        self.cash + self.units * price
    }
}

/// The equity of one run so far.
#[derive(Clone, Debug)]
pub struct EquityTrack {
    wants: Wants,
    last: f64,
    peak: f64,
    peak_time: Ns,
    is_under: bool,
    pub(crate) max_drawdown: f64,
    pub(crate) longest: Ns,
    pub(crate) days: Vec<f64>,
    pub(crate) moments: Moments,
    /// Sums of price returns where the present fully invested stretch began.
    stretch: Option<(f64, f64)>,
}

/// A bound is taken as safe only with this much to spare: rounding may move a ratio by less.
const SLACK: f64 = 1.0 - 1e-12;

impl EquityTrack {
    /// Equity that starts at the initial cash, at a time.
    #[must_use]
    pub fn new(wants: Wants, initial: f64, start: Ns) -> Self {
        Self {
            wants,
            last: initial,
            // The first equity is at or above this one, and so becomes the peak.
            peak: if wants.peak_from_first_bar { f64::NEG_INFINITY } else { initial },
            peak_time: start,
            is_under: false,
            max_drawdown: 0.0,
            longest: 0,
            days: Vec::new(),
            moments: Moments::default(),
            stretch: None,
        }
    }

    /// Equity after the last bar.
    #[must_use]
    pub const fn last(&self) -> f64 {
        self.last
    }

    /// One bar in which something happened.
    pub(crate) fn event(&mut self, market: &Market<'_>, i: usize, now: Holding, returns: &Returns) {
        let equity = now.at(market.prices.close[i]);
        if self.wants.moments {
            self.end_stretch(returns.before(i));
            self.add_return(equity);
        }
        if self.wants.drawdown {
            self.mark(market, i, equity);
        }
        self.add_days(market, i, i + 1, now);
        self.last = equity;
    }

    /// Bars `from..to` in which nothing happened.
    pub(crate) fn run(
        &mut self,
        market: &Market<'_>,
        from: usize,
        to: usize,
        now: Holding,
        returns: &Returns,
    ) {
        if from == to {
            return;
        }
        if now.units == 0.0 {
            if self.wants.drawdown {
                self.mark(market, from, now.cash);
            }
            if self.wants.drawdown_time {
                self.mark(market, to - 1, now.cash);
            }
            self.moments.count += (to - from) as u64;
        } else {
            if self.wants.drawdown {
                self.draw_down(market, from, to, now);
            }
            if self.wants.moments {
                self.held_returns(market, from, to, now, returns);
            }
        }
        self.add_days(market, from, to, now);
        self.last = now.at(market.prices.close[to - 1]);
    }

    /// One bar with money and position as they are at its end.
    pub(crate) fn bar(&mut self, market: &Market<'_>, i: usize, cash: f64, units: f64) {
        self.event(market, i, Holding { cash, units }, &Returns::default());
    }

    /// What the statistics are computed from, after the last bar.
    pub(crate) fn into_track<J: Journal>(mut self, market: &Market<'_>, account: &Account<J>) -> Track {
        let prices = &market.prices;
        let end = prices.ts[market.len() - 1] + prices.step;
        if self.is_under {
            self.longest = self.longest.max(end - self.peak_time);
        }
        Track {
            initial: account.terms().cash,
            equity: self.last,
            start: prices.ts[market.first],
            end,
            step: prices.step,
            bars: (market.len() - market.first) as u64,
            max_drawdown: self.max_drawdown,
            max_drawdown_time: self.longest,
            exposure: account.exposure(end),
            days: self.days,
            trades: *account.tally(),
            open_trades: u64::from(account.units() != 0.0),
            moments: self.wants.moments.then_some(self.moments),
        }
    }

    fn draw_down(&mut self, market: &Market<'_>, from: usize, to: usize, now: Holding) {
        let mut at = from;
        while at < to {
            let ((low, high), end) = market.closes(at, to);
            if !self.take_range(low, high, now) {
                self.mark_each(market, at, end, now);
            }
            at = end;
        }
    }

    /// Takes bars by their lowest and highest close alone, if that is all that matters; false if each must be looked at.
    #[inline]
    fn take_range(&mut self, low: f64, high: f64, now: Holding) -> bool {
        let (a, b) = (now.at(low), now.at(high));
        let (lowest, highest) = if now.units < 0.0 { (b, a) } else { (a, b) };
        if highest < self.peak {
            self.is_under = true;
            self.deepen(lowest);
            return true;
        }
        // A new peak among them: which came first matters, unless even peak to lowest is no deeper.
        let is_shallow = highest - lowest <= self.max_drawdown * SLACK * highest;
        if is_shallow && !self.wants.drawdown_time {
            self.peak = highest;
            self.is_under = true;
            return true;
        }
        false
    }

    #[inline]
    fn deepen(&mut self, equity: f64) {
        // A division only where it may matter.
        if self.peak - equity > self.max_drawdown * SLACK * self.peak {
            self.max_drawdown = self.max_drawdown.max((self.peak - equity) / self.peak);
        }
    }

    fn mark_each(&mut self, market: &Market<'_>, from: usize, to: usize, now: Holding) {
        for i in from..to {
            self.mark(market, i, now.at(market.prices.close[i]));
        }
    }

    #[inline]
    fn mark(&mut self, market: &Market<'_>, i: usize, equity: f64) {
        if equity >= self.peak {
            if self.wants.drawdown_time {
                let now = market.prices.open_time(i) + market.prices.step;
                if self.is_under {
                    self.longest = self.longest.max(now - self.peak_time);
                    self.is_under = false;
                }
                self.peak_time = now;
            }
            self.peak = equity;
            return;
        }
        self.is_under = true;
        self.deepen(equity);
    }

    fn add_days(&mut self, market: &Market<'_>, from: usize, to: usize, now: Holding) {
        if !self.wants.days {
            return;
        }
        while let Some(&bar) = market.days.get(self.days.len()).filter(|&&bar| bar < to) {
            debug_assert!(bar >= from);
            self.days.push(now.at(market.prices.close[bar]));
        }
    }

    #[inline]
    fn add_return(&mut self, equity: f64) {
        let change = equity / self.last - 1.0;
        self.moments.count += 1;
        self.moments.sum += change;
        self.moments.squares += change * change;
    }

    /// Returns of bars on which units are held. Without cash they are the price's own.
    fn held_returns(&mut self, market: &Market<'_>, from: usize, to: usize, now: Holding, returns: &Returns) {
        if now.cash == 0.0 {
            self.stretch.get_or_insert_with(|| returns.before(from));
            self.moments.count += (to - from) as u64;
            return;
        }
        for i in from..to {
            let equity = now.at(market.prices.close[i]);
            self.add_return(equity);
            self.last = equity;
        }
    }

    #[inline]
    pub(super) fn end_stretch(&mut self, at: (f64, f64)) {
        if let Some((sum, squares)) = self.stretch.take() {
            self.moments.sum += at.0 - sum;
            self.moments.squares += at.1 - squares;
        }
    }
}
