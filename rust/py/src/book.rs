//! `OrderBook`: a local book that Python feeds with levels or columns.

mod input;
pub mod reads;

use crate::error::{BookBusyError, InputError, InvariantError};
use crate::feed::grids;
use crate::number::positive;
use alipes_market::book::{L2, measures};
use alipes_market::decimal::Decimal;
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

/// A local order book by price level, fed with absolute sizes.
///
/// There is no price range to set. Prices and sizes come as ``(n, 2)`` float64 arrays, as ``(n, 2)`` int64
/// arrays of ticks and size steps, or as pairs of numbers (`float`, `str`, `Decimal` or `int`); arrays may
/// have any strides and be read-only. A size step is 10^-(decimals(lot_size) + 3). A call is applied as a
/// whole or not at all: everything is checked before the book is touched, and the error names the row. Calls
/// with 4,096 levels or more release the GIL.
///
/// Args:
///     tick_size: Price step in quote, > 0.
///     lot_size: Order size step in base units, > 0.
///
/// Raises:
///     InputError: A step is no number greater than zero.
///
/// Example:
///     >>> book = OrderBook(tick_size="0.1", lot_size="0.001")
///     >>> book.apply_snapshot([(100.1, 2), (100.0, 5)], [(100.2, 1)])
///     >>> book.bbo()
///     (100.1, 2.0, 100.2, 1.0)
#[pyclass(name = "OrderBook", module = "alipes._core", frozen)]
pub struct PyOrderBook {
    grids: Grids,
    lot: Decimal,
    book: Mutex<L2>,
}

impl Source for PyOrderBook {
    fn grids(&self) -> &Grids {
        &self.grids
    }

    fn lot_size(&self) -> Decimal {
        self.lot
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

        /// Replaces the whole book. Rows may come in any order; of a repeated price the last row counts.
        ///
        /// Float arrays and pairs hold prices and sizes; int64 arrays hold ticks and size steps (`size_step`).
        ///
        /// Raises:
        ///     OffGridError: A price or size between two grid points; the message names row and neighbours.
        ///     InputError: Wrong dtype or shape, a masked array, a number that is nan, infinite or out of range,
        ///         a price that is not positive, a negative size, or a best bid that is not below the best ask.
        ///     BookBusyError: A batch call of another thread holds the book.
        fn apply_snapshot(&self, bids: &Bound<'_, PyAny>, asks: &Bound<'_, PyAny>) -> PyResult<()> {
            let bids = input::levels(bids, "bids", &self.grids)?;
            let asks = input::levels(asks, "asks", &self.grids)?;
            self.refuse_crossed(&bids, &asks)?;
            lock(&self.book)?.replace(&bids, &asks);
            Ok(())
        }

        /// Sets absolute sizes, in order; a size of 0 removes the level, if there is one.
        ///
        /// Float arrays and pairs hold prices and sizes; int64 arrays hold ticks and size steps (`size_step`).
        ///
        /// Raises:
        ///     OffGridError: A price or size between two grid points; the message names row and neighbours.
        ///     InputError: Wrong dtype or shape, a masked array, a number that is nan, infinite or out of range,
        ///         a price that is not positive, a negative size.
        ///     BookBusyError: A batch call of another thread holds the book.
        fn apply(
            &self,
            py: Python<'_>,
            bids: &Bound<'_, PyAny>,
            asks: &Bound<'_, PyAny>,
        ) -> PyResult<()> {
            let bids = input::levels(bids, "bids", &self.grids)?;
            let asks = input::levels(asks, "asks", &self.grids)?;
            let mut guard = lock(&self.book)?; // before detaching, as in `apply_columns`
            let book: &mut L2 = &mut guard;
            let mut apply = || book.apply(&bids, &asks);
            if bids.len() + asks.len() < DETACH_FROM { apply() } else { py.detach(apply) }
            Ok(())
        }

        /// Sets absolute sizes by columns, in order; a size of 0 removes the level, if there is one.
        ///
        /// Either both columns are int64 arrays, ticks and size steps (`size_step`), or both hold numbers.
        ///
        /// Args:
        ///     is_bid: ``(n,)`` bool: the side of each update.
        ///     price: ``(n,)`` float64 prices, int64 ticks, or numbers.
        ///     size: ``(n,)`` float64 sizes, int64 size steps, or numbers.
        ///
        /// Raises:
        ///     OffGridError: A price or size between two grid points; the message names row and neighbours.
        ///     InputError: Wrong dtype, shape or length, int64 units mixed with numbers, a masked array, a number
        ///         that is nan, infinite or out of range, a price that is not positive, a negative size.
        ///     BookBusyError: A batch call of another thread holds the book.
        fn apply_columns(
            &self,
            py: Python<'_>,
            is_bid: &Bound<'_, PyAny>,
            price: &Bound<'_, PyAny>,
            size: &Bound<'_, PyAny>,
        ) -> PyResult<()> {
            let columns = Columns::new(is_bid, price, size, &self.grids)?;
            let (is_bid, price, size) = columns.as_slices();
            // Locked before detaching: readers hold the interpreter, so that none of them can be in the way here.
            let mut guard = lock(&self.book)?;
            let book: &mut L2 = &mut guard;
            let mut apply = || book.apply_columns(is_bid, price, size);
            if is_bid.len() < DETACH_FROM { apply() } else { py.detach(apply) }
            Ok(())
        }

        /// Removes every level.
        ///
        /// Raises:
        ///     BookBusyError: A batch call of another thread holds the book.
        fn clear(&self) -> PyResult<()> {
            lock(&self.book)?.clear();
            Ok(())
        }

        /// How many removals named a level that was not there; they change nothing.
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
