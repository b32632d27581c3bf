//! Sizes, the cap, lots and minimums: B10 to B12. Every number is worked out by hand.

mod scripted;

use alipes_bars::portfolio::{Distance, Fill, Grid, Kind, Plan, Reason, Size, Status, Terms};
use scripted::*;

/// Units of an entry at 100 with `terms`, and whether the cap reduced it.
fn entry(terms: Terms, size: Size) -> (f64, bool) {
    let out = run(terms, &[flat(100.0), flat(100.0)], &[(0, EL)], Plan::new(size));
    (out.orders[0].size, out.orders[0].is_reduced)
}

#[test]
fn each_size_by_its_formula() {
    let costs = Terms { taker: 0.01, fixed_fee: 1.0, leverage: 4.0, ..terms() };
    assert_eq!(entry(costs.clone(), Size::Units(3.0)), (3.0, false));
    assert_eq!(entry(costs.clone(), Size::Notional(250.0)), (2.5, false));
    assert_eq!(entry(costs.clone(), Size::Equity(0.5)), (499.0 / 101.0, false));
    assert_eq!(entry(costs, Size::Exposure(2.0)), (20.0, false));
}

#[test]
fn risk_is_what_the_stop_loses() {
    let at = |stop| Plan { stop: Some(stop), ..Plan::new(Size::Risk(0.01)) };
    let prices = [flat(100.0), flat(100.0)];
    let out = run(terms(), &prices, &[(0, EL)], at(Distance::Price(5.0)));
    assert_eq!(out.orders[0].size, 2.0);
    let out = run(terms(), &prices, &[(0, EL)], at(Distance::Ratio(0.02)));
    assert_eq!(out.orders[0].size, 5.0);
    let out = run(terms(), &prices, &[(0, EL)], at(Distance::Price(f64::NAN)));
    assert_eq!(out.unfilled(), [(Kind::Open, Status::Skipped, Reason::UndefinedSize)]);
    assert_eq!(out.account.undefined_exits(), 0);
    let out = run(terms(), &prices, &[(0, EL)], Plan::new(Size::Risk(0.01)));
    assert_eq!(out.unfilled(), [(Kind::Open, Status::Skipped, Reason::UndefinedSize)]);
}

#[test]
fn all_in_leaves_exactly_nothing() {
    for price in [100.0, 3.7, 41_234.561_7, 0.000_123_4] {
        for (taker, slippage) in [(0.0, 0.0), (0.001, 0.0005), (0.000_75, 0.000_1)] {
            let costs = Terms { taker, slippage, fixed_fee: 0.3, ..terms() };
            let out = run(costs, &[flat(price), flat(price)], &[(0, EL)], Plan::new(Size::Equity(1.0)));
            assert_eq!(out.account.cash(), 0.0);
            assert!(!out.orders[0].is_reduced);
        }
    }
}

#[test]
fn the_entry_is_sized_after_slippage_and_fee() {
    let costs = Terms { taker: 0.25, slippage: 0.25, ..terms() };
    // 1000 / (125 · 1.25)
    assert_eq!(entry(costs, Size::Equity(1.0)), (6.4, false));
}

#[test]
fn what_exceeds_the_cap_is_reduced_to_it() {
    let costs = Terms { taker: 0.25, ..terms() };
    assert_eq!(entry(costs.clone(), Size::Units(9.0)), (8.0, true));
    // Leverage 2: 2 · 1000 / (100 · 1.5)
    assert_eq!(entry(Terms { leverage: 2.0, ..costs }, Size::Exposure(2.0)), (2000.0 / 150.0, true));
}

#[test]
fn proceeds_of_a_short_are_not_reusable() {
    let terms = Terms { pyramid: 1, ..terms() };
    let out = run(terms, &[flat(100.0), flat(100.0), flat(100.0)], &[(0, ES), (1, ES)], units(7.0));
    let sizes: Vec<_> = out.orders.iter().map(|row| (row.kind, row.size, row.is_reduced)).collect();
    assert_eq!(sizes, [(Kind::Open, 7.0, false), (Kind::Add, 3.0, true)]);
    assert_eq!(out.account.cash(), 2000.0);
}

#[test]
fn a_short_keeps_its_units_as_the_price_moves() {
    let out = run(terms(), &[flat(100.0), flat(100.0), flat(120.0), flat(90.0)], &[(0, ES)], units(4.0));
    assert_eq!(out.equity, [1000.0, 1000.0, 920.0, 1040.0]);
}

#[test]
fn an_addition_is_capped_by_what_is_left() {
    let terms = Terms { pyramid: 2, ..terms() };
    let prices = [flat(100.0), flat(100.0), flat(200.0), flat(200.0)];
    let out = run(terms, &prices, &[(0, EL), (1, EL), (2, EL)], units(4.0));
    let sizes: Vec<_> = out.orders.iter().map(|row| (row.size, row.status, row.reason)).collect();
    assert_eq!(
        sizes,
        [
            (4.0, Status::Filled, Reason::None),
            (3.0, Status::Filled, Reason::None),
            (0.0, Status::Skipped, Reason::ShortOfCash)
        ]
    );
}

