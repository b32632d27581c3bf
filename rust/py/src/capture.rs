//! Python class over `alipes_market::capture`.

use crate::error::{DataError, DecodeError, InputError, IntoPyErr};
use alipes_market::capture::{Capture, CaptureError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::path::{Path, PathBuf};

impl IntoPyErr for CaptureError {
    fn into_py_err(self) -> PyErr {
        match &self {
            Self::Io { .. } => InputError::new_err(self.to_string()),
            Self::Malformed { .. } => DecodeError::new_err(self.to_string()),
            Self::Truncated { .. } | Self::Empty { .. } => DataError::new_err(self.to_string()),
        }
    }
}

/// Iterates over a capture: lines ``<receive time, ns> <JSON>``, plain or gzipped (told by content).
///
/// Yields ``(ts_recv, frame)``: int ns UTC and the frame's JSON bytes.
///
/// Args:
///     path: The capture file.
///
/// Raises:
///     InputError: The file is missing or unreadable.
///     DataError: It holds no frame, or its gzip data is cut off or damaged.
///     DecodeError: A line is not of that form; the message names its number.
#[pyclass(module = "alipes._core")]
pub struct CaptureReader {
    capture: Capture,
}

#[pymethods]
impl CaptureReader {
    #[new]
    fn new(path: PathBuf) -> PyResult<Self> {
        Ok(Self { capture: Capture::open(path).map_err(IntoPyErr::into_py_err)? })
    }

    /// The file (``pathlib.Path``).
    #[getter]
    fn path(&self) -> &Path {
        self.capture.path()
    }

    /// What a recording made by Alipes says of itself (venue, instrument, tick_size, ...), else None.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let parse = |text| py.import("json")?.call_method1("loads", (text,));
        self.capture.header().map(parse).transpose()
    }

    /// Number of the last line read, counted from 1, the header included.
    #[getter]
    fn line_number(&self) -> u64 {
        self.capture.line_number()
    }

    /// How much of the file has been read, 0 to 1, in blocks of 128 KiB; 0 where that cannot be told.
    #[getter]
    fn fraction(&self) -> f64 {
        self.capture.fraction()
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<(i64, Bound<'py, PyBytes>)>> {
        let next = self.capture.next_frame().map_err(IntoPyErr::into_py_err)?;
        Ok(next.map(|line| (line.ts_recv, PyBytes::new(py, line.frame))))
    }

    fn __repr__(&self) -> String {
        format!("CaptureReader({:?}, line {})", self.capture.path().display(), self.capture.line_number())
    }
}
