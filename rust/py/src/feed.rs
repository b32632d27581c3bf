//! `FeedDecoder`: all books of one connection, as the engine drives them.

use crate::argument::{integer, text};
use crate::arrays::describe;
use crate::error::{InputError, IntoPyErr};
use crate::instrument::PyInstrumentSpec;
use crate::number::{positive, step};
use crate::raw::Raw;
use crate::shared::SharedFeed;
use crate::view::PyBookView;
use alipes_market::decimal::Grid;
use alipes_market::feed::{Counters, Feed, InstrumentFeed};
use alipes_market::frame::Body;
use alipes_market::grids::Grids;
use alipes_market::sync::State;
use alipes_market::types::{Level, Side};
use alipes_market::venue::{Venue, VenueError};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict};

/// (instrument, ts_event, price, size, taker, trade_id).
type TradeRow = (u16, Option<i64>, f64, f64, &'static str, u64);

/// All books of one connection, as the engine drives them.
///
/// Args:
///     venue: ``"binance"`` (spot) or ``"binanceusdm"`` (USD-M futures).
///
/// Raises:
///     InputError: Unknown venue.
#[pyclass(name = "FeedDecoder", module = "alipes._core", frozen)]
pub struct PyFeedDecoder {
    pub feed: SharedFeed,
}

#[pymethods]
impl PyFeedDecoder {
    #[new]
    fn new(venue: &Bound<'_, PyAny>) -> PyResult<Self> {
        let feed = Feed::new(Venue::of(text(venue, "venue")?).map_err(IntoPyErr::into_py_err)?);
        Ok(Self { feed: SharedFeed::new(feed) })
    }

    /// Adds an instrument.
    ///
    /// Args:
    ///     symbol: Unified or the venue's own.
    ///     index: 0 to 65534, the instrument's number in everything this decoder gives.
    ///     spec: Its grids.
    ///     wire_symbol: The venue's symbol where it does not follow from `symbol`.
    ///
    /// Returns:
    ///     Its book; reads raise `StaleBookError` unless it is synced.
    ///
    /// Raises:
    ///     InputError: No symbol of the venue, or symbol or index taken.
    #[pyo3(signature = (symbol, index, spec, *, wire_symbol=None))]
    fn add(
        &self,
        symbol: &Bound<'_, PyAny>,
        index: &Bound<'_, PyAny>,
        spec: &Bound<'_, PyAny>,
        wire_symbol: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyBookView> {
        let (symbol, index) = (text(symbol, "symbol")?, integer(index, "index")?);
        let index = u16::try_from(index)
            .ok()
            .filter(|&index| index < u16::MAX)
            .ok_or_else(|| InputError::new_err(format!("index must be 0 to 65534, got {index}")))?;
        let wire_symbol = wire_symbol.map(|wire| text(wire, "wire_symbol")).transpose()?;
        let spec = spec.cast::<PyInstrumentSpec>().map_err(|_| {
            InputError::new_err(format!("spec must be an InstrumentSpec, got {}", describe(spec)))
        })?;
        let spec = spec.get();
        let grids = Grids { price: spec.spec.tick, size: spec.spec.size };
        let mut feed = self.feed.lock()?;
        let slot = match wire_symbol {
            Some(wire) => feed.add_wire(symbol, wire, index, grids),
            None => feed.add(symbol, index, grids),
        };
        let slot = slot.map_err(IntoPyErr::into_py_err)?;
        Ok(PyBookView::new(self.feed.clone(), slot, grids, spec.spec.lot.value(1), true))
    }

    /// Decodes and applies one frame.
    ///
    /// Args:
    ///     raw: The frame, bytes-like or text.
    ///     ts_recv: When it was received, ns UTC.
    ///
    /// Returns:
    ///     ``instrument | kind << 16 | flags << 24``. Instrument 0xFFFF is none. Kind: 0 depth, 1 best
    ///     bid/ask, 2 trade, 3 aggregated trade, 4 snapshot applied, 5 ignored (unknown stream or symbol,
    ///     repeat, refused snapshot). Flags: bit 0 best price or size changed, bit 1 state changed, bits
    ///     2-3 the state (0 empty, 1 buffering, 2 synced, 3 stale), bit 4 a snapshot is wanted.
    ///
    /// Raises:
    ///     DecodeError: No message of the venue. Books are untouched.
    ///     BookBusyError: A batch call in another thread holds the books.
    fn on_frame(&self, raw: &Bound<'_, PyAny>, ts_recv: i64) -> PyResult<u32> {
        let raw = Raw::of(raw)?;
        let packed = self.feed.lock()?.on_frame(raw.bytes()?, ts_recv);
        packed.map(|packed| packed.0).map_err(IntoPyErr::into_py_err)
    }

    /// As `on_frame` for the REST snapshot of one instrument, which does not name it.
    ///
    /// Raises:
    ///     DecodeError: No snapshot of the venue.
    ///     InputError: Unknown index.
    fn on_snapshot(&self, index: u16, raw: &Bound<'_, PyAny>, ts_recv: i64) -> PyResult<u32> {
        let raw = Raw::of(raw)?;
        let mut feed = self.feed.lock()?;
        let slot = feed.slot(index).ok_or_else(|| unknown(index))?;
        let packed = feed.on_snapshot(slot, raw.bytes()?, ts_recv);
        packed.map(|packed| packed.0).map_err(IntoPyErr::into_py_err)
    }

    /// The connection is lost: every book in use becomes stale and waits for a new snapshot.
    fn on_disconnect(&self, ts_recv: i64) -> PyResult<()> {
        self.feed.lock()?.on_disconnect(ts_recv);
        Ok(())
    }

    /// Trades of the last frame.
    ///
    /// Returns:
    ///     Rows of (instrument, ts_event in ns or `None`, price, size, taker "buy" or "sell", trade id).
    fn last_trades(&self) -> PyResult<Vec<TradeRow>> {
        let feed = self.feed.lock()?;
        let trades = feed.frame().events.iter().filter_map(|event| {
            let Body::Trade { price, size, taker, id } = event.body else { return None };
            let grids = feed.book(event.instrument)?.grids;
            let taker = if taker == Side::Buy { "buy" } else { "sell" };
            let (price, size) = (grids.price.to_f64(price.0), grids.size.to_f64(size.0));
            Some((event.instrument, event.ts_event, price, size, taker, id))
        });
        Ok(trades.collect())
    }

    /// Best bid, its size, best ask, its size; NaN where the book is not synced.
    fn touch(&self, index: u16) -> PyResult<(f64, f64, f64, f64)> {
        let feed = self.feed.lock()?;
        let [bid, bid_size, ask, ask_size] = touch(feed.book(index).ok_or_else(|| unknown(index))?);
        Ok((bid, bid_size, ask, ask_size))
    }

    /// How far a book can be trusted.
    fn state(&self, py: Python<'_>, index: u16) -> PyResult<Py<PyAny>> {
        let feed = self.feed.lock()?;
        crate::state::member(py, feed.book(index).ok_or_else(|| unknown(index))?.sync.state())
    }

    /// Why a book is stale, or why its last snapshot was refused.
    fn reason(&self, index: u16) -> PyResult<Option<String>> {
        let feed = self.feed.lock()?;
        let reason = feed.book(index).ok_or_else(|| unknown(index))?.sync.reason().to_owned();
        Ok(Some(reason).filter(|reason| !reason.is_empty()))
    }

    /// The lowest ``lastUpdateId`` that the waiting events can follow; `None` where none wait.
    fn snapshot_from(&self, index: u16) -> PyResult<Option<u64>> {
        let feed = self.feed.lock()?;
        let sync = &feed.book(index).ok_or_else(|| unknown(index))?.sync;
        Ok(sync.snapshot_from().filter(|_| sync.wants_snapshot()))
    }

    /// Running counts.
    ///
    /// ``messages``, of them ``scanned`` (taken by the direct scanner) and ``strict`` (by the strict
    /// parser), of which ``errors`` were refused; ``depths`` applied, ``touches``, ``trades``,
    /// ``snapshots`` applied and ``snapshots_refused``, waiting events ``replayed``; ``repeats``,
    /// ``gaps``, ``stales`` (any reason), ``resyncs``; waiting events ``dropped``; ``sizes_rounded``;
    /// ``other_streams`` and ``other_symbols`` ignored.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        counts(py, self.feed.lock()?.counters())
    }

    /// Id at ccxt of the venue.
    #[getter]
    fn venue(&self) -> PyResult<&'static str> {
        Ok(self.feed.lock()?.venue().id)
    }

    fn _force_parser(&self, name: &str) -> PyResult<()> {
        self.feed.lock()?.force_parser(crate::sync::parser(name)?);
        Ok(())
    }
}

