//! Stops, targets, trails, liquidation and the way prices take inside a bar: B5 to B8, B14, and costs of exits.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod scripted;

use alipes_bars::portfolio::{Grid, Kind, Path, Plan, Reason, Size, Terms};
use scripted::*;

fn on(path: Path) -> Terms {
    Terms { path, ..terms() }
}

/// Enters at 100 on bar 1, which is flat, then lives through `bar`; what ended the trade, if anything did.
fn exit_in(terms: Terms, entry: scripted::Signal, plan: Plan, bar: [f64; 4]) -> Option<(Kind, f64)> {
    let out = run(terms, &[flat(100.0), flat(100.0), bar], &[(0, entry)], plan);
    out.fills().get(1).map(|&(kind, at, price)| {
        assert_eq!(at, 2);
        (kind, price)
    })
}

#[test]
fn both_in_one_bar_the_path_decides() {
    let plan = target(stop(units(1.0), 5.0), 5.0);
    let bar = [100.0, 106.0, 94.0, 100.0];
    for (path, long) in [
        (Path::Pessimistic, (Kind::StopLoss, 95.0)),
        (Path::Optimistic, (Kind::TakeProfit, 105.0)),
        (Path::Nearest, (Kind::StopLoss, 95.0)),
        (Path::Detail, (Kind::StopLoss, 95.0)),
    ] {
        assert_eq!(exit_in(on(path), EL, plan, bar), Some(long), "{path:?}");
    }
    for (path, short) in [
        (Path::Pessimistic, (Kind::StopLoss, 105.0)),
        (Path::Optimistic, (Kind::TakeProfit, 95.0)),
        (Path::Nearest, (Kind::StopLoss, 105.0)),
        (Path::Detail, (Kind::StopLoss, 105.0)),
    ] {
        assert_eq!(exit_in(on(path), ES, plan, bar), Some(short), "{path:?}");
    }
}

#[test]
fn nearest_goes_to_the_nearer_extreme_first() {
    let plan = target(stop(units(1.0), 5.0), 5.0);
    assert_eq!(
        exit_in(on(Path::Nearest), EL, plan, [100.0, 106.0, 93.0, 100.0]),
        Some((Kind::TakeProfit, 105.0))
    );
    assert_eq!(
        exit_in(on(Path::Nearest), EL, plan, [100.0, 107.0, 94.0, 100.0]),
        Some((Kind::StopLoss, 95.0))
    );
    assert_eq!(
        exit_in(on(Path::Nearest), ES, plan, [100.0, 106.0, 93.0, 100.0]),
        Some((Kind::StopLoss, 105.0))
    );
    assert_eq!(
        exit_in(on(Path::Nearest), ES, plan, [100.0, 107.0, 94.0, 100.0]),
        Some((Kind::TakeProfit, 95.0))
    );
}

#[test]
fn a_stop_is_triggered_by_touch() {
    let plan = stop(units(1.0), 5.0);
    assert_eq!(exit_in(terms(), EL, plan, [100.0, 101.0, 95.0, 100.0]), Some((Kind::StopLoss, 95.0)));
    assert_eq!(exit_in(terms(), EL, plan, [100.0, 101.0, 95.01, 100.0]), None);
    assert_eq!(exit_in(terms(), ES, plan, [100.0, 105.0, 99.0, 100.0]), Some((Kind::StopLoss, 105.0)));
}

#[test]
fn a_target_must_be_traded_through_on_the_pessimistic_path() {
    let plan = target(units(1.0), 5.0);
    let touch = [100.0, 105.0, 99.0, 100.0];
    assert_eq!(exit_in(terms(), EL, plan, touch), None);
    assert_eq!(exit_in(on(Path::Detail), EL, plan, touch), None);
    assert_eq!(exit_in(on(Path::Optimistic), EL, plan, touch), Some((Kind::TakeProfit, 105.0)));
    assert_eq!(exit_in(on(Path::Nearest), EL, plan, touch), Some((Kind::TakeProfit, 105.0)));
    assert_eq!(exit_in(terms(), EL, plan, [100.0, 105.01, 99.0, 100.0]), Some((Kind::TakeProfit, 105.0)));
}

#[test]
fn a_gap_over_a_stop_fills_at_the_open() {
    let plan = stop(units(1.0), 5.0);
    assert_eq!(exit_in(terms(), EL, plan, [93.0, 97.0, 92.0, 96.0]), Some((Kind::StopLoss, 93.0)));
    assert_eq!(exit_in(terms(), EL, plan, flat(95.0)), Some((Kind::StopLoss, 95.0)));
    assert_eq!(exit_in(terms(), ES, plan, [107.0, 107.0, 103.0, 104.0]), Some((Kind::StopLoss, 107.0)));
}

