//! `InstrumentSpec`: exact conversion between the numbers people write and the integers the engine counts in.

use crate::error::{InputError, IntoPyErr};
use crate::number::{decimal, floor, grid_error, on_grid, positive, step, to_python};
use alipes_market::decimal::{Decimal, Grid};
use alipes_market::instrument::{Kind, Names, PriceRule, Spec, SpecError};
use alipes_market::types::{Side, Size, Tick};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::sync::Arc;

/// The grids and terms of an instrument: exact conversion between numbers and integer ticks and steps.
///
/// Sizes count base units for spot and linear instruments and contracts for inverse ones. A size step is
/// 10^-(decimals(lot_size) + 3), three decimals finer than the lot. Numbers are taken as `float`, `str`,
/// `Decimal` or `int`: text, `Decimal` and `int` exactly, a float as the grid point within max(1e-6 of a
/// step, 8 ulp) of it. Frozen, hashable, comparable and picklable.
///
/// Args:
///     symbol: Unified symbol, e.g. ``"BTC/USDT:USDT"``.
///     kind: ``"spot"``, ``"linear"`` (settled in quote) or ``"inverse"`` (settled in base).
///     base: Asset that is bought and sold.
///     quote: Asset that prices are in.
///     settle: Asset of profit and fees; by default the quote, for inverse instruments the base.
///     tick_size: Price step in quote, > 0.
///     lot_size: Order size step in base units or contracts, > 0.
///     contract_size: Base units (linear) or quote units (inverse) of one contract, > 0; 1 for spot.
///     min_notional: Least price times size of an order in quote, > 0, or `None`.
///
/// Raises:
///     InputError: A term is missing, of the wrong type, not positive, or contradicts another one.
#[pyclass(name = "InstrumentSpec", module = "alipes._core", frozen, eq)]
#[derive(Clone, PartialEq)]
pub struct PyInstrumentSpec {
    pub spec: Arc<Spec>,
}

/// The terms of a spec as Python gave them.
struct Terms<'a, 'py> {
    tick_size: &'a Bound<'py, PyAny>,
    lot_size: &'a Bound<'py, PyAny>,
    contract_size: Option<&'a Bound<'py, PyAny>>,
    min_notional: Option<&'a Bound<'py, PyAny>>,
}

impl Terms<'_, '_> {
    fn build(&self, names: Names, kind: Kind) -> PyResult<Spec> {
        let rule = PriceRule::Fixed(step(self.tick_size, "tick_size")?);
        let lot = positive(self.lot_size, "lot_size")?;
        let contract_size = self.contract_size.map(|value| positive(value, "contract_size")).transpose()?;
        let min_notional = self.min_notional.map(|value| positive(value, "min_notional")).transpose()?;
        let contract_size = contract_size.unwrap_or(Decimal::ONE);
        Spec::new(names, kind, rule, lot, contract_size, min_notional).map_err(IntoPyErr::into_py_err)
    }
}

impl IntoPyErr for SpecError {
    fn into_py_err(self) -> PyErr {
        match self {
            Self::Grid(error) => error.into_py_err(),
            other => InputError::new_err(other.to_string()),
        }
    }
}

/// A side by its public name.
pub fn side_of(name: &str) -> PyResult<Side> {
    match name {
        "buy" => Ok(Side::Buy),
        "sell" => Ok(Side::Sell),
        _ => Err(InputError::new_err(format!("side must be \"buy\" or \"sell\", got {name:?}"))),
    }
}

