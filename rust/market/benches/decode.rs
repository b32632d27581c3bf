//! Bytes to messages, and bytes to a book in step, on a made stream like a busy perpetual's: 37 changed levels a
//! message, near a walking mid.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use alipes_market::decode::{Directory, Sink};
use alipes_market::feed::Feed;
use alipes_market::grids::Grids;
use alipes_market::venue::{VENUES, Venue};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

const MESSAGES: u64 = 5_000;
const USDM: Venue = VENUES[1];

/// A seeded stream of numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// Small numbers more often than large ones.
    fn distance(&mut self) -> u64 {
        let doublings = self.below(8);
        self.below(2 << doublings)
    }
}

fn levels(random: &mut Random, best: i64, sign: i64, count: u64) -> String {
    let mut prices: Vec<i64> = (0..count).map(|_| best + sign * random.distance() as i64).collect();
    prices.sort_unstable();
    prices.dedup();
    let text = |price: i64| {
        let lots = if price != best && random.below(4) == 0 { 0 } else { 1 + random.below(4_000) };
        format!("[\"{}.{}\",\"{}.{:03}\"]", price / 10, price % 10, lots / 1_000, lots % 1_000)
    };
    let texts: Vec<String> = prices.into_iter().map(text).collect();
    format!("[{}]", texts.join(","))
}

/// A snapshot and the messages that follow it. The mid stands still: what crosses would make the book stale.
fn stream() -> (Vec<u8>, Vec<Vec<u8>>) {
    let mut random = Random(7);
    let (bid, ask) = (600_000, 600_001);
    let (bids, asks) = (levels(&mut random, bid, -1, 2_000), levels(&mut random, ask, 1, 2_000));
    let snapshot = format!("{{\"lastUpdateId\":100,\"bids\":{bids},\"asks\":{asks}}}");
    let message = |id: u64| {
        let (bids, asks) = (levels(&mut random, bid, -1, 23), levels(&mut random, ask, 1, 23));
        let (event, first, previous) = (1_700_000_000_000 + id, 100 + id, 99 + id);
        format!(
            "{{\"e\":\"depthUpdate\",\"E\":{event},\"T\":{event},\"s\":\"BTCUSDT\",\"U\":{first},\"u\":{first},\
             \"pu\":{previous},\"b\":{bids},\"a\":{asks}}}"
        )
        .into_bytes()
    };
    (snapshot.into_bytes(), (0..MESSAGES).map(message).collect())
}

fn grids() -> Grids {
    Grids::parse("0.1", "0.001").unwrap_or_else(|error| unreachable!("{error}"))
}

fn parsers(criterion: &mut Criterion) {
    let (_, messages) = stream();
    let (mut directory, mut sink) = (Directory::default(), Sink::default());
    directory.add("BTCUSDT", &grids());
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(MESSAGES));
    group.bench_function("scanner", |bencher| {
        bencher.iter(|| {
            for raw in &messages {
                sink.clear();
                black_box(USDM.wire.scan(raw, &mut directory, &mut sink));
            }
        });
    });
    group.bench_function("strict", |bencher| {
        bencher.iter(|| {
            for raw in &messages {
                sink.clear();
                let _ = black_box(USDM.wire.parse(raw, &mut directory, &mut sink));
            }
        });
    });
    group.finish();
}

fn books(criterion: &mut Criterion) {
    let (snapshot, messages) = stream();
    let make = || {
        let mut feed = Feed::new(&VENUES[1]);
        let _ = feed.add("BTCUSDT", 0, grids());
        let _ = feed.on_frame(&snapshot, 0);
        feed
    };
    let mut group = criterion.benchmark_group("feed");
    group.throughput(Throughput::Elements(MESSAGES));
    group.bench_function("on_frame", |bencher| {
        let work = |mut feed: Feed| {
            for raw in &messages {
                let _ = black_box(feed.on_frame(raw, 0));
            }
            feed
        };
        bencher.iter_batched(make, work, BatchSize::LargeInput);
    });
    group.finish();
}

criterion_group!(benches, parsers, books);
criterion_main!(benches);
