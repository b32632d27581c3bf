//! `Gate`: the numeric risk checks.

use crate::account::side_of_code;
use crate::error::{InputError, IntoPyErr};
use crate::instrument::PyInstrumentSpec;
use crate::number::decimal;
use alipes_market::types::{Size, Tick};
use alipes_sim::gate::{Check, Gate, GateError};
use pyo3::prelude::*;

impl IntoPyErr for GateError {
    fn into_py_err(self) -> PyErr {
        InputError::new_err(self.to_string())
    }
}

/// The numeric risk checks of an order, the same for live, paper and backtest.
///
/// Codes, in the order in which rules are checked: 1 price_rule, 2 lot, 3 max_order_size, 4
/// max_order_notional (or 7 no_reference_price, 8 min_notional), 5 max_position, 6 price_collar (or 7); 0
/// is none broken. A value equal to its limit passes.
#[pyclass(name = "Gate", module = "alipes._core")]
pub struct PyGate {
    gate: Gate,
}

/// An order type by its number.
pub fn is_market_code(code: u8) -> PyResult<bool> {
    match code {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(InputError::new_err(format!("type must be 0 (limit) or 1 (market), got {code}"))),
    }
}

#[pymethods]
impl PyGate {
    #[new]
    fn new() -> Self {
        Self { gate: Gate::new() }
    }

    /// Adds an instrument without limits, or replaces the terms of one and keeps its limits.
    fn add_instrument(&mut self, index: u16, spec: &PyInstrumentSpec) {
        self.gate.add_instrument(index, spec.spec.clone());
    }

    /// Replaces all limits of an instrument; `None` does not limit.
    ///
    /// Args:
    ///     index: The instrument.
    ///     max_order_size: In base units (contracts for inverse instruments), >= 0.
    ///     max_order_notional: In quote, >= 0. A market order counts at the collar, without one at the best
    ///         price.
    ///     max_position: Largest absolute position that the open orders of one side together with the order
    ///         could lead to, in base units (contracts), >= 0. Reduce-only orders are exempt.
    ///     collar_bps: How far a buy may reach above the best ask and a sell below the best bid, in basis
    ///         points of that price, >= 0. Where that side is empty the other one's best price counts.
    ///
    /// Raises:
    ///     InputError: The instrument is unknown or a limit negative or not a number.
    #[pyo3(signature = (index, *, max_order_size=None, max_order_notional=None, max_position=None, collar_bps=None))]
    fn set_limits(
        &mut self,
        index: u16,
        max_order_size: Option<&Bound<'_, PyAny>>,
        max_order_notional: Option<&Bound<'_, PyAny>>,
        max_position: Option<&Bound<'_, PyAny>>,
        collar_bps: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let number =
            |value: Option<&Bound<'_, PyAny>>, name| value.map(|value| decimal(value, name)).transpose();
        let (size, notional) =
            (number(max_order_size, "max_order_size")?, number(max_order_notional, "max_order_notional")?);
        let (position, collar) = (number(max_position, "max_position")?, number(collar_bps, "collar_bps")?);
        self.gate.set_limits(index, size, notional, position, collar).map_err(IntoPyErr::into_py_err)
    }

    /// Code of the first rule that an order breaks, 0 for none.
    ///
    /// Args:
    ///     index: The instrument.
    ///     side: 0 buy, 1 sell.
    ///     type: 0 limit, 1 market.
    ///     price_ticks: Limit price in ticks; ignored for market orders.
    ///     size_steps: Size in size steps.
    ///     position_steps: Signed position in size steps.
    ///     open_buy_steps: Unfilled size of own open buys, in size steps.
    ///     open_sell_steps: Unfilled size of own open sells, in size steps.
    ///     reduce_only: Whether the venue lets the order only reduce the position.
    ///     best_bid_ticks: Best bid in ticks, `None` where there is none.
    ///     best_ask_ticks: Best ask in ticks, `None` where there is none.
    ///
    /// Raises:
    ///     InputError: The instrument is unknown, or side or type is no valid code.
    #[pyo3(signature = (index, side, r#type, price_ticks, size_steps, position_steps, open_buy_steps,
                        open_sell_steps, reduce_only, best_bid_ticks, best_ask_ticks))]
    #[expect(
        clippy::too_many_arguments,
        reason = "an order and all it is judged against, without a temporary"
    )]
    fn check(
        &self,
        index: u16,
        side: u8,
        r#type: u8,
        price_ticks: i64,
        size_steps: i64,
        position_steps: i64,
        open_buy_steps: i64,
        open_sell_steps: i64,
        reduce_only: bool,
        best_bid_ticks: Option<i64>,
        best_ask_ticks: Option<i64>,
    ) -> PyResult<u8> {
        let order = Check {
            side: side_of_code(side)?,
            is_market: is_market_code(r#type)?,
            price: Tick(price_ticks),
            size: Size(size_steps),
            position: position_steps,
            open_buys: open_buy_steps,
            open_sells: open_sell_steps,
            is_reduce_only: reduce_only,
            best_bid: best_bid_ticks.map(Tick),
            best_ask: best_ask_ticks.map(Tick),
        };
        let refusal = self.gate.check(index, &order).map_err(IntoPyErr::into_py_err)?;
        Ok(refusal.map_or(0, |refusal| refusal as u8))
    }

    /// The first rule that an order breaks in words, with the value and its limit; empty for none.
    #[pyo3(signature = (index, side, r#type, price_ticks, size_steps, position_steps, open_buy_steps,
                        open_sell_steps, reduce_only, best_bid_ticks, best_ask_ticks))]
    #[expect(clippy::too_many_arguments, reason = "as check")]
    fn explain(
        &self,
        index: u16,
        side: u8,
        r#type: u8,
        price_ticks: i64,
        size_steps: i64,
        position_steps: i64,
        open_buy_steps: i64,
        open_sell_steps: i64,
        reduce_only: bool,
        best_bid_ticks: Option<i64>,
        best_ask_ticks: Option<i64>,
    ) -> PyResult<String> {
        let order = Check {
            side: side_of_code(side)?,
            is_market: is_market_code(r#type)?,
            price: Tick(price_ticks),
            size: Size(size_steps),
            position: position_steps,
            open_buys: open_buy_steps,
            open_sells: open_sell_steps,
            is_reduce_only: reduce_only,
            best_bid: best_bid_ticks.map(Tick),
            best_ask: best_ask_ticks.map(Tick),
        };
        self.gate.explain(index, &order).map_err(IntoPyErr::into_py_err)
    }

    /// The farthest price, in ticks, that a taker may reach from the opposite best price.
    ///
    /// Rounded towards that price; `None` where the instrument has no collar.
    fn collar_price(&self, index: u16, side: u8, best_ticks: i64) -> PyResult<Option<i64>> {
        let price = self.gate.collar_price(index, side_of_code(side)?, Tick(best_ticks));
        Ok(price.map_err(IntoPyErr::into_py_err)?.map(|price| price.0))
    }
}
