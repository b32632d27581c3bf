//! The order of things inside a bar: B2, B3, B4, B13, time stops, ruin. Every number is worked out by hand.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod scripted;

use alipes_bars::portfolio::{
    BarError, Fill, Kind, Opposite, Plan, Reason, Records, Side, Size, Status, Terms,
};
use scripted::*;

fn with(fill: Fill) -> Terms {
    Terms { fill, ..terms() }
}

#[test]
fn a_decision_fills_at_the_next_open_by_default() {
    let prices = [flat(100.0), [101.0, 103.0, 99.0, 102.0], [104.0, 104.0, 104.0, 104.0]];
    let out = run(terms(), &prices, &[(0, EL), (1, XL)], units(2.0));
    assert_eq!(out.fills(), [(Kind::Open, 1, 101.0), (Kind::Close, 2, 104.0)]);
    assert_eq!(out.equity, [1000.0, 1002.0, 1006.0]);
    let open = out.orders[0];
    assert_eq!((open.id, open.bar, open.ts, open.fill_ts, open.trade), (0, 0, STEP, STEP, 0));
    let trade = out.trades[0];
    assert_eq!((trade.entry_ts, trade.exit_ts, trade.entry_bar, trade.exit_bar), (STEP, 2 * STEP, 1, 2));
    assert_eq!((trade.pnl, trade.ratio, trade.reason), (6.0, 6.0 / 202.0, Some(Kind::Close)));
}

#[test]
fn same_close_fills_at_the_close_that_decided() {
    let prices = [[100.0, 101.0, 99.0, 100.5], [104.0, 106.0, 104.0, 105.0]];
    let out = run(with(Fill::SameClose), &prices, &[(0, EL), (1, XL)], units(2.0));
    assert_eq!(out.fills(), [(Kind::Open, 0, 100.5), (Kind::Close, 1, 105.0)]);
    assert_eq!(out.orders[0].fill_ts, STEP);
    assert_eq!(out.equity, [1000.0, 1009.0]);
}

#[test]
fn next_close_fills_one_bar_later_at_its_close() {
    let prices = [flat(100.0), [101.0, 103.0, 99.0, 102.0], [104.0, 106.0, 104.0, 105.0], flat(106.0)];
    let out = run(with(Fill::NextClose), &prices, &[(0, EL), (1, XL)], units(1.0));
    assert_eq!(out.fills(), [(Kind::Open, 1, 102.0), (Kind::Close, 2, 105.0)]);
    assert_eq!(out.trades[0].entry_ts, 2 * STEP);
    assert_eq!(out.trades[0].exit_ts, 3 * STEP);
}

#[test]
fn exits_live_from_the_entry_bar_when_the_entry_was_its_open() {
    let prices = [flat(100.0), [100.0, 101.0, 94.0, 96.0], flat(96.0)];
    let out = run(terms(), &prices, &[(0, EL)], stop(units(1.0), 5.0));
    assert_eq!(out.fills(), [(Kind::Open, 1, 100.0), (Kind::StopLoss, 1, 95.0)]);
    assert_eq!((out.trades[0].entry_ts, out.trades[0].exit_ts), (STEP, STEP));
    assert_eq!(out.equity[1], 995.0);
}

#[test]
fn exits_live_from_the_bar_after_an_entry_at_a_close() {
    let prices = [[100.0, 101.0, 94.0, 100.0], [100.0, 101.0, 94.0, 96.0], [96.0, 96.0, 94.0, 95.0]];
    let out = run(with(Fill::SameClose), &prices, &[(0, EL)], stop(units(1.0), 5.0));
    assert_eq!(out.fills(), [(Kind::Open, 0, 100.0), (Kind::StopLoss, 1, 95.0)]);
    let out = run(with(Fill::NextClose), &prices, &[(0, EL)], stop(units(1.0), 1.5));
    assert_eq!(out.fills(), [(Kind::Open, 1, 96.0), (Kind::StopLoss, 2, 94.5)]);
}

