//! `_decode`: one message through one parser, for the tests that hold the parsers equal to an oracle.

use crate::error::IntoPyErr;
use crate::feed::grids;
use crate::raw::Raw;
use alipes_market::decode::{Directory, Message, Parser, Sink};
use alipes_market::types::{Level, Side};
use alipes_market::venue::Venue;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Decodes one message of `symbol` without any book; `None` where the scanner alone does not take it.
#[pyfunction]
#[pyo3(signature = (venue, symbol, raw, *, tick_size, lot_size, parser))]
pub fn _decode<'py>(
    py: Python<'py>,
    venue: &str,
    symbol: &str,
    raw: &Bound<'py, PyAny>,
    tick_size: &Bound<'py, PyAny>,
    lot_size: &Bound<'py, PyAny>,
    parser: &str,
) -> PyResult<Option<Bound<'py, PyDict>>> {
    let venue = Venue::of(venue).map_err(IntoPyErr::into_py_err)?;
    let (mut directory, mut sink) = (Directory::default(), Sink::default());
    directory.add(symbol, &grids(tick_size, lot_size)?);
    let raw = Raw::of(raw)?;
    let message = match crate::sync::parser(parser)? {
        Parser::Scanner => match venue.wire.scan(raw.bytes()?, &mut directory, &mut sink) {
            Some(message) => message,
            None => return Ok(None),
        },
        _ => venue.wire.parse(raw.bytes()?, &mut directory, &mut sink).map_err(IntoPyErr::into_py_err)?,
    };
    describe(py, message, &sink).map(Some)
}

fn describe<'py>(py: Python<'py>, message: Message, sink: &Sink) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let levels = |bids: usize| {
        let (bids, asks) = sink.levels.split_at(bids);
        dict.set_item("bids", bids.iter().map(pair).collect::<Vec<_>>())?;
        dict.set_item("asks", asks.iter().map(pair).collect::<Vec<_>>())
    };
    let (kind, ts_event) = match message {
        Message::Depth { ids, ts_event, bids, .. } => {
            levels(bids)?;
            dict.set_item("ids", (ids.first, ids.last, ids.previous))?;
            ("depth", ts_event)
        }
        Message::Snapshot { last, ts_event, bids } => {
            levels(bids)?;
            dict.set_item("ids", (last,))?;
            ("snapshot", ts_event)
        }
        Message::Touch { ts_event, bid, ask, update_id, .. } => {
            dict.set_item("bids", vec![pair(&bid)])?;
            dict.set_item("asks", vec![pair(&ask)])?;
            dict.set_item("ids", (update_id,))?;
            ("touch", ts_event)
        }
        Message::Trade { ts_event, is_aggregate, price, size, taker, id, .. } => {
            let level = vec![pair(&Level { price, size })];
            dict.set_item(if taker == Side::Buy { "asks" } else { "bids" }, level)?;
            dict.set_item("ids", (id,))?;
            (if is_aggregate { "agg_trade" } else { "trade" }, ts_event)
        }
        Message::OtherSymbol => ("other_symbol", None),
        Message::OtherStream => ("other_stream", None),
    };
    dict.set_item("kind", kind)?;
    dict.set_item("ts_event", ts_event)?;
    dict.set_item("rounded", sink.rounded)?;
    dict.set_item("is_off_grid", sink.off_grid.is_some())?;
    Ok(dict)
}

fn pair(level: &Level) -> (i64, i64) {
    (level.price.0, level.size.0)
}
