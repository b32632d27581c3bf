//! Numbers across Python's edge, in one place: `float | str | Decimal | int` in, `Decimal` out.
//!
//! Text, `Decimal` and `int` are taken exactly; a float means the grid point it is close to (see `Grid::from_f64`).

use crate::error::{InputError, OffGridError};
use alipes_market::decimal::{Decimal, Grid, GridError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString, PyType};
use std::fmt::Display;

/// A number as Python gave it.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// Every digit is meant.
    Exact(Decimal),
    /// Binary, so close to what is meant.
    Float(f64),
}

/// Reads an argument; `name` is what errors call it, formatted only then.
pub fn number(value: &Bound<'_, PyAny>, name: impl Display) -> PyResult<Number> {
    if value.is_exact_instance_of::<PyFloat>() || value.is_instance_of::<PyFloat>() {
        let float: f64 = value.extract()?;
        return if float.is_finite() { Ok(Number::Float(float)) } else { Err(wrong(value, name)) };
    }
    if value.is_instance_of::<PyBool>() {
        return Err(wrong(value, name));
    }
    if value.is_instance_of::<PyInt>() || value.is_instance_of::<PyString>() || is_decimal(value)? {
        return text(value, name);
    }
    // Integers of other libraries, such as numpy.int64.
    match value.extract::<i64>() {
        Ok(integer) => Ok(Number::Exact(Decimal::new(i128::from(integer), 0))),
        Err(_) => Err(wrong(value, name)),
    }
}

fn text(value: &Bound<'_, PyAny>, name: impl Display) -> PyResult<Number> {
    let text = value.str()?;
    let parsed = Decimal::parse(text.to_cow()?.as_bytes());
    parsed
        .map(Number::Exact)
        .map_err(|error| InputError::new_err(format!("{name} must be a number: {error}")))
}

#[cold]
fn wrong(value: &Bound<'_, PyAny>, name: impl Display) -> PyErr {
    let shown = value.repr().map_or_else(|_| "an object".to_owned(), |repr| repr.to_string());
    InputError::new_err(format!("{name} must be a finite float, str, Decimal or int, got {shown}"))
}

/// A number without rounding: a float counts with its shortest text, as `repr` shows it.
pub fn decimal(value: &Bound<'_, PyAny>, name: impl Display) -> PyResult<Decimal> {
    match number(value, &name)? {
        Number::Exact(exact) => Ok(exact),
        Number::Float(float) => Decimal::parse(format!("{float:?}").as_bytes())
            .map_err(|error| InputError::new_err(format!("{name} must be a number: {error}"))),
    }
}

/// A number greater than zero.
pub fn positive(value: &Bound<'_, PyAny>, name: impl Display) -> PyResult<Decimal> {
    let number = decimal(value, &name)?;
    if number.mantissa > 0 {
        return Ok(number);
    }
    Err(InputError::new_err(format!("{name} must be greater than zero, got {number}")))
}

/// A price or size step.
pub fn step(value: &Bound<'_, PyAny>, name: impl Display) -> PyResult<Grid> {
    Grid::new(positive(value, &name)?).map_err(|error| grid_error(error, name))
}

/// Grid units of a number that lies on the grid.
pub fn on_grid(value: &Bound<'_, PyAny>, name: impl Display, grid: &Grid) -> PyResult<i64> {
    let units = match number(value, &name)? {
        Number::Exact(exact) => grid.exact(exact),
        Number::Float(float) => grid.from_f64(float),
    };
    units.map_err(|error| grid_error(error, name))
}

/// Greatest grid units not above a number, and whether it lies between two grid points.
pub fn floor(value: &Bound<'_, PyAny>, name: impl Display, grid: &Grid) -> PyResult<(i64, bool)> {
    let units = match number(value, &name)? {
        Number::Exact(exact) => grid.floor(exact),
        Number::Float(float) => grid.floor_f64(float),
    };
    units.map_err(|error| grid_error(error, name))
}

/// A grid's complaint about the argument `name`.
#[cold]
pub fn grid_error(error: GridError, name: impl Display) -> PyErr {
    let text = format!("{name}: {error}");
    match error {
        GridError::OffGrid { .. } => OffGridError::new_err(text),
        _ => InputError::new_err(text),
    }
}

/// `decimal.Decimal` of an exact number.
pub fn to_python(py: Python<'_>, number: Decimal) -> PyResult<Bound<'_, PyAny>> {
    decimal_type(py)?.call1((number.to_string(),))
}

fn is_decimal(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.is_instance(decimal_type(value.py())?)
}

fn decimal_type(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static TYPE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    TYPE.import(py, "decimal", "Decimal")
}
