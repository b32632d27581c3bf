//! The dual-SMA grid and a grid with ATR stops, one core: million bar·combinations a second.
//!
//! `cargo bench -p alipes-bars`; benches/bench_bars.py measures the public call beside vectorbt.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, missing_docs)]

use alipes_bars::data::Bar;
use alipes_bars::dataset::Columns;
use alipes_bars::direct::{self, Arrays};
use alipes_bars::graph::{Template, Value};
use alipes_bars::metrics::{Convention, Metric};
use alipes_bars::portfolio::{Fill, Opposite, Records, Size, Terms};
use alipes_bars::program::{Program, SlotNodes};
use alipes_bars::session::{Feed, Session};
use alipes_bars::sweep::{Scores, sweep};
use alipes_bars::walk::Series;
use std::collections::BTreeMap;
use std::time::Instant;

const BARS: usize = 200_000;
const STEP: i64 = 60_000_000_000;

fn closes() -> Vec<f64> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    let mut price = 30_000.0_f64;
    let step = |_| {
        price *= (0.0016 * (random() + random() + random())).exp();
        price
    };
    (0..BARS).map(step).collect()
}

fn node(op: &str, args: &[usize], value: Value) -> (String, Vec<usize>, Value) {
    (op.to_owned(), args.to_vec(), value)
}

/// Enter when the fast mean crosses above the slow one, exit when it crosses below.
fn cross() -> (Template, SlotNodes) {
    let text = |name: &str| Value::Text(name.to_owned());
    let none = || Value::None;
    let template = Template::new([
        node("col", &[], text("close")),
        node("param", &[], text("fast")),
        node("param", &[], text("slow")),
        node("mean", &[0, 1], none()),
        node("mean", &[0, 2], none()),
        node("gt", &[3, 4], none()),
        node("le", &[3, 4], none()),
        node("const", &[], Value::Number(1.0)),
        node("shift", &[6, 7], none()),
        node("and", &[5, 8], none()),
        node("lt", &[3, 4], none()),
        node("ge", &[3, 4], none()),
        node("shift", &[11, 7], none()),
        node("and", &[10, 12], none()),
        node("const", &[], Value::Number(0.0)),
    ])
    .unwrap();
    let slots = SlotNodes {
        signals: [Some(9), Some(13), None, None],
        size: ("equity".to_owned(), 7),
        exits: [None, None, None],
        max_bars: None,
        pyramid: 14,
        opposite: Opposite::Reverse,
    };
    (template, slots)
}

/// A run on ready-made signals: million bars a second.
fn signals(feed: &Feed<'_>, terms: &Terms) {
    let every = |from: usize| (0..BARS).map(|bar| u8::from(bar % 600 == from)).collect::<Vec<u8>>();
    let (enter, exit) = (every(100), every(400));
    let arrays = Arrays {
        signals: [Some(&enter), Some(&exit), None, None],
        size: (Size::Equity, Series::Const(1.0)),
        exits: [None; 3],
        max_bars: None,
    };
    let scores = Scores { convention: Convention::Alipes, metrics: Metric::ALL.to_vec() };
    let mut best = f64::MAX;
    for _ in 0..200 {
        let started = Instant::now();
        let done =
            direct::run(feed, &arrays, terms.clone(), scores.wants(), true, Records::default()).unwrap();
        assert!(done.track.trades.count > 100);
        best = best.min(started.elapsed().as_secs_f64());
    }
    println!("signals    {:8.2} ms {:8.0} M bars/s", best * 1e3, BARS as f64 / best / 1e6);
}

fn main() {
    let close = closes();
    let ts: Vec<i64> = (0..BARS as i64).map(|bar| bar * STEP).collect();
    let (template, slots) = cross();
    let program = Program::new(&template, slots).unwrap();
    let by_name: BTreeMap<String, &[f64]> =
        ["open", "high", "low", "close"].map(|name| (name.to_owned(), close.as_slice())).into();
    let own = Columns { ts: &ts, by_name, step: STEP };
    let detail: Vec<Bar> = Vec::new();
    let feed = Feed { own, others: BTreeMap::new(), funding: Vec::new(), detail, first: 0 };
    let mut terms = Terms::new(100.0, STEP);
    terms.taker = 0.001;
    terms.fill = Fill::SameClose;
    signals(&feed, &terms);
    let windows: Vec<f64> = (1..=20).map(|k| f64::from(k) * 5.0).collect();
    let sets: Vec<[f64; 2]> = (0..20)
        .flat_map(|a| (a + 1..20).map(move |b| (a, b)))
        .map(|(a, b)| [windows[a], windows[b]])
        .collect();
    let sets: Vec<&[f64]> = sets.iter().map(<[f64; 2]>::as_slice).collect();
    let metrics = vec![Metric::TotalReturn, Metric::MaxDrawdown, Metric::Sharpe, Metric::Trades];
    for convention in [Convention::Vectorbt, Convention::Alipes] {
        let scores = Scores { convention, metrics: metrics.clone() };
        let mut best = f64::MAX;
        for _ in 0..std::env::var("ROUNDS").map_or(7, |rounds| rounds.parse().unwrap()) {
            let started = Instant::now();
            let session = Session::new(&program, &feed, terms.clone()).unwrap();
            let scored = sweep(&session, &sets, &scores, 1, |_| true).unwrap();
            assert!(scored.is_done.iter().all(|&done| done));
            best = best.min(started.elapsed().as_secs_f64());
        }
        let rate = (sets.len() * BARS) as f64 / best / 1e6;
        println!("{:10} {:8.2} ms {rate:8.0} M bar·combinations/s", convention.name(), best * 1e3);
    }
}
