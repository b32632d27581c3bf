//! Reads that every book of the module has, written once: a class implements [`Source`] and lists its own methods in
//! [`with_book_reads!`], which adds the rest.

use crate::argument::{float, integer, text};
use crate::error::InputError;
use alipes_market::book::{L2, measures};
use alipes_market::decimal::Decimal;
use alipes_market::grids::Grids;
use alipes_market::types::{Level, Side, Size};
use numpy::ndarray::Array2;
use numpy::{PyArray1, PyArray2, ToPyArray};
use pyo3::prelude::*;

/// Something that holds a book which other threads may hold too.
pub trait Source {
    /// The grids that the book counts on.
    fn grids(&self) -> &Grids;

    /// Step of order sizes.
    fn lot_size(&self) -> Decimal;

    /// Looks at the book, or raises `BookBusyError`, `StaleBookError`.
    fn read<R>(&self, look: impl FnOnce(&L2) -> R) -> PyResult<R>;
}

/// A side of a book by its public name.
pub fn side_of(name: &Bound<'_, PyAny>) -> PyResult<Side> {
    match text(name, "side")? {
        "bid" => Ok(Side::Buy),
        "ask" => Ok(Side::Sell),
        other => Err(InputError::new_err(format!("side must be \"bid\" or \"ask\", got {other:?}"))),
    }
}

/// A number of levels: at least one.
pub fn count_of(levels: &Bound<'_, PyAny>, name: &str) -> PyResult<usize> {
    let levels = integer(levels, name)?;
    let count = usize::try_from(levels).ok().filter(|&count| count > 0);
    count.ok_or_else(|| InputError::new_err(format!("{name} must be at least 1, got {levels}")))
}

/// The first `count` levels of a side as a `(k, 2)` array.
pub fn side_array(book: &L2, grids: &Grids, side: Side, count: usize) -> Array2<f64> {
    let mut numbers = Vec::with_capacity(2 * count.min(book.len(side)));
    for level in book.levels(side).take(count) {
        numbers.extend([grids.price.to_f64(level.price.0), grids.size.to_f64(level.size.0)]);
    }
    Array2::from_shape_vec((numbers.len() / 2, 2), numbers).unwrap_or_default()
}

/// Two `(k, 2)` arrays: bids and asks.
pub type Depth<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<f64>>);

pub fn depth<'py>(source: &impl Source, levels: &Bound<'py, PyAny>) -> PyResult<Depth<'py>> {
    let (py, count) = (levels.py(), count_of(levels, "levels")?);
    let grids = source.grids();
    let [bids, asks] =
        source.read(|book| [Side::Buy, Side::Sell].map(|side| side_array(book, grids, side, count)))?;
    Ok((PyArray2::from_owned_array(py, bids), PyArray2::from_owned_array(py, asks)))
}

/// Two `(k,)` arrays: ticks and size steps.
pub type Exact<'py> = (Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<i64>>);

pub fn levels_exact<'py>(source: &impl Source, side: &Bound<'py, PyAny>) -> PyResult<Exact<'py>> {
    let (py, side) = (side.py(), side_of(side)?);
    let unzip = |level: Level| (level.price.0, level.size.0);
    let (ticks, steps): (Vec<i64>, Vec<i64>) = source.read(|book| book.levels(side).map(unzip).unzip())?;
    Ok((ticks.to_pyarray(py), steps.to_pyarray(py)))
}

pub fn vwap(source: &impl Source, side: &Bound<'_, PyAny>, size: &Bound<'_, PyAny>) -> PyResult<f64> {
    let taker = crate::instrument::side_of(text(side, "side")?)?;
    let grids = source.grids();
    let steps = crate::number::on_grid(size, "size", &grids.size)?;
    if steps <= 0 {
        let shown = grids.size.value(steps);
        return Err(InputError::new_err(format!("size must be greater than zero, got {shown}")));
    }
    source.read(|book| measures::vwap(book, grids, taker, Size(steps)))
}

pub fn depth_within(source: &impl Source, side: &Bound<'_, PyAny>, bps: &Bound<'_, PyAny>) -> PyResult<f64> {
    let (side, bps) = (side_of(side)?, float(bps, "bps")?);
    if bps.is_nan() || bps < 0.0 {
        return Err(InputError::new_err(format!("bps must be zero or more, got {bps}")));
    }
    source.read(|book| measures::depth_within(book, source.grids(), side, bps))
}

/// `tick_size="0.1", bids=2 from 100.1, asks=0`: what a `repr` says of a book.
pub fn describe(book: &L2, grids: &Grids) -> String {
    let side = |side| match book.best(side) {
        Some(best) => format!("{} from {}", book.len(side), grids.price.text(best.price.0)),
        None => "0".to_owned(),
    };
    let (tick, bids, asks) = (grids.price.text(1), side(Side::Buy), side(Side::Sell));
    format!("tick_size=\"{tick}\", bids={bids}, asks={asks}")
}

