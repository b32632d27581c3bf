//! Maker and taker fees.

use crate::amount::{half_up, power};
use alipes_market::decimal::Decimal;
use alipes_market::instrument::{Kind, Spec};
use alipes_market::mutants::is_on;
use alipes_market::types::{Size, Tick};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use thiserror::Error;

/// Decimals of every fee.
pub const FEE_DECIMALS: u32 = 8;

/// Fees that cannot be charged.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum FeeError {
    /// A fee asset that is neither base nor quote needs a price.
    #[error("fee asset {asset:?} is neither {base} nor {quote}: give fee_price, its price in {quote}")]
    NoPrice {
        /// The fee asset.
        asset: String,
        /// The instrument's base.
        base: String,
        /// The instrument's quote.
        quote: String,
    },
    /// A price that is not positive.
    #[error("fee_price must be positive, not {0}")]
    BadPrice(Decimal),
}

/// What a fee is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Basis {
    /// Value in base.
    Base,
    /// Value in quote.
    Quote,
    /// Value in quote over the price of the fee asset.
    Third(Decimal),
}

/// Fee rates of an instrument. Negative rates are rebates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fees {
    maker: Decimal,
    taker: Decimal,
    asset: Arc<str>,
    basis: Basis,
}

impl Fees {
    /// Rates as shares of the traded value. Without an asset, linear instruments charge in their settlement asset, spot
    /// in quote, inverse in base.
    ///
    /// # Errors
    /// [`FeeError`].
    pub fn new(
        spec: &Spec,
        maker: Decimal,
        taker: Decimal,
        asset: Option<&str>,
        price: Option<Decimal>,
    ) -> Result<Self, FeeError> {
        let names = &spec.names;
        let usual = if spec.kind == Kind::Inverse { &names.base } else { &names.quote };
        let asset = asset.unwrap_or(usual).to_owned();
        let basis = match price {
            _ if asset == names.base => Basis::Base,
            _ if asset == names.quote => Basis::Quote,
            Some(price) if price.mantissa > 0 => Basis::Third(price),
            Some(price) => return Err(FeeError::BadPrice(price)),
            None => {
                return Err(FeeError::NoPrice {
                    asset,
                    base: names.base.clone(),
                    quote: names.quote.clone(),
                });
            }
        };
        Ok(Self { maker, taker, asset: asset.into(), basis })
    }

    /// Asset that fees are charged in.
    #[must_use]
    pub const fn asset(&self) -> &Arc<str> {
        &self.asset
    }

    /// Fee of a fill: rate × value, to 8 decimals, halves up (against us, for fees and rebates alike). `None` where it
    /// needs more than 128 bits.
    #[must_use]
    pub fn of(&self, spec: &Spec, price: Tick, size: Size, is_maker: bool) -> Option<Decimal> {
        let rate = if is_maker && !is_on("sim_maker_fee") { self.maker } else { self.taker };
        let size = spec.size.value(size.0);
        let price = spec.tick.value(price.0);
        let (over, under) = match (spec.kind, self.basis) {
            (Kind::Spot | Kind::Linear, Basis::Base) => (size, Decimal::ONE),
            (Kind::Spot | Kind::Linear, Basis::Quote) => (size.product(price)?, Decimal::ONE),
            (Kind::Spot | Kind::Linear, Basis::Third(unit)) => (size.product(price)?, unit),
            (Kind::Inverse, Basis::Base) => (size.product(spec.contract_size)?, price),
            (Kind::Inverse, Basis::Quote) => (size.product(spec.contract_size)?, Decimal::ONE),
            (Kind::Inverse, Basis::Third(unit)) => (size.product(spec.contract_size)?, unit),
        };
        let rate = if is_on("sim_fee_sign") { crate::amount::negated(rate) } else { rate };
        rounded_ratio(rate.product(over)?, under)
    }
}

/// `over / under` to [`FEE_DECIMALS`] decimals, halves up. `under` is positive.
fn rounded_ratio(over: Decimal, under: Decimal) -> Option<Decimal> {
    let n = over.mantissa.checked_mul(power(FEE_DECIMALS + under.decimals)?)?;
    let d = under.mantissa.checked_mul(power(over.decimals)?)?;
    Some(Decimal::new(half_up(n, d)?, FEE_DECIMALS))
}
