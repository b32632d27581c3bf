//! Depth and length of drawdowns, taken in bar by bar.

use crate::data::Ns;

/// A running peak and the worst that followed one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawdown {
    peak: f64,
    peak_at: Ns,
    is_under: bool,
    depth: f64,
    longest: Ns,
}

impl Drawdown {
    /// Starts at a peak of `equity` at time `at`.
    #[must_use]
    pub const fn new(equity: f64, at: Ns) -> Self {
        Self { peak: equity, peak_at: at, is_under: false, depth: 0.0, longest: 0 }
    }

    /// Takes in the equity at a close.
    #[inline]
    pub fn push(&mut self, equity: f64, at: Ns) {
        if equity < self.peak {
            self.is_under = true;
            self.depth = self.depth.max((self.peak - equity) / self.peak);
            return;
        }
        if self.is_under {
            self.longest = self.longest.max(at - self.peak_at);
            self.is_under = false;
        }
        self.peak = equity;
        self.peak_at = at;
    }

    /// Largest (peak − equity) / peak so far; a positive ratio.
    #[must_use]
    pub const fn depth(&self) -> f64 {
        self.depth
    }

    /// Longest time from the last bar at a peak until equity was back at it, or until `end`.
    #[must_use]
    pub fn longest(&self, end: Ns) -> Ns {
        if self.is_under { self.longest.max(end - self.peak_at) } else { self.longest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawdown_lasts_from_the_last_bar_at_the_peak_to_the_first_back_at_it() {
        let mut drawdown = Drawdown::new(100.0, 0);
        for (at, equity) in [(1, 100.0), (2, 90.0), (3, 95.0), (4, 100.0), (5, 120.0), (6, 90.0)] {
            drawdown.push(equity, at);
        }
        assert_eq!(drawdown.depth(), 0.25);
        assert_eq!(drawdown.longest(6), 3);
        assert_eq!(drawdown.longest(9), 4);
    }

    #[test]
    fn equity_that_never_falls_has_no_drawdown() {
        let mut drawdown = Drawdown::new(100.0, 0);
        (1..9).for_each(|at| drawdown.push(100.0, at));
        assert_eq!((drawdown.depth(), drawdown.longest(9)), (0.0, 0));
    }
}
