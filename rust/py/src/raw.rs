//! Message bytes across Python's edge: `bytes` without a copy, anything else bytes-like or text through one.

use crate::error::InputError;
use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// The bytes of one message.
pub enum Raw<'a, 'py> {
    /// Immutable, borrowed as it is.
    Borrowed(&'a [u8]),
    /// Text, borrowed as UTF-8.
    Text(&'a Bound<'py, PyString>),
    /// Copied from a buffer that others could write to.
    Copied(Vec<u8>),
}

impl<'a, 'py> Raw<'a, 'py> {
    /// Takes `bytes`, `str`, or any object with a contiguous buffer of bytes.
    #[inline]
    pub fn of(value: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = value.cast::<PyBytes>() {
            return Ok(Self::Borrowed(bytes.as_bytes()));
        }
        Self::of_other(value)
    }

    /// As [`Raw::of`] for one of many; errors name its place.
    pub fn of_item(value: &'a Bound<'py, PyAny>, index: usize) -> PyResult<Self> {
        Self::of(value)
            .map_err(|error| InputError::new_err(format!("messages[{index}]: {}", error.value(value.py()))))
    }

    #[cold]
    fn of_other(value: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        if let Ok(text) = value.cast::<PyString>() {
            return Ok(Self::Text(text));
        }
        let copied = PyBuffer::<u8>::get(value).and_then(|buffer| buffer.to_vec(value.py()));
        copied.map(Self::Copied).map_err(|_| {
            let kind =
                value.get_type().name().map_or_else(|_| "an object".to_owned(), |name| name.to_string());
            InputError::new_err(format!(
                "a message must be bytes, bytearray, memoryview of bytes or str, got {kind}"
            ))
        })
    }

    /// The bytes.
    #[inline]
    pub fn bytes(&self) -> PyResult<&[u8]> {
        match self {
            Self::Borrowed(bytes) => Ok(bytes),
            Self::Text(text) => Ok(text.to_str()?.as_bytes()),
            Self::Copied(bytes) => Ok(bytes),
        }
    }
}
