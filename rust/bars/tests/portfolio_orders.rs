//! Orders of a strategy: market and limit orders, reductions, reversals, cancels.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod scripted;

use alipes_bars::data::Bar;
use alipes_bars::portfolio::{
    Account, BarError, Distance, Fill, Grid, Kind, Path, Plan, Reason, Records, Request, Side, Size, Status,
    Terms,
};
use scripted::*;

/// An account driven by hand over consecutive bars.
struct Stepped {
    account: Account<Records>,
    bars: Vec<Bar>,
    next: usize,
    client: u64,
}

impl Stepped {
    fn new(terms: Terms, prices: &[[f64; 4]]) -> Self {
        let mut account = Account::new(terms, Records::default()).unwrap();
        account.hear_events();
        Self { account, bars: bars(prices), next: 0, client: 0 }
    }

    /// Opens the next bar and submits at its close.
    fn bar(&mut self, requests: &[Request]) -> &mut Self {
        let (i, bar) = (self.next, self.bars[self.next]);
        self.account.begin(i, &bar, &[]);
        for request in requests {
            self.account.submit(i, &bar, Request { client: self.client, ..*request }).unwrap();
            self.client += 1;
        }
        self.account.settle(i, &bar);
        self.next += 1;
        self
    }

    /// Client, kind, status or reason, size and price of what happened since the last call.
    fn heard(&mut self) -> Vec<(Option<u64>, Kind, Status, f64, f64)> {
        let events = self.account.take_events();
        let row = |event: &alipes_bars::portfolio::Event| {
            let row = event.row;
            let price = if row.price.is_nan() { 0.0 } else { row.price };
            (event.client, row.kind, row.status, row.size, price)
        };
        events.iter().map(row).collect()
    }

    fn reasons(&self) -> Vec<Reason> {
        let rows = &self.account.journal().orders;
        rows.iter().filter(|row| row.reason != Reason::None).map(|row| row.reason).collect()
    }
}

fn order(side: Side, size: f64) -> Request {
    let plan = units(size);
    Request { client: 0, side, plan, limit: None, is_reduce_only: false, is_post_only: false }
}

fn buy(size: f64) -> Request {
    order(Side::Buy, size)
}

fn sell(size: f64) -> Request {
    order(Side::Sell, size)
}

fn at(price: f64, request: Request) -> Request {
    Request { limit: Some(price), ..request }
}

fn reducing(request: Request) -> Request {
    Request { is_reduce_only: true, ..request }
}

const FILLED: Status = Status::Filled;
const CANCELLED: Status = Status::Cancelled;

#[test]
fn a_market_order_fills_at_the_terms_fill_point() {
    let prices = [[100.0, 101.0, 99.0, 100.5], [102.0, 104.0, 101.0, 103.0]];
    for (fill, price) in [(Fill::NextOpen, 102.0), (Fill::SameClose, 100.5), (Fill::NextClose, 103.0)] {
        let mut run = Stepped::new(Terms { fill, ..terms() }, &prices);
        run.bar(&[buy(2.0)]).bar(&[]);
        assert_eq!(run.heard(), [(Some(0), Kind::Open, FILLED, 2.0, price)], "{fill:?}");
        assert!(!run.account.has_pending());
    }
}

#[test]
fn orders_reduce_in_parts_and_the_last_part_leaves_nothing() {
    let mut run = Stepped::new(terms(), &[flat(100.0); 6]);
    run.bar(&[buy(0.3)]).bar(&[sell(0.1)]).bar(&[sell(0.1)]).bar(&[sell(0.1)]).bar(&[]);
    assert_eq!(run.account.units(), 0.0);
    let kinds: Vec<_> = run.heard().iter().map(|event| event.1).collect();
    assert_eq!(kinds, [Kind::Open, Kind::Close, Kind::Close, Kind::Close]);
    assert_eq!(run.account.journal().trades.len(), 1);
    assert_eq!(run.account.cash(), 1000.0);
}

#[test]
fn an_order_beyond_the_position_closes_it_and_opens_the_rest() {
    let mut run = Stepped::new(terms(), &[flat(100.0), flat(100.0), flat(110.0)]);
    run.bar(&[buy(2.0)]).bar(&[sell(5.0)]).bar(&[]);
    let heard = run.heard();
    assert_eq!(
        heard[1..],
        [(Some(1), Kind::Close, FILLED, 2.0, 110.0), (Some(1), Kind::Open, FILLED, 3.0, 110.0)]
    );
    assert_eq!(run.account.units(), -3.0);
    assert_eq!(run.account.cash(), 1000.0 + 20.0 + 330.0);
}