#[test]
fn a_reversal_opens_on_the_cash_after_the_close() {
    let costs = Terms { taker: 0.25, ..terms() };
    let prices = [flat(100.0), flat(100.0), flat(200.0)];
    let out = run(costs, &prices, &[(0, EL), (1, ES)], Plan::new(Size::Equity(1.0)));
    // 8 units bought for all; sold at 200 less a quarter: 1200; then 1200 / (200 · 1.25) short.
    let rows: Vec<_> = out.orders.iter().map(|row| (row.kind, row.size, row.price)).collect();
    assert_eq!(rows, [(Kind::Open, 8.0, 100.0), (Kind::Close, 8.0, 200.0), (Kind::Open, 4.8, 200.0)]);
}

#[test]
fn sizes_go_down_to_the_lot_and_below_the_minimum_are_skipped() {
    let grid = Grid { tick: 0.01, lot: 0.25, min_notional: 50.0 };
    let on_grid = Terms { grid: Some(grid), ..terms() };
    assert_eq!(entry(on_grid.clone(), Size::Units(2.3)).0, 2.25);
    assert_eq!(entry(on_grid.clone(), Size::Units(0.5)).0, 0.5);
    let unfilled = |terms: &Terms, size| {
        let out = run(terms.clone(), &[flat(100.0), flat(100.0)], &[(0, EL)], Plan::new(size));
        out.unfilled().first().map(|&(_, status, reason)| (status, reason))
    };
    assert_eq!(unfilled(&on_grid, Size::Units(0.49)), Some((Status::Skipped, Reason::BelowMinimum)));
    assert_eq!(unfilled(&on_grid, Size::Units(0.0)), Some((Status::Skipped, Reason::BelowMinimum)));
    let poor = Terms { cash: 49.0, ..on_grid };
    assert_eq!(unfilled(&poor, Size::Units(1.0)), Some((Status::Skipped, Reason::ShortOfCash)));
    assert_eq!(unfilled(&poor, Size::Units(0.4)), Some((Status::Skipped, Reason::BelowMinimum)));
    assert_eq!(unfilled(&terms(), Size::Units(0.0)), Some((Status::Skipped, Reason::BelowMinimum)));
    let fee = Terms { fixed_fee: 1000.0, ..terms() };
    assert_eq!(unfilled(&fee, Size::Units(1.0)), Some((Status::Skipped, Reason::ShortOfCash)));
    assert_eq!(unfilled(&fee, Size::Equity(1.0)), Some((Status::Skipped, Reason::BelowMinimum)));
}

#[test]
fn a_lot_that_floats_cannot_hold_is_kept_whole() {
    let grid = Grid { tick: 0.01, lot: 0.1, min_notional: 0.0 };
    let on_grid = Terms { grid: Some(grid), ..terms() };
    assert_eq!(entry(on_grid.clone(), Size::Units(0.1 + 0.2)).0, 0.3);
    assert_eq!(entry(on_grid, Size::Units(0.7)).0, 0.7);
}

#[test]
fn an_undefined_size_is_skipped_at_its_fill() {
    for value in [f64::NAN, f64::INFINITY] {
        let prices = [flat(100.0), flat(100.0)];
        let out = run(terms(), &prices, &[(0, EL)], units(value));
        assert_eq!(out.unfilled(), [(Kind::Open, Status::Skipped, Reason::UndefinedSize)]);
        let out = run(terms(), &prices[..1], &[(0, EL)], units(value));
        assert_eq!(out.unfilled(), [(Kind::Open, Status::Pending, Reason::None)]);
    }
}

#[test]
fn sized_at_the_decision_by_its_close_and_capped_at_the_fill() {
    let at_decision = Terms { size_at_decision: true, ..terms() };
    let size = |open, leverage| {
        let terms = Terms { leverage, ..at_decision.clone() };
        let out = run(terms, &[flat(100.0), flat(open)], &[(0, EL)], Plan::new(Size::Equity(1.0)));
        (out.orders[0].size, out.orders[0].is_reduced)
    };
    assert_eq!(size(125.0, 1.0), (8.0, true));
    assert_eq!(size(125.0, 2.0), (10.0, false));
    assert_eq!(size(80.0, 1.0), (10.0, false));
}

#[test]
fn sized_at_the_decision_a_reversal_takes_the_close_leg_as_filled_there() {
    let terms = Terms { size_at_decision: true, taker: 0.25, slippage: 0.25, leverage: 9.0, ..terms() };
    let prices = [flat(100.0), flat(100.0), flat(100.0), flat(100.0)];
    let plan = Plan { stop: Some(Distance::Price(1000.0)), ..Plan::new(Size::Exposure(0.8)) };
    let out = run(terms, &prices, &[(0, EL), (2, ES)], plan);
    // 8 units at 125 cost 1000 and 250 of fee. Sold at an unslipped 100 with a fee of 200: 350 are left, 0.8 · 350 / 100.
    assert_eq!(out.orders[0].size, 8.0);
    let expected = 0.8 * (1000.0 - 1250.0 + 800.0 - 200.0) / 100.0;
    assert_eq!((out.orders[2].kind, out.orders[2].size), (Kind::Open, expected));
}

#[test]
fn same_close_sizes_after_slippage_too() {
    let terms = Terms { fill: Fill::SameClose, slippage: 0.25, ..terms() };
    let out = run(terms, &[flat(100.0)], &[(0, EL)], Plan::new(Size::Equity(1.0)));
    assert_eq!((out.orders[0].size, out.orders[0].price), (8.0, 125.0));
}
