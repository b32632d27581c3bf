//! What an increase carries: its size and the exits of the trade it enters.

use super::{BarError, Exit, Size};

/// Distance of an exit from the entry fill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distance {
    /// In price units.
    Price(f64),
    /// As a ratio of the entry fill price.
    Ratio(f64),
}

impl Distance {
    /// The number as the rule gave it.
    #[must_use]
    pub const fn value(self) -> f64 {
        match self {
            Self::Price(value) | Self::Ratio(value) => value,
        }
    }

    /// In price units from an entry at `price`; none where it is undefined.
    pub(crate) fn from(self, price: f64) -> Option<f64> {
        let distance = match self {
            Self::Price(value) => value,
            Self::Ratio(ratio) => ratio * price,
        };
        distance.is_finite().then_some(distance)
    }
}

/// An increase as the rules of its decision bar give it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// How much.
    pub size: Size,
    /// Stop loss.
    pub stop: Option<Distance>,
    /// Take profit.
    pub target: Option<Distance>,
    /// Trailing stop.
    pub trail: Option<Distance>,
    /// Time stop, in bars of Δ after the entry fill.
    pub max_bars: Option<f64>,
}

impl Plan {
    /// A size without exits.
    #[must_use]
    pub const fn new(size: Size) -> Self {
        Self { size, stop: None, target: None, trail: None, max_bars: None }
    }

    /// Whether it carries a stop, a target or a trail.
    #[inline]
    pub(crate) const fn has_exits(&self) -> bool {
        self.stop.is_some() || self.target.is_some() || self.trail.is_some()
    }

    /// Refuses negative sizes and distances that are not above 0; undefined ones pass.
    #[inline]
    pub(crate) fn check(&self, bar: usize) -> Result<(), BarError> {
        let is_bad = |distance: Option<Distance>| distance.is_some_and(|distance| distance.value() <= 0.0);
        let has_bad_exit = is_bad(self.stop)
            || is_bad(self.target)
            || is_bad(self.trail)
            || self.max_bars.is_some_and(|bars| bars <= 0.0);
        if self.size.value() < 0.0 || has_bad_exit { self.refusal(bar) } else { Ok(()) }
    }

    /// The error, unless what is below 0 is infinite and so undefined.
    #[cold]
    fn refusal(&self, bar: usize) -> Result<(), BarError> {
        let size = self.size.value();
        if size < 0.0 && size.is_finite() {
            return Err(BarError::NegativeSize { bar, value: size });
        }
        let distance = |distance: Option<Distance>| distance.map_or(f64::NAN, Distance::value);
        for (exit, value) in [
            (Exit::StopLoss, distance(self.stop)),
            (Exit::TakeProfit, distance(self.target)),
            (Exit::Trailing, distance(self.trail)),
            (Exit::MaxBars, self.max_bars.unwrap_or(f64::NAN)),
        ] {
            if value <= 0.0 && value.is_finite() {
                return Err(BarError::Distance { exit, bar, value });
            }
        }
        Ok(())
    }
}
