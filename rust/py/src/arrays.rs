//! NumPy arrays of any layout as slices: contiguous ones are read in place, all others are copied once.

use numpy::ndarray::Dimension;
use numpy::{Element, Ix1, PyArray, PyArrayMethods, PyReadonlyArray, PyUntypedArrayMethods};
use pyo3::intern;
use pyo3::prelude::*;

/// An array whose elements lie in C order, aligned.
pub struct Packed<'py, T: Element, D: Dimension>(PyReadonlyArray<'py, T, D>);

impl<'py, T: Element, D: Dimension> Packed<'py, T, D> {
    /// Borrows an array, or a C-ordered copy where its layout is any other.
    pub fn new(array: &Bound<'py, PyArray<T, D>>) -> PyResult<Self> {
        if array.is_c_contiguous() && array.is_aligned() {
            return Ok(Self(array.try_readonly()?));
        }
        // `copy` of NumPy handles strides that are no multiple of the element, which ndarray cannot express.
        let copy = array.call_method1(intern!(array.py(), "copy"), ("C",))?;
        Ok(Self(copy.cast_into::<PyArray<T, D>>()?.try_readonly()?))
    }

    /// The elements, row by row.
    pub fn as_slice(&self) -> &[T] {
        // The layout was checked above.
        self.0.as_slice().unwrap_or_default()
    }
}

/// Booleans as bytes, zero or not. NumPy lets a bool array hold any byte, which a Rust `bool` must not.
pub enum Flags<'py> {
    /// A contiguous array of Python's, borrowed until this is dropped.
    Given(PyReadonlyArray<'py, bool, Ix1>),
    /// Bytes of our own.
    Made(Vec<u8>),
}

impl<'py> Flags<'py> {
    /// Borrows an array, or a copy where it is not contiguous.
    pub fn new(array: &Bound<'py, PyArray<bool, Ix1>>) -> PyResult<Self> {
        Ok(Self::Given(Packed::new(array)?.0))
    }

    /// The bytes.
    #[allow(unsafe_code, reason = "a view through NumPy costs more than the apply of a small batch")]
    pub fn as_slice(&self) -> &[u8] {
        match self {
            // SAFETY: `Packed` made sure that the array is contiguous, so `data` points to `len` bytes, which live and
            // are borrowed as long as `self`. Any byte is a valid u8.
            Self::Given(array) if !array.is_empty() => unsafe {
                std::slice::from_raw_parts(array.data().cast::<u8>(), array.len())
            },
            Self::Given(_) => &[],
            Self::Made(bytes) => bytes,
        }
    }
}

/// What an argument is, for error messages: `float32 array of shape (3, 2)`, or its type's name.
pub fn describe(value: &Bound<'_, PyAny>) -> String {
    let described = || -> PyResult<String> {
        match value.cast::<numpy::PyUntypedArray>() {
            Ok(array) => Ok(format!("{} array of shape {}", array.dtype(), value.getattr("shape")?)),
            Err(_) => Ok(value.get_type().name()?.to_string()),
        }
    };
    described().unwrap_or_else(|_| "an object".to_owned())
}
