//! What must hold for any market and any orders, whatever the rules decide.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;
mod steps;

use alipes_market::types::{Side, Size};
use alipes_sim::exchange::{Exchange, NewOrder, Outcome, Response, TimeInForce};
use common::{cases, exchange};
use proptest::prelude::*;
use std::collections::BTreeMap;
use steps::{LOT, Step, play, steps};

/// What the responses say about one order.
#[derive(Debug)]
struct Fate {
    order: NewOrder,
    size: i64,
    fills: Vec<Response>,
    is_open: bool,
    left: i64,
}

impl Fate {
    fn filled(&self) -> i64 {
        self.fills.iter().map(|fill| fill.size.0).sum()
    }
}

/// Fates of all accepted orders.
fn fates(steps: &[Step], responses: &[Response]) -> BTreeMap<String, Fate> {
    let mut fates = BTreeMap::new();
    for response in responses {
        let id = response.client_id.to_string();
        if response.outcome == Outcome::Accepted {
            let order = steps.iter().find_map(|step| match step {
                Step::Submit(order) if *order.client_id == *id => Some(order.clone()),
                _ => None,
            });
            let order = order.expect("an accepted order was submitted");
            let size = order.size.0;
            fates.insert(id, Fate { order, size, fills: Vec::new(), is_open: true, left: 0 });
            continue;
        }
        let Some(fate) = fates.get_mut(&id) else { continue };
        match response.outcome {
            Outcome::Fill => fate.fills.push(response.clone()),
            Outcome::Amended => fate.size = response.size.0,
            Outcome::Cancelled | Outcome::Expired => (fate.is_open, fate.left) = (false, response.size.0),
            _ => {}
        }
    }
    fates
}

fn run(steps: &[Step]) -> (Exchange, Vec<Response>) {
    let mut exchange = exchange();
    let mut responses = Vec::new();
    for step in steps {
        play(&mut exchange, step, &mut responses);
    }
    while let Some(response) = exchange.poll(i64::MAX - 1) {
        responses.push(response);
    }
    (exchange, responses)
}

proptest! {
    // Failures print their shortest input; a file of them would only litter the runs with mutants on.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn sizes_are_positive_lots_and_nothing_is_lost(steps in steps()) {
        let (exchange, responses) = run(&steps);
        for (id, fate) in fates(&steps, &responses) {
            for fill in &fate.fills {
                prop_assert!(fill.size.0 > 0 && fill.size.0 % LOT == 0, "{fill:?}");
            }
            let filled = fate.filled();
            prop_assert!(filled <= fate.size, "{id} overfilled: {fate:?}");
            if !fate.is_open {
                prop_assert_eq!(filled + fate.left, fate.size, "{} does not add up", id);
            } else if filled < fate.size {
                prop_assert!(exchange.queue_ahead(&id).is_some(), "{id} vanished: {fate:?}");
            } else {
                prop_assert_eq!(exchange.queue_ahead(&id), None, "{} is full and still rests", id);
            }
        }
    }

    #[test]
    fn fill_or_kill_is_all_or_nothing(steps in steps()) {
        let (_, responses) = run(&steps);
        for (id, fate) in fates(&steps, &responses) {
            if fate.order.tif == TimeInForce::Fok {
                prop_assert!(fate.filled() == 0 || fate.filled() == fate.order.size.0, "{id}: {fate:?}");
                prop_assert!(!fate.is_open || fate.filled() > 0, "{id} neither filled nor expired");
            }
        }
    }

    #[test]
    fn post_only_never_takes_and_prices_keep_the_limit(steps in steps()) {
        let (_, responses) = run(&steps);
        let is_amended = |id: &str| responses.iter().any(|r| r.outcome == Outcome::Amended && *r.client_id == *id);
        for (id, fate) in fates(&steps, &responses) {
            for fill in &fate.fills {
                prop_assert!(fill.is_maker || !fate.order.is_post_only, "{id}: {fill:?}");
                let sign = fate.order.side.sign();
                let limit = fate.order.price.0;
                let is_within = fate.order.is_market || fill.price.0 * sign <= limit * sign;
                prop_assert!(is_within || is_amended(&id), "{id} at {limit}: {fill:?}");
            }
        }
    }

    #[test]
    fn reduce_only_never_grows_or_turns_the_position(steps in steps()) {
        let (exchange, responses) = run(&steps);
        let fates = fates(&steps, &responses);
        let mut fills: Vec<&Response> = responses.iter().filter(|r| r.outcome == Outcome::Fill).collect();
        fills.sort_by_key(|fill| fill.trade_id);
        let mut position = 0;
        for fill in fills {
            let order = &fates[&*fill.client_id].order;
            let before: i64 = position;
            position += fill.size.0 * order.side.sign();
            if order.is_reduce_only {
                prop_assert!(position.abs() < before.abs() && position * before >= 0, "{fill:?} at {before}");
            }
        }
        prop_assert_eq!(exchange.position(0), Ok(position));
    }

    #[test]
    fn a_queue_only_moves_forward(steps in steps()) {
        let mut exchange = exchange();
        let mut ahead: BTreeMap<String, i64> = BTreeMap::new();
        let mut responses = Vec::new();
        for step in &steps {
            let amended = responses.len();
            play(&mut exchange, step, &mut responses);
            while let Some(response) = exchange.poll(i64::MAX - 1) {
                responses.push(response);
            }
            for response in responses[amended..].iter().filter(|r| r.outcome == Outcome::Amended) {
                ahead.remove(&*response.client_id);
            }
            for id in steps.iter().filter_map(Step::id) {
                let Some(now) = exchange.queue_ahead(id) else { continue };
                let before = ahead.insert(id.to_owned(), now).unwrap_or(i64::MAX);
                prop_assert!((0..=before).contains(&now), "{id}: {before} became {now} at {step:?}");
            }
        }
    }

    #[test]
    fn the_same_input_gives_the_same_output(steps in steps()) {
        prop_assert_eq!(run(&steps).1, run(&steps).1);
    }
}

#[test]
fn an_order_of_no_size_is_refused_not_lost() {
    let order = steps::order("a", Side::Buy, 100, 0);
    let steps = [steps::reset(), Step::Submit(NewOrder { size: Size(0), ..order }), steps::quiet(5)];
    let (_, responses) = run(&steps);
    assert_eq!(responses.iter().map(|r| r.outcome).collect::<Vec<_>>(), [Outcome::Rejected]);
}