#[test]
fn a_gap_over_a_target_gives_the_better_open() {
    let plan = target(units(1.0), 5.0);
    assert_eq!(exit_in(terms(), EL, plan, flat(107.0)), Some((Kind::TakeProfit, 107.0)));
    assert_eq!(exit_in(terms(), ES, plan, flat(93.0)), Some((Kind::TakeProfit, 93.0)));
    assert_eq!(exit_in(terms(), EL, plan, flat(105.0)), None);
    assert_eq!(exit_in(on(Path::Optimistic), EL, plan, flat(105.0)), Some((Kind::TakeProfit, 105.0)));
}

#[test]
fn a_stop_slips_and_takes_a_target_does_neither() {
    let costs = Terms { slippage: 0.25, taker: 0.5, maker: 0.25, fixed_fee: 1.0, ..terms() };
    let plan = target(stop(units(1.0), 45.0), 5.0);
    // Entry at 125, stop at 80, target at 130.
    let out = run(costs.clone(), &[flat(100.0), [100.0, 100.0, 75.0, 100.0]], &[(0, EL)], plan);
    let [open, stop] = out.orders[..] else { panic!("{:?}", out.orders) };
    assert_eq!((open.price, open.fee, open.is_maker), (125.0, 63.5, false));
    assert_eq!((stop.price, stop.fee, stop.is_maker), (60.0, 31.0, false));
    assert_eq!(out.trades[0].pnl, 60.0 - 125.0 - 63.5 - 31.0);
    let out = run(costs, &[flat(100.0), flat(100.0), flat(132.0)], &[(0, EL)], plan);
    let target = out.orders[1];
    assert_eq!((target.price, target.fee, target.is_maker), (132.0, 34.0, true));
}

#[test]
fn half_the_spread_of_the_fill_bar_is_the_slippage() {
    let mut prices = bars(&[flat(100.0), flat(100.0), [100.0, 101.0, 90.0, 95.0]]);
    (prices[0].spread, prices[1].spread, prices[2].spread) = (8.0, 1.0, 2.0);
    let terms = Terms { uses_spread: true, ..terms() };
    let script = Script { signals: &[(0, EL)], ..Script::default() };
    let out = play(terms, &prices, &script, stop(units(1.0), 5.0)).unwrap();
    assert_eq!(out.fills(), [(Kind::Open, 1, 100.5), (Kind::StopLoss, 2, 94.5)]);
}

#[test]
fn slippage_is_not_clamped_to_the_bar() {
    let terms = Terms { slippage: 0.1, ..terms() };
    let out = run(terms, &[flat(100.0), flat(100.0), flat(100.0)], &[(0, ES), (1, XS)], units(1.0));
    assert_eq!(out.fills(), [(Kind::Open, 1, 90.0), (Kind::Close, 2, 110.00000000000001)]);
}

#[test]
fn a_stop_above_the_open_of_the_entry_bar_fires_at_once() {
    // Entry at 110 with a distance of 5: the open at 100 is already below 105.
    let terms = Terms { slippage: 0.1, ..terms() };
    let out = run(terms, &[flat(100.0), flat(100.0)], &[(0, EL)], stop(units(1.0), 5.0));
    assert_eq!(out.fills(), [(Kind::Open, 1, 110.00000000000001), (Kind::StopLoss, 1, 90.0)]);
}

#[test]
fn a_trail_is_checked_on_the_last_leg_against_the_raised_extreme() {
    let plan = trail(units(1.0), 5.0);
    // O-L-H-C: 97 does not touch 95; the extreme goes to 106; the close at 100 lies below 101.
    assert_eq!(exit_in(terms(), EL, plan, [100.0, 106.0, 97.0, 100.0]), Some((Kind::Trailing, 101.0)));
    assert_eq!(exit_in(terms(), EL, plan, [100.0, 106.0, 97.0, 101.5]), None);
    assert_eq!(exit_in(terms(), ES, plan, [100.0, 103.0, 94.0, 100.0]), Some((Kind::Trailing, 99.0)));
}

#[test]
fn a_trail_keeps_its_extreme_over_bars_and_gaps() {
    let prices = [flat(100.0), [100.0, 108.0, 100.0, 106.0], [110.0, 110.0, 106.0, 107.0], flat(104.0)];
    let out = run(terms(), &prices, &[(0, EL)], trail(units(1.0), 5.0));
    // 103 after bar 1; the open at 110 makes it 105; bar 2 stays above; the open at 104 is below.
    assert_eq!(out.fills(), [(Kind::Open, 1, 100.0), (Kind::Trailing, 3, 104.0)]);
    let prices = [flat(100.0), flat(100.0), [110.0, 110.0, 105.0, 107.0]];
    let out = run(terms(), &prices, &[(0, EL)], trail(units(1.0), 5.0));
    assert_eq!(out.fills()[1], (Kind::Trailing, 2, 105.0));
}

