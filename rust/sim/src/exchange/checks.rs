//! What an instrument allows in any order, shared by the historical and the live exchange.

use super::order::Reason;
use crate::amount::compare;
use alipes_market::instrument::Spec;
use alipes_market::types::{Side, Size, Tick};
use std::cmp::Ordering;

/// Why the instrument's grids refuse a size or a limit price, [`Reason::None`] where they do not.
pub fn terms_refusal(spec: &Spec, limit: Option<Tick>, size: Size) -> Reason {
    if size.0 <= 0 || size.0 % spec.lot_steps() != 0 {
        return Reason::Lot;
    }
    if limit.is_some_and(|price| price.0 <= 0 || !spec.price_rule.is_allowed(price)) {
        return Reason::PriceRule;
    }
    Reason::None
}

/// Whether limit price × size is below the least notional.
pub fn is_too_small(spec: &Spec, limit: Option<Tick>, size: Size) -> bool {
    let (Some(price), Some(least)) = (limit, spec.min_notional) else { return false };
    let notional = spec.notional(price, size);
    notional.and_then(|notional| compare(notional, least)).is_some_and(Ordering::is_lt)
}

/// How much an order of a side can reduce a position.
pub const fn reducible(position: i64, side: Side) -> i64 {
    let against = match side {
        Side::Buy => position.saturating_neg(),
        Side::Sell => position,
    };
    if against > 0 { against } else { 0 }
}