/// `#[pymethods]` of a class that is a [`Source`]: the reads, and the methods given.
macro_rules! with_book_reads {
    (impl $class:ty { $($own:tt)* }) => {
        #[pyo3::pymethods]
        impl $class {
            $($own)*

            /// Highest bid, nan when there is none.
            #[getter]
            fn best_bid(&self) -> PyResult<f64> {
                let grids = $crate::book::Source::grids(self);
                $crate::book::Source::read(self, |book| measures::best_price(book, grids, Side::Buy))
            }

            /// Lowest ask, nan when there is none.
            #[getter]
            fn best_ask(&self) -> PyResult<f64> {
                let grids = $crate::book::Source::grids(self);
                $crate::book::Source::read(self, |book| measures::best_price(book, grids, Side::Sell))
            }

            /// Best bid, its size, best ask, its size; nan for both numbers of an empty side.
            fn bbo(&self) -> PyResult<(f64, f64, f64, f64)> {
                let grids = $crate::book::Source::grids(self);
                Ok($crate::book::Source::read(self, |book| measures::bbo(book, grids))?.into())
            }

            /// Half way between best bid and best ask; nan unless both sides have levels.
            #[getter]
            fn mid(&self) -> PyResult<f64> {
                let grids = $crate::book::Source::grids(self);
                $crate::book::Source::read(self, |book| measures::mid(book, grids))
            }

            /// Best ask minus best bid, negative while crossed; nan unless both sides have levels.
            #[getter]
            fn spread(&self) -> PyResult<f64> {
                let grids = $crate::book::Source::grids(self);
                $crate::book::Source::read(self, |book| measures::spread(book, grids))
            }

            /// Mid weighted by the sizes at the touch: best bid + spread * bid size / (bid size + ask size).
            ///
            /// nan unless both sides have levels.
            #[getter]
            fn microprice(&self) -> PyResult<f64> {
                let grids = $crate::book::Source::grids(self);
                $crate::book::Source::read(self, |book| measures::microprice(book, grids))
            }

            /// (bid size - ask size) / (bid size + ask size) over the best `levels` of each side, in -1 to 1.
            ///
            /// nan for an empty book.
            ///
            /// Raises:
            ///     InputError: `levels` is below 1.
            fn imbalance(&self, levels: &Bound<'_, PyAny>) -> PyResult<f64> {
                let count = $crate::book::reads::count_of(levels, "levels")?;
                $crate::book::Source::read(self, |book| measures::imbalance(book, count))
            }

            /// Average price at which a market order would fill; nan where the book does not hold as much.
            ///
            /// Args:
            ///     side: ``"buy"`` takes from the asks, ``"sell"`` from the bids.
            ///     size: Size of the order, > 0, on the book's size steps.
            ///
            /// Raises:
            ///     InputError: Unknown side, or a size that is not greater than zero.
            ///     OffGridError: A size between two size steps.
            fn vwap(&self, side: &Bound<'_, PyAny>, size: &Bound<'_, PyAny>) -> PyResult<f64> {
                $crate::book::reads::vwap(self, side, size)
            }

            /// Size on a side (``"bid"`` or ``"ask"``) within `bps` hundredths of a percent of the mid.
            ///
            /// nan unless both sides have levels.
            ///
            /// Raises:
            ///     InputError: Unknown side, or `bps` negative or nan.
            fn depth_within(&self, side: &Bound<'_, PyAny>, bps: &Bound<'_, PyAny>) -> PyResult<f64> {
                $crate::book::reads::depth_within(self, side, bps)
            }

            /// The best `levels` of each side, best first.
            ///
            /// Returns:
            ///     Bids and asks: ``(k, 2)`` float64 arrays of price and size, k <= `levels`.
            ///
            /// Raises:
            ///     InputError: `levels` is below 1.
            fn depth<'py>(&self, levels: &Bound<'py, PyAny>) -> PyResult<$crate::book::reads::Depth<'py>> {
                $crate::book::reads::depth(self, levels)
            }

            /// All levels of ``"bid"`` or ``"ask"``, best first: a ``(k, 2)`` float64 array of price and size.
            ///
            /// Raises:
            ///     InputError: Unknown side.
            fn levels<'py>(
                &self,
                py: Python<'py>,
                side: &Bound<'py, PyAny>,
            ) -> PyResult<Bound<'py, numpy::PyArray2<f64>>> {
                let (side, grids) = ($crate::book::reads::side_of(side)?, $crate::book::Source::grids(self));
                let levels = $crate::book::Source::read(self, |book| {
                    $crate::book::reads::side_array(book, grids, side, usize::MAX)
                })?;
                Ok(numpy::PyArray2::from_owned_array(py, levels))
            }

            /// All levels of ``"bid"`` or ``"ask"``, best first: ``(k,)`` int64 ticks, ``(k,)`` int64 size steps.
            ///
            /// Raises:
            ///     InputError: Unknown side.
            fn levels_exact<'py>(
                &self,
                side: &Bound<'py, PyAny>,
            ) -> PyResult<$crate::book::reads::Exact<'py>> {
                $crate::book::reads::levels_exact(self, side)
            }

            /// What an int size counts, in base units: 10^-(decimals(lot_size) + 3), finer than the lot.
            #[getter]
            fn size_step<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                $crate::number::to_python(py, $crate::book::Source::grids(self).size.value(1))
            }

            /// Order size step, in base units.
            #[getter]
            fn lot_size<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                $crate::number::to_python(py, $crate::book::Source::lot_size(self))
            }

            /// Whether the best bid is at or above the best ask.
            #[getter]
            fn is_crossed(&self) -> PyResult<bool> {
                $crate::book::Source::read(self, L2::is_crossed)
            }

            fn __len__(&self) -> PyResult<usize> {
                $crate::book::Source::read(self, |book| book.len(Side::Buy) + book.len(Side::Sell))
            }

            /// Price step, in quote; a price of n int ticks is n times it.
            #[getter]
            fn tick_size<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                $crate::number::to_python(py, $crate::book::Source::grids(self).price.value(1))
            }
        }
    };
}
pub(crate) use with_book_reads;