#[test]
fn reductions_fill_before_increases_at_one_point() {
    let mut run = Stepped::new(terms(), &[flat(100.0), flat(100.0), flat(100.0)]);
    run.bar(&[buy(10.0)]).bar(&[buy(4.0), sell(10.0)]).bar(&[]);
    let heard = run.heard();
    assert_eq!(
        heard[1..],
        [(Some(2), Kind::Close, FILLED, 10.0, 100.0), (Some(1), Kind::Open, FILLED, 4.0, 100.0)]
    );
}

#[test]
fn a_reduce_only_order_never_opens() {
    let mut run = Stepped::new(terms(), &[flat(100.0); 5]);
    run.bar(&[reducing(sell(1.0))]).bar(&[buy(2.0)]).bar(&[reducing(sell(5.0))]).bar(&[]);
    assert_eq!(
        run.heard(),
        [
            (Some(0), Kind::Open, CANCELLED, 0.0, 0.0),
            (Some(1), Kind::Open, FILLED, 2.0, 100.0),
            (Some(2), Kind::Close, FILLED, 2.0, 100.0),
        ]
    );
    assert_eq!(run.reasons(), [Reason::PositionClosed]);
}

#[test]
fn partial_reductions_go_down_to_the_lot() {
    let grid = Grid { tick: 0.01, lot: 0.5, min_notional: 0.0 };
    let mut run = Stepped::new(Terms { grid: Some(grid), ..terms() }, &[flat(100.0); 5]);
    run.bar(&[buy(2.0)]).bar(&[sell(0.9)]).bar(&[sell(0.4)]).bar(&[]);
    let heard = run.heard();
    assert_eq!(heard[1], (Some(1), Kind::Close, FILLED, 0.5, 100.0));
    assert_eq!(heard[2].2, Status::Skipped);
    assert_eq!(run.account.units(), 1.5);
}

#[test]
fn a_limit_waits_until_it_is_traded_through_and_pays_the_maker_fee() {
    let costs = Terms { taker: 0.5, maker: 0.25, slippage: 0.25, leverage: 10.0, ..terms() };
    let prices = [flat(100.0), [100.0, 101.0, 95.0, 99.0], [99.0, 99.0, 94.5, 98.0]];
    let mut run = Stepped::new(costs.clone(), &prices);
    run.bar(&[at(95.0, buy(1.0))]).bar(&[]);
    assert_eq!(run.heard(), []);
    assert!(run.account.has_pending());
    run.bar(&[]);
    let row = run.account.journal().orders[0];
    assert_eq!(
        (row.price, row.fee, row.is_maker, row.fill_bar, row.fill_ts),
        (95.0, 23.75, true, 2, 2 * STEP)
    );
    let mut touched = Stepped::new(Terms { path: Path::Optimistic, ..costs }, &prices);
    touched.bar(&[at(95.0, buy(1.0))]).bar(&[]);
    assert_eq!(touched.account.journal().orders[0].fill_bar, 1);
}

#[test]
fn a_resting_limit_gets_the_better_open() {
    let mut run = Stepped::new(terms(), &[flat(100.0), flat(100.0), [90.0, 96.0, 89.0, 92.0]]);
    run.bar(&[at(95.0, buy(1.0))]).bar(&[]).bar(&[]);
    let row = run.account.journal().orders[0];
    assert_eq!((row.price, row.is_maker, row.fill_bar), (90.0, true, 2));
}

#[test]
fn a_marketable_limit_takes_and_never_pays_more_than_its_price() {
    let costs = Terms { taker: 0.5, maker: 0.25, slippage: 0.25, leverage: 10.0, ..terms() };
    for (limit, price) in [(140.0, 125.0), (110.0, 110.0), (100.0, 100.0)] {
        let mut run = Stepped::new(costs.clone(), &[flat(100.0), flat(100.0)]);
        run.bar(&[at(limit, buy(1.0))]).bar(&[]);
        let row = run.account.journal().orders[0];
        assert_eq!((row.price, row.is_maker, row.fee), (price, false, price / 2.0));
    }
}

#[test]
fn a_post_only_order_that_would_take_is_cancelled() {
    let post = |request| Request { is_post_only: true, ..request };
    let mut run = Stepped::new(terms(), &[flat(100.0), flat(100.0), flat(94.0)]);
    run.bar(&[post(at(100.0, buy(1.0))), post(at(95.0, buy(1.0)))]).bar(&[]).bar(&[]);
    assert_eq!(run.reasons(), [Reason::WouldTake]);
    assert_eq!(run.heard()[1], (Some(1), Kind::Open, FILLED, 1.0, 94.0));
}

#[test]
fn what_a_limit_opens_can_stop_out_on_the_same_leg() {
    let request = Request { plan: stop(units(1.0), 2.0), ..at(97.0, buy(1.0)) };
    let mut run = Stepped::new(terms(), &[flat(100.0), [100.0, 101.0, 94.0, 100.0], flat(100.0)]);
    run.bar(&[request]).bar(&[]);
    assert_eq!(
        run.heard(),
        [(Some(0), Kind::Open, FILLED, 1.0, 97.0), (None, Kind::StopLoss, FILLED, 1.0, 95.0)]
    );
}

