//! Everything that can be asked of a live exchange, as random actions.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::live::ACCOUNTS;
use alipes_market::decimal::Decimal;
use alipes_market::frame::{Body, Event as MarketEvent, Frame, Stream};
use alipes_market::types::{Level, Ns, Side, Size, Tick};
use alipes_sim::exchange::live::{Event, LiveExchange, SelfTrade};
use alipes_sim::exchange::{NewOrder, TimeInForce};
use proptest::prelude::*;

/// Size steps of one lot.
pub const LOT: i64 = 1_000;

/// One thing that happens.
#[derive(Clone, Debug)]
pub enum Action {
    /// A new order.
    Submit(u32, NewOrder, SelfTrade),
    /// New price and size of the nth order so far, counted back.
    Amend(u32, u64, Tick, Size),
    /// Withdrawal of the nth order so far, counted back.
    Cancel(u32, u64),
    /// Withdrawal of everything.
    CancelAll(u32),
    /// The outside market.
    Market(Stream, Body, Vec<Level>),
    /// A mark price.
    Mark(Tick),
    /// Funding.
    Fund(Decimal),
}

/// Does an action; the order ids of amendments and withdrawals count back from the newest.
pub fn play(exchange: &mut LiveExchange, action: &Action, now: Ns, newest: u64) -> Vec<Event> {
    let id = |back: u64| newest.saturating_sub(back).max(1);
    match action {
        Action::Submit(account, order, stp) => exchange.submit(now, *account, order.clone(), *stp),
        Action::Amend(account, back, price, size) => exchange.amend(now, *account, id(*back), *price, *size),
        Action::Cancel(account, back) => exchange.cancel(now, *account, id(*back)),
        Action::CancelAll(account) => exchange.cancel_all(now, *account, 0),
        Action::Market(stream, body, levels) => {
            let event =
                MarketEvent { instrument: 0, stream: *stream, ts_event: Some(now), body: body.clone() };
            exchange.ingest(now, &Frame { ts_recv: now, events: vec![event], levels: levels.clone() })
        }
        Action::Mark(price) => exchange.mark(now, 0, *price),
        Action::Fund(rate) => exchange.fund(now, 0, *rate),
    }
    .unwrap()
}

fn order() -> impl Strategy<Value = Action> {
    let side = prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    let tif =
        prop_oneof![5 => Just(TimeInForce::Gtc), 1 => Just(TimeInForce::Ioc), 1 => Just(TimeInForce::Fok)];
    let stp = prop_oneof![
        Just(SelfTrade::Allow),
        Just(SelfTrade::ExpireTaker),
        Just(SelfTrade::ExpireMaker),
        Just(SelfTrade::ExpireBoth)
    ];
    let flags = (prop::bool::weighted(0.1), prop::bool::weighted(0.15), prop::bool::weighted(0.2));
    let size = prop_oneof![30 => (1..8_i64).prop_map(|lots| lots * LOT), 1 => -1..LOT];
    (1..=ACCOUNTS, 0..40_u8, side, tif, flags, 94..107_i64, size, stp).prop_map(
        |(account, name, side, tif, (is_market, is_post_only, is_reduce_only), price, size, stp)| {
            let order = NewOrder {
                client_id: format!("o{name}").into(),
                instrument: 0,
                side,
                is_market,
                tif,
                is_post_only,
                is_reduce_only,
                price: Tick(price),
                size: Size(size),
            };
            Action::Submit(account, order, stp)
        },
    )
}

/// Bids below and asks above a middle, rarely crossing what rests.
fn depth(is_reset: bool) -> impl Strategy<Value = Action> {
    let levels = prop::collection::vec((1..5_i64, 0..12_i64, 0..3_i64), 0..4);
    (97..104_i64, levels.clone(), levels, 1..u64::from(u32::MAX)).prop_map(
        move |(mid, bids, asks, update_id)| {
            let count = |levels: &Vec<_>| u32::try_from(levels.len()).unwrap();
            let (n, m) = (count(&bids), count(&asks));
            let at = |away: i64, lots: i64, rest: i64| Level::new(mid + away, lots * LOT + rest * 300);
            let mut levels: Vec<Level> =
                bids.into_iter().map(|(away, lots, rest)| at(-away, lots, rest)).collect();
            levels.extend(asks.into_iter().map(|(away, lots, rest)| at(away, lots, rest)));
            let (bids, asks) = (0..n, n..n + m);
            let body = if is_reset {
                Body::Reset { bids, asks, update_id }
            } else {
                Body::Depth { bids, asks, update_id }
            };
            Action::Market(Stream::Depth, body, levels)
        },
    )
}

fn market() -> impl Strategy<Value = Action> {
    let taker = prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    let trade = (95..106_i64, 0..9_i64, taker, any::<bool>()).prop_map(|(price, lots, taker, is_single)| {
        let (price, size) = (Tick(price), Size(lots * LOT + 7));
        let stream = if is_single { Stream::Trade } else { Stream::AggTrade };
        Action::Market(stream, Body::Trade { price, size, taker, id: 1 }, Vec::new())
    });
    let touch =
        (98..103_i64, 0..9_i64, 0..9_i64, 1..u64::from(u32::MAX)).prop_map(|(mid, bid, ask, update_id)| {
            let (bid, ask) = (Level::new(mid - 1, bid * LOT), Level::new(mid + 1, ask * LOT));
            Action::Market(Stream::Touch, Body::Touch { bid, ask, update_id }, Vec::new())
        });
    let stale = Just(Action::Market(Stream::Depth, Body::Stale, Vec::new()));
    prop_oneof![8 => depth(false), 2 => depth(true), 6 => trade, 2 => touch, 1 => stale]
}

/// Random actions.
pub fn actions() -> impl Strategy<Value = Vec<Action>> {
    let change = (1..=ACCOUNTS, 0..9_u64, 95..106_i64, 1..9_i64)
        .prop_map(|(account, back, price, lots)| Action::Amend(account, back, Tick(price), Size(lots * LOT)));
    let action = prop_oneof![
        16 => order(),
        10 => market(),
        3 => change,
        3 => (1..=ACCOUNTS, 0..9_u64).prop_map(|(account, back)| Action::Cancel(account, back)),
        1 => (1..=ACCOUNTS).prop_map(Action::CancelAll),
        2 => (90..111_i64).prop_map(|price| Action::Mark(Tick(price))),
        1 => (-3_000..3_000_i128).prop_map(|rate| Action::Fund(Decimal::new(rate, 7))),
    ];
    prop::collection::vec(action, 20..90)
}
