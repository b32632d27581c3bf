//! No input, however absurd, makes the exchange, the ledger or the gate panic. Overflow checks are on in tests.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use alipes_market::decimal::{Decimal, Grid};
use alipes_market::frame::{Body, Event, Frame, Stream};
use alipes_market::instrument::{Kind, Names, PriceRule, Spec};
use alipes_market::types::{Level, Side, Size, Tick};
use alipes_sim::account::{Ledger, LedgerFill};
use alipes_sim::exchange::{NewOrder, TimeInForce};
use alipes_sim::gate::{Check, Gate};
use common::cases;
use proptest::prelude::*;
use std::sync::Arc;

const HUGE: i64 = i64::MAX / 1_000 * 1_000;

fn any_i64() -> impl Strategy<Value = i64> {
    prop::sample::select(vec![
        0,
        1,
        -1,
        99,
        100,
        101,
        1_000,
        5_000,
        i64::MAX,
        i64::MIN,
        HUGE,
        HUGE / 2_000 * 1_000,
    ])
}

fn any_size() -> impl Strategy<Value = i64> {
    any_i64().prop_map(|size| size.max(0))
}

fn any_side() -> impl Strategy<Value = Side> {
    prop::sample::select(vec![Side::Buy, Side::Sell])
}

fn any_amount() -> impl Strategy<Value = Decimal> {
    (prop::sample::select(vec![0, 1, -1, 5, i128::from(i64::MAX), 10_i128.pow(37)]), 0..=30_u32)
        .prop_map(|(mantissa, decimals)| Decimal::new(mantissa, decimals))
}

fn any_body() -> impl Strategy<Value = (Body, Vec<Level>)> {
    let level = (any_i64(), any_size()).prop_map(|(price, size)| Level::new(price, size));
    let numbers = (any_i64(), any_size(), any_side(), 0..5_u64, 0..5_u8);
    (prop::collection::vec(level, 4), numbers).prop_map(|(levels, (price, size, taker, update_id, kind))| {
        let body = match kind {
            0 => Body::Reset { bids: 0..2, asks: 2..4, update_id },
            1 => Body::Depth { bids: 0..2, asks: 2..4, update_id },
            2 => Body::Touch { bid: levels[0], ask: levels[1], update_id },
            3 => Body::Trade { price: Tick(price), size: Size(size), taker, id: update_id },
            _ => Body::Stale,
        };
        (body, levels)
    })
}

fn any_frame() -> impl Strategy<Value = Frame> {
    let stream = prop::sample::select(vec![Stream::Depth, Stream::Touch, Stream::Trade, Stream::AggTrade]);
    let times = (prop::option::of(any_i64()), any_i64());
    (any_body(), stream, times).prop_map(|((body, levels), stream, (ts_event, ts_recv))| {
        let events = vec![Event { instrument: 0, stream, ts_event, body }];
        Frame { ts_recv, events, levels }
    })
}

fn any_order() -> impl Strategy<Value = NewOrder> {
    let tif = prop::sample::select(vec![TimeInForce::Gtc, TimeInForce::Ioc, TimeInForce::Fok]);
    let numbers = (any_side(), any_i64(), any_i64(), tif);
    (numbers, any::<[bool; 3]>(), 0..4_u8).prop_map(|((side, price, size, tif), flags, id)| {
        let [is_market, is_post_only, is_reduce_only] = flags;
        let (price, size, client_id) = (Tick(price), Size(size), format!("o{id}").into());
        NewOrder { client_id, instrument: 0, side, is_market, tif, is_post_only, is_reduce_only, price, size }
    })
}

fn spec(kind: Kind, decimals: u32) -> Arc<Spec> {
    let text = |name: &str| name.to_owned();
    let names = Names { symbol: text("X"), base: text("A"), quote: text("B"), settle: text("B") };
    let step = Decimal::new(1, decimals);
    let rule = PriceRule::Fixed(Grid::new(step).unwrap());
    Arc::new(Spec::new(names, kind, rule, step, Decimal::ONE, Some(step)).unwrap())
}

fn any_spec() -> impl Strategy<Value = Arc<Spec>> {
    (prop::sample::select(vec![Kind::Spot, Kind::Linear, Kind::Inverse]), 0..=15_u32)
        .prop_map(|(kind, decimals)| spec(kind, decimals))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn the_exchange_takes_any_frames_and_orders(
        turns in prop::collection::vec((any_frame(), any_order(), any_i64(), 0..4_u8), 1..25)
    ) {
        let mut exchange = common::exchange();
        for (frame, order, now, verb) in turns {
            let (id, price, size) = (order.client_id.clone(), order.price, order.size);
            match verb {
                0 => exchange.amend(now, id, price, size),
                1 => exchange.cancel(now, id),
                _ => exchange.submit(now, order).unwrap(),
            }
            let _ = exchange.ingest(&frame);
            while exchange.poll(now).is_some() {}
        }
    }

    #[test]
    fn the_ledger_takes_or_refuses_any_fill_whole(
        spec in any_spec(),
        fills in prop::collection::vec((any_side(), any_i64(), any_i64(), any_amount(), 0..3_usize), 1..12),
        mark in any_i64(),
    ) {
        let mut ledger = Ledger::new();
        ledger.add_instrument(0, spec).unwrap();
        for (side, price, size, fee, asset) in fills {
            let before = format!("{ledger:?}");
            let (price, size, fee_asset) = (Tick(price), Size(size), ["A", "B", "C"][asset]);
            let fill = LedgerFill { strategy: "s", instrument: 0, side, price, size, fee, fee_asset };
            if ledger.fill(&fill).is_err() {
                prop_assert_eq!(format!("{ledger:?}"), before);
            }
            let _ = (ledger.holding(None, 0), ledger.unrealised(Some("s"), 0, Tick(mark)));
        }
    }

    #[test]
    fn the_gate_judges_any_order(
        spec in any_spec(),
        (limits, bps) in (any_amount(), any_amount()),
        order in any_order(),
        [position, open_buys, open_sells, bid, ask] in [any_i64(), any_i64(), any_i64(), any_i64(), any_i64()],
    ) {
        let mut gate = Gate::new();
        gate.add_instrument(0, spec);
        let _ = gate.set_limits(0, Some(limits), Some(limits), Some(limits), Some(bps));
        let check = Check {
            side: order.side,
            is_market: order.is_market,
            price: order.price,
            size: order.size,
            position,
            open_buys,
            open_sells,
            is_reduce_only: order.is_reduce_only,
            best_bid: Some(Tick(bid)),
            best_ask: Some(Tick(ask)),
        };
        let refusal = gate.check(0, &check).unwrap();
        prop_assert_eq!(refusal.is_none(), gate.explain(0, &check).unwrap().is_empty());
    }
}
