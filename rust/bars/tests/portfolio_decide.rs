//! Decisions and what a trade carries: B9 and B19.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod scripted;

use alipes_bars::portfolio::{BarError, Distance, Exit, Fill, Kind, Opposite, Plan, Side, Terms};
use scripted::*;

/// Signals at bar 0 open a position; `then` come at bar 1. Kinds and sides of the orders that `then` made.
fn decided(opposite: Opposite, first: Signal, then: Signal) -> Vec<(Kind, Side)> {
    let terms = Terms { opposite, pyramid: 1, ..terms() };
    let out = run(terms, &[flat(100.0), flat(100.0), flat(100.0)], &[(0, first), (1, then)], units(1.0));
    let held = usize::from(first != NONE);
    out.orders[held..].iter().map(|row| (row.kind, row.side)).collect()
}

const CLOSE_LONG: (Kind, Side) = (Kind::Close, Side::Sell);
const OPEN_LONG: (Kind, Side) = (Kind::Open, Side::Buy);
const ADD_LONG: (Kind, Side) = (Kind::Add, Side::Buy);
const CLOSE_SHORT: (Kind, Side) = (Kind::Close, Side::Buy);
const OPEN_SHORT: (Kind, Side) = (Kind::Open, Side::Sell);
const ADD_SHORT: (Kind, Side) = (Kind::Add, Side::Sell);

#[test]
fn every_combination_of_signals_has_one_meaning() {
    use Opposite::{Close, Ignore, Reverse};
    for bits in 0..16_u8 {
        let signal = Signal {
            enter_long: bits & 1 != 0,
            exit_long: bits & 2 != 0,
            enter_short: bits & 4 != 0,
            exit_short: bits & 8 != 0,
        };
        let conflict = signal.enter_long && signal.enter_short;
        let (el, es) = (signal.enter_long && !conflict, signal.enter_short && !conflict);
        for opposite in [Reverse, Close, Ignore] {
            let flat_expected = if el {
                vec![OPEN_LONG]
            } else if es {
                vec![OPEN_SHORT]
            } else {
                vec![]
            };
            assert_eq!(decided(opposite, NONE, signal), flat_expected, "flat {signal:?} {opposite:?}");
            let expected = |exit: bool, same: bool, other: bool, orders: [(Kind, Side); 3]| {
                let [close, open, add] = orders;
                match (exit, other, opposite) {
                    (_, true, Reverse) => vec![close, open],
                    (true, ..) | (_, true, Close) => vec![close],
                    _ if same => vec![add],
                    _ => vec![],
                }
            };
            let long = expected(signal.exit_long, el, es, [CLOSE_LONG, OPEN_SHORT, ADD_LONG]);
            assert_eq!(decided(opposite, EL, signal), long, "long {signal:?} {opposite:?}");
            let short = expected(signal.exit_short, es, el, [CLOSE_SHORT, OPEN_LONG, ADD_SHORT]);
            assert_eq!(decided(opposite, ES, signal), short, "short {signal:?} {opposite:?}");
        }
    }
}

#[test]
fn both_entries_count_as_a_conflict_and_exits_still_work() {
    let signals = [(0, both(EL, ES)), (1, EL), (2, both(both(EL, ES), XL))];
    let out = run(terms(), &[flat(100.0), flat(100.0), flat(100.0), flat(100.0)], &signals, units(1.0));
    assert_eq!(out.account.conflicts(), 2);
    assert_eq!(out.fills(), [(Kind::Open, 2, 100.0), (Kind::Close, 3, 100.0)]);
}

#[test]
fn a_trade_has_as_many_additions_as_pyramid_says() {
    let terms = Terms { pyramid: 2, ..terms() };
    let signals: Vec<_> = (0..6).map(|i| (i, EL)).collect();
    let prices = [flat(100.0), flat(100.0), flat(110.0), flat(120.0), flat(130.0), flat(140.0)];
    let out = run(terms, &prices, &signals, units(1.0));
    assert_eq!(out.fills(), [(Kind::Open, 1, 100.0), (Kind::Add, 2, 110.0), (Kind::Add, 3, 120.0)]);
    let trade = out.trades[0];
    assert_eq!((trade.entry_price, trade.size, trade.entry_bar), (110.0, 3.0, 1));
    assert_eq!(trade.pnl, 3.0 * 140.0 - 330.0);
}

#[test]
fn an_addition_replaces_the_levels_it_carries() {
    let terms = Terms { pyramid: 3, ..terms() };
    let prices = bars(&[flat(100.0), flat(100.0), flat(110.0), flat(110.0)]);
    let mut account = alipes_bars::portfolio::Account::new(terms, alipes_bars::portfolio::NoJournal).unwrap();
    let all = |distance: f64| trail(target(stop(units(1.0), distance), distance + 10.0), distance + 1.0);
    let partly =
        Plan { stop: Some(Distance::Price(2.0)), target: Some(Distance::Price(f64::NAN)), ..units(1.0) };
    for (i, plan) in [all(5.0), all(20.0), partly].into_iter().enumerate() {
        account.begin(i, &prices[i], &[]);
        account.decide(i, &prices[i], EL, || Ok::<_, BarError>(plan)).unwrap();
    }
    // The first addition at 110: 90, 140, 89.
    let levels = account.levels();
    assert_eq!((levels.stop, levels.target, levels.trail), (Some(90.0), Some(140.0), Some(89.0)));
    account.begin(3, &prices[3], &[]);
    let levels = account.levels();
    assert_eq!((levels.stop, levels.target, levels.trail), (Some(108.0), Some(140.0), Some(89.0)));
    assert_eq!(account.undefined_exits(), 1);
}

