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

    fn add_instrument(&mut self, index: u16, spec: &PyInstrumentSpec) {
        self.gate.add_instrument(index, spec.spec.clone());
    }

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

    fn collar_price(&self, index: u16, side: u8, best_ticks: i64) -> PyResult<Option<i64>> {
        let price = self.gate.collar_price(index, side_of_code(side)?, Tick(best_ticks));
        Ok(price.map_err(IntoPyErr::into_py_err)?.map(|price| price.0))
    }
}
