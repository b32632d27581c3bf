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

/// Positions by strategy and instrument, profit, fees and balances: exact, in integers.
///
/// The rules are in docs/accounting.md. Realised profit never contains fees; fees are kept by asset. Where
/// `strategy` is `None`, figures are sums over all strategies.
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

    /// Adds an instrument under an index (0 to 65,535).
    ///
    /// Raises:
    ///     InputError: The index is taken.
    fn add_instrument(&mut self, index: u16, spec: &PyInstrumentSpec) -> PyResult<()> {
        self.ledger.add_instrument(index, spec.spec.clone()).map_err(IntoPyErr::into_py_err)
    }

    /// Adds an amount to the balance of an asset; a negative amount is a withdrawal.
    fn deposit(&mut self, asset: &str, amount: &Bound<'_, PyAny>) -> PyResult<()> {
        self.ledger.deposit(asset, decimal(amount, "amount")?).map_err(IntoPyErr::into_py_err)
    }

    /// Applies a fill and its fee, whole or not at all.
    ///
    /// Args:
    ///     strategy: Name of the strategy that the fill belongs to.
    ///     index: The instrument.
    ///     side: 0 buy, 1 sell.
    ///     price_ticks: Price in ticks, > 0.
    ///     size_steps: Size in size steps, > 0.
    ///     fee: Fee paid, in units of `fee_asset`; negative is a rebate.
    ///     fee_asset: Asset of the fee; ignored where the fee is zero.
    ///
    /// Raises:
    ///     InputError: The instrument is unknown, an argument out of range, a base fee of a spot fill finer
    ///         than its position counts, or a result beyond 128 bits.
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

    /// Signed position in whole size steps (a spot position with base fees may hold a fraction more).
    fn position_steps(&self, strategy: Option<&str>, index: u16) -> PyResult<i64> {
        self.ledger.position_steps(strategy, index).map_err(IntoPyErr::into_py_err)
    }

    /// Position as (size, average price, realised profit, fees by asset).
    ///
    /// The size is signed, in base units (contracts for inverse instruments). The average price is rounded
    /// half to even at 8 decimals beyond those of the tick, and `None` without a position. Realised profit
    /// is in the settlement asset, before fees.
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

    /// Profit that closing at a mark price (ticks, > 0) would realise, in the settlement asset.
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

    /// Balance of every asset: deposits, realised profit, spot assets bought and sold, less fees.
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
