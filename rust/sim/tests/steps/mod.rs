//! A small market and orders of every sort, as random steps.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use alipes_market::frame::{Body, Event, Frame, Stream};
use alipes_market::types::{Level, Ns, Side, Size, Tick};
use alipes_sim::exchange::{Exchange, NewOrder, Response, TimeInForce};
use proptest::prelude::*;

/// Size steps of one lot.
pub const LOT: i64 = 1_000;

const MS: Ns = 1_000_000;

/// One thing that happens.
#[derive(Clone, Debug)]
pub enum Step {
    /// A market event, so many ms after the last one.
    Market(Ns, Stream, Body, Vec<Level>),
    /// A new order.
    Submit(NewOrder),
    /// New price and size of an order.
    Amend(String, Tick, Size),
    /// Withdrawal.
    Cancel(String),
}

impl Step {
    /// The order it submits.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Submit(order) => Some(&order.client_id),
            _ => None,
        }
    }
}

/// Plays a step at the time the exchange's events have reached.
pub fn play(exchange: &mut Exchange, step: &Step, responses: &mut Vec<Response>) {
    let now = exchange.venue_time(0).max(0);
    match step {
        Step::Market(after, stream, body, levels) => {
            let ts_recv = now + after * MS;
            let event = Event { instrument: 0, stream: *stream, ts_event: Some(ts_recv), body: body.clone() };
            let frame = Frame { ts_recv, events: vec![event], levels: levels.clone() };
            exchange.ingest(&frame).unwrap();
        }
        Step::Submit(order) => exchange.submit(now, order.clone()).unwrap(),
        Step::Amend(id, price, size) => exchange.amend(now, id.as_str().into(), *price, *size),
        Step::Cancel(id) => exchange.cancel(now, id.as_str().into()),
    }
    while let Some(response) = exchange.poll(now) {
        responses.push(response);
    }
}

/// A limit order that stays.
pub fn order(id: &str, side: Side, price: i64, lots: i64) -> NewOrder {
    NewOrder {
        client_id: id.into(),
        instrument: 0,
        side,
        is_market: false,
        tif: TimeInForce::Gtc,
        is_post_only: false,
        is_reduce_only: false,
        price: Tick(price),
        size: Size(lots * LOT),
    }
}

/// A book of four levels a side around 100.
pub fn reset() -> Step {
    let levels = [99, 98, 97, 96, 101, 102, 103, 104].map(|price| Level::new(price, 5 * LOT)).to_vec();
    Step::Market(1, Stream::Depth, Body::Reset { bids: 0..4, asks: 4..8, update_id: 1 }, levels)
}

/// A depth event without levels, so many ms later.
pub fn quiet(after: Ns) -> Step {
    Step::Market(after, Stream::Depth, Body::Depth { bids: 0..0, asks: 0..0, update_id: 2 }, Vec::new())
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Buy), Just(Side::Sell)]
}

fn depth() -> impl Strategy<Value = Step> {
    (prop::collection::vec((0..9_i64, side(), 0..4 * LOT), 0..4), prop_oneof![0..5_i64, Just(260)]).prop_map(
        |(changes, after)| {
            let on = |side| {
                let sign = if side == Side::Buy { -1 } else { 1 };
                let mine = changes.iter().filter(move |change| change.1 == side);
                mine.map(move |&(away, _, size)| Level::new(100 + sign * (away - 1), size))
            };
            let levels: Vec<Level> = on(Side::Buy).chain(on(Side::Sell)).collect();
            let (bids, all) = (on(Side::Buy).count() as u32, levels.len() as u32);
            let body = Body::Depth { bids: 0..bids, asks: bids..all, update_id: 2 };
            Step::Market(after, Stream::Depth, body, levels)
        },
    )
}

fn trade() -> impl Strategy<Value = Step> {
    (0..5_i64, 95..106_i64, 1..9_i64, side()).prop_map(|(after, price, lots, taker)| {
        let body = Body::Trade { price: Tick(price), size: Size(lots * LOT), taker, id: 1 };
        Step::Market(after, Stream::Trade, body, Vec::new())
    })
}

fn new_order() -> impl Strategy<Value = NewOrder> {
    let tif = prop_oneof![
        6 => Just(TimeInForce::Gtc),
        1 => Just(TimeInForce::Ioc),
        1 => Just(TimeInForce::Fok)
    ];
    let flags = (prop::bool::weighted(0.1), prop::bool::weighted(0.15), prop::bool::weighted(0.2));
    (side(), 95..106_i64, 1..9_i64, tif, flags).prop_map(|(side, price, lots, tif, flags)| {
        let (is_market, is_post_only, is_reduce_only) = flags;
        NewOrder { tif, is_market, is_post_only, is_reduce_only, ..order("", side, price, lots) }
    })
}

/// Random steps that begin with a book and end with a quiet second.
pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => depth(),
        5 => trade(),
        4 => new_order().prop_map(Step::Submit),
        1 => (0..12_usize, 95..106_i64, 1..9_i64)
            .prop_map(|(n, price, lots)| Step::Amend(format!("o{n}"), Tick(price), Size(lots * LOT))),
        1 => (0..12_usize).prop_map(|n| Step::Cancel(format!("o{n}"))),
    ];
    prop::collection::vec(step, 5..60).prop_map(|mut steps| {
        let orders = steps.iter_mut().filter_map(|step| match step {
            Step::Submit(order) => Some(order),
            _ => None,
        });
        for (number, order) in orders.enumerate() {
            order.client_id = format!("o{number}").into();
        }
        steps.insert(0, reset());
        steps.extend([quiet(1_000), quiet(1_000)]);
        steps
    })
}
