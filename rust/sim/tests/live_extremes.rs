//! No input, however absurd, makes the live exchange panic or lose anything. Overflow checks are on in tests.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod live;

use alipes_market::decimal::Decimal;
use alipes_market::frame::{Body, Event, Frame, Stream};
use alipes_market::types::{Level, Side, Size, Tick};
use alipes_sim::exchange::live::{LiveError, LiveExchange, SelfTrade};
use alipes_sim::exchange::{NewOrder, TimeInForce};
use live::{ACCOUNTS, DEPOSIT, exchange};
use proptest::prelude::*;

/// Numbers of each call: which, whose, price, size, a small one.
type Call = (u8, u32, i64, i64, u8);

fn any_i64() -> impl Strategy<Value = i64> {
    let huge = i64::MAX / 1_000 * 1_000;
    let far = 10_i64.pow(12);
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
        huge,
        far,
        far * 1_000,
    ])
}

fn frame(price: i64, size: i64, small: u8) -> Frame {
    let size = size.max(0);
    let levels = vec![Level::new(price, size), Level::new(price.saturating_add(1), size)];
    let (bids, asks, update_id) = (0..1, 1..2, u64::from(small));
    let taker = if small.is_multiple_of(2) { Side::Buy } else { Side::Sell };
    let body = match small % 4 {
        0 => Body::Reset { bids, asks, update_id },
        1 => Body::Depth { bids, asks, update_id },
        2 => Body::Touch { bid: levels[0], ask: levels[1], update_id },
        _ => Body::Trade { price: Tick(price), size: Size(size), taker, id: 1 },
    };
    let event = Event { instrument: 0, stream: Stream::Depth, ts_event: None, body };
    Frame { ts_recv: 0, events: vec![event], levels }
}

fn play(exchange: &mut LiveExchange, (kind, account, price, size, small): Call) -> Result<(), LiveError> {
    let order = NewOrder {
        client_id: format!("o{small}").into(),
        instrument: 0,
        side: if small.is_multiple_of(2) { Side::Buy } else { Side::Sell },
        is_market: small.is_multiple_of(5),
        tif: [TimeInForce::Gtc, TimeInForce::Ioc, TimeInForce::Fok][usize::from(small) % 3],
        is_post_only: false,
        is_reduce_only: small.is_multiple_of(7),
        price: Tick(price),
        size: Size(size),
    };
    match kind {
        0 | 1 => exchange.submit(price, account, order, SelfTrade::Allow),
        2 => exchange.amend(size, account, u64::from(small % 8), Tick(price), Size(size)),
        3 => exchange.mark(0, 0, Tick(price)),
        4 => exchange.fund(0, 0, Decimal::new(i128::from(price), u32::from(small % 30))),
        _ => exchange.ingest(0, &frame(price, size, small)),
    }
    .map(|_| ())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn absurd_numbers_are_refused_or_counted(
        calls in prop::collection::vec((0..8_u8, 1..=ACCOUNTS, any_i64(), any_i64(), any::<u8>()), 1..40)
    ) {
        let mut exchange = exchange();
        for call in calls {
            if play(&mut exchange, call).is_err_and(|error| matches!(error, LiveError::Overflow(_))) {
                return Ok(());
            }
        }
        prop_assert_eq!(exchange.total("Y").unwrap(), Decimal::new(i128::from(ACCOUNTS) * DEPOSIT, 0));
    }
}
