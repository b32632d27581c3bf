//! Runs, runs on ready signals, and sweeps.

use super::input::{GivenBars, floats, integers, other_bars, parameters};
use super::output::{BarRecords, names};
use super::program::BarProgram;
use super::terms::GivenTerms;
use crate::error::{InputError, IntoPyErr};
use alipes_bars::data::OpenTimes;
use alipes_bars::evaluate::values;
use alipes_bars::metrics::{Convention, Metric, TradeFact};
use alipes_bars::portfolio::{Fill, OrderLog, by_bar};
use alipes_bars::session::{Feed, Mode, RunError, Session};
use alipes_bars::sweep::{Scores, sweep};
use alipes_bars::walk::Finished;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::collections::BTreeMap;

/// Run rules on bars; see `alipes.backtest.run`, which documents it.
#[pyfunction]
#[pyo3(signature = (program, ts, columns, step, params, terms, others=None, block=None, step_all=false, whole=true))]
#[allow(clippy::too_many_arguments, reason = "the arguments of a function in Python")]
pub fn bar_run<'py>(
    program: &BarProgram,
    ts: &Bound<'py, PyAny>,
    columns: &Bound<'py, PyDict>,
    step: i64,
    params: &Bound<'py, PyDict>,
    terms: &Bound<'py, PyDict>,
    others: Option<&Bound<'py, PyDict>>,
    block: Option<usize>,
    step_all: bool,
    whole: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let py = ts.py();
    let (own, others) = (GivenBars::new(ts, columns, step)?, other_bars(others)?);
    let given = GivenTerms::new(terms, step)?;
    let params =
        values(program.program.resolved().params(), &parameters(params)?).map_err(IntoPyErr::into_py_err)?;
    let (own, others) = (own.columns(), by_name(&others));
    let scores = Scores { convention: given.convention, metrics: Metric::ALL.to_vec() };
    let usual = Mode::default();
    let mode = Mode {
        wants: scores.wants(),
        records: true,
        block: block.map_or(usual.block, |block| block.max(1)),
        steps_all: step_all,
    };
    let (stamps, closes) = (own.ts, own.get("close").map_err(IntoPyErr::into_py_err)?);
    let done = py
        .detach(|| {
            let feed = Feed { own, others, funding: given.funding, detail: given.detail, first: given.first };
            let session = Session::new(&program.program, &feed, given.terms)?;
            session.run(&[&params], mode, OrderLog::default, |_| true)
        })
        .map_err(|error| unset(error).into_py_err())?;
    let done = done.into_iter().flatten().next().ok_or_else(|| InputError::new_err("the run was stopped"))?;
    result(py, done, &scores, (stamps, closes), whole)
}

/// An error of a single set needs no number.
fn unset(error: RunError) -> RunError {
    match error {
        RunError::Set { error, .. } => *error,
        other => other,
    }
}

fn by_name<'a>(
    others: &'a BTreeMap<String, GivenBars<'_>>,
) -> BTreeMap<String, alipes_bars::dataset::Columns<'a>> {
    others.iter().map(|(name, bars)| (name.clone(), bars.columns())).collect()
}

pub fn result<'py>(
    py: Python<'py>,
    mut done: Finished<OrderLog>,
    scores: &Scores,
    (ts, closes): (&[i64], &[f64]),
    is_whole: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let (journal, terms) = (done.account.journal(), done.account.terms().clone());
    let times = OpenTimes::of(ts, terms.step);
    let noted = done.holdings.take().unwrap_or_default();
    let trades: Vec<TradeFact> = if scores.need_equity() {
        done.holdings = Some(journal.holdings(&terms, &noted));
        journal.trades(&terms, &times).iter().map(TradeFact::from).collect()
    } else {
        Vec::new()
    };
    let stats = PyDict::new(py);
    for (metric, value) in scores.metrics.iter().zip(scores.of(&done, ts, closes, &trades)) {
        stats.set_item(metric.name(), value)?;
    }
    let into = PyDict::new(py);
    into.set_item("stats", stats)?;
    let account = &done.account;
    into.set_item("conflicts", account.conflicts())?;
    into.set_item("undefined_exits", account.undefined_exits())?;
    into.set_item("ruined", account.ruined().map_or(-1, |bar| i64::try_from(bar).unwrap_or(i64::MAX)))?;
    into.set_item("optimistic", account.terms().fill == Fill::SameClose)?;
    into.set_item("days", done.track.days.len())?;
    let records = BarRecords { log: done.account.into_journal(), terms, times, noted };
    into.set_item("names", names(py)?)?;
    if is_whole {
        into.set_item("orders", records.orders(py)?)?;
        into.set_item("trades", records.trades(py)?)?;
        let (equity, position) = records.log.holdings(&records.terms, &records.noted).by_bar(closes);
        into.set_item("equity", equity.into_pyarray(py))?;
        into.set_item("position", position.into_pyarray(py))?;
    } else {
        into.set_item("records", records)?;
    }
    Ok(into)
}

