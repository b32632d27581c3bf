//! The numeric risk checks, one function for live, paper and backtest.
//!
//! A check that cannot be computed (a product beyond 128 bits) counts as failed: the gate never lets through what it
//! could not judge.

use crate::amount::{compare, power};
use crate::exchange::is_better;
use alipes_market::decimal::{Decimal, GridError};
use alipes_market::instrument::{Kind, Spec};
use alipes_market::mutants::is_on;
use alipes_market::types::{Side, Size, Tick};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;
use thiserror::Error;

/// Limits of one instrument; `None` does not limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Largest size of one order, in size steps.
    pub order_size: Option<Size>,
    /// Largest notional of one order, in quote.
    pub order_notional: Option<Decimal>,
    /// Largest position that open orders of a side and this one could lead to, in size steps.
    pub position: Option<Size>,
    /// How far beyond the opposite best price an order may reach, in basis points.
    pub collar_bps: Option<Decimal>,
}

/// An order and what it is judged against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// Bought or sold.
    pub side: Side,
    /// Whether the order has no price of its own.
    pub is_market: bool,
    /// Price in ticks; ignored for market orders.
    pub price: Tick,
    /// Size in size steps.
    pub size: Size,
    /// Signed position in size steps.
    pub position: i64,
    /// Unfilled size of own open buys.
    pub open_buys: i64,
    /// Unfilled size of own open sells.
    pub open_sells: i64,
    /// Whether the venue lets the order only reduce the position.
    pub is_reduce_only: bool,
    /// Best bid.
    pub best_bid: Option<Tick>,
    /// Best ask.
    pub best_ask: Option<Tick>,
}

/// Why an order is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Refusal {
    /// A price that the instrument does not allow.
    PriceRule = 1,
    /// A size that is not a positive number of lots.
    Lot = 2,
    /// Above the largest order size.
    MaxOrderSize = 3,
    /// Above the largest order notional.
    MaxOrderNotional = 4,
    /// Could lead to more than the largest position.
    MaxPosition = 5,
    /// Beyond the price collar.
    PriceCollar = 6,
    /// No best price to judge the order against.
    NoReferencePrice = 7,
    /// Below the venue's least notional.
    MinNotional = 8,
}

impl Refusal {
    /// The code's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PriceRule => "price_rule",
            Self::Lot => "lot",
            Self::MaxOrderSize => "max_order_size",
            Self::MaxOrderNotional => "max_order_notional",
            Self::MaxPosition => "max_position",
            Self::PriceCollar => "price_collar",
            Self::NoReferencePrice => "no_reference_price",
            Self::MinNotional => "min_notional",
        }
    }
}

/// A call that the gate cannot answer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum GateError {
    /// No such instrument.
    #[error("instrument {0} was not added to this gate")]
    UnknownInstrument(u16),
    /// A limit that is negative.
    #[error("{name} must not be negative, got {value}")]
    Negative {
        /// Which one.
        name: &'static str,
        /// Its value.
        value: Decimal,
    },
    /// A limit out of range.
    #[error(transparent)]
    Grid(#[from] GridError),
}

/// Instruments and their limits.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    instruments: BTreeMap<u16, Rules>,
}

#[derive(Clone, Debug)]
struct Rules {
    spec: Arc<Spec>,
    limits: Limits,
}

impl Gate {
    /// A gate without instruments.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an instrument without limits, or replaces its terms.
    pub fn add_instrument(&mut self, index: u16, spec: Arc<Spec>) {
        let limits = self.instruments.get(&index).map(|rules| rules.limits).unwrap_or_default();
        self.instruments.insert(index, Rules { spec, limits });
    }

