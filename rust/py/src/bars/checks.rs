//! What `alipes.data.bars` asks of the numbers of bars.

use super::input::{floats, integers};
use crate::error::InputError;
use alipes_bars::checks;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

/// The first bar whose prices or volume cannot be.
///
/// Args:
///     open: (n,) float64.
///     high: (n,) float64.
///     low: (n,) float64.
///     close: (n,) float64.
///     volume: (n,) float64.
///
/// Returns:
///     Its row and the name of the first rule that it breaks, of `open`, `high`, `low`, `close`: a finite
///     price above 0; `high_over_low`, `high_over_open`, `high_over_close`, `low_under_open`,
///     `low_under_close`; `volume`: finite, 0 or more. None where all is well.
#[pyfunction]
pub fn bar_fault(
    py: Python<'_>,
    open: &Bound<'_, PyAny>,
    high: &Bound<'_, PyAny>,
    low: &Bound<'_, PyAny>,
    close: &Bound<'_, PyAny>,
    volume: &Bound<'_, PyAny>,
) -> PyResult<Option<(usize, &'static str)>> {
    let columns = [
        floats(open, "open")?,
        floats(high, "high")?,
        floats(low, "low")?,
        floats(close, "close")?,
        floats(volume, "volume")?,
    ];
    let numbers = [0, 1, 2, 3, 4].map(|at: usize| columns[at].as_slice());
    if numbers.iter().any(|column| column.len() != numbers[0].len()) {
        return Err(InputError::new_err("the columns differ in length"));
    }
    let fault = py.detach(|| checks::first_fault(numbers));
    Ok(fault.map(|(row, rule)| (row, rule.name())))
}

/// The smallest step between times.
///
/// Args:
///     ts: (n,) int64.
///
/// Returns:
///     The step, 2**63 - 1 for fewer than two times, and the first row whose time is not before the next
///     row's; None for that where times rise, and a step of 0 where they do not.
#[pyfunction]
pub fn bar_steps(py: Python<'_>, ts: &Bound<'_, PyAny>) -> PyResult<(i64, Option<usize>)> {
    let ts = integers(ts, "ts")?;
    let times = ts.as_slice();
    Ok(match py.detach(|| checks::smallest_step(times)) {
        Ok(step) => (step, None),
        Err(row) => (0, Some(row)),
    })
}

/// Where bars are missing.
///
/// Args:
///     ts: (n,) int64, rising.
///     step: The bars' length in the same unit, > 0.
///
/// Returns:
///     (gaps,) int64, the rows after which the next time is more than a step away, and the first row after
///     which it is no whole number of steps away, None where there is none; with one, the gaps are empty.
#[pyfunction]
pub fn bar_gaps<'py>(
    ts: &Bound<'py, PyAny>,
    step: i64,
) -> PyResult<(Bound<'py, PyArray1<i64>>, Option<usize>)> {
    let py = ts.py();
    if step <= 0 {
        return Err(InputError::new_err(format!("step must be positive, got {step}")));
    }
    let ts = integers(ts, "ts")?;
    let times = ts.as_slice();
    let (rows, off) = match py.detach(|| checks::gaps(times, step)) {
        Ok(rows) => (rows, None),
        Err(row) => (Vec::new(), Some(row)),
    };
    Ok((rows.into_pyarray(py), off))
}
