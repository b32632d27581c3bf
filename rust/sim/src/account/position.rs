//! One position and what a fill does to it.

use super::{AccountError, Terms};
use crate::amount::{share, sum};
use alipes_market::decimal::Decimal;
use alipes_market::instrument::Kind;
use alipes_market::mutants::is_on;
use alipes_market::types::{Side, Size, Tick};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A position in one instrument.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Signed units: positive is long.
    #[serde(with = "crate::wide")]
    pub units: i128,
    /// Signed cost of the open units, in cost units, with the sign of `units`.
    #[serde(with = "crate::wide")]
    pub cost: i128,
    /// Realised profit in cost units, before fees.
    #[serde(with = "crate::wide")]
    pub realised: i128,
    /// Fees paid, by asset; negative is a rebate.
    pub fees: BTreeMap<String, Decimal>,
}

/// A position as a user reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Signed size in base units (contracts for inverse instruments).
    pub size: Decimal,
    /// Average price of the open size.
    pub average_price: Option<Decimal>,
    /// Realised profit in the settlement asset, before fees.
    pub realised: Decimal,
    /// Fees paid, by asset.
    pub fees: BTreeMap<String, Decimal>,
}

/// Size and price of a fill in account units.
struct Leg {
    sign: i128,
    units: i128,
    price: i64,
}

impl Position {
    /// Applies a fill, without its fee.
    ///
    /// # Errors
    /// [`AccountError::Overflow`]; the position is then as before.
    pub fn fill(&mut self, terms: &Terms, side: Side, price: Tick, size: Size) -> Result<(), AccountError> {
        let units = terms.units(size).ok_or(AccountError::Overflow("a size"))?;
        let leg = Leg { sign: i128::from(side.sign()), units, price: price.0 };
        *self = self.after(terms, &leg).ok_or(AccountError::Overflow("a position"))?;
        Ok(())
    }

    fn after(&self, terms: &Terms, leg: &Leg) -> Option<Self> {
        let mut next = self.clone();
        let held = self.units.checked_abs()?;
        let closed = if self.units.signum() == -leg.sign { held.min(leg.units) } else { 0 };
        if closed > 0 {
            let removed = share(self.cost, closed, held)?;
            let proceeds = terms.value(leg.price, closed)?.checked_mul(self.units.signum())?;
            let gain = proceeds.checked_sub(removed)?;
            // An inverse position is worth less base at a higher price.
            let is_inverse = terms.spec.kind == Kind::Inverse && !is_on("account_inverse");
            let gain = if is_inverse { gain.checked_neg()? } else { gain };
            next.realised = self.realised.checked_add(gain)?;
            next.cost = self.cost.checked_sub(removed)?;
            next.units = self.units.checked_add(leg.sign * closed)?;
        }
        let opened = leg.units - closed;
        let value = terms.value(leg.price, opened)?;
        next.units = next.units.checked_add(leg.sign.checked_mul(opened)?)?;
        next.cost = next.cost.checked_add(leg.sign.checked_mul(value)?)?;
        Some(next)
    }

    /// Takes a fee in base off a spot position: those units leave at their average cost, with no profit; what exceeds
    /// the position becomes a short opened at `price`.
    ///
    /// # Errors
    /// [`AccountError::Overflow`] or [`AccountError::FineFee`]; the position is then as before.
    pub fn pay_in_base(&mut self, terms: &Terms, price: Tick, fee: Decimal) -> Result<(), AccountError> {
        let fee = terms.units_of_fee(fee)?;
        let next = self.after_fee(terms, price, fee).ok_or(AccountError::Overflow("a position"))?;
        *self = next;
        Ok(())
    }

    fn after_fee(&self, terms: &Terms, price: Tick, fee: i128) -> Option<Self> {
        let mut next = self.clone();
        let sign = -fee.signum();
        let closed =
            if self.units.signum() == -sign { self.units.checked_abs()?.min(fee.checked_abs()?) } else { 0 };
        if closed > 0 {
            next.cost = self.cost.checked_sub(share(self.cost, closed, self.units.abs())?)?;
        }
        let opened = fee.checked_abs()? - closed;
        let value = terms.value(price.0, opened)?;
        next.units = self.units.checked_sub(fee)?;
        next.cost = next.cost.checked_add(sign.checked_mul(value)?)?;
        Some(next)
    }

    /// Profit that closing the whole position at a price would realise, in cost units.
    #[must_use]
    pub fn unrealised(&self, terms: &Terms, mark: Tick) -> Option<i128> {
        let value = terms.value(mark.0, self.units.checked_abs()?)?.checked_mul(self.units.signum())?;
        let gain = value.checked_sub(self.cost)?;
        if terms.spec.kind == Kind::Inverse { gain.checked_neg() } else { Some(gain) }
    }

    /// Books a fee.
    ///
    /// # Errors
    /// [`AccountError::Overflow`].
    pub fn charge(&mut self, asset: &str, fee: Decimal) -> Result<(), AccountError> {
        let paid = self.fees.get(asset).copied().unwrap_or(Decimal::new(0, 0));
        let total = sum(paid, fee).ok_or(AccountError::Overflow("a sum of fees"))?;
        self.fees.insert(asset.to_owned(), total);
        Ok(())
    }

    /// The sum with another position in the same instrument.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let mut total = self.clone();
        total.units = total.units.checked_add(other.units)?;
        total.cost = total.cost.checked_add(other.cost)?;
        total.realised = total.realised.checked_add(other.realised)?;
        for (asset, &fee) in &other.fees {
            total.charge(asset, fee).ok()?;
        }
        Some(total)
    }

    /// The position in assets.
    #[must_use]
    pub fn holding(&self, terms: &Terms) -> Option<Holding> {
        Some(Holding {
            size: terms.size(self.units),
            average_price: terms.average_price(self.units, self.cost),
            realised: terms.amount(self.realised)?,
            fees: self.fees.clone(),
        })
    }
}
