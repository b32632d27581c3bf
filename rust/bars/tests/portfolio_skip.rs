//! Bars that are quiet may be skipped: every-bar driving and jumping leave the same rows and the same bits.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod scripted;

use alipes_bars::data::{Bar, Ns, OpenTimes};
use alipes_bars::portfolio::{
    Account, BarError, Distance, Fill, Grid, Holdings, Journal, Opposite, OrderLog, Path, Plan, Records,
    Signals, Size, Terms,
};
use proptest::prelude::*;
use scripted::STEP;

fn cases() -> u32 {
    let is_long = std::env::var("ALIPES_LONG").is_ok_and(|value| !matches!(value.as_str(), "" | "0"));
    if is_long { 20_000 } else { 1_000 }
}

/// A bar, the finer bars in it, what its rules say and the funding before it.
#[derive(Clone, Debug)]
struct Scene {
    bar: Bar,
    detail: Vec<Bar>,
    signals: Signals,
    plan: Plan,
    funding: Option<f64>,
}

/// Prices lie on halves, so that touches and ties are common.
fn halves(steps: std::ops::Range<i32>) -> impl Strategy<Value = f64> {
    steps.prop_map(|step| f64::from(step) / 2.0)
}

fn distance() -> impl Strategy<Value = Option<Distance>> {
    prop_oneof![
        3 => Just(None),
        3 => halves(1..16).prop_map(|distance| Some(Distance::Price(distance))),
        2 => (1..20_i32).prop_map(|percent| Some(Distance::Ratio(f64::from(percent) / 100.0))),
        1 => Just(Some(Distance::Price(f64::NAN))),
    ]
}

fn plan() -> impl Strategy<Value = Plan> {
    let size = prop_oneof![
        (1..12_i32).prop_map(|tenths| Size::Units(f64::from(tenths) / 10.0)),
        (1..900_i32).prop_map(|notional| Size::Notional(f64::from(notional))),
        Just(Size::Equity(1.0)),
        (1..30_i32).prop_map(|tenths| Size::Exposure(f64::from(tenths) / 10.0)),
        Just(Size::Risk(0.02)),
        Just(Size::Units(f64::NAN)),
    ];
    let max_bars = prop_oneof![2 => Just(None), 1 => (1..30_i32).prop_map(|bars| Some(f64::from(bars)))];
    (size, distance(), distance(), distance(), max_bars)
        .prop_map(|(size, stop, target, trail, max_bars)| Plan { size, stop, target, trail, max_bars })
}

fn signals() -> impl Strategy<Value = Signals> {
    prop_oneof![
        9 => Just(Signals::default()),
        1 => any::<[bool; 4]>().prop_map(|[enter_long, exit_long, enter_short, exit_short]| Signals {
            enter_long,
            exit_long,
            enter_short,
            exit_short,
        }),
        1 => Just(Signals { enter_long: true, ..Signals::default() }),
        1 => Just(Signals { enter_short: true, ..Signals::default() }),
    ]
}

fn bar_at(ts: Ns, [a, b, c, d]: [f64; 4], base: f64) -> Bar {
    let prices = [base + a, base + b, base + c, base + d];
    let low = prices.iter().copied().fold(f64::INFINITY, f64::min);
    let high = prices.iter().copied().fold(0.0, f64::max);
    Bar { ts, open: prices[0], high, low, close: prices[1], spread: 1.0, mark: prices[0] }
}

fn scene() -> impl Strategy<Value = (i32, Scene)> {
    let offsets = || prop::array::uniform4(halves(-4..5));
    let funding = prop_oneof![9 => Just(None), 1 => (-3..4_i32).prop_map(|bps| Some(f64::from(bps) / 100.0))];
    let detail = prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(offsets(), 1..4)];
    (1..3_i32, halves(-8..9), offsets(), detail, signals(), plan(), funding).prop_map(
        |(gap, drift, offsets, finer, signals, plan, funding)| {
            let bar = bar_at(0, offsets, 100.0 + drift);
            let detail = finer.into_iter().map(|offsets| bar_at(0, offsets, 100.0 + drift)).collect();
            (gap, Scene { bar, detail, signals, plan, funding })
        },
    )
}

