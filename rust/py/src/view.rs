//! `BookView`: a read-only book that a sequence machine keeps in step.

use crate::error::StaleBookError;
use crate::feed::touch;
use crate::shared::SharedFeed;
use crate::state;
use alipes_market::feed::InstrumentFeed;
use alipes_market::sync::State;
use alipes_market::types::Side;
use pyo3::prelude::*;

#[pyclass(name = "BookView", module = "alipes._core", frozen)]
pub struct PyBookView {
    feed: SharedFeed,
    slot: usize,
    /// Whether a read while the book is not in step raises (the engine's views do).
    is_strict: bool,
}

impl PyBookView {
    pub fn new(feed: SharedFeed, slot: usize, is_strict: bool) -> Self {
        Self { feed, slot, is_strict }
    }

    #[inline]
    fn read<T>(&self, read: impl FnOnce(&InstrumentFeed) -> T) -> PyResult<T> {
        let feed = self.feed.lock()?;
        let instrument = &feed.instruments()[self.slot];
        if self.is_strict && instrument.sync.state() != State::Synced {
            return Err(stale(instrument));
        }
        Ok(read(instrument))
    }
}

#[cold]
fn stale(instrument: &InstrumentFeed) -> PyErr {
    let sync = &instrument.sync;
    StaleBookError::new_err(format!(
        "the book of {} is {}: {}",
        instrument.symbol,
        sync.state().name(),
        sync.reason()
    ))
}

#[pymethods]
impl PyBookView {
    #[getter]
    fn symbol(&self) -> PyResult<String> {
        Ok(self.feed.lock()?.instruments()[self.slot].symbol.clone())
    }

    #[getter]
    fn state(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        state::member(py, self.feed.lock()?.instruments()[self.slot].sync.state())
    }

    #[getter]
    fn best_bid(&self) -> PyResult<f64> {
        self.read(|instrument| price(instrument, Side::Buy))
    }

    #[getter]
    fn best_ask(&self) -> PyResult<f64> {
        self.read(|instrument| price(instrument, Side::Sell))
    }

    fn bbo(&self) -> PyResult<(f64, f64, f64, f64)> {
        let [bid, bid_size, ask, ask_size] = self.read(touch)?;
        Ok((bid, bid_size, ask, ask_size))
    }
}

#[inline]
fn price(instrument: &InstrumentFeed, side: Side) -> f64 {
    instrument.book.best(side).map_or(f64::NAN, |level| instrument.grids.price.to_f64(level.price.0))
}
