//! `SimExchange`: the simulated exchange.

use crate::account::side_of_code;
use crate::error::{InputError, IntoPyErr};
use crate::feed::PyFeedDecoder;
use crate::gate::is_market_code;
use crate::instrument::PyInstrumentSpec;
use crate::market_events::read_events;
use crate::number::{decimal, to_python};
use alipes_market::decimal::Decimal;
use alipes_market::types::{Ns, Size, Tick};
use alipes_sim::exchange::{
    Exchange, ExchangeError, FeeError, Fees, Latency, NewOrder, Outcome, Response, TimeInForce,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

impl IntoPyErr for ExchangeError {
    fn into_py_err(self) -> PyErr {
        InputError::new_err(self.to_string())
    }
}

impl IntoPyErr for FeeError {
    fn into_py_err(self) -> PyErr {
        InputError::new_err(self.to_string())
    }
}

/// The simulated exchange: market data in, fates of our orders out (docs/simulated-exchange.md).
///
/// Times are int ns UTC; `now` is our clock and never runs backwards. A request sent at `now` arrives at
/// ``venue_time(now) + entry_latency_ns``, is matched when the instrument's watermark passes its arrival,
/// and is answered `response_latency_ns` after.
///
/// Args:
///     entry_latency_ns: From our send to the exchange, >= 0.
///     response_latency_ns: From the exchange to us, >= 0.
///     clock_offset_ns: Measured venue clock minus ours; `None` estimates it as the largest ts_event -
///         ts_recv so far, if positive.
///
/// Raises:
///     InputError: A latency is negative.
#[pyclass(name = "SimExchange", module = "alipes._core")]
pub struct PySimExchange {
    exchange: Exchange,
    zero: Py<PyAny>,
}

/// A time in force by its number, as the engine passes it.
pub fn tif_of_code(code: u8) -> PyResult<TimeInForce> {
    match code {
        0 => Ok(TimeInForce::Gtc),
        1 => Ok(TimeInForce::Ioc),
        2 => Ok(TimeInForce::Fok),
        _ => Err(InputError::new_err(format!("tif must be 0 (GTC), 1 (IOC) or 2 (FOK), got {code}"))),
    }
}

fn not_negative(value: Ns, name: &str) -> PyResult<Ns> {
    if value >= 0 {
        return Ok(value);
    }
    Err(InputError::new_err(format!("{name} must not be negative, got {value}")))
}

#[pymethods]
impl PySimExchange {
    #[new]
    #[pyo3(signature = (*, entry_latency_ns=0, response_latency_ns=0, clock_offset_ns=None))]
    fn new(
        py: Python<'_>,
        entry_latency_ns: Ns,
        response_latency_ns: Ns,
        clock_offset_ns: Option<Ns>,
    ) -> PyResult<Self> {
        let entry = not_negative(entry_latency_ns, "entry_latency_ns")?;
        let response = not_negative(response_latency_ns, "response_latency_ns")?;
        let exchange = Exchange::new(Latency { entry, response }, clock_offset_ns);
        Ok(Self { exchange, zero: to_python(py, Decimal::new(0, 0))?.unbind() })
    }

    /// Adds an instrument under the index that its market events carry.
    ///
    /// Args:
    ///     index: 0 to 65,535.
    ///     spec: Its terms.
    ///     maker_fee: Share of the traded value that makers pay (0.0002 is 2 bps); negative is a rebate.
    ///     taker_fee: Share of the traded value that takers pay.
    ///     fee_asset: Base, quote or a third asset; by default the quote, for inverse instruments the base.
    ///     fee_price: Price of one unit of a third fee asset in quote, > 0.
    ///     position_steps: Signed position that we hold already, in size steps; reduce-only orders need it.
    ///
    /// Raises:
    ///     InputError: The index is taken, or a third fee asset has no price.
    #[pyo3(signature = (index, spec, *, maker_fee, taker_fee, fee_asset=None, fee_price=None, position_steps=0))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only terms of an instrument")]
    fn add_instrument(
        &mut self,
        index: u16,
        spec: &PyInstrumentSpec,
        maker_fee: &Bound<'_, PyAny>,
        taker_fee: &Bound<'_, PyAny>,
        fee_asset: Option<&str>,
        fee_price: Option<&Bound<'_, PyAny>>,
        position_steps: i64,
    ) -> PyResult<()> {
        let (maker, taker) = (decimal(maker_fee, "maker_fee")?, decimal(taker_fee, "taker_fee")?);
        let price = fee_price.map(|price| decimal(price, "fee_price")).transpose()?;
        let fees = Fees::new(&spec.spec, maker, taker, fee_asset, price).map_err(IntoPyErr::into_py_err)?;
        let added = self.exchange.add_instrument(index, spec.spec.clone(), fees, position_steps);
        added.map_err(IntoPyErr::into_py_err)
    }

    /// Takes in the events of the last frame that a decoder decoded: one turn.
    ///
    /// Raises:
    ///     BookBusyError: A batch call in another thread holds the decoder's books.
    fn ingest(&mut self, decoder: &PyFeedDecoder) -> PyResult<()> {
        let feed = decoder.feed.lock()?;
        self.exchange.ingest(feed.frame()).map_err(IntoPyErr::into_py_err)
    }

    /// Takes in one turn's market events given as tuples: custom feeds and scripted tests.
    ///
    /// Each is ``(index, kind, ts_event or None, ...)`` with prices in ticks and sizes in size steps:
    /// ``"reset"`` and ``"depth"``: bids, asks (lists of (price, size)), update id; ``"touch"``: (bid, size),
    /// (ask, size), update id; ``"trade"`` and ``"agg_trade"``: price, size, taker (0 buy, 1 sell), trade id;
    /// ``"stale"``: nothing more.
    ///
    /// Raises:
    ///     InputError: An unknown kind or a negative size.
    fn ingest_events(&mut self, ts_recv: Ns, events: &Bound<'_, PyList>) -> PyResult<()> {
        let frame = read_events(ts_recv, events)?;
        self.exchange.ingest(&frame).map_err(IntoPyErr::into_py_err)
    }

    /// Sends a new order; everything about its fate, refusals included, comes through `poll`.
    ///
    /// Args:
    ///     now: Our time, ns.
    ///     client_order_id: Our id; refused while an order with it is open or on its way.
    ///     index: The instrument.
    ///     side: 0 buy, 1 sell.
    ///     type: 0 limit, 1 market.
    ///     tif: 0 GTC, 1 IOC, 2 FOK.
    ///     post_only: Refused if it would take.
    ///     reduce_only: Only ever reduces the position.
    ///     price_ticks: Limit price in ticks; ignored for market orders.
    ///     size_steps: Size in size steps.
    ///
    /// Raises:
    ///     InputError: The instrument is unknown, or side, type or tif is no valid code.
    #[pyo3(signature = (now, client_order_id, index, side, r#type, tif, post_only, reduce_only, price_ticks,
                        size_steps))]
    #[expect(clippy::too_many_arguments, reason = "the terms of an order")]
    fn submit(
        &mut self,
        now: Ns,
        client_order_id: &str,
        index: u16,
        side: u8,
        r#type: u8,
        tif: u8,
        post_only: bool,
        reduce_only: bool,
        price_ticks: i64,
        size_steps: i64,
    ) -> PyResult<()> {
        let order = NewOrder {
            client_id: client_order_id.into(),
            instrument: index,
            side: side_of_code(side)?,
            is_market: is_market_code(r#type)?,
            tif: tif_of_code(tif)?,
            is_post_only: post_only,
            is_reduce_only: reduce_only,
            price: Tick(price_ticks),
            size: Size(size_steps),
        };
        self.exchange.submit(now, order).map_err(IntoPyErr::into_py_err)
    }

    /// Sends a change of price (ticks) and total size (size steps, what is filled included).
    fn amend(&mut self, now: Ns, client_order_id: &str, price_ticks: i64, size_steps: i64) {
        self.exchange.amend(now, client_order_id.into(), Tick(price_ticks), Size(size_steps));
    }

    /// Sends a withdrawal.
    fn cancel(&mut self, now: Ns, client_order_id: &str) {
        self.exchange.cancel(now, client_order_id.into());
    }

    /// Responses due at or before `now`, in order.
    ///
    /// Each is (kind, client_order_id, ts_event, venue_order_id, price_ticks, size_steps, trade_id,
    /// is_maker, fee, fee_asset, reason). Kinds: 0 accepted, 1 rejected, 2 fill, 3 cancelled, 4 expired, 5
    /// amended, 6 amend_rejected, 7 cancel_rejected. Price and size are the fill's; the size of a cancelled
    /// or expired order is what was left of it. Ids, fee_asset and reason are empty where they do not
    /// apply.
    fn poll<'py>(&mut self, py: Python<'py>, now: Ns) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        while let Some(response) = self.exchange.poll(now) {
            list.append(self.tuple(py, &response)?)?;
        }
        Ok(list)
    }

    /// Ends the data: nothing more comes before what waits, so all of it takes effect at its own time.
    fn finish(&mut self) -> PyResult<()> {
        self.exchange.finish().map_err(IntoPyErr::into_py_err)
    }

    /// When the next response is due, by our clock (ns); `None` where none is under way.
    fn next_due(&self) -> Option<Ns> {
        self.exchange.next_due()
    }

    /// Size of others in front of a resting order, in size steps; `None` where it does not rest.
    fn queue_ahead(&self, client_order_id: &str) -> Option<i64> {
        self.exchange.queue_ahead(client_order_id)
    }

    /// The venue's time at our time `now`, as far as we can know it.
    fn venue_time(&self, now: Ns) -> Ns {
        self.exchange.venue_time(now)
    }

    /// Signed position that the exchange holds for us, in size steps.
    ///
    /// Raises:
    ///     InputError: The instrument is unknown.
    fn position_steps(&self, index: u16) -> PyResult<i64> {
        self.exchange.position(index).map_err(IntoPyErr::into_py_err)
    }

    /// Counters: late_events, waiting (events and requests before the watermark), clock_offset_ns.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("late_events", self.exchange.late_events())?;
        dict.set_item("waiting", self.exchange.waiting())?;
        dict.set_item("clock_offset_ns", self.exchange.clock_offset())?;
        Ok(dict)
    }
}

impl PySimExchange {
    fn tuple<'py>(&self, py: Python<'py>, response: &Response) -> PyResult<Bound<'py, PyTuple>> {
        let id = |id: u64| if id == 0 { String::new() } else { id.to_string() };
        let fee = match response.outcome {
            Outcome::Fill => to_python(py, response.fee)?,
            _ => self.zero.bind(py).clone(),
        };
        (
            response.outcome as u8,
            &*response.client_id,
            response.ts_event,
            id(response.venue_id),
            response.price.0,
            response.size.0,
            id(response.trade_id),
            response.is_maker,
            fee,
            response.fee_asset.as_deref().unwrap_or(""),
            response.reason.name(),
        )
            .into_pyobject(py)
    }
}
