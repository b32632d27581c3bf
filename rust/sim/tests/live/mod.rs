//! A live exchange of one instrument and three funded accounts.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use alipes_market::decimal::{Decimal, Grid};
use alipes_market::instrument::{Kind, Names, PriceRule, Spec};
use alipes_market::types::Tick;
use alipes_sim::exchange::live::{LiveExchange, NewListing, Rates};
use std::sync::Arc;

/// Accounts.
pub const ACCOUNTS: u32 = 3;

/// What each account starts with.
pub const DEPOSIT: i128 = 400;

/// An instrument of tick 1 and lot 1.
pub fn spec() -> Arc<Spec> {
    let text = |name: &str| name.to_owned();
    let names = Names { symbol: text("X/Y:Y"), base: text("X"), quote: text("Y"), settle: text("Y") };
    let rule = PriceRule::Fixed(Grid::new(Decimal::ONE).unwrap());
    let least = Some(Decimal::new(100, 0));
    Arc::new(Spec::new(names, Kind::Linear, rule, Decimal::ONE, Decimal::ONE, least).unwrap())
}

/// The exchange, with a mark, and fees in a third asset of which there is little.
pub fn exchange() -> LiveExchange {
    let mut exchange = LiveExchange::new();
    let spec = spec();
    let (maker, taker) = (Decimal::new(-1, 4), Decimal::new(55, 5));
    let rates = Rates::new(&spec, maker, taker, Some("Z"), Some(Decimal::new(613, 1))).unwrap();
    let maintenance_rate = Decimal::new(2, 2);
    exchange.add_instrument(0, NewListing { spec, rates, max_leverage: 25, maintenance_rate }).unwrap();
    for _ in 0..ACCOUNTS {
        let account = exchange.add_account();
        exchange.deposit(0, account, "Y", Decimal::new(DEPOSIT, 0)).unwrap();
        exchange.deposit(0, account, "Z", Decimal::new(5, 3)).unwrap();
    }
    exchange.mark(0, 0, Tick(100)).unwrap();
    exchange
}