    /// Replaces the limits of an instrument. Amounts are in base units (contracts for inverse), quote and basis points.
    ///
    /// # Errors
    /// [`GateError`].
    pub fn set_limits(
        &mut self,
        index: u16,
        order_size: Option<Decimal>,
        order_notional: Option<Decimal>,
        position: Option<Decimal>,
        collar_bps: Option<Decimal>,
    ) -> Result<(), GateError> {
        let named = [
            ("max_order_size", order_size),
            ("max_order_notional", order_notional),
            ("max_position", position),
            ("collar_bps", collar_bps),
        ];
        for (name, value) in named {
            if let Some(value) = value.filter(|value| value.mantissa < 0) {
                return Err(GateError::Negative { name, value });
            }
        }
        let rules = self.instruments.get_mut(&index).ok_or(GateError::UnknownInstrument(index))?;
        let steps = |limit: Option<Decimal>| -> Result<Option<Size>, GridError> {
            limit.map(|limit| rules.spec.size.floor(limit).map(|(steps, _)| Size(steps))).transpose()
        };
        rules.limits =
            Limits { order_size: steps(order_size)?, order_notional, position: steps(position)?, collar_bps };
        Ok(())
    }

    /// The first rule that an order breaks.
    ///
    /// # Errors
    /// [`GateError::UnknownInstrument`].
    pub fn check(&self, index: u16, order: &Check) -> Result<Option<Refusal>, GateError> {
        Ok(self.rules(index)?.check(order))
    }

    /// The first rule that an order breaks, with the value and its limit; empty where it breaks none.
    ///
    /// # Errors
    /// [`GateError::UnknownInstrument`].
    pub fn explain(&self, index: u16, order: &Check) -> Result<String, GateError> {
        let rules = self.rules(index)?;
        Ok(rules.check(order).map_or_else(String::new, |refusal| rules.explain(refusal, order)))
    }

    /// The farthest price that a taker may reach from the opposite best price; `None` without a collar.
    ///
    /// # Errors
    /// [`GateError::UnknownInstrument`].
    pub fn collar_price(&self, index: u16, side: Side, best: Tick) -> Result<Option<Tick>, GateError> {
        Ok(self.rules(index)?.collar(side, best))
    }

    fn rules(&self, index: u16) -> Result<&Rules, GateError> {
        self.instruments.get(&index).ok_or(GateError::UnknownInstrument(index))
    }
}

impl Rules {
    fn check(&self, order: &Check) -> Option<Refusal> {
        let limits = &self.limits;
        if !order.is_market && (order.price.0 <= 0 || !self.spec.price_rule.is_allowed(order.price)) {
            return Some(Refusal::PriceRule);
        }
        if order.size.0 <= 0 || order.size.0 % self.spec.lot_steps() != 0 {
            return Some(Refusal::Lot);
        }
        if limits.order_size.is_some_and(|limit| order.size > limit) && !is_on("gate_order_size") {
            return Some(Refusal::MaxOrderSize);
        }
        if let Some(refusal) = self.check_notional(order) {
            return Some(refusal);
        }
        if !order.is_reduce_only && limits.position.is_some_and(|limit| !is_within(order, limit)) {
            return Some(Refusal::MaxPosition);
        }
        self.check_collar(order)
    }

    fn check_notional(&self, order: &Check) -> Option<Refusal> {
        let (limit, least) = (self.limits.order_notional, self.spec.min_notional);
        let least = least.filter(|_| !order.is_reduce_only);
        if limit.is_none() && least.is_none() {
            return None;
        }
        let Some(price) = self.judged_price(order) else {
            // Only a limit needs a price at any cost; the venue itself judges its least notional.
            return limit.map(|_| Refusal::NoReferencePrice);
        };
        let notional = self.spec.notional(price, order.size);
        let versus = |bound: Decimal| notional.and_then(|notional| compare(notional, bound));
        if limit.is_some_and(|limit| versus(limit).is_none_or(Ordering::is_gt)) {
            return Some(Refusal::MaxOrderNotional);
        }
        least.filter(|&least| versus(least).is_none_or(Ordering::is_lt)).map(|_| Refusal::MinNotional)
    }

    fn check_collar(&self, order: &Check) -> Option<Refusal> {
        self.limits.collar_bps?;
        let Some(reference) = reference(order) else { return Some(Refusal::NoReferencePrice) };
        let Some(farthest) = self.collar(order.side, reference) else { return Some(Refusal::PriceCollar) };
        (!order.is_market && is_better(order.side, order.price, farthest)).then_some(Refusal::PriceCollar)
    }