#[test]
fn what_was_decided_on_the_last_bar_stays_pending() {
    let out = run(terms(), &[flat(100.0)], &[(0, EL)], units(1.0));
    assert_eq!(out.unfilled(), [(Kind::Open, Status::Pending, Reason::None)]);
    let row = out.orders[0];
    assert!(row.price.is_nan());
    assert_eq!((row.size, row.fill_bar, row.fill_ts, row.trade, row.fee), (0.0, -1, -1, -1, 0.0));
}

#[test]
fn an_open_trade_is_marked_at_the_last_close_and_flagged() {
    let terms = Terms { taker: 0.01, ..terms() };
    let out = run(terms, &[flat(100.0), [100.0, 110.0, 100.0, 108.0]], &[(0, EL)], units(1.0));
    let trade = out.trades[0];
    assert!(trade.is_open);
    assert_eq!((trade.exit_price, trade.exit_bar, trade.exit_ts), (108.0, 1, 2 * STEP));
    assert_eq!((trade.pnl, trade.fees, trade.reason), (7.0, 1.0, None));
    assert_eq!(out.account.tally().count, 0);
    assert_eq!(out.account.tally().fees, 1.0);
    assert_eq!(out.account.exposure(2 * STEP), STEP);
}

#[test]
fn close_at_end_sells_at_the_last_close_and_leaves_decisions_pending() {
    let terms = Terms { taker: 0.01, slippage: 0.1, close_at_end: true, ..terms() };
    let out = run(terms, &[flat(100.0), flat(100.0)], &[(0, EL), (1, XL)], units(1.0));
    assert_eq!(out.fills(), [(Kind::Open, 1, 110.00000000000001), (Kind::End, 1, 90.0)]);
    assert_eq!(out.unfilled(), [(Kind::Close, Status::Pending, Reason::None)]);
    assert_eq!(out.orders.iter().map(|row| row.id).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(out.trades[0].exit_ts, 2 * STEP);
    assert!((out.equity[1] - (1000.0 - 20.0 - 1.1 - 0.9)).abs() < 1e-9);
}

#[test]
fn funding_is_paid_on_the_position_before_the_open_fills() {
    let prices = bars(&[flat(100.0), flat(100.0), flat(110.0), flat(110.0)]);
    let script = Script {
        signals: &[(0, EL), (1, XL)],
        funding: &[(1, 0.01), (2, 0.01), (3, 0.01)],
        ..Script::default()
    };
    let out = play(terms(), &prices, &script, units(2.0)).unwrap();
    // At bar 1 nothing is held yet; at bar 2 the position pays before its close leg; at bar 3 nothing is held.
    assert_eq!(out.trades[0].funding, 2.2);
    assert_eq!(out.trades[0].pnl, 20.0 - 2.2);
    assert_eq!(out.equity[3], 1017.8);
}

#[test]
fn a_short_earns_positive_funding_at_the_mark() {
    let mut prices = bars(&[flat(100.0), flat(100.0), flat(100.0)]);
    prices[2].mark = 90.0;
    let script = Script { signals: &[(0, ES)], funding: &[(2, 0.01)], ..Script::default() };
    let out = play(terms(), &prices, &script, units(2.0)).unwrap();
    assert_eq!(out.trades[0].funding, -1.8);
    assert_eq!(out.equity[2], 1001.8);
}

#[test]
fn two_payments_before_one_bar_are_both_due() {
    let prices = bars(&[flat(100.0), flat(100.0), flat(100.0)]);
    let script = Script { signals: &[(0, EL)], funding: &[(2, 0.01), (2, -0.03)], ..Script::default() };
    let out = play(terms(), &prices, &script, units(1.0)).unwrap();
    assert_eq!(out.trades[0].funding, -2.0);
}

#[test]
fn a_time_stop_counts_time_over_a_gap() {
    let mut prices = bars(&[flat(100.0), flat(101.0), flat(102.0), flat(103.0)]);
    prices[2].ts = 10 * STEP;
    prices[3].ts = 11 * STEP;
    let plan = Plan { max_bars: Some(3.0), ..units(1.0) };
    let out = play(terms(), &prices, &Script { signals: &[(0, EL)], ..Script::default() }, plan).unwrap();
    assert_eq!(out.fills(), [(Kind::Open, 1, 101.0), (Kind::Time, 2, 102.0)]);
    assert_eq!((out.orders[1].bar, out.orders[1].ts), (2, 10 * STEP));
}

#[test]
fn a_time_stop_fills_at_the_close_where_orders_do() {
    let prices = [flat(100.0), [101.0, 101.0, 101.0, 101.5], flat(102.0), [103.0, 103.0, 103.0, 103.5]];
    let plan = Plan { max_bars: Some(1.0), ..units(1.0) };
    let out = run(with(Fill::SameClose), &prices, &[(0, EL)], plan);
    assert_eq!(out.fills(), [(Kind::Open, 0, 100.0), (Kind::Time, 1, 101.5)]);
    let out = run(with(Fill::NextClose), &prices, &[(0, EL)], plan);
    assert_eq!(out.fills(), [(Kind::Open, 1, 101.5), (Kind::Time, 2, 102.0)]);
}

#[test]
fn with_same_close_rules_see_the_account_after_the_time_stop() {
    let plan = Plan { max_bars: Some(1.0), ..units(1.0) };
    let out = run(with(Fill::SameClose), &[flat(100.0), flat(101.0)], &[(0, EL), (1, both(EL, XL))], plan);
    assert_eq!(out.fills(), [(Kind::Open, 0, 100.0), (Kind::Time, 1, 101.0), (Kind::Open, 1, 101.0)]);
}

#[test]
fn a_due_time_stop_cancels_the_reduction_and_lets_the_other_side_open() {
    let plan = Plan { max_bars: Some(1.0), ..units(1.0) };
    let out = run(terms(), &[flat(100.0), flat(101.0), flat(102.0)], &[(0, EL), (1, ES)], plan);
    assert_eq!(out.fills(), [(Kind::Open, 1, 101.0), (Kind::Open, 2, 102.0), (Kind::Time, 2, 102.0)]);
    assert_eq!(out.unfilled(), [(Kind::Close, Status::Cancelled, Reason::PositionClosed)]);
    assert_eq!(
        out.orders.iter().map(|row| row.kind).collect::<Vec<_>>()[1..],
        [Kind::Close, Kind::Open, Kind::Time]
    );
    assert_eq!(out.trades[1].side, Side::Sell);
}

#[test]
fn a_due_time_stop_cancels_an_addition() {
    let terms = Terms { pyramid: 5, ..terms() };
    let plan = Plan { max_bars: Some(1.0), ..units(1.0) };
    let out = run(terms, &[flat(100.0), flat(101.0), flat(102.0)], &[(0, EL), (1, EL)], plan);
    assert_eq!(out.unfilled(), [(Kind::Add, Status::Cancelled, Reason::PositionClosed)]);
    assert_eq!(out.account.units(), 0.0);
}

#[test]
fn a_stop_voids_the_reduction_that_waits_for_the_close() {
    let prices = [flat(100.0), flat(100.0), [100.0, 100.0, 90.0, 92.0]];
    let out = run(with(Fill::NextClose), &prices, &[(0, EL), (1, ES)], stop(units(1.0), 5.0));
    assert_eq!(out.fills(), [(Kind::Open, 1, 100.0), (Kind::Open, 2, 92.0), (Kind::StopLoss, 2, 95.0)]);
    assert_eq!(out.unfilled(), [(Kind::Close, Status::Cancelled, Reason::PositionClosed)]);
    let opposite = Terms { opposite: Opposite::Close, ..with(Fill::NextClose) };
    let out = run(opposite, &prices, &[(0, EL), (1, ES)], stop(units(1.0), 5.0));
    assert_eq!(out.account.units(), 0.0);
}

#[test]
fn a_stop_voids_the_addition_that_waits_for_the_close() {
    let prices = [flat(100.0), flat(100.0), [100.0, 100.0, 90.0, 92.0]];
    let terms = Terms { pyramid: 1, ..with(Fill::NextClose) };
    let out = run(terms, &prices, &[(0, EL), (1, EL)], stop(units(1.0), 5.0));
    assert_eq!(out.unfilled(), [(Kind::Add, Status::Cancelled, Reason::PositionClosed)]);
}

#[test]
fn after_a_stop_the_close_signal_counts_and_fills_at_the_next_open() {
    let prices = [flat(100.0), [100.0, 101.0, 94.0, 99.0], [98.0, 99.0, 97.0, 98.0]];
    let out = run(terms(), &prices, &[(0, EL), (1, EL)], stop(units(1.0), 5.0));
    assert_eq!(out.fills(), [(Kind::Open, 1, 100.0), (Kind::StopLoss, 1, 95.0), (Kind::Open, 2, 98.0)]);
}

#[test]
fn a_run_ends_in_ruin_when_nothing_is_left() {
    let terms = Terms { leverage: 10.0, ..terms() };
    let prices = [flat(100.0), flat(100.0), flat(50.0), flat(50.0), flat(60.0)];
    let signals = [(0, EL), (1, both(XL, ES)), (2, EL), (3, both(EL, ES))];
    let out = run(terms, &prices, &signals, Plan::new(Size::Exposure(5.0)));
    // 50 units lose 50 each: the reduction at 50 leaves 1000 − 2500, so the open leg is cancelled.
    assert_eq!(out.fills(), [(Kind::Open, 1, 100.0), (Kind::Close, 2, 50.0)]);
    assert_eq!(out.unfilled(), [(Kind::Open, Status::Cancelled, Reason::Ruin)]);
    assert_eq!(out.account.ruined(), Some(2));
    assert_eq!(out.equity[2..], [-1500.0; 3]);
    assert_eq!(out.account.conflicts(), 0);
}

#[test]
fn a_liquidation_that_ruins_cancels_what_waits_for_the_close() {
    let terms = Terms { leverage: 10.0, maintenance_margin: 0.0, slippage: 0.01, ..with(Fill::NextClose) };
    let prices = [flat(100.0), flat(100.0), [100.0, 100.0, 85.0, 90.0]];
    let out = run(terms, &prices, &[(0, EL), (1, ES)], Plan::new(Size::Exposure(10.0)));
    assert_eq!(out.orders[3].kind, Kind::Liquidation);
    assert_eq!(
        out.unfilled(),
        [(Kind::Close, Status::Cancelled, Reason::Ruin), (Kind::Open, Status::Cancelled, Reason::Ruin)]
    );
    assert_eq!(out.account.ruined(), Some(2));
}

#[test]
fn ids_count_decisions_and_rows_end_sorted_by_them() {
    let prices = [flat(100.0), flat(100.0), [100.0, 100.0, 90.0, 92.0]];
    let out = run(with(Fill::NextClose), &prices, &[(0, EL), (1, ES)], stop(units(1.0), 5.0));
    let ids: Vec<_> = out.orders.iter().map(|row| (row.id, row.kind)).collect();
    assert_eq!(ids, [(0, Kind::Open), (1, Kind::Close), (2, Kind::Open), (3, Kind::StopLoss)]);
}

#[test]
fn a_term_outside_its_range_is_refused_by_name() {
    use alipes_bars::portfolio::Account;
    let refused = |terms| Account::new(terms, Records::default()).err().map(|error| error.to_string());
    let slippage = Terms { slippage: 1.0, ..terms() };
    assert_eq!(refused(slippage).as_deref(), Some("slippage must be a ratio in [0, 1), but it is 1"));
    assert_eq!(
        refused(Terms { cash: 0.0, ..terms() }).as_deref(),
        Some("cash must be positive, but it is 0")
    );
    let leverage = Account::new(Terms { leverage: f64::NAN, ..terms() }, Records::default());
    assert!(matches!(leverage, Err(BarError::Term { name: "leverage", .. })));
}
