//! Events, orders, fills, trades and ledger entries as tuples.

use crate::error::IntoPyErr;
use crate::number::to_python;
use alipes_market::decimal::Decimal;
use alipes_sim::exchange::live::{Entry, Event, Fill, LiveError, Margin, Order, PositionView, Trade};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

const FILL: u8 = 2;
const TRADE: u8 = 8;
const BALANCE: u8 = 9;
const POSITION: u8 = 10;

/// The events of a call, or its exception.
pub fn events(py: Python<'_>, result: Result<Vec<Event>, LiveError>) -> PyResult<Bound<'_, PyList>> {
    let list = PyList::empty(py);
    for event in result.map_err(IntoPyErr::into_py_err)? {
        list.append(tuple(py, &event)?)?;
    }
    Ok(list)
}

fn tuple<'py>(py: Python<'py>, event: &Event) -> PyResult<Bound<'py, PyTuple>> {
    match event {
        Event::Order(outcome, order, reason) => {
            let now = order.updated;
            (*outcome as u8, order.account, order_tuple(py, order)?, now, reason.name()).into_pyobject(py)
        }
        Event::Fill(order, fill) => fill_event(py, order, fill),
        Event::Trade(index, trade) => {
            (TRADE, index, trade.time, trade.id, trade.price.0, trade.size.0, trade.taker as u8)
                .into_pyobject(py)
        }
        Event::Balance { account, asset, wallet, change, time, why } => {
            let (wallet, change) = (to_python(py, *wallet)?, to_python(py, *change)?);
            (BALANCE, account, &**asset, wallet, change, time, why).into_pyobject(py)
        }
        Event::Position { account, instrument, holding, time } => (
            POSITION,
            account,
            instrument,
            holding.size,
            optional(py, holding.entry_price)?,
            to_python(py, holding.unrealised)?,
            to_python(py, holding.realised)?,
            time,
        )
            .into_pyobject(py),
    }
}

fn fill_event<'py>(py: Python<'py>, order: &Order, fill: &Fill) -> PyResult<Bound<'py, PyTuple>> {
    (
        FILL,
        order.account,
        order_tuple(py, order)?,
        fill.time,
        fill.trade_id,
        fill.price.0,
        fill.size.0,
        fill.is_maker,
        to_python(py, fill.fee)?,
        &*fill.fee_asset,
        to_python(py, fill.realised)?,
    )
        .into_pyobject(py)
}

/// A number that may be missing.
pub fn optional(py: Python<'_>, number: Option<Decimal>) -> PyResult<Option<Bound<'_, PyAny>>> {
    number.map(|number| to_python(py, number)).transpose()
}

/// An order: 16 fields, more than a Rust tuple converts.
pub fn order_tuple<'py>(py: Python<'py>, order: &Order) -> PyResult<Bound<'py, PyTuple>> {
    let terms = &order.terms;
    let first = (
        order.id,
        &*terms.client_id,
        terms.instrument,
        terms.side as u8,
        u8::from(terms.is_market),
        terms.tif as u8,
        terms.is_post_only,
        terms.is_reduce_only,
    );
    let last = (
        terms.price.0,
        terms.size.0,
        order.filled,
        optional(py, order.average)?,
        order.status.name(),
        order.created,
        order.updated,
        order.stp as u8,
    );
    let both = first.into_pyobject(py)?.as_sequence().concat(last.into_pyobject(py)?.as_sequence())?;
    both.to_tuple()
}

/// A fill: (trade_id, order_id, now, side, price, size, is_maker, fee, fee_asset, realised_pnl).
pub fn fill_tuple<'py>(py: Python<'py>, fill: &Fill) -> PyResult<Bound<'py, PyTuple>> {
    (
        fill.trade_id,
        fill.order_id,
        fill.time,
        fill.side as u8,
        fill.price.0,
        fill.size.0,
        fill.is_maker,
        to_python(py, fill.fee)?,
        &*fill.fee_asset,
        to_python(py, fill.realised)?,
    )
        .into_pyobject(py)
}

/// A public trade: (trade_id, now, price, size, taker_side).
pub fn trade_tuple<'py>(py: Python<'py>, trade: &Trade) -> PyResult<Bound<'py, PyTuple>> {
    (trade.id, trade.time, trade.price.0, trade.size.0, trade.taker as u8).into_pyobject(py)
}

/// A ledger entry: (id, now, asset, amount, kind, index or None, trade_id or None).
pub fn entry_tuple<'py>(py: Python<'py>, entry: &Entry) -> PyResult<Bound<'py, PyTuple>> {
    let amount = to_python(py, entry.amount)?;
    let kind = entry.kind.name();
    (entry.id, entry.time, &*entry.asset, amount, kind, entry.instrument, entry.trade_id).into_pyobject(py)
}

/// A position: (index, size_steps, entry_price or None, unrealised, realised_cum, initial_margin, maintenance_margin,
/// leverage).
pub fn position_tuple<'py>(py: Python<'py>, view: &PositionView) -> PyResult<Bound<'py, PyTuple>> {
    let holding = &view.holding;
    (
        view.index,
        holding.size,
        optional(py, holding.entry_price)?,
        to_python(py, holding.unrealised)?,
        to_python(py, holding.realised)?,
        to_python(py, view.initial)?,
        to_python(py, view.maintenance)?,
        view.leverage,
    )
        .into_pyobject(py)
}

/// Margin: (wallet, unrealised, initial of positions, initial of open orders, maintenance, available).
pub fn margin_tuple<'py>(py: Python<'py>, margin: &Margin) -> PyResult<Bound<'py, PyTuple>> {
    let available = margin.available().map_err(IntoPyErr::into_py_err)?;
    (
        to_python(py, margin.wallet)?,
        to_python(py, margin.unrealised)?,
        to_python(py, margin.position_initial)?,
        to_python(py, margin.order_initial)?,
        to_python(py, margin.maintenance)?,
        to_python(py, available)?,
    )
        .into_pyobject(py)
}
