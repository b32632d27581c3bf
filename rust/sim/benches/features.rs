//! The synthetic market and the columns that follow from it, per message.
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark that cannot run has to stop, and says so")]

use alipes_market::columns::{Columns, Recording, Subject};
use alipes_market::grids::Grids;
use alipes_market::types::Ns;
use alipes_sim::synth::{SynthConfig, SynthMarket};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

const MESSAGES: usize = 20_000;
const SUBJECTS: [(&str, &[&str]); 4] = [
    ("trades", &["trade_count", "buy_volume"]),
    ("touch", &["mid", "spread", "microprice", "ofi"]),
    ("depth", &["imbalance(5)", "depth_bid(10bps)", "depth_ask(10bps)"]),
    ("windows", &["ofi(1s)", "volume(1s)", "trade_count(10s)", "ewma(mid, 1s)"]),
];

fn frames() -> Vec<(Ns, Vec<u8>)> {
    let mut market = SynthMarket::new(SynthConfig::default()).unwrap();
    (0..MESSAGES).map(|_| market.next_frame().map(|(ts, frame)| (ts, frame.to_vec())).unwrap()).collect()
}

fn subject() -> Subject<'static> {
    let grids = Grids::parse("0.1", "0.001").unwrap();
    Subject { venue: "binanceusdm", symbol: "BTC/USDT:USDT", grids }
}

fn benches(criterion: &mut Criterion) {
    let frames = frames();
    let mut group = criterion.benchmark_group("messages");
    group.throughput(Throughput::Elements(MESSAGES as u64)).sample_size(20);
    group.bench_function("synth", |bencher| {
        bencher.iter(|| {
            let mut market = SynthMarket::new(SynthConfig::default()).unwrap();
            (0..MESSAGES).map(|_| market.next_frame().map_or(0, |(_, frame)| frame.len())).sum::<usize>()
        });
    });
    for (name, columns) in SUBJECTS {
        let columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
        group.bench_function(format!("columns/{name}"), |bencher| {
            bencher.iter(|| {
                let mut made = Columns::new(&subject(), &columns, None).unwrap();
                frames.iter().for_each(|(ts, frame)| made.push(*ts, frame, String::new).unwrap());
                black_box(made.finish().unwrap())
            });
        });
    }
    group.bench_function("event_log", |bencher| {
        bencher.iter(|| {
            let mut made = Recording::new(&subject()).unwrap();
            frames.iter().for_each(|(ts, frame)| made.push(*ts, frame, String::new).unwrap());
            black_box(made.finish().unwrap())
        });
    });
    group.finish();
}

criterion_group!(features, benches);
criterion_main!(features);
