//! Requests a second through the live exchange: a book of many orders, a maker that re-quotes, a taker that hits it.
//!
//! `cargo bench -p alipes-sim --bench live`

#![allow(missing_docs, clippy::unwrap_used, reason = "criterion's macros; a bench may panic")]

use alipes_market::decimal::{Decimal, Grid};
use alipes_market::instrument::{Kind, Names, PriceRule, Spec};
use alipes_market::types::{Side, Size, Tick};
use alipes_sim::exchange::live::{LiveExchange, NewListing, Rates, SelfTrade};
use alipes_sim::exchange::{NewOrder, TimeInForce};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::sync::Arc;

const LOT: i64 = 1_000;
const REQUESTS: u64 = 10_000;

fn exchange() -> LiveExchange {
    let text = |name: &str| name.to_owned();
    let names = Names { symbol: text("X/Y:Y"), base: text("X"), quote: text("Y"), settle: text("Y") };
    let rule = PriceRule::Fixed(Grid::new(Decimal::new(1, 1)).unwrap());
    let spec =
        Arc::new(Spec::new(names, Kind::Linear, rule, Decimal::new(1, 3), Decimal::ONE, None).unwrap());
    let rates = Rates::new(&spec, Decimal::new(2, 4), Decimal::new(5, 4), None, None).unwrap();
    let mut exchange = LiveExchange::new();
    let maintenance_rate = NewListing::MAINTENANCE_RATE;
    exchange.add_instrument(0, NewListing { spec, rates, max_leverage: 125, maintenance_rate }).unwrap();
    for _ in 0..2 {
        let account = exchange.add_account();
        exchange.deposit(0, account, "Y", Decimal::new(1_000_000_000, 0)).unwrap();
    }
    exchange.mark(0, 0, Tick(600_000)).unwrap();
    exchange
}

fn order(id: u64, side: Side, price: i64, lots: i64) -> NewOrder {
    NewOrder {
        client_id: format!("o{id}").into(),
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

/// A thousand orders a side on a hundred levels.
fn full_book() -> LiveExchange {
    let mut exchange = exchange();
    for n in 0..1_000_i64 {
        for (side, price) in [(Side::Buy, 599_990 - n % 100), (Side::Sell, 600_010 + n % 100)] {
            let id = n.unsigned_abs() * 2 + side as u64;
            exchange.submit(n, 1, order(id, side, price, 5), SelfTrade::Allow).unwrap();
        }
    }
    exchange
}

fn bench(criterion: &mut Criterion) {
    let full = full_book();
    let mut group = criterion.benchmark_group("live exchange");
    group.throughput(Throughput::Elements(REQUESTS)).sample_size(10);
    group.bench_function("submit and cancel, 2,000 orders at rest", |bencher| {
        let play = |mut exchange: LiveExchange| {
            for n in 0..REQUESTS / 2 {
                exchange.submit(0, 2, order(n, Side::Buy, 599_950, 1), SelfTrade::Allow).unwrap();
                exchange.cancel(0, 2, 2_001 + n).unwrap();
            }
            exchange
        };
        bencher.iter_batched(|| full.clone(), play, BatchSize::LargeInput);
    });
    group.bench_function("submit and match, 2,000 orders at rest", |bencher| {
        let play = |mut exchange: LiveExchange| {
            for n in 0..REQUESTS / 2 {
                exchange.submit(0, 1, order(9_000 + n, Side::Sell, 600_000, 1), SelfTrade::Allow).unwrap();
                exchange.submit(0, 2, order(n, Side::Buy, 600_000, 1), SelfTrade::Allow).unwrap();
            }
            exchange
        };
        bencher.iter_batched(|| full.clone(), play, BatchSize::LargeInput);
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
