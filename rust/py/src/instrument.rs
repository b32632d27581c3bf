//! `InstrumentSpec`: exact conversion between the numbers people write and the integers the engine counts in.

use crate::error::{InputError, IntoPyErr};
use crate::number::{decimal, floor, grid_error, on_grid, positive, step, to_python};
use alipes_market::decimal::{Decimal, Grid};
use alipes_market::instrument::{Kind, Names, PriceRule, Spec, SpecError};
use alipes_market::types::{Side, Size, Tick};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::sync::Arc;

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

    fn ticks(&self, price: &Bound<'_, PyAny>) -> PyResult<i64> {
        on_grid(price, "price", &self.spec.tick)
    }

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

    fn steps(&self, size: &Bound<'_, PyAny>) -> PyResult<i64> {
        let lots = on_grid(size, "size", &self.spec.lot)?;
        let steps = self.spec.order_size(lots);
        Ok(steps.ok_or_else(|| InputError::new_err(format!("size of {lots} lots is out of range")))?.0)
    }

    fn price<'py>(&self, py: Python<'py>, ticks: i64) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, self.spec.tick.value(ticks))
    }

    fn size<'py>(&self, py: Python<'py>, steps: i64) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, self.spec.size.value(steps))
    }

    fn price_float(&self, ticks: i64) -> f64 {
        self.spec.tick.to_f64(ticks)
    }

    fn size_float(&self, steps: i64) -> f64 {
        self.spec.size.to_f64(steps)
    }

    fn notional<'py>(&self, py: Python<'py>, ticks: i64, steps: i64) -> PyResult<Bound<'py, PyAny>> {
        let value = self.spec.notional(Tick(ticks), Size(steps));
        let text = || format!("notional of {ticks} ticks × {steps} size steps needs more than 128 bits");
        to_python(py, value.ok_or_else(|| InputError::new_err(text()))?)
    }

    fn steps_from_notional(&self, notional: &Bound<'_, PyAny>, ticks: i64) -> PyResult<i64> {
        let notional = decimal(notional, "notional")?;
        Ok(self.spec.size_from_notional(notional, Tick(ticks)).map_err(IntoPyErr::into_py_err)?.0)
    }

    fn steps_from_contracts(&self, contracts: &Bound<'_, PyAny>) -> PyResult<i64> {
        let contracts = decimal(contracts, "contracts")?;
        let size = self.spec.size_from_contracts(contracts);
        Ok(size.map_err(|error| grid_error(error, "contracts"))?.0)
    }

    #[getter]
    fn symbol(&self) -> &str {
        &self.spec.names.symbol
    }

    #[getter]
    fn kind(&self) -> &'static str {
        self.spec.kind.name()
    }

    #[getter]
    fn base(&self) -> &str {
        &self.spec.names.base
    }

    #[getter]
    fn quote(&self) -> &str {
        &self.spec.names.quote
    }

    #[getter]
    fn settle(&self) -> &str {
        &self.spec.names.settle
    }

    #[getter]
    fn tick_size<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        one(py, &self.spec.tick)
    }

    #[getter]
    fn lot_size<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        one(py, &self.spec.lot)
    }

    #[getter]
    fn lot_steps(&self) -> i64 {
        self.spec.lot_steps()
    }

    #[getter]
    fn contract_size<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, self.spec.contract_size)
    }

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