    /// The price an order is worth at most: its own, or for a market order the collar's (the best price without one).
    fn judged_price(&self, order: &Check) -> Option<Tick> {
        if !order.is_market || self.spec.kind == Kind::Inverse {
            return Some(order.price);
        }
        let best = reference(order)?;
        Some(self.collar(order.side, best).unwrap_or(best))
    }

    /// `best × (1 ± collar)`, rounded towards `best` to an allowed price.
    fn collar(&self, side: Side, best: Tick) -> Option<Tick> {
        let bps = self.limits.collar_bps?;
        let whole = power(bps.decimals + 4)?;
        let factor = whole.checked_add(bps.mantissa * i128::from(side.sign()))?.max(0);
        let product = i128::from(best.0).checked_mul(factor)?;
        let rule = &self.spec.price_rule;
        let slack = i64::from(is_on("gate_collar"));
        match side {
            Side::Buy => Some(rule.floor(Tick(i64::try_from(product.div_euclid(whole)).ok()? + slack))),
            Side::Sell => Some(rule.ceil(Tick(i64::try_from(-(-product).div_euclid(whole)).ok()? - slack))),
        }
    }

    #[cold]
    fn explain(&self, refusal: Refusal, order: &Check) -> String {
        let (spec, limits) = (&self.spec, &self.limits);
        let (price, size) = (spec.tick.text(order.price.0), spec.size.value(order.size.0));
        let text = |limit: Option<Decimal>| limit.map_or_else(String::new, |limit| limit.to_string());
        let steps = |limit: Option<Size>| text(limit.map(|limit| spec.size.value(limit.0)));
        let notional = || text(self.judged_price(order).and_then(|price| spec.notional(price, order.size)));
        match refusal {
            Refusal::PriceRule => {
                format!("price {price} is not allowed: positive multiples of {}", self.price_step(order))
            }
            Refusal::Lot => format!("size {size} is not a positive multiple of the lot {}", spec.lot.text(1)),
            Refusal::MaxOrderSize => format!("size {size} is above the limit {}", steps(limits.order_size)),
            Refusal::MaxOrderNotional => {
                format!("notional {} is above the limit {}", notional(), text(limits.order_notional))
            }
            Refusal::MinNotional => {
                format!("notional {} is below the least {}", notional(), text(spec.min_notional))
            }
            Refusal::MaxPosition => {
                let worst = i64::try_from(worst_position(order)).unwrap_or(i64::MAX);
                let worst = spec.size.value(worst);
                format!("position could reach {worst}, above the limit {}", steps(limits.position))
            }
            Refusal::PriceCollar => {
                let best = reference(order);
                let farthest =
                    best.and_then(|best| self.collar(order.side, best)).map(|p| spec.tick.text(p.0));
                let (best, farthest) = (best.map(|p| spec.tick.text(p.0)), farthest.unwrap_or_default());
                let (best, bps) = (best.unwrap_or_default(), text(limits.collar_bps));
                format!("price {price} is beyond the collar {farthest} ({bps} bps from {best})")
            }
            Refusal::NoReferencePrice => "the book has no price to judge the order against".to_owned(),
        }
    }

    fn price_step(&self, order: &Check) -> String {
        self.spec.tick.text(self.spec.price_rule.step_at(order.price))
    }
}

/// Largest position, counted towards the order's side, that it and the open orders of its side could lead to.
fn worst_position(order: &Check) -> i128 {
    let open = if order.side == Side::Buy { order.open_buys } else { order.open_sells };
    i128::from(order.position) * i128::from(order.side.sign()) + i128::from(open) + i128::from(order.size.0)
}

fn is_within(order: &Check, limit: Size) -> bool {
    let slack = i128::from(is_on("gate_position"));
    worst_position(order) <= i128::from(limit.0) + slack
}

/// The best price a taker would meet; the own side's where the other is empty.
fn reference(order: &Check) -> Option<Tick> {
    match order.side {
        Side::Buy => order.best_ask.or(order.best_bid),
        Side::Sell => order.best_bid.or(order.best_ask),
    }
}
