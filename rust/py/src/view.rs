//! `BookView`: a read-only book that a sequence machine keeps in step.

use crate::book::{Source, reads::describe, with_book_reads};
use crate::error::StaleBookError;
use crate::shared::SharedFeed;
use crate::state;
use alipes_market::book::{L2, measures};
use alipes_market::decimal::Decimal;
use alipes_market::feed::InstrumentFeed;
use alipes_market::grids::Grids;
use alipes_market::sync::State;
use alipes_market::types::Side;
use pyo3::prelude::*;

/// A read-only book that a `BookSync` or a `FeedDecoder` keeps in step.
///
/// Views that a `FeedDecoder` gave (the engine's) raise `StaleBookError` where the book is not synced; the
/// view of a `BookSync` reads what is there. Any read raises `BookBusyError` while a batch call in another
/// thread holds the books.
#[pyclass(name = "BookView", module = "alipes._core", frozen)]
pub struct PyBookView {
    feed: SharedFeed,
    slot: usize,
    grids: Grids,
    lot: Decimal,
    /// Whether a read while the book is not in step raises (the engine's views do).
    is_strict: bool,
}

impl PyBookView {
    pub fn new(feed: SharedFeed, slot: usize, grids: Grids, lot: Decimal, is_strict: bool) -> Self {
        Self { feed, slot, grids, lot, is_strict }
    }
}

impl Source for PyBookView {
    #[inline]
    fn grids(&self) -> &Grids {
        &self.grids
    }

    fn lot_size(&self) -> Decimal {
        self.lot
    }

    #[inline]
    fn read<R>(&self, look: impl FnOnce(&L2) -> R) -> PyResult<R> {
        let feed = self.feed.lock()?;
        let instrument = &feed.instruments()[self.slot];
        if self.is_strict && instrument.sync.state() != State::Synced {
            return Err(stale(instrument));
        }
        Ok(look(&instrument.book))
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

with_book_reads! {
    impl PyBookView {
        /// Unified symbol.
        #[getter]
        fn symbol(&self) -> PyResult<String> {
            Ok(self.feed.lock()?.instruments()[self.slot].symbol.clone())
        }

        /// How far the book can be trusted; never raises `StaleBookError`.
        #[getter]
        fn state(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
            state::member(py, self.feed.lock()?.instruments()[self.slot].sync.state())
        }

        fn __repr__(&self) -> PyResult<String> {
            let feed = self.feed.lock()?;
            let instrument = &feed.instruments()[self.slot];
            let (symbol, state) = (&instrument.symbol, instrument.sync.state().name());
            let book = describe(&instrument.book, &self.grids);
            Ok(format!("BookView({symbol:?}, state={state:?}, {book})"))
        }
    }
}
