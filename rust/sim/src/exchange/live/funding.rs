//! Funding: holders of one side pay those of the other, at the mark.

use super::account::Cause;
use super::order::{AccountId, EntryKind, Event};
use super::{LiveError, LiveExchange};
use crate::amount::{half_up, negated, power};
use alipes_market::decimal::Decimal;
use alipes_market::mutants::is_on;
use alipes_market::types::Ns;
use std::sync::Arc;

/// Decimals of a funding payment.
pub const FUNDING_DECIMALS: u32 = 8;

impl LiveExchange {
    /// Pays funding: position value at the mark × rate, from longs to shorts where the rate is positive. Payments have
    /// 8 decimals, halves up; the outside market is the other side of each, so nothing is made or lost.
    ///
    /// # Errors
    /// [`LiveError::UnknownInstrument`], [`LiveError::OutOfRange`] before the first mark, [`LiveError::Overflow`].
    pub fn fund(&mut self, now: Ns, index: u16, rate: Decimal) -> Result<Vec<Event>, LiveError> {
        self.advance(now);
        let listing = self.listing(index)?;
        let Some(mark) = listing.mark else {
            let (name, expected) = ("mark", "set before funding");
            return Err(LiveError::OutOfRange { name, expected, value: "none".to_owned() });
        };
        let (asset, terms) = (Arc::clone(&listing.settle), listing.terms.clone());
        let cause = Cause { kind: EntryKind::Funding, instrument: Some(index), trade_id: None };
        for account in 1..self.accounts.all.len() {
            let account = AccountId::try_from(account).unwrap_or(AccountId::MAX);
            let units = self.accounts.get(account)?.units(index);
            let value =
                terms.value(mark.0, units.abs()).and_then(|value| terms.amount(value * units.signum()));
            let paid = value.and_then(|value| value.product(rate)).and_then(rounded);
            let paid = paid.ok_or(LiveError::Overflow("a funding payment"))?;
            let received = if is_on("live_funding") { paid } else { negated(paid) };
            if received.mantissa != 0 {
                self.transfer(0, account, &asset, received, cause, self.now)?;
            }
        }
        self.liquidate(index)?;
        self.settle_down()
    }
}

fn rounded(amount: Decimal) -> Option<Decimal> {
    let scaled = amount.mantissa.checked_mul(power(FUNDING_DECIMALS)?)?;
    Some(Decimal::new(half_up(scaled, power(amount.decimals)?)?, FUNDING_DECIMALS))
}
