//! The units an instrument's position, cost and profit are counted in.

use super::AccountError;
use crate::amount::{half_even, power};
use alipes_market::decimal::Decimal;
use alipes_market::instrument::{Kind, Spec};
use alipes_market::types::Size;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Least decimals of a spot position: assets have at least this many, and fees in base are charged in them.
const SPOT_DECIMALS: u32 = 8;

/// Decimals of the base value that a fill of an inverse instrument is worth.
const INVERSE_DECIMALS: u32 = 12;

/// Decimals that an average price has beyond those of the tick.
const AVERAGE_DECIMALS: u32 = 8;

/// Units of an instrument: a position counts *units* (size steps, or finer for spot), a cost counts *cost units*
/// (tick × unit, or 10^-12 base for inverse instruments).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The instrument.
    pub spec: Arc<Spec>,
    /// Units in one size step.
    #[serde(with = "crate::wide")]
    units_per_step: i128,
    /// Digits after the point of one unit.
    unit_decimals: u32,
}

impl Terms {
    /// The units of an instrument.
    ///
    /// # Errors
    /// [`AccountError::Overflow`] for grids with more decimals than 128 bits hold.
    pub fn new(spec: Arc<Spec>) -> Result<Self, AccountError> {
        let steps = spec.size.decimals();
        let unit_decimals = if spec.kind == Kind::Spot { steps.max(SPOT_DECIMALS) } else { steps };
        let units_per_step = power(unit_decimals - steps).ok_or(AccountError::Overflow("a size step"))?;
        Ok(Self { spec, units_per_step, unit_decimals })
    }

    /// Asset that profit is paid in.
    #[must_use]
    pub fn settle(&self) -> &str {
        match self.spec.kind {
            Kind::Spot => &self.spec.names.quote,
            Kind::Linear => &self.spec.names.settle,
            Kind::Inverse => &self.spec.names.base,
        }
    }

    /// Units of a size.
    #[must_use]
    pub fn units(&self, size: Size) -> Option<i128> {
        i128::from(size.0).checked_mul(self.units_per_step)
    }

    /// Whole size steps of a number of units, towards zero.
    #[must_use]
    pub fn steps(&self, units: i128) -> Option<i64> {
        i64::try_from(units / self.units_per_step).ok()
    }

    /// A number of units as an amount of base (contracts for inverse instruments).
    #[must_use]
    pub const fn size(&self, units: i128) -> Decimal {
        Decimal::new(units, self.unit_decimals)
    }

    /// Units of an amount of base.
    ///
    /// # Errors
    /// [`AccountError::FineFee`] where it lies between two units.
    pub fn units_of_fee(&self, fee: Decimal) -> Result<i128, AccountError> {
        let missing = self.unit_decimals.checked_sub(fee.decimals).ok_or_else(|| AccountError::FineFee {
            fee: fee.to_string(),
            asset: self.spec.names.base.clone(),
            decimals: self.unit_decimals,
        })?;
        let scaled = power(missing).and_then(|scale| fee.mantissa.checked_mul(scale));
        scaled.ok_or(AccountError::Overflow("a fee"))
    }

    /// Cost units that a number of units (not negative) is worth at a price.
    ///
    /// Linear and spot: price in ticks × units, exact. Inverse: contracts × contract size / price in base, to 12
    /// decimals, halves to even.
    #[must_use]
    pub fn value(&self, price: i64, units: i128) -> Option<i128> {
        if self.spec.kind != Kind::Inverse {
            return i128::from(price).checked_mul(units);
        }
        let (contract, tick) = (self.spec.contract_size, self.spec.tick);
        let quote =
            units.checked_mul(contract.mantissa)?.checked_mul(power(INVERSE_DECIMALS + tick.decimals())?)?;
        let price = i128::from(price).checked_mul(i128::from(tick.step()))?;
        half_even(quote, price.checked_mul(power(self.unit_decimals + contract.decimals)?)?)
    }

    /// Cost units as an amount of the settlement asset.
    #[must_use]
    pub fn amount(&self, cost: i128) -> Option<Decimal> {
        if self.spec.kind == Kind::Inverse {
            return Some(Decimal::new(cost, INVERSE_DECIMALS));
        }
        let tick = self.spec.tick;
        Some(Decimal::new(cost.checked_mul(i128::from(tick.step()))?, tick.decimals() + self.unit_decimals))
    }

    /// Average price of a position, to 8 decimals beyond those of the tick, halves to even; `None` for no position
    /// and for totals whose cost and size have opposite signs.
    #[must_use]
    pub fn average_price(&self, units: i128, cost: i128) -> Option<Decimal> {
        if units == 0 || cost.signum() != units.signum() {
            return None;
        }
        let (units, cost, tick) = (units.abs(), cost.abs(), self.spec.tick);
        let decimals = tick.decimals() + AVERAGE_DECIMALS;
        let mantissa = if self.spec.kind == Kind::Inverse {
            let contract = self.spec.contract_size;
            let quote =
                units.checked_mul(contract.mantissa)?.checked_mul(power(INVERSE_DECIMALS + decimals)?)?;
            half_even(quote, cost.checked_mul(power(self.unit_decimals + contract.decimals)?)?)?
        } else {
            let scaled = cost.checked_mul(i128::from(tick.step()))?.checked_mul(power(AVERAGE_DECIMALS)?)?;
            half_even(scaled, units)?
        };
        Some(Decimal::new(mantissa, decimals))
    }
}
