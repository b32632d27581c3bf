//! `Ledger`: exact accounting.

use crate::error::{InputError, IntoPyErr};
use crate::instrument::PyInstrumentSpec;
use crate::number::{decimal, to_python};
use alipes_market::decimal::Decimal;
use alipes_market::types::{Side, Size, Tick};
use alipes_sim::account::{AccountError, Ledger, LedgerFill};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::BTreeMap;

impl IntoPyErr for AccountError {
    fn into_py_err(self) -> PyErr {
        InputError::new_err(self.to_string())
    }
}

/// A side by its number, as the engine passes it.
pub fn side_of_code(code: u8) -> PyResult<Side> {
    match code {
        0 => Ok(Side::Buy),
        1 => Ok(Side::Sell),
        _ => Err(InputError::new_err(format!("side must be 0 (buy) or 1 (sell), got {code}"))),
    }
}

#[pyclass(name = "Ledger", module = "alipes._core")]
pub struct PyLedger {
    ledger: Ledger,
}

type HoldingTuple<'py> =
    (Bound<'py, PyAny>, Option<Bound<'py, PyAny>>, Bound<'py, PyAny>, Bound<'py, PyDict>);

#[pymethods]
impl PyLedger {
    #[new]
    fn new() -> Self {
        Self { ledger: Ledger::new() }
    }

    fn add_instrument(&mut self, index: u16, spec: &PyInstrumentSpec) -> PyResult<()> {
        self.ledger.add_instrument(index, spec.spec.clone()).map_err(IntoPyErr::into_py_err)
    }

    fn deposit(&mut self, asset: &str, amount: &Bound<'_, PyAny>) -> PyResult<()> {
        self.ledger.deposit(asset, decimal(amount, "amount")?).map_err(IntoPyErr::into_py_err)
    }

    #[expect(clippy::too_many_arguments, reason = "the terms of a fill")]
    fn fill(
        &mut self,
        strategy: &str,
        index: u16,
        side: u8,
        price_ticks: i64,
        size_steps: i64,
        fee: &Bound<'_, PyAny>,
        fee_asset: &str,
    ) -> PyResult<()> {
        let fill = LedgerFill {
            strategy,
            instrument: index,
            side: side_of_code(side)?,
            price: Tick(price_ticks),
            size: Size(size_steps),
            fee: decimal(fee, "fee")?,
            fee_asset,
        };
        self.ledger.fill(&fill).map_err(IntoPyErr::into_py_err)
    }

    fn position_steps(&self, strategy: Option<&str>, index: u16) -> PyResult<i64> {
        self.ledger.position_steps(strategy, index).map_err(IntoPyErr::into_py_err)
    }

    fn position<'py>(
        &self,
        py: Python<'py>,
        strategy: Option<&str>,
        index: u16,
    ) -> PyResult<HoldingTuple<'py>> {
        let holding = self.ledger.holding(strategy, index).map_err(IntoPyErr::into_py_err)?;
        let average = holding.average_price.map(|price| to_python(py, price)).transpose()?;
        let (size, realised) = (to_python(py, holding.size)?, to_python(py, holding.realised)?);
        Ok((size, average, realised, amounts(py, &holding.fees)?))
    }

    fn unrealised<'py>(
        &self,
        py: Python<'py>,
        strategy: Option<&str>,
        index: u16,
        mark_ticks: i64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let amount = self.ledger.unrealised(strategy, index, Tick(mark_ticks));
        to_python(py, amount.map_err(IntoPyErr::into_py_err)?)
    }

    fn balances<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        amounts(py, self.ledger.balances())
    }
}

fn amounts<'py>(py: Python<'py>, amounts: &BTreeMap<String, Decimal>) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (asset, &amount) in amounts {
        dict.set_item(asset, to_python(py, amount)?)?;
    }
    Ok(dict)
}
