//! The terms a run trades on: costs, leverage, when orders fill, which way prices go inside a bar.

use alipes_market::mutants::is_on;

use crate::data::Ns;

use super::BarError;

/// When a decided order fills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fill {
    /// At the open of the next bar.
    #[default]
    NextOpen,
    /// At the close of the deciding bar: optimistic, as that close was part of the decision.
    SameClose,
    /// At the close of the next bar.
    NextClose,
}

/// The way prices take inside a bar (B5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Path {
    /// The adverse extreme first; a target must be traded through.
    #[default]
    Pessimistic,
    /// The favourable extreme first.
    Optimistic,
    /// The extreme nearer to the open first, a tie adverse.
    Nearest,
    /// Finer bars, each pessimistic.
    Detail,
}

/// What an entry signal of the other side does to an open position (B9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Opposite {
    /// Closes it and opens the other side.
    #[default]
    Reverse,
    /// Closes it.
    Close,
    /// Nothing.
    Ignore,
}

/// An instrument's grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Price step, > 0.
    pub tick: f64,
    /// Size step in base units, > 0.
    pub lot: f64,
    /// Smallest value of an order in quote units, 0 for none.
    pub min_notional: f64,
}

/// A rounding error below which a number counts as on the grid, in steps.
const ON_GRID: f64 = 1e-9;

/// Steps in `value`; where 1/step is whole (0.01, 0.001), by that, as 0.07 is 7 / 100 and not 7 · 0.01.
fn steps(value: f64, step: f64) -> f64 {
    let per_unit = (1.0 / step).round();
    if 1.0 / per_unit == step { value * per_unit } else { value / step }
}

/// The number that is `count` steps, see [`steps`].
fn of_steps(count: f64, step: f64) -> f64 {
    let per_unit = (1.0 / step).round();
    if 1.0 / per_unit == step { count / per_unit } else { count * step }
}

impl Grid {
    /// The tick at or above `price` for a buy, at or below for a sell.
    pub(crate) fn away(&self, price: f64, buys: bool) -> f64 {
        let ticks = steps(price, self.tick);
        of_steps(if buys { (ticks - ON_GRID).ceil() } else { (ticks + ON_GRID).floor() }, self.tick)
    }

    /// The tick nearest to `price`; halves go up or down.
    pub(crate) fn nearest(&self, price: f64, half_up: bool) -> f64 {
        let ticks = steps(price, self.tick);
        let whole = if half_up { (ticks + 0.5 + ON_GRID).floor() } else { (ticks - 0.5 - ON_GRID).ceil() };
        of_steps(whole, self.tick)
    }

    /// The lots that fit in `units`.
    pub(crate) fn floor_lot(&self, units: f64) -> f64 {
        of_steps((steps(units, self.lot) + ON_GRID).floor(), self.lot)
    }
}

/// The terms of one run. Money in quote units, sizes in base units.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// Cash at the start, > 0.
    pub cash: f64,
    /// Taker fee as a ratio of traded value (0.001 = 10 bps), in (-1, 1).
    pub taker: f64,
    /// Maker fee as a ratio, in (-1, 1).
    pub maker: f64,
    /// Money per fill, >= 0.
    pub fixed_fee: f64,
    /// Slippage as a ratio of the price, in [0, 1).
    pub slippage: f64,
    /// Half of the bar's spread is the slippage instead.
    pub uses_spread: bool,
    /// Entry notional over equity, >= some positive number; 1 = none.
    pub leverage: f64,
    /// Maintenance margin ratio, in [0, 1).
    pub maintenance_margin: f64,
    /// When decided orders fill.
    pub fill: Fill,
    /// The way prices take inside a bar.
    pub path: Path,
    /// Units are computed from the close of the decision bar instead of at the fill.
    pub size_at_decision: bool,
    /// What is open at the end is sold at the last close.
    pub close_at_end: bool,
    /// The instrument's grid; none: prices and sizes as they come.
    pub grid: Option<Grid>,
    /// Δ, the span of a bar, > 0.
    pub step: Ns,
    /// What an entry of the other side does.
    pub opposite: Opposite,
    /// Additions that a trade may have.
    pub pyramid: u32,
}

impl Terms {
    /// Terms without costs, leverage, grid or options.
    #[must_use]
    pub fn new(cash: f64, step: Ns) -> Self {
        Self {
            cash,
            taker: 0.0,
            maker: 0.0,
            fixed_fee: 0.0,
            slippage: 0.0,
            uses_spread: false,
            leverage: 1.0,
            maintenance_margin: 0.005,
            fill: Fill::NextOpen,
            path: Path::Pessimistic,
            size_at_decision: false,
            close_at_end: false,
            grid: None,
            step,
            opposite: Opposite::Reverse,
            pyramid: 0,
        }
    }

    /// # Errors
    ///
    /// [`BarError::Term`] names the first term outside its range.
    pub fn check(&self) -> Result<(), BarError> {
        let rate = |rate: f64| rate.abs() < 1.0;
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let at_least_0 = |value: f64| value >= 0.0 && value.is_finite();
        let below_1 = |value: f64| (0.0..1.0).contains(&value);
        let grid = self.grid.unwrap_or(Grid { tick: 1.0, lot: 1.0, min_notional: 0.0 });
        #[allow(clippy::cast_precision_loss)]
        let terms = [
            ("cash", self.cash, positive(self.cash), "positive"),
            ("the taker fee", self.taker, rate(self.taker), "a ratio in (-1, 1)"),
            ("the maker fee", self.maker, rate(self.maker), "a ratio in (-1, 1)"),
            ("fixed_fee", self.fixed_fee, at_least_0(self.fixed_fee), ">= 0"),
            ("slippage", self.slippage, below_1(self.slippage), "a ratio in [0, 1)"),
            ("leverage", self.leverage, positive(self.leverage), "positive"),
            ("maintenance_margin", self.maintenance_margin, below_1(self.maintenance_margin), "in [0, 1)"),
            ("the step", self.step as f64, self.step > 0, "positive"),
            ("tick", grid.tick, positive(grid.tick), "positive"),
            ("lot", grid.lot, positive(grid.lot), "positive"),
            ("min_notional", grid.min_notional, at_least_0(grid.min_notional), ">= 0"),
        ];
        match terms.into_iter().find(|(_, _, holds, _)| !holds) {
            Some((name, value, _, expected)) => Err(BarError::Term { name, expected, value }),
            None => Ok(()),
        }
    }

    /// A target (or a limit) fills only when it is traded through, not when it is touched.
    pub(crate) const fn must_trade_through(&self) -> bool {
        matches!(self.path, Path::Pessimistic | Path::Detail)
    }

    /// Fee of a fill worth `value`.
    pub(crate) fn fee(&self, value: f64, is_maker: bool) -> f64 {
        value * if is_maker { self.maker } else { self.taker } + self.fixed_fee
    }

    /// Fee of a fill that opens or adds.
    pub(crate) fn entry_fee(&self, value: f64, is_maker: bool) -> f64 {
        if is_on("bars_fee_side") { 0.0 } else { self.fee(value, is_maker) }
    }

    /// The price of a taker's fill at `price`.
    pub(crate) fn slip(&self, price: f64, buys: bool, spread: f64) -> f64 {
        let sign = if buys { 1.0 } else { -1.0 };
        let slipped = if self.uses_spread {
            price + sign * (spread / 2.0)
        } else {
            price * (1.0 + sign * self.slippage)
        };
        match &self.grid {
            Some(grid) => grid.away(slipped, buys),
            None => slipped,
        }
    }
}
