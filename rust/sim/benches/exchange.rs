//! Market events a second through the simulated exchange: alone, and with a quoter's orders at rest.
//!
//! `cargo bench -p alipes-sim --bench exchange`

#![allow(missing_docs, clippy::unwrap_used, reason = "criterion's macros; a bench may panic")]

use alipes_market::decimal::{Decimal, Grid};
use alipes_market::feed::Feed;
use alipes_market::frame::Frame;
use alipes_market::grids::Grids;
use alipes_market::instrument::{Kind, Names, PriceRule, Spec};
use alipes_market::types::{Side, Size, Tick};
use alipes_market::venue::Venue;
use alipes_sim::exchange::{Exchange, Fees, Latency, NewOrder, TimeInForce};
use alipes_sim::synth::{SynthConfig, SynthMarket};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::sync::Arc;

const FRAMES: usize = 20_000;
const MS: i64 = 1_000_000;

fn spec() -> Spec {
    let config = SynthConfig::default();
    let text = |name: &str| name.to_owned();
    let names = Names { symbol: config.symbol, base: text("BTC"), quote: text("USDT"), settle: text("USDT") };
    let rule = PriceRule::Fixed(Grid::new(config.tick_size).unwrap());
    Spec::new(names, Kind::Linear, rule, config.lot_size, Decimal::ONE, None).unwrap()
}

/// The synthetic market as the exchange sees it.
fn frames(spec: &Spec) -> Vec<Frame> {
    let mut market = SynthMarket::new(SynthConfig::default()).unwrap();
    let mut feed = Feed::new(Venue::of("binanceusdm").unwrap());
    feed.add(&spec.names.symbol, 0, Grids { price: spec.tick, size: spec.size }).unwrap();
    let mut frames = Vec::with_capacity(FRAMES);
    while frames.len() < FRAMES {
        let (ts_recv, raw) = market.next_frame().unwrap();
        feed.on_frame(raw, ts_recv).unwrap();
        frames.push(feed.frame().clone());
    }
    frames
}

fn exchange(spec: &Arc<Spec>) -> Exchange {
    let fees = Fees::new(spec, Decimal::new(2, 4), Decimal::new(5, 4), None, None).unwrap();
    let mut exchange = Exchange::new(Latency { entry: 2 * MS, response: 2 * MS }, None);
    exchange.add_instrument(0, Arc::clone(spec), fees, 0).unwrap();
    exchange
}

/// Ten orders a side, far enough not to trade.
fn rest_orders(exchange: &mut Exchange, spec: &Spec, ts_recv: i64, mid: i64) {
    for n in 1..=10 {
        for (side, price) in [(Side::Buy, mid - 500 - n), (Side::Sell, mid + 500 + n)] {
            let order = NewOrder {
                client_id: format!("{side:?}{n}").into(),
                instrument: 0,
                side,
                is_market: false,
                tif: TimeInForce::Gtc,
                is_post_only: true,
                is_reduce_only: false,
                price: Tick(price),
                size: Size(spec.lot_steps()),
            };
            exchange.submit(ts_recv, order).unwrap();
        }
    }
}

fn bench(criterion: &mut Criterion) {
    let spec = Arc::new(spec());
    let frames = frames(&spec);
    let events: usize = frames.iter().map(|frame| frame.events.len()).sum();
    let mid = spec.tick.exact(SynthConfig::default().price).unwrap();
    let mut group = criterion.benchmark_group("exchange");
    group.throughput(Throughput::Elements(events as u64)).sample_size(10);
    for (name, has_orders) in [("events", false), ("events with 20 orders at rest", true)] {
        group.bench_function(name, |bencher| {
            let start = || {
                let mut exchange = exchange(&spec);
                frames[..100].iter().for_each(|frame| exchange.ingest(frame).unwrap());
                if has_orders {
                    rest_orders(&mut exchange, &spec, frames[99].ts_recv, mid);
                }
                exchange
            };
            let play = |mut exchange: Exchange| {
                frames[100..].iter().for_each(|frame| exchange.ingest(frame).unwrap());
                exchange
            };
            bencher.iter_batched(start, play, BatchSize::LargeInput);
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
