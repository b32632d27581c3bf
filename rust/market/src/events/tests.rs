use super::*;
use proptest::prelude::*;

fn level() -> impl Strategy<Value = Level> {
    let price = prop_oneof![8 => 1_i64..2_000_000, 1 => Just(i64::from(i32::MIN)), 1 => any::<i64>()];
    (price, 0_i64..1_000_000).prop_map(|(price, size)| Level::new(price, size))
}

/// An event to be, with its levels still of its own.
#[derive(Clone, Debug)]
enum Plan {
    Book(bool, Vec<Level>, Vec<Level>, u64),
    Touch(Level, Level, u64),
    Trade(bool, Level, bool, u64),
    Stale,
}

fn plan() -> impl Strategy<Value = Plan> {
    let levels = || proptest::collection::vec(level(), 0..6);
    prop_oneof![
        (any::<bool>(), levels(), levels(), any::<u64>()).prop_map(|(r, b, a, id)| Plan::Book(r, b, a, id)),
        (level(), level(), any::<u64>()).prop_map(|(bid, ask, id)| Plan::Touch(bid, ask, id)),
        (any::<bool>(), level(), any::<bool>(), any::<u64>())
            .prop_map(|(g, l, b, id)| Plan::Trade(g, l, b, id)),
        Just(Plan::Stale),
    ]
}

fn body(plan: Plan, frame: &mut Frame) -> (Stream, Body) {
    let mut put = |levels: Vec<Level>| {
        let start = frame.levels.len() as u32;
        frame.levels.extend(levels);
        start..frame.levels.len() as u32
    };
    match plan {
        Plan::Book(is_reset, bids, asks, update_id) => {
            let (bids, asks) = (put(bids), put(asks));
            let reset = Body::Reset { bids: bids.clone(), asks: asks.clone(), update_id };
            (Stream::Depth, if is_reset { reset } else { Body::Depth { bids, asks, update_id } })
        }
        Plan::Touch(bid, ask, update_id) => (Stream::Touch, Body::Touch { bid, ask, update_id }),
        Plan::Trade(is_aggregate, level, is_buy, id) => {
            let taker = if is_buy { Side::Buy } else { Side::Sell };
            let stream = if is_aggregate { Stream::AggTrade } else { Stream::Trade };
            (stream, Body::Trade { price: level.price, size: level.size, taker, id })
        }
        Plan::Stale => (Stream::Depth, Body::Stale),
    }
}

fn frame() -> impl Strategy<Value = Frame> {
    let event = (any::<u16>(), proptest::option::of(any::<i64>()), plan());
    (any::<i64>(), proptest::collection::vec(event, 1..4)).prop_map(|(ts_recv, events)| {
        let mut frame = Frame::default();
        frame.clear(ts_recv);
        for (instrument, ts_event, plan) in events {
            let (stream, body) = body(plan, &mut frame);
            frame.events.push(Event { instrument, stream, ts_event, body });
        }
        frame
    })
}

proptest! {
    #[test]
    fn what_is_read_back_is_what_was_written(frames in proptest::collection::vec(frame(), 0..12)) {
        let mut log = EventLog::default();
        frames.iter().for_each(|frame| log.push(frame));
        let (mut replay, mut read) = (log.replay(), Frame::default());
        for frame in &frames {
            prop_assert!(replay.next_into(&mut read).unwrap());
            prop_assert_eq!(read.ts_recv, frame.ts_recv);
            prop_assert_eq!(&read.events, &frame.events);
            prop_assert_eq!(&read.levels, &frame.levels);
        }
        prop_assert!(!replay.next_into(&mut read).unwrap());
    }

    #[test]
    fn a_cut_or_damaged_log_is_an_error_or_other_events_and_never_a_panic(
        frames in proptest::collection::vec(frame(), 1..6), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut log = EventLog::default();
        frames.iter().for_each(|frame| log.push(frame));
        let row = at.index(log.len());
        log.flags[row] = byte;
        log.kind[row] = byte % 5;
        let (mut replay, mut read) = (log.replay(), Frame::default());
        while replay.next_into(&mut read).unwrap_or(false) {}
    }
}

#[test]
fn a_frame_without_events_leaves_no_row_and_prices_resolve() {
    let mut log = EventLog::default();
    let mut frame = Frame::default();
    log.push(&frame);
    assert!(log.is_empty());
    frame.clear(5);
    let big = Level::new(1 << 40, 1);
    let body = Body::Touch { bid: big, ask: Level::new(7, 2), update_id: 9 };
    frame.events.push(Event { instrument: 3, stream: Stream::Touch, ts_event: None, body });
    log.push(&frame);
    assert_eq!(log.prices(), [1 << 40, 7]);
    assert_eq!(log.price, [ESCAPE, 7]);
}
