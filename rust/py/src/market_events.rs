//! Market events given as Python tuples, for custom feeds and scripted tests.

use crate::account::side_of_code;
use crate::error::InputError;
use alipes_market::frame::{Body, Event, Frame, Stream};
use alipes_market::types::{Level, Ns, Size, Tick};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use std::ops::Range;

type Levels = Vec<(i64, i64)>;

/// The frame that a list of event tuples describes.
pub fn read_events(ts_recv: Ns, events: &Bound<'_, PyList>) -> PyResult<Frame> {
    let mut frame = Frame::default();
    frame.clear(ts_recv);
    for event in events {
        let event = event.cast_into::<PyTuple>()?;
        let (instrument, kind, ts_event): (u16, String, Option<Ns>) = event.get_slice(0, 3).extract()?;
        let (stream, body) = read_body(&mut frame, &kind, &event.get_slice(3, event.len()))?;
        frame.events.push(Event { instrument, stream, ts_event, body });
    }
    Ok(frame)
}

fn read_body(frame: &mut Frame, kind: &str, rest: &Bound<'_, PyTuple>) -> PyResult<(Stream, Body)> {
    match kind {
        "reset" => {
            let (bids, asks, update_id): (Levels, Levels, u64) = rest.extract()?;
            let (bids, asks) = (push(frame, &bids)?, push(frame, &asks)?);
            Ok((Stream::Depth, Body::Reset { bids, asks, update_id }))
        }
        "depth" => {
            let (bids, asks, update_id): (Levels, Levels, u64) = rest.extract()?;
            let (bids, asks) = (push(frame, &bids)?, push(frame, &asks)?);
            Ok((Stream::Depth, Body::Depth { bids, asks, update_id }))
        }
        "touch" => {
            let (bid, ask, update_id): ((i64, i64), (i64, i64), u64) = rest.extract()?;
            Ok((Stream::Touch, Body::Touch { bid: level(bid)?, ask: level(ask)?, update_id }))
        }
        "trade" | "agg_trade" => {
            let (price, size, taker, id): (i64, i64, u8, u64) = rest.extract()?;
            let (Level { price, size }, taker) = (level((price, size))?, side_of_code(taker)?);
            let stream = if kind == "trade" { Stream::Trade } else { Stream::AggTrade };
            Ok((stream, Body::Trade { price, size, taker, id }))
        }
        "stale" => Ok((Stream::Depth, Body::Stale)),
        _ => Err(InputError::new_err(format!(
            "event kind must be \"reset\", \"depth\", \"touch\", \"trade\", \"agg_trade\" or \"stale\", got {kind:?}"
        ))),
    }
}

fn level((price, size): (i64, i64)) -> PyResult<Level> {
    if size >= 0 {
        return Ok(Level { price: Tick(price), size: Size(size) });
    }
    Err(InputError::new_err(format!("a size must not be negative, got {size} size steps at {price} ticks")))
}

fn push(frame: &mut Frame, levels: &Levels) -> PyResult<Range<u32>> {
    let count = |frame: &Frame| u32::try_from(frame.levels.len());
    let start = count(frame)?;
    for &pair in levels {
        frame.levels.push(level(pair)?);
    }
    Ok(start..count(frame)?)
}