#[test]
fn a_limit_and_an_exit_on_one_leg_go_in_order_of_distance() {
    // Long from 100 with a target at 104: half is sold at 103 first, the rest at the target.
    let plan = target(units(2.0), 4.0);
    let mut run = Stepped::new(terms(), &[flat(100.0), flat(100.0), [100.0, 105.0, 100.0, 104.0]]);
    run.bar(&[Request { plan, ..buy(2.0) }]).bar(&[at(103.0, sell(1.0))]).bar(&[]);
    assert_eq!(
        run.heard()[1..],
        [(Some(1), Kind::Close, FILLED, 1.0, 103.0), (None, Kind::TakeProfit, FILLED, 1.0, 104.0)]
    );
    assert_eq!(run.account.journal().trades[0].exit_price, 103.5);
}

#[test]
fn after_a_stop_no_limit_fills_on_the_rest_of_the_path() {
    let plan = stop(units(1.0), 2.0);
    let prices = [flat(100.0), flat(100.0), [100.0, 101.0, 90.0, 100.0], [100.0, 101.0, 90.0, 100.0]];
    let mut run = Stepped::new(terms(), &prices);
    run.bar(&[Request { plan, ..buy(1.0) }]).bar(&[at(95.0, buy(1.0))]).bar(&[]);
    assert_eq!(run.heard()[1..], [(None, Kind::StopLoss, FILLED, 1.0, 98.0)]);
    run.bar(&[]);
    assert_eq!(run.heard(), [(Some(1), Kind::Open, FILLED, 1.0, 95.0)]);
}

#[test]
fn the_end_of_a_trade_takes_its_reduce_only_orders_with_it() {
    let plan = stop(units(1.0), 2.0);
    let prices = [flat(100.0), flat(100.0), flat(100.0), flat(90.0)];
    let mut run = Stepped::new(terms(), &prices);
    run.bar(&[Request { plan, ..buy(1.0) }, reducing(at(110.0, sell(1.0)))]).bar(&[]).bar(&[]).bar(&[]);
    assert_eq!(
        run.heard()[1..],
        [(None, Kind::StopLoss, FILLED, 1.0, 90.0), (Some(1), Kind::Open, CANCELLED, 0.0, 0.0),]
    );
}

#[test]
fn a_stop_voids_what_was_to_close_the_position() {
    let plan = stop(units(2.0), 2.0);
    let prices = [flat(100.0), flat(100.0), [100.0, 100.0, 90.0, 92.0]];
    let close = Terms { fill: Fill::NextClose, ..terms() };
    let mut run = Stepped::new(close.clone(), &prices);
    run.bar(&[Request { plan, ..buy(2.0) }]).bar(&[sell(2.0)]).bar(&[]);
    assert_eq!(run.account.units(), 0.0);
    assert_eq!(run.reasons(), [Reason::PositionClosed]);
    let mut run = Stepped::new(close.clone(), &prices);
    run.bar(&[Request { plan, ..buy(2.0) }]).bar(&[sell(1.0), sell(3.0)]).bar(&[]);
    assert_eq!(run.account.units(), -2.0);
    let mut run = Stepped::new(close, &prices);
    run.bar(&[Request { plan, ..buy(2.0) }]).bar(&[buy(1.0)]).bar(&[]);
    assert_eq!((run.account.units(), run.reasons()), (0.0, vec![Reason::PositionClosed]));
}

#[test]
fn a_strategy_takes_its_order_back_once() {
    let mut run = Stepped::new(terms(), &[flat(100.0), flat(100.0)]);
    run.bar(&[at(90.0, buy(1.0))]);
    assert!(run.account.cancel(0));
    assert!(!run.account.cancel(0));
    assert_eq!(run.heard(), [(Some(0), Kind::Open, CANCELLED, 0.0, 0.0)]);
    assert_eq!(run.reasons(), [Reason::Withdrawn]);
    assert!(!run.account.has_pending());
}

#[test]
fn what_still_waits_at_the_end_is_pending() {
    let mut run = Stepped::new(terms(), &[flat(100.0), flat(100.0)]);
    run.bar(&[at(90.0, buy(1.0))]).bar(&[buy(1.0)]);
    let last = run.bars[1];
    run.account.finish(1, &last);
    let rows = &run.account.journal().orders;
    assert_eq!(rows.iter().map(|row| row.status).collect::<Vec<_>>(), [Status::Pending, Status::Pending]);
}

