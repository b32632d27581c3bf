//! `BarProgram`: rules as a checked graph.

use super::terms::opposite;
use crate::error::{InputError, IntoPyErr};
use alipes_bars::graph::{GraphError, Template, Value};
use alipes_bars::program::{Program, SlotNodes};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

/// Rules as a checked graph, ready to be bound to parameters and bars.
///
/// Args:
///     nodes: `(op, args, value)` in topological order, as `alipes.rules` makes them.
///     slots: Which node fills which slot of the rules.
///
/// Raises:
///     InputError: An unknown operator, an argument of the wrong kind, a slot without a node.
#[pyclass(name = "BarProgram", module = "alipes._core", frozen)]
pub struct BarProgram {
    pub(super) program: Program,
}

/// Reads a graph.
pub fn template(nodes: &Bound<'_, PyAny>) -> PyResult<Template> {
    let mut given = Vec::new();
    for node in nodes.try_iter()? {
        let (op, args, value): (String, Vec<usize>, Bound<'_, PyAny>) = node?.extract()?;
        let value = if value.is_none() {
            Value::None
        } else if value.is_instance_of::<PyString>() {
            Value::Text(value.extract()?)
        } else {
            Value::Number(value.extract()?)
        };
        given.push((op, args, value));
    }
    Template::new(given).map_err(GraphError::into_py_err)
}

fn slot<'py, T: FromPyObjectOwned<'py>>(slots: &Bound<'py, PyDict>, name: &str) -> PyResult<Option<T>> {
    match slots.get_item(name)?.filter(|value| !value.is_none()) {
        None => Ok(None),
        Some(value) => value
            .extract()
            .map(Some)
            .map_err(|_| InputError::new_err(format!("slot {name:?}: expected a node, or (kind, node)"))),
    }
}

fn slot_nodes(slots: &Bound<'_, PyDict>) -> PyResult<SlotNodes> {
    let missing = |name: &str| InputError::new_err(format!("slot {name:?} is missing"));
    Ok(SlotNodes {
        signals: [
            slot(slots, "enter_long")?,
            slot(slots, "exit_long")?,
            slot(slots, "enter_short")?,
            slot(slots, "exit_short")?,
        ],
        size: slot(slots, "size")?.ok_or_else(|| missing("size"))?,
        exits: [slot(slots, "stop_loss")?, slot(slots, "take_profit")?, slot(slots, "trailing")?],
        max_bars: slot(slots, "max_bars")?,
        pyramid: slot(slots, "pyramid")?.ok_or_else(|| missing("pyramid"))?,
        opposite: opposite(slots)?,
    })
}

#[pymethods]
impl BarProgram {
    #[new]
    fn new(nodes: &Bound<'_, PyAny>, slots: &Bound<'_, PyDict>) -> PyResult<Self> {
        let program = Program::new(&template(nodes)?, slot_nodes(slots)?).map_err(GraphError::into_py_err)?;
        Ok(Self { program })
    }

    /// Names of parameters, in order of appearance.
    #[getter]
    fn params<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.program.resolved().params())
    }

    /// Names of the columns that are read, in order of appearance.
    #[getter]
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.program.resolved().columns())
    }
}
