//! Columns, messages and reads on a stream like a busy perpetual's: about 37 updates a message, a thousand live levels
//! a side, changes that thin out away from the touch, a quarter of them removals, and sweeps through several levels.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use alipes_market::book::{L2, measures};
use alipes_market::grids::Grids;
use alipes_market::types::{Level, Side};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

const MESSAGES: usize = 20_000;

/// One message: changed bids and asks, best first.
type Message = [Vec<Level>; 2];

/// The seeded order flow; `live` is the true book, by side and price.
struct Market {
    state: u64,
    book: L2,
    best: [i64; 2],
}

impl Market {
    fn new() -> Self {
        let mut market = Self { state: 7, book: L2::new(), best: [599_999, 600_001] };
        for distance in 0..1_000 {
            market.put(&mut Message::default(), Side::Buy, 599_999 - distance, true);
            market.put(&mut Message::default(), Side::Sell, 600_001 + distance, true);
        }
        market
    }

    /// Uniform in [0, 1).
    fn uniform(&mut self) -> f64 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn exponential(&mut self, mean: f64) -> i64 {
        (-mean * (1.0 - self.uniform()).ln()) as i64
    }

    fn put(&mut self, message: &mut Message, side: Side, price: i64, is_there: bool) {
        let size = if is_there { 1_000 * (1 + self.exponential(2_000.0)) } else { 0 };
        self.book.set(side, Level::new(price, size));
        message[side as usize].push(Level::new(price, size));
    }

    fn has(&self, side: Side, price: i64) -> bool {
        self.book.size_at(side, alipes_market::types::Tick(price)).0 != 0
    }

    /// A taker removes levels of one side; the other side follows.
    fn sweep(&mut self, message: &mut Message, taken: Side) {
        let away = -taken.sign();
        for _ in 0..(1 + self.exponential(1.4)).min(8) {
            self.put(message, taken, self.best[taken as usize], false);
            self.best[taken as usize] += away;
            while !self.has(taken, self.best[taken as usize]) {
                self.put(message, taken, self.best[taken as usize], true);
            }
        }
        let follower = taken.opposite();
        self.best[follower as usize] = self.best[taken as usize] - away;
        self.put(message, follower, self.best[follower as usize], true);
    }

    fn message(&mut self) -> Message {
        let mut message = Message::default();
        match self.uniform() {
            roll if roll < 0.1 => self.sweep(&mut message, Side::Sell),
            roll if roll < 0.2 => self.sweep(&mut message, Side::Buy),
            _ => {}
        }
        for side in [Side::Buy, Side::Sell] {
            for _ in 0..18 {
                let distance = self.exponential(60.0).min(1_500);
                let is_there = distance == 0 || self.uniform() >= 0.25;
                let price = self.best[side as usize] - side.sign() * distance;
                self.put(&mut message, side, price, is_there);
            }
            message[side as usize].sort_by_key(|level| -side.sign() * level.price.0);
        }
        message
    }
}

fn stream() -> (L2, Vec<Message>) {
    let mut market = Market::new();
    let start = market.book.clone();
    (start, (0..MESSAGES).map(|_| market.message()).collect())
}

fn columns(messages: &[Message]) -> (Vec<u8>, Vec<i64>, Vec<i64>) {
    let rows = messages.iter().flat_map(|[bids, asks]| {
        bids.iter().map(|level| (1, level)).chain(asks.iter().map(|level| (0, level)))
    });
    let (mut is_bid, mut prices, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
    for (flag, level) in rows {
        is_bid.push(flag);
        prices.push(level.price.0);
        sizes.push(level.size.0);
    }
    (is_bid, prices, sizes)
}

fn apply(criterion: &mut Criterion) {
    let (start, messages) = stream();
    let (is_bid, prices, sizes) = columns(&messages);
    let mut group = criterion.benchmark_group("book");
    group.throughput(Throughput::Elements(prices.len() as u64));
    let mut book = start.clone();
    group.bench_function("apply_columns", |bencher| {
        bencher.iter(|| book.apply_columns(&is_bid, &prices, &sizes))
    });
    group.bench_function("apply_per_message", |bencher| {
        bencher.iter(|| messages.iter().for_each(|[bids, asks]| book.apply(bids, asks)));
    });
    group.finish();
}

fn reads(criterion: &mut Criterion) {
    let (book, _) = stream();
    let Ok(grids) = Grids::parse("0.1", "0.001") else {
        return;
    };
    criterion.bench_function("bbo", |bencher| bencher.iter(|| measures::bbo(black_box(&book), &grids)));
    criterion.bench_function("best_ten_levels", |bencher| {
        bencher.iter(|| black_box(&book).levels(Side::Buy).take(10).map(|level| level.size.0).sum::<i64>());
    });
    criterion.bench_function("replace_1000_levels_a_side", |bencher| {
        let sides = [Side::Buy, Side::Sell].map(|side| book.levels(side).collect::<Vec<_>>());
        let mut copy = book.clone();
        bencher.iter(|| copy.replace(&sides[0], &sides[1]));
    });
}

/// A side of 5,000 levels, three ticks apart, whose best price is taken again and again: the window follows.
fn walk(criterion: &mut Criterion) {
    const LEVELS: i64 = 5_000;
    const STEPS: i64 = 60_000;
    let levels: Vec<_> = (0..LEVELS).map(|at| Level::new(600_000 + 3 * at, 1)).collect();
    let mut start = L2::new();
    start.replace(&[], &levels);
    let mut group = criterion.benchmark_group("book");
    group.throughput(Throughput::Elements(2 * STEPS as u64));
    group.bench_function("walk_ten_windows", |bencher| {
        bencher.iter_batched_ref(
            || start.clone(),
            |book| {
                for step in 0..STEPS {
                    book.set(Side::Sell, Level::new(600_000 + 3 * step, 0));
                    book.set(Side::Sell, Level::new(600_000 + 3 * (step + LEVELS), 1));
                }
            },
            criterion::BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, apply, reads, walk);
criterion_main!(benches);
