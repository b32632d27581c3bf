//! An exchange of one instrument, and how many random cases to run.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use alipes_market::decimal::{Decimal, Grid};
use alipes_market::instrument::{Kind, Names, PriceRule, Spec};
use alipes_market::types::Ns;
use alipes_sim::exchange::{Exchange, Fees, Latency};
use std::sync::Arc;

const MS: Ns = 1_000_000;

/// Random cases of each property: a slice, or with `ALIPES_LONG` many.
pub fn cases() -> u32 {
    let is_long = std::env::var("ALIPES_LONG").is_ok_and(|value| !value.is_empty() && value != "0");
    if is_long { 20_000 } else { 300 }
}

/// An exchange with one instrument, tick 1, lot 1.
pub fn exchange() -> Exchange {
    let one = Decimal::ONE;
    let text = |name: &str| name.to_owned();
    let names = Names { symbol: text("X/Y"), base: text("X"), quote: text("Y"), settle: text("Y") };
    let rule = PriceRule::Fixed(Grid::new(one).unwrap());
    let spec = Arc::new(Spec::new(names, Kind::Linear, rule, one, one, None).unwrap());
    let fees = Fees::new(&spec, Decimal::new(2, 4), Decimal::new(5, 4), None, None).unwrap();
    let mut exchange = Exchange::new(Latency { entry: 3 * MS, response: 2 * MS }, None);
    exchange.add_instrument(0, spec, fees, 0).unwrap();
    exchange
}
