//! `BookSync`: one book kept in step from raw messages.

use crate::argument::text;
use crate::arrays::describe;
use crate::error::{DecodeError, InputError, IntoPyErr};
use crate::feed::grids;
use crate::number::positive;
use crate::raw::Raw;
use crate::shared::SharedFeed;
use crate::state;
use crate::view::PyBookView;
use alipes_market::decode::{self, Parser};
use alipes_market::feed::{Feed, InstrumentFeed};
use alipes_market::sync::State;
use alipes_market::venue::Venue;
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

/// One local order book, kept in step with its venue from raw messages.
///
/// Starts ``empty``; the first depth event makes it ``buffering``; a snapshot that the waiting events can
/// follow makes it ``synced``. A gap, a crossed book, a price off the grid or a lost connection makes it
/// ``stale``: events wait again, and the next good snapshot brings it back by itself. A message is applied
/// whole or not at all. One that crosses the book is applied, so that `book` shows what crossed until the
/// next snapshot. A snapshot without levels is a good one, of an empty market.
///
/// A message is `bytes` (read in place), `bytearray`, `memoryview` of contiguous bytes, or `str`. Depth
/// events, REST snapshots, best bid/ask and trade messages are understood, bare or in the combined-stream
/// wrapper; other streams and other symbols are counted and ignored.
///
/// Args:
///     venue: ``"binance"`` (spot) or ``"binanceusdm"`` (USD-M futures).
///     symbol: Unified (``"BTC/USDT:USDT"``) or the venue's own (``"BTCUSDT"``).
///     tick_size: Price step, in quote, > 0.
///     lot_size: Size step of orders, in base units, > 0. Sizes count in steps three decimals finer.
///
/// Raises:
///     InputError: Unknown venue, no symbol of the venue, or a step that is not a positive number.
#[pyclass(name = "BookSync", module = "alipes._core", frozen)]
pub struct PyBookSync {
    feed: SharedFeed,
    view: Py<PyBookView>,
}

impl PyBookSync {
    #[inline]
    fn read<T>(&self, read: impl FnOnce(&InstrumentFeed) -> T) -> PyResult<T> {
        Ok(read(&self.feed.lock()?.instruments()[0]))
    }
}

#[pymethods]
impl PyBookSync {
    #[new]
    #[pyo3(signature = (venue, symbol, *, tick_size, lot_size))]
    fn new(
        py: Python<'_>,
        venue: &Bound<'_, PyAny>,
        symbol: &Bound<'_, PyAny>,
        tick_size: &Bound<'_, PyAny>,
        lot_size: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let (venue, symbol) = (text(venue, "venue")?, text(symbol, "symbol")?);
        let mut feed = Feed::new(Venue::of(venue).map_err(IntoPyErr::into_py_err)?);
        let grids = grids(tick_size, lot_size)?;
        feed.add(symbol, 0, grids).map_err(IntoPyErr::into_py_err)?;
        let feed = SharedFeed::new(feed);
        let view =
            Py::new(py, PyBookView::new(feed.clone(), 0, grids, positive(lot_size, "lot_size")?, false))?;
        Ok(Self { feed, view })
    }

    /// Decodes and applies one message of any stream, a snapshot included.
    ///
    /// Args:
    ///     raw: The message.
    ///
    /// Returns:
    ///     The state after it.
    ///
    /// Raises:
    ///     DecodeError: No message of the venue; names what is wrong and at which byte. The book is
    ///         untouched.
    ///     InputError: `raw` is not bytes-like or text.
    ///     BookBusyError: A batch call in another thread holds the book.
    fn feed(&self, py: Python<'_>, raw: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let raw = Raw::of(raw)?;
        let mut feed = self.feed.lock()?;
        feed.on_frame(raw.bytes()?, 0).map_err(IntoPyErr::into_py_err)?;
        state::member(py, feed.instruments()[0].sync.state())
    }

    /// As `feed`, but the message must be a REST snapshot.
    ///
    /// A snapshot older than a synced book is ignored; one that the waiting events cannot follow is
    /// refused (see `reason` and `snapshot_from`).
    ///
    /// Raises:
    ///     DecodeError: No snapshot of the venue.
    ///     InputError: `raw` is not bytes-like or text.
    ///     BookBusyError: A batch call in another thread holds the book.
    fn snapshot(&self, py: Python<'_>, raw: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let raw = Raw::of(raw)?;
        let mut feed = self.feed.lock()?;
        feed.on_snapshot(0, raw.bytes()?, 0).map_err(IntoPyErr::into_py_err)?;
        state::member(py, feed.instruments()[0].sync.state())
    }

