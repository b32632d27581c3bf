//! What must hold in the live exchange for any market and any orders of any accounts.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod live;
mod live_actions;

use alipes_market::decimal::Decimal;
use alipes_market::types::Side;
use alipes_sim::amount::compare;
use alipes_sim::exchange::live::{Event, LiveExchange, Order, OrderStatus, SelfTrade};
use alipes_sim::exchange::{Outcome, TimeInForce, is_better};
use live::{ACCOUNTS, DEPOSIT, exchange};
use live_actions::{Action, LOT, actions, play};
use proptest::prelude::*;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Random cases of each property: a slice, or with `ALIPES_LONG` over a million actions each.
fn cases() -> u32 {
    let is_long = std::env::var("ALIPES_LONG").is_ok_and(|value| !value.is_empty() && value != "0");
    if is_long { 20_000 } else { 300 }
}

/// One call with the events it caused.
struct Call<'a> {
    exchange: &'a LiveExchange,
    action: &'a Action,
    events: &'a [Event],
}

/// Plays all actions; `check` sees the exchange after each.
fn run(
    actions: &[Action],
    mut check: impl FnMut(&Call<'_>) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let (mut exchange, mut newest, mut now) = (exchange(), 0, 0);
    for action in actions {
        now += 1_000_000;
        let events = play(&mut exchange, action, now, newest);
        for event in &events {
            if let Event::Order(Outcome::Accepted, order, _) = event {
                newest = order.id;
            }
        }
        check(&Call { exchange: &exchange, action, events: &events })?;
    }
    Ok(())
}

fn open(exchange: &LiveExchange) -> Vec<Order> {
    let of = |account| exchange.open_orders(account, None).expect("an account").into_iter().cloned();
    (1..=ACCOUNTS).flat_map(of).collect()
}

/// Orders at rest as the events tell them, with the number of the event with which each joined its queue.
#[derive(Default)]
struct Queue {
    resting: BTreeMap<u64, (usize, Order)>,
    events: usize,
}

impl Queue {
    /// Follows an event; for a fill of a resting order gives an order that should have come before it.
    fn follow(&mut self, event: &Event) -> Option<(Order, Order)> {
        self.events += 1;
        match event {
            Event::Order(Outcome::Accepted, order, _) => {
                self.resting.insert(order.id, (self.events, order.clone()));
            }
            Event::Order(Outcome::Amended, order, _) => {
                let (joined, old) = self.resting.remove(&order.id)?;
                let keeps = old.terms.price == order.terms.price && order.terms.size <= old.terms.size;
                let joined = if keeps { joined } else { self.events };
                self.resting.insert(order.id, (joined, order.clone()));
            }
            Event::Order(Outcome::Cancelled | Outcome::Expired, order, _) => {
                self.resting.remove(&order.id);
            }
            Event::Fill(order, fill) => {
                let first = if fill.is_maker { self.ahead_of(order) } else { None };
                if order.status == OrderStatus::Filled {
                    self.resting.remove(&order.id);
                }
                return first.map(|first| (first, order.clone()));
            }
            _ => {}
        }
        None
    }

    /// An order of the same side with a better price, or the same price and an earlier place.
    fn ahead_of(&self, order: &Order) -> Option<Order> {
        let (joined, _) = self.resting.get(&order.id)?;
        let (side, price) = (order.terms.side, order.terms.price);
        let is_ahead = |(at, other): &&(usize, Order)| {
            let (theirs, is_same_side) = (other.terms.price, other.terms.side == side);
            let is_first = is_better(side, theirs, price) || (theirs == price && at < joined);
            is_same_side && is_first && !other.terms.is_reduce_only && !other.terms.is_market
        };
        self.resting.values().find(is_ahead).map(|(_, order)| order.clone())
    }
}

proptest! {
    // Failures print their shortest input; a file of them would only litter the runs with mutants on.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn nothing_is_made_or_lost(actions in actions()) {
        let accounts = i128::from(ACCOUNTS);
        run(&actions, |call| {
            prop_assert_eq!(call.exchange.total("Y"), Ok(Decimal::new(accounts * DEPOSIT, 0)), "{:?}", call.action);
            prop_assert_eq!(call.exchange.total("Z"), Ok(Decimal::new(accounts * 5, 3)), "{:?}", call.action);
            Ok(())
        })?;
    }

    #[test]
    fn better_prices_and_earlier_orders_trade_first(actions in actions()) {
        let mut queue = Queue::default();
        run(&actions, |call| {
            for event in call.events {
                let passed_over = queue.follow(event);
                prop_assert!(passed_over.is_none(), "{passed_over:?} at {:?}", call.action);
            }
            Ok(())
        })?;
    }

    #[test]
    fn sizes_are_whole_lots_and_orders_add_up(actions in actions()) {
        run(&actions, |call| {
            for event in call.events {
                if let Event::Fill(order, fill) = event {
                    prop_assert!(fill.size.0 > 0 && fill.size.0 % LOT == 0, "{fill:?}");
                    prop_assert!(order.leaves() >= 0, "{order:?} is overfilled");
                }
            }
            for order in open(call.exchange) {
                prop_assert!(order.leaves() > 0 && !order.terms.is_market, "{order:?} is not open");
                prop_assert!(order.terms.tif == TimeInForce::Gtc, "{order:?} rests");
            }
            for level in call.exchange.depth(0, 100).expect("an instrument").iter().flatten() {
                prop_assert!(level.size.0 > 0 && level.size.0 % LOT == 0, "{level:?}");
            }
            Ok(())
        })?;
    }

    #[test]
    fn no_two_orders_at_rest_could_trade(actions in actions()) {
        run(&actions, |call| {
            let open = open(call.exchange);
            let best = |side: Side| {
                let prices = open.iter().filter(|order| order.terms.side == side).map(|order| order.terms.price);
                if side == Side::Buy { prices.max() } else { prices.min() }
            };
            if let (Some(bid), Some(ask)) = (best(Side::Buy), best(Side::Sell)) {
                prop_assert!(bid < ask, "{bid:?} and {ask:?} rest after {:?}", call.action);
            }
            let [bids, asks] = call.exchange.depth(0, 1).expect("an instrument");
            for (side, other) in [(Side::Buy, asks.first()), (Side::Sell, bids.first())] {
                if let (Some(ours), Some(other)) = (best(side), other) {
                    let is_apart = is_better(side, other.price, ours);
                    prop_assert!(is_apart, "{ours:?} and {other:?} rest after {:?}", call.action);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn fill_or_kill_is_all_or_nothing(actions in actions()) {
        run(&actions, |call| {
            let Action::Submit(_, order, _) = call.action else { return Ok(()) };
            if order.tif == TimeInForce::Fok {
                let sizes = call.events.iter().filter_map(|event| match event {
                    Event::Fill(of, fill) if !fill.is_maker && of.terms == *order => Some(fill.size.0),
                    _ => None,
                });
                let filled: i64 = sizes.sum();
                prop_assert!(filled == 0 || filled == order.size.0, "{order:?} filled {filled}");
            }
            Ok(())
        })?;
    }

    #[test]
    fn post_only_never_takes(actions in actions()) {
        run(&actions, |call| {
            for event in call.events {
                if let Event::Fill(order, fill) = event {
                    prop_assert!(fill.is_maker || !order.terms.is_post_only, "{order:?} took {fill:?}");
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn reduce_only_never_grows_or_turns_a_position(actions in actions()) {
        let mut positions: BTreeMap<u32, i64> = BTreeMap::new();
        run(&actions, |call| {
            for event in call.events {
                let Event::Fill(order, fill) = event else { continue };
                let position = positions.entry(order.account).or_default();
                let before = *position;
                *position += fill.size.0 * fill.side.sign();
                if order.terms.is_reduce_only {
                    let is_less = position.abs() < before.abs() && *position * before >= 0;
                    prop_assert!(is_less, "{order:?}: {before} became {position}");
                }
            }
            for (&account, &position) in &positions {
                prop_assert_eq!(call.exchange.position_steps(account, 0), position);
            }
            Ok(())
        })?;
    }

    #[test]
    fn self_trade_prevention_keeps_an_account_from_trading_with_itself(actions in actions()) {
        run(&actions, |call| {
            let mut makers = BTreeMap::new();
            for event in call.events {
                let Event::Fill(order, fill) = event else { continue };
                if fill.is_maker {
                    makers.insert(fill.trade_id, order.account);
                } else if order.stp != SelfTrade::Allow {
                    prop_assert_ne!(makers.get(&fill.trade_id), Some(&order.account), "{:?}", order);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_binds_margin_is_refused_where_equity_does_not_cover_it(actions in actions()) {
        let mut before: BTreeMap<u32, Decimal> = BTreeMap::new();
        run(&actions, |call| {
            let is_trade = |event: &Event| matches!(event, Event::Trade(..));
            if let Action::Submit(account, order, _) = call.action {
                let rests = !call.events.iter().any(is_trade) && !order.is_reduce_only;
                let available = call.exchange.margin(*account, "Y").and_then(|m| m.available()).expect("a margin");
                let was = before.get(account).copied().unwrap_or(available);
                prop_assert!(!rests || available.mantissa >= 0 || available == was, "{:?}: {available}", call.action);
            }
            for account in 1..=ACCOUNTS {
                let margin = call.exchange.margin(account, "Y").and_then(|m| m.available()).expect("a margin");
                before.insert(account, margin);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_liquidated_account_is_flat_or_finds_nobody(actions in actions()) {
        run(&actions, |call| {
            if !matches!(call.action, Action::Mark(_)) {
                return Ok(());
            }
            let [bids, asks] = call.exchange.depth(0, 1).expect("an instrument");
            for account in 1..=ACCOUNTS {
                let margin = call.exchange.margin(account, "Y").expect("a margin");
                let position = call.exchange.position_steps(account, 0);
                let there = if position > 0 { &bids } else { &asks };
                let was_hit = call.events.iter().any(|event| matches!(event, Event::Fill(o, _) if o.account == account));
                let equity = margin.equity().expect("an equity");
                let is_covered = compare(equity, margin.maintenance) != Some(Ordering::Less);
                let is_fine = is_covered || position == 0 || there.is_empty() || was_hit;
                prop_assert!(is_fine, "{account} lives on {margin:?}");
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_same_input_gives_the_same_output(actions in actions()) {
        let mut first = Vec::new();
        run(&actions, |call| { first.extend(call.events.to_vec()); Ok(()) })?;
        let mut second = Vec::new();
        run(&actions, |call| { second.extend(call.events.to_vec()); Ok(()) })?;
        prop_assert_eq!(first, second);
    }
}