#[test]
fn ruin_cancels_what_waits_and_what_comes_after() {
    let terms = Terms { leverage: 10.0, maintenance_margin: 0.0, ..terms() };
    let mut run = Stepped::new(terms, &[flat(100.0), flat(100.0), flat(50.0), flat(50.0)]);
    run.bar(&[buy(100.0)]).bar(&[at(30.0, buy(1.0))]).bar(&[buy(1.0)]);
    assert_eq!(run.account.ruined(), Some(2));
    assert_eq!(run.reasons(), [Reason::Ruin, Reason::Ruin]);
}

#[test]
fn bad_requests_are_refused_with_their_bar() {
    let mut account = Account::new(terms(), Records::default()).unwrap();
    let bar = bars(&[flat(100.0)])[0];
    let submitted = |account: &mut Account<Records>, request| account.submit(0, &bar, request);
    assert_eq!(submitted(&mut account, buy(-1.0)), Err(BarError::NegativeSize { bar: 0, value: -1.0 }));
    let bad = submitted(&mut account, at(0.0, buy(1.0))).unwrap_err();
    assert_eq!(bad.to_string(), "a limit price must be a positive number, but it is 0 at bar 0");
    let plan = Plan { stop: Some(Distance::Price(-1.0)), ..units(1.0) };
    assert!(submitted(&mut account, Request { plan, ..buy(1.0) }).is_err());
    assert!(!account.has_pending());
}

#[test]
fn a_strategy_that_does_what_rules_do_leaves_the_same_rows() {
    let prices =
        [flat(100.0), flat(101.0), flat(102.0), [102.0, 109.0, 95.0, 103.0], flat(104.0), flat(105.0)];
    let plan = Plan { stop: Some(Distance::Price(5.0)), ..Plan::new(Size::Equity(0.5)) };
    for fill in [Fill::NextOpen, Fill::NextClose, Fill::SameClose] {
        let terms = Terms { fill, taker: 0.001, slippage: 0.002, ..terms() };
        let ruled = run(terms.clone(), &prices, &[(0, EL), (4, ES)], plan);
        let mut stepped = Stepped::new(terms, &prices);
        let request = |side| Request { plan, ..order(side, 0.0) };
        stepped.bar(&[request(Side::Buy)]).bar(&[]).bar(&[]).bar(&[]).bar(&[request(Side::Sell)]).bar(&[]);
        let last = stepped.bars[5];
        stepped.account.finish(5, &last);
        let rows = stepped.account.journal();
        assert_eq!(format!("{:?}", rows.orders), format!("{:?}", ruled.orders), "{fill:?}");
        assert_eq!(rows.trades, ruled.trades);
    }
}

#[test]
fn an_order_that_opens_after_a_reduction_is_sized_and_named_as_after_it() {
    // 8 units long from 125; at the close the reduction counts as filled at 100 less a fee of 200.
    let terms = Terms { size_at_decision: true, taker: 0.25, slippage: 0.25, leverage: 9.0, ..terms() };
    let mut run = Stepped::new(terms, &[flat(100.0), flat(100.0), flat(100.0)]);
    let sized = |side, size| Request { plan: Plan::new(size), ..order(side, 0.0) };
    run.bar(&[sized(Side::Buy, Size::Exposure(0.8))]);
    run.bar(&[reducing(sell(8.0)), sized(Side::Sell, Size::Exposure(0.8))]).bar(&[]);
    let expected = 0.8 * (1000.0 - 1250.0 + 800.0 - 200.0) / 100.0;
    assert_eq!(run.heard()[2], (Some(2), Kind::Open, FILLED, expected, 75.0));
    let close = Terms { fill: Fill::NextClose, ..scripted::terms() };
    let mut run = Stepped::new(close, &[flat(100.0), flat(100.0), [100.0, 100.0, 90.0, 92.0]]);
    run.bar(&[Request { plan: stop(units(2.0), 2.0), ..buy(2.0) }]).bar(&[sell(2.0), buy(1.0)]).bar(&[]);
    let last = (Some(2), Kind::Open, FILLED, 1.0, 92.0);
    assert_eq!(run.heard().last(), Some(&last));
}

#[test]
fn the_sale_at_the_end_leaves_what_waits_pending() {
    let mut run = Stepped::new(Terms { close_at_end: true, ..terms() }, &[flat(100.0); 3]);
    run.bar(&[buy(2.0)]).bar(&[reducing(at(110.0, sell(2.0)))]).bar(&[buy(1.0), sell(1.0)]);
    let last = run.bars[2];
    run.account.finish(2, &last);
    let rows: Vec<_> = run.account.journal().orders.iter().map(|row| (row.kind, row.status)).collect();
    let pending = Status::Pending;
    assert_eq!(rows[1..4], [(Kind::Close, pending), (Kind::Add, pending), (Kind::Close, pending)]);
    assert_eq!(rows[4], (Kind::End, FILLED));
    assert_eq!(run.account.units(), 0.0);
}