fn terms() -> impl Strategy<Value = Terms> {
    let fill = prop::sample::select(vec![Fill::NextOpen, Fill::SameClose, Fill::NextClose]);
    let path = prop::sample::select(vec![Path::Pessimistic, Path::Optimistic, Path::Nearest, Path::Detail]);
    let opposite = prop::sample::select(vec![Opposite::Reverse, Opposite::Close, Opposite::Ignore]);
    let slippage = prop::sample::select(vec![0.0, 0.001]);
    let leverage = prop::sample::select(vec![1.0, 3.0, 20.0]);
    let grid = prop_oneof![Just(None), Just(Some(Grid { tick: 0.1, lot: 0.01, min_notional: 5.0 }))];
    let flags = any::<[bool; 3]>();
    (fill, path, opposite, slippage, leverage, grid, flags, 0..3_u32).prop_map(
        |(fill, path, opposite, slippage, leverage, grid, flags, pyramid)| {
            let [uses_spread, size_at_decision, close_at_end] = flags;
            Terms {
                taker: 0.001,
                maker: 0.0005,
                fixed_fee: 0.01,
                slippage: if uses_spread { 0.0 } else { slippage },
                fill,
                path,
                opposite,
                leverage,
                grid,
                uses_spread,
                size_at_decision,
                close_at_end,
                pyramid,
                ..Terms::new(1000.0, STEP)
            }
        },
    )
}

/// Everything a run leaves, to the bit.
fn remains(account: &Account<Records>, end: Ns) -> String {
    format!(
        "{:#?} {:x} {:?} {} {} {:?} {}",
        account.journal(),
        account.cash().to_bits(),
        account.tally(),
        account.conflicts(),
        account.undefined_exits(),
        account.ruined(),
        account.exposure(end),
    )
}

fn step<J: Journal>(account: &mut Account<J>, i: usize, scene: &Scene) {
    if let Some(rate) = scene.funding {
        account.funding(scene.bar.mark, rate);
    }
    account.begin(i, &scene.bar, &scene.detail);
    account.decide(i, &scene.bar, scene.signals, || Ok::<_, BarError>(scene.plan)).unwrap();
}

/// An account that has been through every bar.
fn played<J: Journal>(terms: &Terms, scenes: &[Scene], journal: J) -> Account<J> {
    let mut account = Account::new(terms.clone(), journal).unwrap();
    for (i, scene) in scenes.iter().enumerate() {
        step(&mut account, i, scene);
    }
    account.finish(scenes.len() - 1, &scenes.last().unwrap().bar);
    account
}

fn every_bar(terms: &Terms, scenes: &[Scene]) -> String {
    remains(&played(terms, scenes, Records::default()), scenes.last().unwrap().bar.ts + STEP)
}

fn finish(mut account: Account<Records>, scenes: &[Scene]) -> String {
    let last = scenes.last().unwrap();
    account.finish(scenes.len() - 1, &last.bar);
    remains(&account, last.bar.ts + STEP)
}

/// Scenes at rising times, with the gaps given before each.
fn spaced(scenes: Vec<(i32, Scene)>) -> Vec<Scene> {
    let mut ts = 0;
    let placed = |(gap, mut scene): (i32, Scene)| {
        ts += Ns::from(gap) * STEP;
        scene.bar.ts = ts;
        scene
    };
    scenes.into_iter().map(placed).collect()
}

/// Lowest and highest price that a bar's path holds.
fn range(scene: &Scene, path: Path) -> (f64, f64) {
    if path != Path::Detail || scene.detail.is_empty() {
        return (scene.bar.low, scene.bar.high);
    }
    let low = scene.detail.iter().map(|bar| bar.low).fold(scene.bar.open, f64::min);
    (low, scene.detail.iter().map(|bar| bar.high).fold(scene.bar.open, f64::max))
}