#[pymethods]
impl PyInstrumentSpec {
    #[new]
    #[pyo3(signature = (*, symbol, base, quote, tick_size, lot_size, kind="linear", settle=None, contract_size=None,
                        min_notional=None))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only terms of an instrument")]
    fn new(
        symbol: String,
        base: String,
        quote: String,
        tick_size: &Bound<'_, PyAny>,
        lot_size: &Bound<'_, PyAny>,
        kind: &str,
        settle: Option<String>,
        contract_size: Option<&Bound<'_, PyAny>>,
        min_notional: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let Some(kind) = Kind::of_name(kind) else {
            let text = format!("kind must be \"spot\", \"linear\" or \"inverse\", got {kind:?}");
            return Err(InputError::new_err(text));
        };
        let settle = settle.unwrap_or_else(|| if kind == Kind::Inverse { &base } else { &quote }.clone());
        let terms = Terms { tick_size, lot_size, contract_size, min_notional };
        let spec = terms.build(Names { symbol, base, quote, settle }, kind)?;
        Ok(Self { spec: Arc::new(spec) })
    }

    /// Price in ticks.
    ///
    /// Raises:
    ///     OffGridError: The price lies between two ticks; the message names both.
    ///     InputError: It is no finite number, or beyond 64 bits of ticks.
    fn ticks(&self, price: &Bound<'_, PyAny>) -> PyResult<i64> {
        on_grid(price, "price", &self.spec.tick)
    }

    /// Price in ticks, rounded where it lies between two.
    ///
    /// Args:
    ///     price: Price in quote.
    ///     side: ``"buy"`` or ``"sell"``.
    ///     rounding: ``"passive"`` moves away from the other side of the book (a buy down, a sell up),
    ///         ``"aggressive"`` towards it.
    ///
    /// Raises:
    ///     InputError: No finite number, or an unknown side or rounding.
    fn ticks_rounded(&self, price: &Bound<'_, PyAny>, side: &str, rounding: &str) -> PyResult<i64> {
        let is_up = match (side_of(side)?, rounding) {
            (Side::Buy, "passive") | (Side::Sell, "aggressive") => false,
            (Side::Sell, "passive") | (Side::Buy, "aggressive") => true,
            _ => {
                let text = format!("rounding must be \"passive\" or \"aggressive\", got {rounding:?}");
                return Err(InputError::new_err(text));
            }
        };
        let (below, is_between) = floor(price, "price", &self.spec.tick)?;
        let rounded = if is_up && is_between { below.saturating_add(1) } else { below };
        let rule = &self.spec.price_rule;
        Ok(if is_up { rule.ceil(Tick(rounded)).0 } else { rule.floor(Tick(rounded)).0 })
    }

    /// Size steps of an order size, which must be a multiple of the lot; negative sizes keep their sign.
    ///
    /// Raises:
    ///     OffGridError: The size lies between two lots; the message names both.
    ///     InputError: It is no finite number, or beyond 64 bits of size steps.
    fn steps(&self, size: &Bound<'_, PyAny>) -> PyResult<i64> {
        let lots = on_grid(size, "size", &self.spec.lot)?;
        let steps = self.spec.order_size(lots);
        Ok(steps.ok_or_else(|| InputError::new_err(format!("size of {lots} lots is out of range")))?.0)
    }

    /// Exact price of a number of ticks.
    fn price<'py>(&self, py: Python<'py>, ticks: i64) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, self.spec.tick.value(ticks))
    }

    /// Exact size of a number of size steps.
    fn size<'py>(&self, py: Python<'py>, steps: i64) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, self.spec.size.value(steps))
    }

    /// Float nearest to the price of a number of ticks.
    fn price_float(&self, ticks: i64) -> f64 {
        self.spec.tick.to_f64(ticks)
    }

    /// Float nearest to the size of a number of size steps.
    fn size_float(&self, steps: i64) -> f64 {
        self.spec.size.to_f64(steps)
    }

    /// Exact value in quote: price times size, or contracts times contract size for inverse instruments.
    ///
    /// Raises:
    ///     InputError: The value needs more than 128 bits.
    fn notional<'py>(&self, py: Python<'py>, ticks: i64, steps: i64) -> PyResult<Bound<'py, PyAny>> {
        let value = self.spec.notional(Tick(ticks), Size(steps));
        let text = || format!("notional of {ticks} ticks × {steps} size steps needs more than 128 bits");
        to_python(py, value.ok_or_else(|| InputError::new_err(text()))?)
    }

    /// Size steps of the most whole lots that are worth at most `notional`, in quote, at a price in ticks.
    ///
    /// Raises:
    ///     InputError: `notional` or the price is not positive, or the size is out of range.
    fn steps_from_notional(&self, notional: &Bound<'_, PyAny>, ticks: i64) -> PyResult<i64> {
        let notional = decimal(notional, "notional")?;
        Ok(self.spec.size_from_notional(notional, Tick(ticks)).map_err(IntoPyErr::into_py_err)?.0)
    }

    /// Size steps of a number of contracts.
    ///
    /// Raises:
    ///     OffGridError: The size lies between two lots.
    ///     InputError: No finite number, or out of range.
    fn steps_from_contracts(&self, contracts: &Bound<'_, PyAny>) -> PyResult<i64> {
        let contracts = decimal(contracts, "contracts")?;
        let size = self.spec.size_from_contracts(contracts);
        Ok(size.map_err(|error| grid_error(error, "contracts"))?.0)
    }

    /// Unified symbol.
    #[getter]
    fn symbol(&self) -> &str {
        &self.spec.names.symbol
    }

    /// How a position pays.
    #[getter]
    fn kind(&self) -> &'static str {
        self.spec.kind.name()
    }

    /// Asset that is bought and sold.
    #[getter]
    fn base(&self) -> &str {
        &self.spec.names.base
    }

    /// Asset that prices are in.
    #[getter]
    fn quote(&self) -> &str {
        &self.spec.names.quote
    }

    /// Asset of profit and fees.
    #[getter]
    fn settle(&self) -> &str {
        &self.spec.names.settle
    }

    /// Price step, in quote.
    #[getter]
    fn tick_size<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        one(py, &self.spec.tick)
    }

    /// Order size step, in base units or contracts.
    #[getter]
    fn lot_size<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        one(py, &self.spec.lot)
    }

    /// Size steps in one lot.
    #[getter]
    fn lot_steps(&self) -> i64 {
        self.spec.lot_steps()
    }

    /// Base units (linear) or quote units (inverse) of one contract; 1 for spot.
    #[getter]
    fn contract_size<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, self.spec.contract_size)
    }

    /// Least price times size of an order in quote, where the venue has such a rule.
    #[getter]
    fn min_notional<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.spec.min_notional.map(|value| to_python(py, value)).transpose()
    }

    fn __repr__(&self) -> String {
        let Spec { names, kind, tick, lot, .. } = &*self.spec;
        let (symbol, kind, tick, lot) = (&names.symbol, kind.name(), tick.text(1), lot.text(1));
        format!("InstrumentSpec(symbol={symbol:?}, kind={kind:?}, tick_size=\"{tick}\", lot_size=\"{lot}\")")
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        (&self.spec.names, self.spec.kind).hash(&mut hasher);
        hasher.finish()
    }

    /// Keeps `pickle` and `copy` working.
    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let terms = PyDict::new(py);
        terms.set_item("symbol", self.symbol())?;
        terms.set_item("kind", self.kind())?;
        terms.set_item("base", self.base())?;
        terms.set_item("quote", self.quote())?;
        terms.set_item("settle", self.settle())?;
        terms.set_item("tick_size", self.tick_size(py)?)?;
        terms.set_item("lot_size", self.lot_size(py)?)?;
        terms.set_item("contract_size", self.contract_size(py)?)?;
        terms.set_item("min_notional", self.min_notional(py)?)?;
        Ok((PyTuple::empty(py), terms))
    }
}

fn one<'py>(py: Python<'py>, grid: &Grid) -> PyResult<Bound<'py, PyAny>> {
    to_python(py, grid.value(1))
}
