//! Bars and parameters as Python gives them.

use crate::argument::float;
use crate::arrays::{Packed, describe};
use crate::error::InputError;
use alipes_bars::dataset::Columns;
use numpy::{Ix1, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::BTreeMap;

/// A contiguous float64 array of Python's.
pub type Floats<'py> = Packed<'py, f64, Ix1>;

/// Reads an array of float64.
pub fn floats<'py>(value: &Bound<'py, PyAny>, name: &str) -> PyResult<Floats<'py>> {
    let array = value.cast::<PyArray1<f64>>().map_err(|_| {
        InputError::new_err(format!(
            "{name} must be a float64 array of one dimension, got {}",
            describe(value)
        ))
    })?;
    Packed::new(array)
}

/// Reads an array of int64.
pub fn integers<'py>(value: &Bound<'py, PyAny>, name: &str) -> PyResult<Packed<'py, i64, Ix1>> {
    let array = value.cast::<PyArray1<i64>>().map_err(|_| {
        InputError::new_err(format!(
            "{name} must be an int64 array of one dimension, got {}",
            describe(value)
        ))
    })?;
    Packed::new(array)
}

/// Bars that are borrowed from Python.
pub struct GivenBars<'py> {
    ts: Packed<'py, i64, Ix1>,
    columns: Vec<(String, Floats<'py>)>,
    step: i64,
}

impl<'py> GivenBars<'py> {
    /// Borrows them.
    pub fn new(ts: &Bound<'py, PyAny>, columns: &Bound<'py, PyDict>, step: i64) -> PyResult<Self> {
        let ts = integers(ts, "ts")?;
        let bars = ts.as_slice().len();
        let mut read = Vec::with_capacity(columns.len());
        for (name, values) in columns {
            let name: String = name.extract()?;
            let values = floats(&values, &format!("column {name:?}"))?;
            let len = values.as_slice().len();
            if len != bars {
                return Err(InputError::new_err(format!("column {name:?} has {len} values, ts has {bars}")));
            }
            read.push((name, values));
        }
        if step <= 0 {
            return Err(InputError::new_err(format!("step must be positive, got {step}")));
        }
        Ok(Self { ts, columns: read, step })
    }

    /// As the engine takes them.
    pub fn columns(&self) -> Columns<'_> {
        let by_name = self.columns.iter().map(|(name, values)| (name.clone(), values.as_slice())).collect();
        Columns { ts: self.ts.as_slice(), by_name, step: self.step }
    }
}

/// Bars of other instruments: name to (ts, columns, step).
pub fn other_bars<'py>(others: Option<&Bound<'py, PyDict>>) -> PyResult<BTreeMap<String, GivenBars<'py>>> {
    let mut read = BTreeMap::new();
    for (name, bars) in others.into_iter().flatten() {
        let (ts, columns, step): (Bound<'py, PyAny>, Bound<'py, PyDict>, i64) = bars.extract()?;
        read.insert(name.extract()?, GivenBars::new(&ts, &columns, step)?);
    }
    Ok(read)
}

/// Parameter values by name.
pub fn parameters(params: &Bound<'_, PyDict>) -> PyResult<BTreeMap<String, f64>> {
    let mut read = BTreeMap::new();
    for (name, value) in params {
        let name: String = name.extract()?;
        let value = float(&value, &format!("parameter {name:?}"))?;
        read.insert(name, value);
    }
    Ok(read)
}