#[test]
fn of_two_stops_the_nearer_goes_and_equal_ones_are_the_stop_loss() {
    let bar = [100.0, 100.0, 90.0, 95.0];
    assert_eq!(exit_in(terms(), EL, trail(stop(units(1.0), 5.0), 4.0), bar), Some((Kind::Trailing, 96.0)));
    assert_eq!(exit_in(terms(), EL, trail(stop(units(1.0), 4.0), 5.0), bar), Some((Kind::StopLoss, 96.0)));
    assert_eq!(exit_in(terms(), EL, trail(stop(units(1.0), 5.0), 5.0), bar), Some((Kind::StopLoss, 95.0)));
    assert_eq!(
        exit_in(terms(), EL, trail(stop(units(1.0), 5.0), 4.0), flat(93.0)),
        Some((Kind::Trailing, 93.0))
    );
}

#[test]
fn finer_bars_decide_where_they_exist() {
    let plan = target(stop(units(1.0), 5.0), 5.0);
    let prices = bars(&[flat(100.0), flat(100.0), [100.0, 106.0, 94.0, 100.0]]);
    let finer = bars(&[[100.0, 106.0, 99.0, 104.0], [104.0, 104.0, 94.0, 100.0]]);
    let script = Script { signals: &[(0, EL)], detail: &[(2, finer)], ..Script::default() };
    let out = play(on(Path::Detail), &prices, &script, plan).unwrap();
    assert_eq!(out.fills()[1], (Kind::TakeProfit, 2, 105.0));
    assert_eq!(out.trades[0].exit_ts, 2 * STEP);
}

#[test]
fn a_gap_between_finer_bars_fills_at_the_finer_open() {
    let prices = bars(&[flat(100.0), flat(100.0), [100.0, 101.0, 91.0, 92.0]]);
    let finer = bars(&[[100.0, 101.0, 97.0, 98.0], [93.0, 93.0, 91.0, 92.0]]);
    let script = Script { signals: &[(0, EL)], detail: &[(2, finer)], ..Script::default() };
    let out = play(on(Path::Detail), &prices, &script, stop(units(1.0), 5.0)).unwrap();
    assert_eq!(out.fills()[1], (Kind::StopLoss, 2, 93.0));
}

/// 1000 of cash, leverage 10, 5 × equity: 50 units at 100, cash −4000. Liquidation at 4000 / (50 · 0.995).
fn leveraged(margin: f64) -> (Terms, Plan) {
    (Terms { leverage: 10.0, maintenance_margin: margin, ..terms() }, Plan::new(Size::Exposure(5.0)))
}

#[test]
fn a_long_is_liquidated_where_equity_is_the_maintenance_margin() {
    let (terms, plan) = leveraged(0.2);
    // −(−4000) / (50 · 0.8) = 100: at the entry price already.
    let out = run(terms, &[flat(100.0), flat(100.0)], &[(0, EL)], plan);
    assert_eq!(out.fills(), [(Kind::Open, 1, 100.0), (Kind::Liquidation, 1, 100.0)]);
    let (terms, plan) = leveraged(0.005);
    let level = 4000.0 / (50.0 * 0.995);
    assert_eq!(
        exit_in(terms.clone(), EL, plan, [100.0, 100.0, 80.0, 90.0]),
        Some((Kind::Liquidation, level))
    );
    assert_eq!(exit_in(terms.clone(), EL, plan, [100.0, 100.0, 80.5, 90.0]), None);
    assert_eq!(exit_in(terms, EL, plan, flat(79.0)), Some((Kind::Liquidation, 79.0)));
}

#[test]
fn a_short_is_liquidated_above() {
    let (terms, plan) = leveraged(0.005);
    // Cash 6000 on 50 units short.
    let level = 6000.0 / (50.0 * 1.005);
    assert_eq!(
        exit_in(terms.clone(), ES, plan, [100.0, 120.0, 100.0, 110.0]),
        Some((Kind::Liquidation, level))
    );
    assert_eq!(exit_in(terms, ES, plan, [100.0, 119.0, 100.0, 110.0]), None);
}

