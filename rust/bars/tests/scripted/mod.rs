//! A run of the fill model from a script: bars, signals at given bars, a plan.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code)]

use alipes_bars::data::{Bar, Ns};
use alipes_bars::portfolio::{
    Account, BarError, Distance, Kind, OrderRow, Plan, Reason, Records, Signals, Size, Status, Terms,
    TradeRow,
};

/// Δ of every script: a minute.
pub const STEP: Ns = 60_000_000_000;

pub type Signal = Signals;

pub const EL: Signals = Signals { enter_long: true, exit_long: false, enter_short: false, exit_short: false };
pub const XL: Signals = Signals { enter_long: false, exit_long: true, enter_short: false, exit_short: false };
pub const ES: Signals = Signals { enter_long: false, exit_long: false, enter_short: true, exit_short: false };
pub const XS: Signals = Signals { enter_long: false, exit_long: false, enter_short: false, exit_short: true };
pub const NONE: Signals =
    Signals { enter_long: false, exit_long: false, enter_short: false, exit_short: false };

pub fn both(a: Signals, b: Signals) -> Signals {
    Signals {
        enter_long: a.enter_long || b.enter_long,
        exit_long: a.exit_long || b.exit_long,
        enter_short: a.enter_short || b.enter_short,
        exit_short: a.exit_short || b.exit_short,
    }
}

/// Open, high, low, close of consecutive bars.
pub fn bars(prices: &[[f64; 4]]) -> Vec<Bar> {
    let bar = |(i, &[open, high, low, close]): (usize, &[f64; 4])| Bar {
        ts: i as Ns * STEP,
        open,
        high,
        low,
        close,
        spread: 0.0,
        mark: open,
    };
    prices.iter().enumerate().map(bar).collect()
}

/// A bar whose four prices are one.
pub const fn flat(price: f64) -> [f64; 4] {
    [price; 4]
}

pub fn terms() -> Terms {
    Terms::new(1000.0, STEP)
}

pub fn units(units: f64) -> Plan {
    Plan::new(Size::Units(units))
}

pub fn stop(plan: Plan, distance: f64) -> Plan {
    Plan { stop: Some(Distance::Price(distance)), ..plan }
}

pub fn target(plan: Plan, distance: f64) -> Plan {
    Plan { target: Some(Distance::Price(distance)), ..plan }
}

pub fn trail(plan: Plan, distance: f64) -> Plan {
    Plan { trail: Some(Distance::Price(distance)), ..plan }
}

/// What a run left.
#[derive(Debug)]
pub struct Outcome {
    pub orders: Vec<OrderRow>,
    pub trades: Vec<TradeRow>,
    pub equity: Vec<f64>,
    pub account: Account<Records>,
}

impl Outcome {
    /// Kind, fill bar, price of the orders that filled.
    pub fn fills(&self) -> Vec<(Kind, i64, f64)> {
        let filled = self.orders.iter().filter(|row| row.status == Status::Filled);
        filled.map(|row| (row.kind, row.fill_bar, row.price)).collect()
    }

    /// Kind, status and reason of the orders that did not fill.
    pub fn unfilled(&self) -> Vec<(Kind, Status, Reason)> {
        let unfilled = self.orders.iter().filter(|row| row.status != Status::Filled);
        unfilled.map(|row| (row.kind, row.status, row.reason)).collect()
    }
}

/// A script: what happens at which bar.
#[derive(Default)]
pub struct Script<'a> {
    pub signals: &'a [(usize, Signals)],
    /// Bar before which it is due, and its rate.
    pub funding: &'a [(usize, f64)],
    /// Finer bars of a bar.
    pub detail: &'a [(usize, Vec<Bar>)],
}

pub fn play(terms: Terms, bars: &[Bar], script: &Script, plan: Plan) -> Result<Outcome, BarError> {
    let mut account = Account::new(terms, Records::default())?;
    let mut equity = Vec::new();
    for (i, bar) in bars.iter().enumerate() {
        for &(_, rate) in script.funding.iter().filter(|&&(at, _)| at == i) {
            account.funding(bar.mark, rate);
        }
        let detail = script.detail.iter().find(|(at, _)| *at == i).map_or(&[][..], |(_, finer)| finer);
        account.begin(i, bar, detail);
        if let Some(&(_, signals)) = script.signals.iter().find(|&&(at, _)| at == i) {
            account.decide(i, bar, signals, || Ok::<_, BarError>(plan))?;
        }
        if i + 1 == bars.len() {
            account.finish(i, bar);
        }
        equity.push(account.equity_at(bar.close));
    }
    let Records { orders, trades } = account.journal().clone();
    Ok(Outcome { orders, trades, equity, account })
}

pub fn run(terms: Terms, prices: &[[f64; 4]], signals: &[(usize, Signals)], plan: Plan) -> Outcome {
    play(terms, &bars(prices), &Script { signals, ..Script::default() }, plan).unwrap()
}