#[test]
fn distances_are_from_the_entry_fill_and_ratios_of_it() {
    let terms = Terms { slippage: 0.25, ..terms() };
    let plan = Plan {
        stop: Some(Distance::Ratio(0.5)),
        target: Some(Distance::Ratio(0.125)),
        trail: Some(Distance::Ratio(0.75)),
        ..units(1.0)
    };
    let levels = run(terms.clone(), &[flat(100.0), flat(64.0)], &[(0, EL)], plan).account.levels();
    assert_eq!((levels.stop, levels.target, levels.trail), (Some(40.0), Some(90.0), Some(20.0)));
    let levels = run(terms, &[flat(100.0), flat(64.0)], &[(0, ES)], plan).account.levels();
    assert_eq!((levels.stop, levels.target, levels.trail), (Some(72.0), Some(42.0), Some(84.0)));
}

#[test]
fn an_undefined_distance_is_counted_and_is_no_exit() {
    let plan = Plan {
        stop: Some(Distance::Price(f64::NAN)),
        target: Some(Distance::Ratio(f64::INFINITY)),
        trail: None,
        max_bars: Some(f64::NAN),
        ..units(1.0)
    };
    let out = run(terms(), &[flat(100.0), flat(100.0), [100.0, 900.0, 1.0, 50.0]], &[(0, EL)], plan);
    assert_eq!(out.fills().len(), 1);
    assert_eq!(out.account.undefined_exits(), 3);
    assert_eq!(out.account.next_time_due(), None);
}

fn refused(plan: Plan) -> BarError {
    let prices = bars(&[flat(100.0), flat(100.0), flat(100.0)]);
    let script = Script { signals: &[(1, EL)], ..Script::default() };
    play(terms(), &prices, &script, plan).unwrap_err()
}

#[test]
fn a_negative_size_names_its_bar() {
    assert_eq!(refused(units(-2.0)), BarError::NegativeSize { bar: 1, value: -2.0 });
    assert_eq!(refused(units(-2.0)).to_string(), "size must be >= 0, but it is -2 at bar 1");
}

#[test]
fn a_distance_that_is_not_above_zero_names_exit_and_bar() {
    let message = |plan| refused(plan).to_string();
    assert_eq!(message(stop(units(1.0), 0.0)), "stop_loss must be > 0, but it is 0 at bar 1");
    assert_eq!(message(target(units(1.0), -1.5)), "take_profit must be > 0, but it is -1.5 at bar 1");
    let ratio = Plan { trail: Some(Distance::Ratio(-0.1)), ..units(1.0) };
    assert_eq!(refused(ratio), BarError::Distance { exit: Exit::Trailing, bar: 1, value: -0.1 });
    let bars = Plan { max_bars: Some(0.0), ..units(1.0) };
    assert_eq!(message(bars), "max_bars must be > 0, but it is 0 at bar 1");
}

#[test]
fn the_plan_is_evaluated_only_when_something_is_opened_or_added() {
    let prices = bars(&[flat(100.0), flat(100.0)]);
    let mut account =
        alipes_bars::portfolio::Account::new(terms(), alipes_bars::portfolio::NoJournal).unwrap();
    let never = || -> Result<Plan, BarError> { panic!("not needed") };
    account.decide(0, &prices[0], both(XL, XS), never).unwrap();
    account.decide(0, &prices[0], both(EL, ES), never).unwrap();
    account.decide(0, &prices[0], EL, || Ok::<_, BarError>(units(1.0))).unwrap();
    account.begin(1, &prices[1], &[]);
    account.decide(1, &prices[1], EL, never).unwrap();
    account.decide(1, &prices[1], XL, never).unwrap();
    assert!(account.has_pending());
}

#[test]
fn next_time_due_is_the_open_time_of_the_bar_that_fills_it() {
    let plan = Plan { max_bars: Some(2.0), ..units(1.0) };
    for (fill, due) in [(Fill::NextOpen, 3), (Fill::NextClose, 3), (Fill::SameClose, 2)] {
        let out = run(Terms { fill, ..terms() }, &[flat(100.0), flat(100.0)], &[(0, EL)], plan);
        assert_eq!(out.account.next_time_due(), Some(due * STEP), "{fill:?}");
        let out = run(Terms { fill, ..terms() }, &[flat(100.0); 6], &[(0, EL)], plan);
        assert_eq!(out.fills()[1].1, due, "{fill:?}");
    }
}