/// Grids of a tick size and a lot size given as float, str, Decimal or int.
pub fn grids(tick_size: &Bound<'_, PyAny>, lot_size: &Bound<'_, PyAny>) -> PyResult<Grids> {
    let lot = positive(lot_size, "lot_size")?;
    let size = Grid::of_sizes(lot).map_err(|error| crate::number::grid_error(error, "lot_size"))?;
    Ok(Grids { price: step(tick_size, "tick_size")?, size })
}

/// (bid, bid size, ask, ask size), NaN where a side is empty or the book is not in step.
#[inline]
pub fn touch(instrument: &InstrumentFeed) -> [f64; 4] {
    if instrument.sync.state() != State::Synced {
        return [f64::NAN; 4];
    }
    let grids = &instrument.grids;
    let pair = |level: Option<Level>| match level {
        Some(level) => [grids.price.to_f64(level.price.0), grids.size.to_f64(level.size.0)],
        None => [f64::NAN; 2],
    };
    let ([bid, bid_size], [ask, ask_size]) = (pair(instrument.best().0), pair(instrument.best().1));
    [bid, bid_size, ask, ask_size]
}

/// Counters by name.
pub fn counts<'py>(py: Python<'py>, counters: &Counters) -> PyResult<Bound<'py, PyDict>> {
    counters.named().into_py_dict(py)
}

#[cold]
fn unknown(index: u16) -> PyErr {
    InputError::new_err(format!("no instrument of index {index} was added to this decoder"))
}

impl IntoPyErr for VenueError {
    fn into_py_err(self) -> PyErr {
        InputError::new_err(self.to_string())
    }
}
