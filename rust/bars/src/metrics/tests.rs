//! Every statistic of every convention: what it says it needs is what it reads.

use super::run::DAY;
use super::*;

const START: Ns = 1_704_067_200_000_000_000;
const HOUR: Ns = DAY / 24;

/// Twenty days of hours that rise and fall, with a trade won, one lost and one open.
fn run() -> (Vec<Ns>, Vec<f64>, Vec<TradeFact>) {
    let ts: Vec<Ns> = (0..480).map(|bar| START + bar * HOUR).collect();
    let equity = (0..480_i32).map(|bar| 1000.0 + f64::from(bar * 37 % 101) + f64::from(bar) * 0.5).collect();
    let trade = |entry: usize, exit: usize, pnl: f64, is_open| TradeFact {
        pnl,
        ratio: pnl / 900.0,
        entry_ts: ts[entry] + HOUR,
        exit_ts: ts[exit] + HOUR,
        entry_bar: entry,
        exit_bar: exit,
        fees: 1.0,
        value: 1800.0,
        is_open,
    };
    let trades = vec![trade(3, 50, 40.0, false), trade(60, 200, -15.0, false), trade(300, 479, 9.0, true)];
    (ts, equity, trades)
}

fn each(mut check: impl FnMut(Convention, Metric)) {
    for convention in Convention::ALL {
        Metric::ALL.iter().for_each(|&metric| check(convention, metric));
    }
}

#[test]
fn a_track_yields_what_does_not_need_equity_and_the_same_as_with_it() {
    let (ts, equity, trades) = run();
    each(|convention, metric| {
        let track = track_of(convention, 1000.0, &ts, HOUR, &equity, &trades);
        let alone = streaming(convention, metric, &track);
        assert_eq!(alone.is_none(), needs_equity(convention, metric), "{convention:?} {metric:?}");
        let value = from_equity(convention, metric, &track, &equity, &ts, &trades);
        assert!(value.is_finite(), "{convention:?} {metric:?} {value}");
        assert!(alone.is_none_or(|alone| alone.to_bits() == value.to_bits()), "{convention:?} {metric:?}");
    });
}

#[test]
fn days_are_read_by_those_that_say_so_only() {
    let (ts, equity, trades) = run();
    each(|convention, metric| {
        let whole = track_of(convention, 1000.0, &ts, HOUR, &equity, &trades);
        let without = Track { days: Vec::new(), ..whole.clone() };
        let value = |track| streaming(convention, metric, track).map(f64::to_bits);
        assert_eq!(
            value(&whole) != value(&without),
            needs_days(convention, metric),
            "{convention:?} {metric:?}"
        );
    });
}

#[test]
fn moments_are_read_by_those_that_say_so_and_found_from_equity_without_them() {
    let (ts, equity, trades) = run();
    each(|convention, metric| {
        let whole = track_of(convention, 1000.0, &ts, HOUR, &equity, &trades);
        let without = Track { moments: None, ..whole.clone() };
        let lost = streaming(convention, metric, &whole).is_some()
            && streaming(convention, metric, &without).is_none();
        assert_eq!(lost, needs_moments(convention, metric), "{convention:?} {metric:?}");
        let value = |track| from_equity(convention, metric, track, &equity, &ts, &trades).to_bits();
        assert_eq!(value(&whole), value(&without), "{convention:?} {metric:?}");
    });
}

#[test]
fn no_bars_have_no_statistics_and_no_faults() {
    each(|convention, metric| {
        let track = track_of(convention, 1000.0, &[], HOUR, &[], &[]);
        let value = from_equity(convention, metric, &track, &[], &[], &[]);
        assert!(value.is_nan() || value == 0.0 || value.is_infinite(), "{convention:?} {metric:?} {value}");
    });
}
