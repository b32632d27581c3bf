//! How many units an increase buys or sells (B10, B11, B12).

use alipes_market::mutants::is_on;

use super::records::Reason;
use super::{Plan, Terms};

/// A size as rules state it; ratios are of equity, 1 = all of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Size {
    /// Base units.
    Units(f64),
    /// Quote units.
    Notional(f64),
    /// Ratio of equity, fees included.
    Equity(f64),
    /// Notional as a ratio of equity.
    Exposure(f64),
    /// Ratio of equity lost at the stop loss, without costs.
    Risk(f64),
}

impl Size {
    /// The number as the rule gave it.
    #[must_use]
    pub const fn value(self) -> f64 {
        match self {
            Self::Units(x) | Self::Notional(x) | Self::Equity(x) | Self::Exposure(x) | Self::Risk(x) => x,
        }
    }
}

/// What an account has before a fill: its money, and what it holds on the side it would increase.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Means {
    pub(crate) cash: f64,
    /// Signed units held.
    pub(crate) units: f64,
}

impl Means {
    fn equity(self, price: f64) -> f64 {
        self.cash + self.units * price
    }
}

/// Units to trade, after the cap and the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sized {
    pub(crate) units: f64,
    /// The cap took some of what was wanted.
    pub(crate) is_reduced: bool,
}

/// Units wanted at `price`, before the cap and the grid; NaN where undefined.
#[inline]
pub(crate) fn wanted(plan: &Plan, price: f64, means: Means, terms: &Terms) -> f64 {
    let value = plan.size.value();
    if !value.is_finite() {
        return f64::NAN;
    }
    let equity = means.equity(price);
    match plan.size {
        Size::Units(units) => units,
        Size::Notional(notional) => notional / price,
        Size::Equity(ratio) => (ratio * equity - terms.fixed_fee) / (price * (1.0 + terms.taker)),
        Size::Exposure(ratio) => ratio * equity / price,
        Size::Risk(ratio) => ratio * equity / plan.stop.and_then(|stop| stop.from(price)).unwrap_or(f64::NAN),
    }
}

/// The most units whose entry notional stays within leverage × equity after the fee.
#[inline]
fn cap(price: f64, means: Means, terms: &Terms) -> f64 {
    let Terms { leverage, taker, fixed_fee, .. } = *terms;
    let held = if is_on("bars_short_proceeds") && means.units < 0.0 {
        means.units * price
    } else {
        means.units.abs() * price
    };
    (leverage * (means.equity(price) - fixed_fee) - held) / (price * (1.0 + leverage * taker))
}

/// What is rounding and no more: of what is wanted, a cut; of equity, an order.
const ROUNDING: f64 = 1e-9;

/// Applies the cap, the lot and the minimum to what is wanted at `price`.
#[inline]
pub(crate) fn allowed(wanted: f64, price: f64, means: Means, terms: &Terms) -> Result<Sized, Reason> {
    if wanted.is_nan() {
        return Err(Reason::UndefinedSize);
    }
    let cap = cap(price, means, terms);
    let is_capped = wanted > cap;
    let floor = |units: f64| terms.grid.as_ref().map_or(units, |grid| grid.floor_lot(units));
    let minimum = terms.grid.as_ref().map_or(0.0, |grid| grid.min_notional);
    let nothing = ROUNDING * means.equity(price).abs();
    let is_enough = |units: f64| units * price > nothing && units * price >= minimum;
    let units = floor(if is_capped { cap } else { wanted });
    if is_enough(units) {
        Ok(Sized { units, is_reduced: wanted - cap > ROUNDING * wanted })
    } else if is_capped && is_enough(floor(wanted)) {
        Err(Reason::ShortOfCash)
    } else {
        Err(Reason::BelowMinimum)
    }
}