/// Run many parameter sets; see `alipes.backtest.sweep`, which documents it.
///
/// `values` is (n, k) float64, a set a row and a parameter a column, named by `names`. `report` is
/// called now and then with the number of sets' worth of work done; what it raises stops the sweep, and
/// after a `KeyboardInterrupt` what is done comes back: (n,) float64 by metric, and (n,) bool, which
/// sets were run.
#[pyfunction]
#[pyo3(signature = (program, ts, columns, step, names, values, terms, metrics, threads, report, others=None))]
#[allow(clippy::too_many_arguments, reason = "the arguments of a function in Python")]
pub fn bar_sweep<'py>(
    program: &BarProgram,
    ts: &Bound<'py, PyAny>,
    columns: &Bound<'py, PyDict>,
    step: i64,
    names: Vec<String>,
    values: &Bound<'py, PyArray2<f64>>,
    terms: &Bound<'py, PyDict>,
    metrics: Vec<String>,
    threads: usize,
    report: &Bound<'py, PyAny>,
    others: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = ts.py();
    let (own, others) = (GivenBars::new(ts, columns, step)?, other_bars(others)?);
    let given = GivenTerms::new(terms, step)?;
    let scores = scores(given.convention, &metrics)?;
    let rows = in_order(program.program.resolved().params(), &names, values)?;
    let sets: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
    let (own, others) = (own.columns(), by_name(&others));
    let report = report.clone().unbind();
    let mut raised = None;
    let scored = py
        .detach(|| {
            let feed = Feed { own, others, funding: given.funding, detail: given.detail, first: given.first };
            let session = Session::new(&program.program, &feed, given.terms)?;
            sweep(&session, &sets, &scores, threads, |done| {
                Python::attach(|py| {
                    raised = report.call1(py, (done,)).and_then(|_| py.check_signals()).err();
                });
                raised.is_none()
            })
        })
        .map_err(RunError::into_py_err)?;
    if let Some(error) = raised
        && !error.is_instance_of::<PyKeyboardInterrupt>(py)
    {
        return Err(error);
    }
    let table = PyDict::new(py);
    for (at, metric) in metrics.iter().enumerate() {
        table.set_item(metric, scored.rows.iter().map(|row| row[at]).collect::<Vec<_>>().into_pyarray(py))?;
    }
    PyTuple::new(py, [table.into_any(), scored.is_done.into_pyarray(py).into_any()])
}

fn scores(convention: Convention, metrics: &[String]) -> PyResult<Scores> {
    let parsed = metrics.iter().map(|name| Metric::parse(name)).collect::<Result<Vec<_>, _>>();
    Ok(Scores { convention, metrics: parsed.map_err(IntoPyErr::into_py_err)? })
}

/// The sets with their parameters in the program's order.
fn in_order(
    wanted: &[String],
    names: &[String],
    values: &Bound<'_, PyArray2<f64>>,
) -> PyResult<Vec<Vec<f64>>> {
    let values = values.try_readonly()?;
    let values = values.as_array();
    if values.ncols() != names.len() {
        let columns = values.ncols();
        return Err(InputError::new_err(format!(
            "values has {columns} columns, there are {} names",
            names.len()
        )));
    }
    let place = |name: &String| {
        names
            .iter()
            .position(|known| known == name)
            .ok_or_else(|| InputError::new_err(format!("parameter {name:?} has no values")))
    };
    let places = wanted.iter().map(place).collect::<PyResult<Vec<_>>>()?;
    Ok(values.rows().into_iter().map(|row| places.iter().map(|&at| row[at]).collect()).collect())
}

/// Arrays of floats, one a bar.
type Pair<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

/// Equity and position of every bar, from what a run held.
///
/// Args:
///     bar: `holding_bar` of its records.
///     cash: `holding_cash` of its records.
///     units: `holding_units` of its records.
///     close: (n,) float64 closes of its bars.
///
/// Returns:
///     (n,) float64 equity and (n,) float64 units after each bar.
#[pyfunction]
pub fn bar_equity<'py>(
    bar: &Bound<'py, PyAny>,
    cash: &Bound<'py, PyAny>,
    units: &Bound<'py, PyAny>,
    close: &Bound<'py, PyAny>,
) -> PyResult<Pair<'py>> {
    let py = bar.py();
    let (bar, cash) = (integers(bar, "bar")?, floats(cash, "cash")?);
    let (units, close) = (floats(units, "units")?, floats(close, "close")?);
    let (equity, position) = by_bar(bar.as_slice(), cash.as_slice(), units.as_slice(), close.as_slice());
    Ok((equity.into_pyarray(py), position.into_pyarray(py)))
}