    /// Feeds messages in order with the GIL released.
    ///
    /// Args:
    ///     messages: Messages as `feed` takes them, in any iterable; it is read to its end first.
    ///
    /// Returns:
    ///     (n, 4) float64: best bid, its size, best ask, its size after each message; NaN while not synced.
    ///
    /// Raises:
    ///     DecodeError: A message is none of the venue; the ones before it are applied, the ones after are
    ///         not.
    ///     InputError: An item is not bytes-like or text (its index is named); nothing was applied.
    ///     BookBusyError: Another batch call holds the book.
    fn feed_many<'py>(&self, messages: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let py = messages.py();
        let items = messages_of(messages)?;
        let raw_of = |(index, item)| Raw::of_item(item, index);
        let raws = items.iter().enumerate().map(raw_of).collect::<PyResult<Vec<_>>>()?;
        let slices = raws.iter().map(Raw::bytes).collect::<PyResult<Vec<_>>>()?;
        // Locked before detaching: readers hold the interpreter, so that none of them can be in the way here.
        let mut guard = self.feed.lock()?;
        let feed: &mut Feed = &mut guard;
        let rows = py.detach(|| feed_all(feed, &slices)).map_err(IntoPyErr::into_py_err)?;
        drop(guard);
        PyArray1::from_vec(py, rows).reshape([slices.len(), 4])
    }

    /// The connection is lost: waiting events are dropped, and a book that was in use becomes stale.
    fn disconnect(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let mut feed = self.feed.lock()?;
        feed.on_disconnect(0);
        state::member(py, feed.instruments()[0].sync.state())
    }

    /// The book, read-only.
    #[getter]
    fn book(&self, py: Python<'_>) -> Py<PyBookView> {
        self.view.clone_ref(py)
    }

    /// How far the book can be trusted.
    #[getter]
    fn state(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        state::member(py, self.read(|instrument| instrument.sync.state())?)
    }

    /// Why the book is stale, or why the last snapshot was refused.
    #[getter]
    fn reason(&self) -> PyResult<Option<String>> {
        self.read(|instrument| Some(instrument.sync.reason().to_owned()).filter(|reason| !reason.is_empty()))
    }

    /// The symbol as given.
    #[getter]
    fn symbol(&self) -> PyResult<String> {
        self.read(|instrument| instrument.symbol.clone())
    }

    /// Id at ccxt of the venue.
    #[getter]
    fn venue(&self) -> PyResult<&'static str> {
        Ok(self.feed.lock()?.venue().id)
    }

    /// The venue's id of the last update in the book; `None` unless synced.
    #[getter]
    fn last_update_id(&self) -> PyResult<Option<u64>> {
        self.read(|instrument| (instrument.sync.state() == State::Synced).then(|| instrument.sync.last()))
    }

    /// Whether events wait for a snapshot, so that fetching one now would help.
    #[getter]
    fn wants_snapshot(&self) -> PyResult<bool> {
        self.read(|instrument| instrument.sync.wants_snapshot())
    }

    /// The lowest ``lastUpdateId`` that the waiting events can follow; `None` where none wait.
    #[getter]
    fn snapshot_from(&self) -> PyResult<Option<u64>> {
        self.read(|instrument| instrument.sync.snapshot_from().filter(|_| instrument.sync.wants_snapshot()))
    }

    /// Running counts; see `FeedDecoder.stats`.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        crate::feed::counts(py, self.feed.lock()?.counters())
    }

    fn __repr__(&self) -> PyResult<String> {
        let feed = self.feed.lock()?;
        let instrument = &feed.instruments()[0];
        let (venue, state) = (feed.venue().id, instrument.sync.state().name());
        Ok(format!("BookSync({venue} {}, {state})", instrument.symbol))
    }

    fn __sizeof__(&self) -> PyResult<usize> {
        self.read(|instrument| size_of::<Self>() + size_of::<Feed>() + instrument.book.memory_bytes())
    }

    fn _force_parser(&self, name: &str) -> PyResult<()> {
        self.feed.lock()?.force_parser(parser(name)?);
        Ok(())
    }
}

/// The items of an iterable that is no single message itself.
fn messages_of<'py>(messages: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let is_one = messages.is_instance_of::<PyString>() || messages.is_instance_of::<PyBytes>();
    match messages.try_iter() {
        Ok(items) if !is_one => items.collect(),
        _ => {
            let text = format!("messages must be an iterable of messages, got {}", describe(messages));
            Err(InputError::new_err(text))
        }
    }
}

/// Feeds every message; rows of (bid, bid size, ask, ask size) after each, NaN where the book is not in step.
fn feed_all(feed: &mut Feed, messages: &[&[u8]]) -> Result<Vec<f64>, decode::DecodeError> {
    let mut rows = Vec::with_capacity(messages.len() * 4);
    for (index, raw) in messages.iter().enumerate() {
        feed.on_frame(raw, 0).map_err(|mut error| {
            error.what = format!("message {index}: {}", error.what);
            error
        })?;
        rows.extend(crate::feed::touch(&feed.instruments()[0]));
    }
    Ok(rows)
}

/// The parser of a test's choice.
pub fn parser(name: &str) -> PyResult<Parser> {
    match name {
        "auto" => Ok(Parser::Auto),
        "scanner" => Ok(Parser::Scanner),
        "strict" => Ok(Parser::Strict),
        _ => Err(InputError::new_err(format!("parser must be auto, scanner or strict, got {name:?}"))),
    }
}

impl IntoPyErr for decode::DecodeError {
    #[cold]
    fn into_py_err(self) -> PyErr {
        DecodeError::new_err(self.to_string())
    }
}
