//! `FeatureSet`: live features on a decoder, by the same operators as `columns`.

use crate::argument::integer;
use crate::error::{InputError, IntoPyErr};
use crate::feed::PyFeedDecoder;
use alipes_market::features::{CATALOGUE, Feature, FeatureError, Rows, Value, View};
use alipes_market::feed::InstrumentFeed;
use alipes_market::sync::State;
use alipes_market::types::Ns;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Live features of every instrument of a decoder: the numbers of `alipes.columns`, bit for bit.
///
/// Args:
///     names: Columns, as for `alipes.columns`.
///     every_ns: Time between rows, int ns; a row at each message if None.
///
/// Raises:
///     InputError: An unknown column (with the nearest names), or a step that is not positive.
#[pyclass(module = "alipes._core")]
pub struct FeatureSet {
    names: Vec<String>,
    features: Vec<Feature>,
    every: Option<Ns>,
    markets: Vec<(u16, Rows)>,
}

impl FeatureSet {
    /// The rows of an instrument, begun at its first frame.
    fn rows(&mut self, instrument: &InstrumentFeed) -> PyResult<&mut Rows> {
        let index = instrument.index;
        let known = self.markets.iter().position(|(its, _)| *its == index);
        let slot = match known {
            Some(slot) => slot,
            None => {
                let rows = Rows::new(&self.features, instrument.grids, self.every);
                self.markets.push((index, rows.map_err(|error| InputError::new_err(error.to_string()))?));
                self.markets.len() - 1
            }
        };
        Ok(&mut self.markets[slot].1)
    }
}

#[pymethods]
impl FeatureSet {
    #[new]
    #[pyo3(signature = (names, *, every_ns=None))]
    fn new(names: Vec<String>, every_ns: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let every_ns = every_ns.map(|every| integer(every, "every_ns")).transpose()?;
        let features: Result<Vec<_>, _> = names.iter().map(|name| Feature::parse(name)).collect();
        let features = features.map_err(IntoPyErr::into_py_err)?;
        match every_ns {
            _ if features.is_empty() => Err(FeatureError::Empty.into_py_err()),
            Some(step) if step <= 0 => {
                Err(InputError::new_err(format!("a time step must be positive, not {step} ns")))
            }
            every => Ok(Self { names, features, every, markets: Vec::new() }),
        }
    }

    /// Take in what the decoder's last frame did; call it once after each frame.
    ///
    /// Returns:
    ///     The number of rows it completed: 0 or 1 per instrument of the frame, or one per step that passed.
    ///
    /// Raises:
    ///     BookBusyError: The decoder is in use by a batch call in another thread.
    fn on_frame(&mut self, decoder: &PyFeedDecoder) -> PyResult<u64> {
        let feed = decoder.feed.lock()?;
        let frame = feed.frame();
        let (mut completed, mut last) = (0, None);
        for event in &frame.events {
            if last.replace(event.instrument) == Some(event.instrument) {
                continue;
            }
            let Some(instrument) = feed.book(event.instrument) else { continue };
            let book = (instrument.sync.state() == State::Synced).then_some(&instrument.book);
            let view = View { frame, instrument: event.instrument, book };
            let rows = self.rows(instrument)?;
            rows.on_frame(view, |_| completed += 1)
                .map_err(|error| InputError::new_err(error.to_string()))?;
        }
        Ok(completed)
    }

    /// Give the last row of an instrument by name: int ns for times, float otherwise.
    ///
    /// Before the first row times are 0 and the rest is NaN.
    fn values<'py>(&self, py: Python<'py>, index: u16) -> PyResult<Bound<'py, PyDict>> {
        let values = PyDict::new(py);
        let row = self.markets.iter().find(|(its, _)| *its == index).map_or(&[][..], |(_, rows)| rows.last());
        for (at, (name, feature)) in self.names.iter().zip(&self.features).enumerate() {
            match row.get(at) {
                Some(Value::Integer(value)) => values.set_item(name, value)?,
                Some(Value::Float(value)) => values.set_item(name, value)?,
                None if feature.is_integer() => values.set_item(name, 0)?,
                None => values.set_item(name, f64::NAN)?,
            }
        }
        Ok(values)
    }

    /// As given.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    /// As given.
    #[getter]
    fn every_ns(&self) -> Option<Ns> {
        self.every
    }

    fn __repr__(&self) -> String {
        format!("FeatureSet({:?}, every_ns={:?})", self.names, self.every)
    }
}

/// Every column's name, with the form of its arguments, and what it is.
#[pyfunction]
pub fn feature_catalogue() -> Vec<(&'static str, &'static str)> {
    CATALOGUE.to_vec()
}

/// Nanoseconds of a text such as ``100ms``, ``1s``, ``0.5s`` or ``5m``.
///
/// Raises:
///     InputError: It is no positive whole number of nanoseconds.
#[pyfunction]
pub fn parse_duration(text: &Bound<'_, PyAny>) -> PyResult<Ns> {
    let text = crate::argument::text(text, "text")?;
    alipes_market::features::parse_duration(text).ok_or_else(|| {
        InputError::new_err(format!(
            "{text:?} is no length of time; expected one such as 100ms, 1s, 0.5s or 5m"
        ))
    })
}
