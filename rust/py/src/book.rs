//! `OrderBook`: a local book that Python feeds with levels or columns.

mod input;
pub mod reads;

use crate::error::{BookBusyError, InputError, InvariantError};
use crate::feed::grids;
use crate::number::{positive, to_python};
use alipes_market::book::{L2, measures};
use alipes_market::grids::Grids;
use alipes_market::types::{Level, Side};
use input::Columns;
use pyo3::prelude::*;
use std::sync::{Mutex, MutexGuard, TryLockError};

pub use reads::Source;
pub(crate) use reads::with_book_reads;

/// From this many updates on, a batch is worth releasing the GIL for.
const DETACH_FROM: usize = 4_096;

/// The content of a lock that no call waits for.
pub fn lock<T>(mutex: &Mutex<T>) -> PyResult<MutexGuard<'_, T>> {
    mutex.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => {
            BookBusyError::new_err("the book is busy: another thread applies a batch to it")
        }
        TryLockError::Poisoned(_) => {
            InvariantError::new_err("an earlier update of this book failed half way")
        }
    })
}

#[pyclass(name = "OrderBook", module = "alipes._core", frozen)]
pub struct PyOrderBook {
    grids: Grids,
    lot: alipes_market::decimal::Decimal,
    book: Mutex<L2>,
}

impl Source for PyOrderBook {
    fn grids(&self) -> &Grids {
        &self.grids
    }

    #[inline]
    fn read<R>(&self, look: impl FnOnce(&L2) -> R) -> PyResult<R> {
        Ok(look(&*lock(&self.book)?))
    }
}

with_book_reads! {
    impl PyOrderBook {
        #[new]
        #[pyo3(signature = (*, tick_size, lot_size))]
        fn new(tick_size: &Bound<'_, PyAny>, lot_size: &Bound<'_, PyAny>) -> PyResult<Self> {
            let lot = positive(lot_size, "lot_size")?;
            Ok(Self { grids: grids(tick_size, lot_size)?, lot, book: Mutex::default() })
        }

        fn apply_snapshot(&self, bids: &Bound<'_, PyAny>, asks: &Bound<'_, PyAny>) -> PyResult<()> {
            let bids = input::levels(bids, "bids", &self.grids)?;
            let asks = input::levels(asks, "asks", &self.grids)?;
            self.refuse_crossed(&bids, &asks)?;
            lock(&self.book)?.replace(&bids, &asks);
            Ok(())
        }

        fn apply(
            &self,
            py: Python<'_>,
            bids: &Bound<'_, PyAny>,
            asks: &Bound<'_, PyAny>,
        ) -> PyResult<()> {
            let bids = input::levels(bids, "bids", &self.grids)?;
            let asks = input::levels(asks, "asks", &self.grids)?;
            let apply = || lock(&self.book).map(|mut book| book.apply(&bids, &asks));
            if bids.len() + asks.len() < DETACH_FROM { apply() } else { py.detach(apply) }
        }

        fn apply_columns(
            &self,
            py: Python<'_>,
            is_bid: &Bound<'_, PyAny>,
            price: &Bound<'_, PyAny>,
            size: &Bound<'_, PyAny>,
        ) -> PyResult<()> {
            let columns = Columns::new(is_bid, price, size, &self.grids)?;
            let (is_bid, price, size) = columns.as_slices();
            let apply = || lock(&self.book).map(|mut book| book.apply_columns(is_bid, price, size));
            if is_bid.len() < DETACH_FROM { apply() } else { py.detach(apply) }
        }

        fn clear(&self) -> PyResult<()> {
            lock(&self.book)?.clear();
            Ok(())
        }

        #[getter]
        fn lot_size<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
            to_python(py, self.lot)
        }

        #[getter]
        fn unknown_removals(&self) -> PyResult<u64> {
            self.read(L2::unknown_removals)
        }

        fn __sizeof__(&self) -> PyResult<usize> {
            self.read(|book| size_of::<Self>() - size_of::<L2>() + book.memory_bytes())
        }

        fn __repr__(&self) -> PyResult<String> {
            self.read(|book| format!("OrderBook({})", reads::describe(book, &self.grids)))
        }
    }
}

impl PyOrderBook {
    /// A snapshot lists each price once, so its best prices are those of its rows; one that does not is built to see.
    fn refuse_crossed(&self, bids: &[Level], asks: &[Level]) -> PyResult<()> {
        fn held(levels: &[Level]) -> impl Iterator<Item = i64> {
            levels.iter().filter(|level| level.size.0 > 0).map(|level| level.price.0)
        }
        let is_suspect = match (held(bids).max(), held(asks).min()) {
            (Some(bid), Some(ask)) => bid >= ask,
            _ => false,
        };
        if !is_suspect {
            return Ok(());
        }
        let mut book = L2::new();
        book.replace(bids, asks);
        match (book.best(Side::Buy), book.best(Side::Sell)) {
            (Some(bid), Some(ask)) if bid.price >= ask.price => {
                let (bid, ask) = (self.grids.price.text(bid.price.0), self.grids.price.text(ask.price.0));
                let text = format!("crossed snapshot: its best bid {bid} must be below its best ask {ask}");
                Err(InputError::new_err(text))
            }
            _ => Ok(()),
        }
    }
}
