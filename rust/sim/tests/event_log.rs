//! A market written to the event log and read back leaves the identical book.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use alipes_market::book::L2;
use alipes_market::capture::Capture;
use alipes_market::columns::{Recording, Subject};
use alipes_market::events::EventLog;
use alipes_market::feed::Feed;
use alipes_market::frame::{Body, Frame};
use alipes_market::grids::Grids;
use alipes_market::types::{Level, Ns, Side};
use alipes_market::venue::Venue;
use alipes_sim::synth::{SynthConfig, SynthMarket};
use std::path::PathBuf;

/// Every level of a book, best first.
fn digest(book: &L2) -> (Vec<Level>, Vec<Level>) {
    (book.levels(Side::Buy).collect(), book.levels(Side::Sell).collect())
}

/// The book at the end of the log.
fn replayed(log: &EventLog) -> L2 {
    let (mut book, mut frame, mut replay) = (L2::new(), Frame::default(), log.replay());
    while replay.next_into(&mut frame).unwrap() {
        for event in &frame.events {
            match &event.body {
                Body::Reset { bids, asks, .. } => book.replace(frame.slice(bids), frame.slice(asks)),
                Body::Depth { bids, asks, .. } => book.apply(frame.slice(bids), frame.slice(asks)),
                Body::Touch { .. } | Body::Trade { .. } | Body::Stale => {}
            }
        }
    }
    book
}

fn check(subject: &Subject<'_>, mut next: impl FnMut() -> Option<(Ns, Vec<u8>)>) -> EventLog {
    let mut recording = Recording::new(subject).unwrap();
    let mut feed = Feed::new(Venue::of(subject.venue).unwrap());
    feed.add(subject.symbol, 0, subject.grids).unwrap();
    while let Some((ts_recv, frame)) = next() {
        feed.on_frame(&frame, ts_recv).unwrap();
        recording.push(ts_recv, &frame, String::new).unwrap();
    }
    let log = recording.finish().unwrap();
    let book = &feed.book(0).unwrap().book;
    assert!(book.len(Side::Buy) > 10 && book.len(Side::Sell) > 10);
    assert_eq!(digest(book), digest(&replayed(&log)));
    log
}

#[test]
fn the_synthetic_market_replays_to_the_identical_book() {
    let is_long = std::env::var("ALIPES_LONG").is_ok_and(|value| value != "0");
    for seed in 0..if is_long { 50 } else { 5 } {
        let mut market = SynthMarket::new(SynthConfig { seed, ..SynthConfig::default() }).unwrap();
        let mut left = 4_000;
        let subject = Subject {
            venue: "binanceusdm",
            symbol: "BTC/USDT:USDT",
            grids: Grids::parse("0.1", "0.001").unwrap(),
        };
        check(&subject, || {
            left -= 1;
            market.next_frame().filter(|_| left > 0).map(|(ts_recv, frame)| (ts_recv, frame.to_vec()))
        });
    }
}

/// A real capture, where there is one: `ALIPES_DATA`, or the folder beside the repository.
fn capture(name: &str) -> Option<Capture> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("ALIPES_DATA").map_or(beside, PathBuf::from);
    Capture::open(folder.join(name)).ok()
}

#[test]
fn real_captures_replay_to_the_identical_book() {
    let cases = [
        ("binanceusdm", "BTC/USDT:USDT", "0.1", "0.001", "binance_usdm_btcusdt_20240808.jsonl.gz"),
        ("binance", "BTC/USDT", "0.01", "0.00001", "binance_spot_btcusdt_20240808.jsonl.gz"),
    ];
    for (venue, symbol, tick, lot, file) in cases {
        let Some(mut capture) = capture(file) else {
            eprintln!("skipped: no {file}; set ALIPES_DATA to the folder of real captures");
            continue;
        };
        let subject = Subject { venue, symbol, grids: Grids::parse(tick, lot).unwrap() };
        let log =
            check(&subject, || capture.next_frame().unwrap().map(|line| (line.ts_recv, line.frame.to_vec())));
        assert!(log.len() > 100_000, "{}", log.len());
    }
}
