//! Runs on ready-made signals.

use super::input::{GivenBars, floats};
use super::run::result;
use super::terms::GivenTerms;
use crate::arrays::{Flags, Packed, describe};
use crate::error::{InputError, IntoPyErr};
use alipes_bars::direct::{self, Arrays};
use alipes_bars::metrics::Metric;
use alipes_bars::portfolio::OrderLog;
use alipes_bars::program;
use alipes_bars::session::{Feed, RunError};
use alipes_bars::sweep::Scores;
use alipes_bars::walk::{DistanceKind, Series, SizeKind};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::BTreeMap;

/// A signal array.
fn signal<'py>(value: Option<&Bound<'py, PyAny>>, name: &str, bars: usize) -> PyResult<Option<Flags<'py>>> {
    let Some(value) = value else { return Ok(None) };
    let array = value.cast::<PyArray1<bool>>().map_err(|_| {
        InputError::new_err(format!("{name} must be a bool array of one dimension, got {}", describe(value)))
    })?;
    let flags = Flags::new(array)?;
    match flags.as_slice().len() {
        len if len == bars => Ok(Some(flags)),
        len => Err(InputError::new_err(format!("{name} has {len} values, ts has {bars}"))),
    }
}

/// A number, or one a bar.
enum Numbers<'py> {
    Same(f64),
    Each(Packed<'py, f64, numpy::Ix1>),
}

impl<'py> Numbers<'py> {
    fn new(value: &Bound<'py, PyAny>, name: &str, bars: usize) -> PyResult<Self> {
        if let Ok(number) = value.extract::<f64>() {
            return Ok(Self::Same(number));
        }
        let array = floats(value, name)?;
        match array.as_slice().len() {
            len if len == bars => Ok(Self::Each(array)),
            len => Err(InputError::new_err(format!("{name} has {len} values, ts has {bars}"))),
        }
    }

    fn series(&self) -> Series<'_> {
        match self {
            Self::Same(value) => Series::Const(*value),
            Self::Each(values) => Series::Values(values.as_slice()),
        }
    }
}

type Slot<'py> = Option<(String, Numbers<'py>)>;

fn slot<'py>(values: &Bound<'py, PyDict>, name: &str, bars: usize) -> PyResult<Slot<'py>> {
    match values.get_item(name)?.filter(|value| !value.is_none()) {
        None => Ok(None),
        Some(value) => {
            let (kind, value): (String, Bound<'py, PyAny>) = value.extract()?;
            Ok(Some((kind, Numbers::new(&value, name, bars)?)))
        }
    }
}

/// How a size is meant.
pub fn size_kind(kind: &str) -> PyResult<SizeKind> {
    program::size_kind(kind).map_err(IntoPyErr::into_py_err)
}

/// How a distance is meant.
pub fn distance_kind(kind: &str) -> PyResult<DistanceKind> {
    program::distance_kind(kind).map_err(IntoPyErr::into_py_err)
}

/// Sizes and exits as they were given.
struct Given<'py> {
    size: (String, Numbers<'py>),
    exits: [Slot<'py>; 3],
    max_bars: Option<Numbers<'py>>,
}

impl<'py> Given<'py> {
    fn new(values: &Bound<'py, PyDict>, bars: usize) -> PyResult<Self> {
        let max_bars = values.get_item("max_bars")?.filter(|value| !value.is_none());
        Ok(Self {
            size: slot(values, "size", bars)?.unwrap_or_else(|| ("equity".to_owned(), Numbers::Same(1.0))),
            exits: [
                slot(values, "stop_loss", bars)?,
                slot(values, "take_profit", bars)?,
                slot(values, "trailing", bars)?,
            ],
            max_bars: max_bars.map(|value| Numbers::new(&value, "max_bars", bars)).transpose()?,
        })
    }

    fn arrays<'a>(&'a self, signals: [Option<&'a [u8]>; 4]) -> PyResult<Arrays<'a>> {
        let mut exits = [None; 3];
        for (to, exit) in exits.iter_mut().zip(&self.exits) {
            if let Some((kind, value)) = exit {
                *to = Some((distance_kind(kind)?, value.series()));
            }
        }
        Ok(Arrays {
            signals,
            size: (size_kind(&self.size.0)?, self.size.1.series()),
            exits,
            max_bars: self.max_bars.as_ref().map(Numbers::series),
        })
    }
}

/// Run ready-made signals on bars; see `alipes.backtest.signals`, which documents it.
///
/// In `values`: `size`, `stop_loss`, `take_profit`, `trailing` as `(kind, number or (n,) float64)`,
/// `max_bars` as a number or (n,) float64, `pyramid` as an int, `opposite` as a word. Absent ones are
/// none; the size is all equity.
#[pyfunction]
#[pyo3(signature = (ts, columns, step, enter_long, exit_long, enter_short, exit_short, values, terms, whole=true))]
#[allow(clippy::too_many_arguments, reason = "the arguments of a function in Python")]
pub fn bar_signals<'py>(
    ts: &Bound<'py, PyAny>,
    columns: &Bound<'py, PyDict>,
    step: i64,
    enter_long: Option<&Bound<'py, PyAny>>,
    exit_long: Option<&Bound<'py, PyAny>>,
    enter_short: Option<&Bound<'py, PyAny>>,
    exit_short: Option<&Bound<'py, PyAny>>,
    values: &Bound<'py, PyDict>,
    terms: &Bound<'py, PyDict>,
    whole: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let py = ts.py();
    let own = GivenBars::new(ts, columns, step)?;
    let own = own.columns();
    let (stamps, bars) = (own.ts, own.ts.len());
    let closes = own.get("close").map_err(IntoPyErr::into_py_err)?;
    let given = GivenTerms::with_rules(terms, values, step)?;
    let signals = [
        signal(enter_long, "enter_long", bars)?,
        signal(exit_long, "exit_long", bars)?,
        signal(enter_short, "enter_short", bars)?,
        signal(exit_short, "exit_short", bars)?,
    ];
    let numbers = Given::new(values, bars)?;
    let arrays = numbers.arrays(std::array::from_fn(|at| signals[at].as_ref().map(Flags::as_slice)))?;
    let scores = Scores { convention: given.convention, metrics: Metric::ALL.to_vec() };
    let wants = scores.wants();
    let done = py
        .detach(|| {
            let others = BTreeMap::new();
            let feed = Feed { own, others, funding: given.funding, detail: given.detail, first: given.first };
            direct::run(&feed, &arrays, given.terms, wants, true, OrderLog::default())
        })
        .map_err(RunError::into_py_err)?;
    result(py, done, &scores, (stamps, closes), whole)
}