#[test]
fn nearer_stops_go_before_the_liquidation_but_an_open_beyond_it_liquidates() {
    let (terms, plan) = leveraged(0.005);
    let plan = stop(plan, 10.0);
    assert_eq!(exit_in(terms.clone(), EL, plan, [100.0, 100.0, 70.0, 90.0]), Some((Kind::StopLoss, 90.0)));
    assert_eq!(exit_in(terms.clone(), EL, plan, flat(85.0)), Some((Kind::StopLoss, 85.0)));
    assert_eq!(exit_in(terms.clone(), EL, plan, flat(80.0)), Some((Kind::Liquidation, 80.0)));
    let beyond = stop(plan, 30.0);
    let level = 4000.0 / (50.0 * 0.995);
    assert_eq!(exit_in(terms, EL, beyond, [100.0, 100.0, 60.0, 90.0]), Some((Kind::Liquidation, level)));
}

#[test]
fn a_stop_at_the_liquidation_price_is_the_stop() {
    // Cash −4000 on 50 units without a margin: liquidation at 80, which is also 100 − 20.
    let (terms, plan) = leveraged(0.0);
    assert_eq!(
        exit_in(terms, EL, stop(plan, 20.0), [100.0, 100.0, 70.0, 90.0]),
        Some((Kind::StopLoss, 80.0))
    );
}

#[test]
fn without_debt_a_long_has_no_liquidation_price() {
    let out =
        run(terms(), &[flat(100.0), flat(100.0), flat(0.0001)], &[(0, EL)], Plan::new(Size::Equity(1.0)));
    assert_eq!(out.account.cash(), 0.0);
    assert_eq!(out.account.levels().liquidation, None);
    assert_eq!(out.fills().len(), 1);
}

#[test]
fn funding_moves_the_liquidation_price() {
    let (terms, plan) = leveraged(0.0);
    // 1 % of 50 · 100 makes −4050: liquidation at 81.
    let prices = bars(&[flat(100.0), flat(100.0), [100.0, 100.0, 80.5, 90.0]]);
    let script = Script { signals: &[(0, EL)], funding: &[(2, 0.01)], ..Script::default() };
    let out = play(terms, &prices, &script, plan).unwrap();
    assert_eq!(out.fills()[1], (Kind::Liquidation, 2, 81.0));
}

#[test]
fn levels_and_slipped_prices_go_to_ticks_and_touch_decimal_prices() {
    let grid = Grid { tick: 0.1, lot: 0.001, min_notional: 0.0 };
    let terms = Terms { grid: Some(grid), ..terms() };
    // Entry at 100.1; distances 5.03 and 5.07: stop 95.07 to 95.1, target 105.17 to 105.2.
    let plan = target(stop(units(1.0), 5.03), 5.07);
    let out = run(terms.clone(), &[flat(100.1), flat(100.1)], &[(0, EL)], plan);
    assert_eq!(out.account.levels().stop, Some(95.1));
    assert_eq!(out.account.levels().target, Some(105.2));
    // A tie goes away from the entry: 100.1 − 5.05 = 95.05 down, 105.15 up; for a short 105.15 up, 95.05 down.
    let plan = trail(target(stop(units(1.0), 5.05), 5.05), 5.05);
    let levels = run(terms.clone(), &[flat(100.1), flat(100.1)], &[(0, EL)], plan).account.levels();
    assert_eq!((levels.stop, levels.target, levels.trail), (Some(95.0), Some(105.2), Some(95.0)));
    let levels = run(terms.clone(), &[flat(100.1), flat(100.1)], &[(0, ES)], plan).account.levels();
    assert_eq!((levels.stop, levels.target, levels.trail), (Some(105.2), Some(95.0), Some(105.2)));
    // A buy slips up to the next tick, a sell down; what is on a tick stays.
    let slips = Terms { slippage: 0.0003, ..terms.clone() };
    let out = run(slips, &[flat(100.0), flat(100.0), flat(100.0)], &[(0, EL), (1, XL)], units(1.0));
    assert_eq!(out.fills(), [(Kind::Open, 1, 100.1), (Kind::Close, 2, 99.9)]);
    for tenths in 900..1100 {
        let price = f64::from(tenths) / 10.0;
        let out =
            run(terms.clone(), &[flat(price), flat(price), flat(price)], &[(0, EL), (1, XL)], units(1.0));
        assert_eq!(out.fills(), [(Kind::Open, 1, price), (Kind::Close, 2, price)]);
        let short = run(terms.clone(), &[flat(price), flat(price)], &[(0, ES)], stop(units(1.0), 0.7));
        assert_eq!(short.account.levels().stop, Some(f64::from(tenths + 7) / 10.0));
    }
}

#[test]
fn an_exit_that_is_never_reached_keeps_the_trade() {
    let plan = target(units(1.0), 150.0);
    let out = run(terms(), &[flat(100.0), flat(100.0), flat(0.5)], &[(0, ES)], plan);
    assert_eq!(out.fills().len(), 1);
    assert_eq!(out.unfilled(), [] as [(Kind, _, Reason); 0]);
}