/// Jumps over runs of at most `longest` quiet bars; also says how many bars it skipped.
fn jumping(terms: &Terms, scenes: &[Scene], longest: usize) -> (String, usize) {
    let mut account = Account::new(terms.clone(), Records::default()).unwrap();
    let (mut i, mut skipped) = (0, 0);
    while i < scenes.len() {
        let (start, mut run) = (i, (f64::INFINITY, f64::NEG_INFINITY));
        while i < scenes.len() && i - start < longest && !account.has_pending() {
            let scene = &scenes[i];
            let (low, high) = range(scene, terms.path);
            let wider = (run.0.min(low), run.1.max(high));
            let is_due = account.next_time_due().is_some_and(|due| scene.bar.ts >= due);
            let is_eventful = scene.funding.is_some() || scene.signals != Signals::default() || is_due;
            if is_eventful || !account.quiet(wider.0, wider.1) {
                break;
            }
            run = wider;
            i += 1;
        }
        if i > start {
            account.skip(run.0, run.1);
            skipped += i - start;
        }
        if i < scenes.len() {
            step(&mut account, i, &scenes[i]);
            i += 1;
        }
    }
    (finish(account, scenes), skipped)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn jumping_over_quiet_bars_changes_no_bit(
        terms in terms(),
        scenes in prop::collection::vec(scene(), 1..80).prop_map(spaced),
        longest in 1..20_usize,
    ) {
        let expected = every_bar(&terms, &scenes);
        let (jumped, _) = jumping(&terms, &scenes, longest);
        prop_assert_eq!(jumped, expected);
    }

    #[test]
    fn the_log_gives_the_rows_that_were_to_be_kept(
        terms in terms(),
        scenes in prop::collection::vec(scene(), 1..80).prop_map(spaced),
    ) {
        let kept = played(&terms, &scenes, Records::default()).into_journal();
        let log = played(&terms, &scenes, OrderLog::default()).into_journal();
        let ts: Vec<Ns> = scenes.iter().map(|scene| scene.bar.ts).collect();
        let times = OpenTimes::of(&ts, STEP);
        prop_assert_eq!(format!("{:?}", log.orders(&terms, &times)), format!("{:?}", kept.orders));
        prop_assert_eq!(format!("{:?}", log.trades(&terms, &times)), format!("{:?}", kept.trades));
    }

    #[test]
    fn the_log_gives_what_was_held_but_for_funding(
        terms in terms(),
        scenes in prop::collection::vec(scene(), 1..80).prop_map(spaced),
    ) {
        let mut account = Account::new(terms.clone(), OrderLog::default()).unwrap();
        let (mut held, mut noted) = (Holdings::new(terms.cash), Holdings::new(terms.cash));
        for (i, scene) in scenes.iter().enumerate() {
            step(&mut account, i, scene);
            if i + 1 == scenes.len() {
                account.finish(i, &scene.bar);
            }
            held.note(i, account.cash(), account.units());
            if scene.funding.is_some() {
                noted.push(i, account.cash(), account.units());
            }
        }
        let closes: Vec<f64> = scenes.iter().map(|scene| scene.bar.close).collect();
        prop_assert_eq!(account.journal().holdings(&terms, &noted).by_bar(&closes), held.by_bar(&closes));
    }

    #[test]
    fn money_is_conserved(terms in terms(), spaced in prop::collection::vec(scene(), 1..80)) {
        let mut account = Account::new(terms, Records::default()).unwrap();
        let scenes: Vec<Scene> = spaced.into_iter().enumerate().map(|(i, (_, mut scene))| {
            scene.bar.ts = i as Ns * STEP;
            scene
        }).collect();
        for (i, scene) in scenes.iter().enumerate() {
            step(&mut account, i, scene);
        }
        let last = scenes.last().unwrap().bar;
        account.finish(scenes.len() - 1, &last);
        let rows = account.journal();
        let pnl: f64 = rows.trades.iter().map(|trade| trade.pnl).sum();
        prop_assert!((1000.0 + pnl - account.equity_at(last.close)).abs() < 1e-6);
        let fees: f64 = rows.orders.iter().map(|order| order.fee).sum();
        prop_assert!((fees - account.tally().fees).abs() < 1e-6);
        let is_sorted = rows.orders.iter().enumerate().all(|(i, order)| order.id == i as u64);
        prop_assert!(is_sorted, "every id has one row");
        for (i, trade) in rows.trades.iter().enumerate() {
            prop_assert_eq!(trade.id, i as u64);
            prop_assert!(trade.exit_ts >= trade.entry_ts);
        }
    }
}

#[test]
fn quiet_bars_are_skipped_in_fact() {
    let bar = |ts| Scene {
        bar: bar_at(ts, [0.0, 0.5, -0.5, 1.0], 100.0),
        detail: vec![],
        signals: Signals { enter_long: ts == 0, ..Signals::default() },
        plan: Plan { stop: Some(Distance::Price(5.0)), ..Plan::new(Size::Equity(1.0)) },
        funding: None,
    };
    let scenes: Vec<Scene> = (0..50).map(|i| bar(i * STEP)).collect();
    let terms = Terms::new(1000.0, STEP);
    let (jumped, skipped) = jumping(&terms, &scenes, 1000);
    assert_eq!(skipped, 48);
    assert_eq!(jumped, every_bar(&terms, &scenes));
}
