//! Values of expressions, and statistics of an equity curve.

use super::input::{GivenBars, floats, integers, other_bars, parameters};
use super::program::template;
use crate::error::{InputError, IntoPyErr};
use alipes_bars::evaluate::evaluate;
use alipes_bars::graph::GraphError;
use alipes_bars::metrics::{Convention, TradeFact, measure};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::BTreeMap;

/// Evaluate outputs of a graph on every bar; see `alipes.rules.evaluate`, which documents it.
#[pyfunction]
#[pyo3(signature = (nodes, outputs, ts, columns, step, params, others=None, block=1024))]
#[allow(clippy::too_many_arguments, reason = "the arguments of a function in Python")]
pub fn bar_evaluate<'py>(
    nodes: &Bound<'py, PyAny>,
    outputs: Vec<usize>,
    ts: &Bound<'py, PyAny>,
    columns: &Bound<'py, PyDict>,
    step: i64,
    params: &Bound<'py, PyDict>,
    others: Option<&Bound<'py, PyDict>>,
    block: usize,
) -> PyResult<Vec<Bound<'py, PyArray1<f64>>>> {
    let py = ts.py();
    let template = template(nodes)?;
    let (own, others) = (GivenBars::new(ts, columns, step)?, other_bars(others)?);
    let params = parameters(params)?;
    let own = own.columns();
    let others: BTreeMap<_, _> = others.iter().map(|(name, bars)| (name.clone(), bars.columns())).collect();
    let block = block.max(1);
    let values = py
        .detach(|| evaluate(&template, &outputs, &own, &others, &params, block))
        .map_err(GraphError::into_py_err)?;
    Ok(values.into_iter().map(|values| values.into_pyarray(py)).collect())
}

/// Statistics of an equity curve by a convention; see `alipes.backtest.stats`, which documents them.
///
/// Args:
///     convention: `"alipes"`, `"vectorbt"`, `"backtesting.py"` or `"quantstats"`.
///     initial: Initial cash.
///     ts: (n,) int64 ns open times.
///     equity: (n,) float64 equity at each close.
///     step: Δ in ns.
///     trades: Columns `pnl`, `return`, `entry_ts`, `exit_ts`, `entry_bar`, `exit_bar`, `fees`,
///         `value`, `is_open`.
#[pyfunction]
#[pyo3(signature = (convention, initial, ts, equity, step, trades=None))]
pub fn bar_metrics<'py>(
    convention: &str,
    initial: f64,
    ts: &Bound<'py, PyAny>,
    equity: &Bound<'py, PyAny>,
    step: i64,
    trades: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let convention = Convention::parse(convention).map_err(IntoPyErr::into_py_err)?;
    let py = ts.py();
    let (ts, equity) = (integers(ts, "ts")?, floats(equity, "equity")?);
    let (bars, values) = (ts.as_slice().len(), equity.as_slice().len());
    if bars != values || bars == 0 {
        return Err(InputError::new_err(format!("equity has {values} values, ts has {bars}")));
    }
    let trades = trades.map_or_else(|| Ok(Vec::new()), facts)?;
    let stats = PyDict::new(py);
    for (metric, value) in measure(convention, initial, ts.as_slice(), step, equity.as_slice(), &trades) {
        stats.set_item(metric.name(), value)?;
    }
    Ok(stats)
}

fn facts(trades: &Bound<'_, PyDict>) -> PyResult<Vec<TradeFact>> {
    let column = |name: &str| {
        trades.get_item(name)?.ok_or_else(|| InputError::new_err(format!("trades have no column {name:?}")))
    };
    let numbers = |name: &str| floats(&column(name)?, name);
    let wholes = |name: &str| integers(&column(name)?, name);
    let (pnl, ratio, fees, value) =
        (numbers("pnl")?, numbers("return")?, numbers("fees")?, numbers("value")?);
    let (entry_ts, exit_ts) = (wholes("entry_ts")?, wholes("exit_ts")?);
    let (entry_bar, exit_bar) = (wholes("entry_bar")?, wholes("exit_bar")?);
    let is_open: Vec<bool> = column("is_open")?.call_method0("tolist")?.extract()?;
    let bar = |value: i64| usize::try_from(value).unwrap_or(0);
    let fact = |at: usize| TradeFact {
        pnl: pnl.as_slice()[at],
        ratio: ratio.as_slice()[at],
        entry_ts: entry_ts.as_slice()[at],
        exit_ts: exit_ts.as_slice()[at],
        entry_bar: bar(entry_bar.as_slice()[at]),
        exit_bar: bar(exit_bar.as_slice()[at]),
        fees: fees.as_slice()[at],
        value: value.as_slice()[at],
        is_open: is_open[at],
    };
    let lengths = [
        ratio.as_slice().len(),
        fees.as_slice().len(),
        value.as_slice().len(),
        entry_ts.as_slice().len(),
        exit_ts.as_slice().len(),
        entry_bar.as_slice().len(),
        exit_bar.as_slice().len(),
        is_open.len(),
    ];
    let count = pnl.as_slice().len();
    if lengths.iter().any(|&len| len != count) {
        return Err(InputError::new_err("the columns of trades differ in length"));
    }
    Ok((0..count).map(fact).collect())
}
