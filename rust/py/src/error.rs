//! Rust errors become the exceptions of `alipes.errors`, in one place.

use alipes_market::decimal::GridError;
use pyo3::{PyErr, import_exception};

import_exception!(alipes.errors, BookBusyError);
import_exception!(alipes.errors, ConfigError);
import_exception!(alipes.errors, DataError);
import_exception!(alipes.errors, DecodeError);
import_exception!(alipes.errors, GapError);
import_exception!(alipes.errors, InputError);
import_exception!(alipes.errors, InvariantError);
import_exception!(alipes.errors, OffGridError);
import_exception!(alipes.errors, StaleBookError);

/// Conversion into a Python exception; a trait of our own, as both types are foreign to this crate.
pub trait IntoPyErr {
    /// The exception.
    fn into_py_err(self) -> PyErr;
}

impl IntoPyErr for GridError {
    fn into_py_err(self) -> PyErr {
        match self {
            Self::OffGrid { .. } => OffGridError::new_err(self.to_string()),
            _ => InputError::new_err(self.to_string()),
        }
    }
}
