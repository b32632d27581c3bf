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

#[pyclass(name = "SimExchange", module = "alipes._core")]
pub struct PySimExchange {
    exchange: Exchange,
    zero: Py<PyAny>,
}

fn tif_of_code(code: u8) -> PyResult<TimeInForce> {
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

    fn ingest(&mut self, decoder: &PyFeedDecoder) -> PyResult<()> {
        let feed = decoder.feed.lock()?;
        self.exchange.ingest(feed.frame()).map_err(IntoPyErr::into_py_err)
    }

    fn ingest_events(&mut self, ts_recv: Ns, events: &Bound<'_, PyList>) -> PyResult<()> {
        let frame = read_events(ts_recv, events)?;
        self.exchange.ingest(&frame).map_err(IntoPyErr::into_py_err)
    }

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

    fn amend(&mut self, now: Ns, client_order_id: &str, price_ticks: i64, size_steps: i64) {
        self.exchange.amend(now, client_order_id.into(), Tick(price_ticks), Size(size_steps));
    }

    fn cancel(&mut self, now: Ns, client_order_id: &str) {
        self.exchange.cancel(now, client_order_id.into());
    }

    fn poll<'py>(&mut self, py: Python<'py>, now: Ns) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        while let Some(response) = self.exchange.poll(now) {
            list.append(self.tuple(py, &response)?)?;
        }
        Ok(list)
    }

    fn next_due(&self) -> Option<Ns> {
        self.exchange.next_due()
    }

    fn queue_ahead(&self, client_order_id: &str) -> Option<i64> {
        self.exchange.queue_ahead(client_order_id)
    }

    fn venue_time(&self, now: Ns) -> Ns {
        self.exchange.venue_time(now)
    }

    fn position_steps(&self, index: u16) -> PyResult<i64> {
        self.exchange.position(index).map_err(IntoPyErr::into_py_err)
    }

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
