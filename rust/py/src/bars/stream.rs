//! `BarStream`: rules fed bar by bar.

use super::input::parameters;
use super::program::BarProgram;
use crate::error::{DataError, InputError, IntoPyErr};
use alipes_bars::evaluate::values;
use alipes_bars::graph::GraphError;
use alipes_bars::live::Stream;
use pyo3::prelude::*;
use pyo3::types::PyDict;

type SignalsTuple = (Option<bool>, Option<bool>, Option<bool>, Option<bool>);

/// Rules fed bar by bar: the same signals as in a run from the same first bar.
///
/// Args:
///     program: The rules.
///     params: Value of each parameter.
///     step: Δ of the bars in ns.
///
/// Raises:
///     InputError: A missing parameter, a number out of range, rules that read another instrument.
#[pyclass(name = "BarStream", module = "alipes._core")]
pub struct BarStream {
    stream: Stream,
    step: i64,
    values: Vec<f64>,
}

#[pymethods]
impl BarStream {
    #[new]
    fn new(program: &BarProgram, params: &Bound<'_, PyDict>, step: i64) -> PyResult<Self> {
        if step <= 0 {
            return Err(InputError::new_err(format!("step must be positive, got {step}")));
        }
        let names = program.program.resolved().params();
        let params = values(names, &parameters(params)?).map_err(GraphError::into_py_err)?;
        let stream = Stream::new(&program.program, &params, step).map_err(GraphError::into_py_err)?;
        Ok(Self { stream, step, values: Vec::new() })
    }

    /// Takes a bar and gives enter long, exit long, enter short, exit short at its close.
    ///
    /// `None` is undefined.
    ///
    /// Args:
    ///     ts: Open time, int ns UTC, after that of the last bar.
    ///     values: The columns by name.
    ///
    /// Raises:
    ///     DataError: The bar is not later than the last one by a multiple of the step.
    ///     InputError: A column is missing.
    fn push(&mut self, ts: i64, values: &Bound<'_, PyDict>) -> PyResult<SignalsTuple> {
        if let Some(last) = self.stream.last()
            && (ts <= last || (ts - last) % self.step != 0)
        {
            let step = self.step;
            return Err(DataError::new_err(format!(
                "bar {ts}: expected a time after {last} by a multiple of {step} ns"
            )));
        }
        self.values.clear();
        for name in self.stream.columns() {
            let value = values.get_item(name)?;
            let value = value.ok_or_else(|| InputError::new_err(format!("column {name:?} is missing")))?;
            self.values.push(value.extract()?);
        }
        let [enter_long, exit_long, enter_short, exit_short] = self.stream.push(ts, &self.values);
        Ok((enter_long, exit_long, enter_short, exit_short))
    }

    /// The numbers of the rules at the last bar's close, by slot; nan where undefined.
    ///
    /// `size` and `pyramid` always; `stop_loss`, `take_profit`, `trailing`, `max_bars` where rules have them.
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let values = PyDict::new(py);
        for (name, value) in self.stream.numbers() {
            values.set_item(name, value)?;
        }
        Ok(values)
    }
}
