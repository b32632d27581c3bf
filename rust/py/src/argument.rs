//! Arguments of plain types across Python's edge: whatever is wrong with one is an `InputError` that names it.

use crate::error::InputError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};

/// Text.
pub fn text<'a>(value: &'a Bound<'_, PyAny>, name: &str) -> PyResult<&'a str> {
    let text = value.cast::<PyString>().ok().and_then(|text| text.to_str().ok());
    text.ok_or_else(|| wrong(value, name, "a str"))
}

/// A whole number of 64 bits; integers of other libraries, such as `numpy.int64`, count.
pub fn integer(value: &Bound<'_, PyAny>, name: &str) -> PyResult<i64> {
    if value.is_instance_of::<PyBool>() {
        return Err(wrong(value, name, "an int"));
    }
    value.extract::<i64>().map_err(|_| {
        let is_integer = value.is_instance_of::<PyInt>();
        wrong(value, name, if is_integer { "an int of at most 64 bits" } else { "an int" })
    })
}

/// A float or an integer.
pub fn float(value: &Bound<'_, PyAny>, name: &str) -> PyResult<f64> {
    match value.cast::<PyFloat>() {
        Ok(float) => Ok(float.value()),
        Err(_) => value.extract().map_err(|_| wrong(value, name, "a float")),
    }
}

#[cold]
fn wrong(value: &Bound<'_, PyAny>, name: &str, expected: &str) -> PyErr {
    let shown = value.repr().map_or_else(|_| "an object".to_owned(), |repr| repr.to_string());
    InputError::new_err(format!("{name} must be {expected}, got {shown}"))
}
