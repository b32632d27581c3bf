//! What is traded and on which grids; instruments change, so each rule set is a version with a start time.

mod price_rule;

use crate::decimal::{Decimal, Grid, GridError};
use crate::types::{Ns, Size, Tick};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use price_rule::{PriceRule, SignificantDigits, Table};

/// How a position in the instrument pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// The base asset itself changes hands.
    Spot,
    /// Derivative settled in quote: PnL = size × price change.
    Linear,
    /// Derivative settled in base: PnL = contracts × contract size × (1/entry − 1/exit).
    Inverse,
}

impl Kind {
    /// The name used in Python and in configurations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::Linear => "linear",
            Self::Inverse => "inverse",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Spot, Self::Linear, Self::Inverse].into_iter().find(|kind| kind.name() == name)
    }
}

/// Whether the instrument trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Open.
    Trading,
    /// Halted or in maintenance.
    NotTrading,
    /// In an auction.
    Auction,
    /// About to be removed.
    Delisting,
}

/// Instrument terms that contradict each other.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SpecError {
    /// A step that is none.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// A price rule that no price can follow.
    #[error("price rule: {0}")]
    PriceRule(String),
    /// A name that is missing.
    #[error("{0} must not be empty")]
    EmptyName(&'static str),
    /// A number that must be positive.
    #[error("{name} must be a positive number, not {value}")]
    NotPositive {
        /// Which one.
        name: &'static str,
        /// Its value.
        value: Decimal,
    },
    /// Spot has no contracts.
    #[error("contract_size of a spot instrument is 1, not {0}")]
    SpotContract(Decimal),
}

/// The assets of an instrument and the name it goes by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Names {
    /// Unified symbol, e.g. `BTC/USDT:USDT`.
    pub symbol: String,
    /// What is bought and sold.
    pub base: String,
    /// What prices are in.
    pub quote: String,
    /// What profit and fees are paid in.
    pub settle: String,
}

/// Everything that turns an instrument's numbers into integers and back.
///
/// A size counts base units for spot and linear instruments and contracts for inverse ones, where no base amount is
/// exact. Sizes are in steps of 10^-(decimals(lot)+3): the feed of a venue may hold sizes finer than the lot, orders
/// may not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// Symbol and assets.
    pub names: Names,
    /// How it pays.
    pub kind: Kind,
    /// Which prices orders may have.
    pub price_rule: PriceRule,
    /// Price grid: one unit is a tick.
    pub tick: Grid,
    /// Order size grid.
    pub lot: Grid,
    /// Size grid: one unit is a size step.
    pub size: Grid,
    /// Base units (linear) or quote units (inverse) of one contract; 1 for spot.
    pub contract_size: Decimal,
    /// Least price × size of an order, in quote.
    pub min_notional: Option<Decimal>,
}

impl Spec {
    /// Checks terms and derives the size grid.
    ///
    /// # Errors
    /// [`SpecError`] naming the term that is wrong.
    pub fn new(
        names: Names,
        kind: Kind,
        price_rule: PriceRule,
        lot: Decimal,
        contract_size: Decimal,
        min_notional: Option<Decimal>,
    ) -> Result<Self, SpecError> {
        for (name, text) in [
            ("symbol", &names.symbol),
            ("base", &names.base),
            ("quote", &names.quote),
            ("settle", &names.settle),
        ] {
            if text.is_empty() {
                return Err(SpecError::EmptyName(name));
            }
        }
        for (name, value) in
            [("lot_size", Some(lot)), ("contract_size", Some(contract_size)), ("min_notional", min_notional)]
        {
            match value {
                Some(value) if value.mantissa <= 0 => return Err(SpecError::NotPositive { name, value }),
                _ => {}
            }
        }
        if kind == Kind::Spot && contract_size != Decimal::ONE {
            return Err(SpecError::SpotContract(contract_size));
        }
        let (tick, lot, size) = (price_rule.tick(), Grid::new(lot)?, Grid::of_sizes(lot)?);
        Ok(Self { names, kind, price_rule, tick, lot, size, contract_size, min_notional })
    }

    /// Size steps in one lot.
    #[must_use]
    pub const fn lot_steps(&self) -> i64 {
        // The size grid has three more decimals than the lot.
        self.lot.step().saturating_mul(1_000)
    }

    /// Value of a size at a price in quote: price × size, or contracts × contract size for inverse instruments.
    /// `None` where it needs more than 128 bits.
    #[must_use]
    pub fn notional(&self, price: Tick, size: Size) -> Option<Decimal> {
        let size = self.size.value(size.0);
        match self.kind {
            Kind::Spot | Kind::Linear => self.tick.value(price.0).product(size),
            Kind::Inverse => size.product(self.contract_size),
        }
    }

    /// The largest size in whole lots whose notional at `price` does not exceed `notional`.
    ///
    /// # Errors
    /// [`SpecError::NotPositive`] for a notional or price that is not positive, [`GridError::OutOfRange`].
    pub fn size_from_notional(&self, notional: Decimal, price: Tick) -> Result<Size, SpecError> {
        let unit = match self.kind {
            Kind::Spot | Kind::Linear => self.tick.value(price.0),
            Kind::Inverse => self.contract_size,
        };
        for (name, value) in [("notional", notional), ("price", unit)] {
            if value.mantissa <= 0 {
                return Err(SpecError::NotPositive { name, value });
            }
        }
        let out_of_range = || GridError::OutOfRange {
            value: notional.to_string(),
            step: self.lot.text(1),
            max: self.lot.text(i64::MAX),
        };
        let one_lot = unit.product(self.lot.value(1)).ok_or_else(out_of_range)?;
        let lots = notional.floor_ratio(one_lot).ok_or_else(out_of_range)?;
        let steps = i64::try_from(lots).ok().and_then(|lots| lots.checked_mul(self.lot_steps()));
        Ok(Size(steps.ok_or_else(out_of_range)?))
    }

    /// Size of a number of contracts: base units for linear instruments, contracts for inverse ones.
    ///
    /// # Errors
    /// [`GridError`] where that size is off the lot grid.
    pub fn size_from_contracts(&self, contracts: Decimal) -> Result<Size, GridError> {
        let per_contract = if self.kind == Kind::Linear { self.contract_size } else { Decimal::ONE };
        let out_of_range = || GridError::OutOfRange {
            value: contracts.to_string(),
            step: self.lot.text(1),
            max: self.lot.text(i64::MAX),
        };
        let size = contracts.product(per_contract).ok_or_else(out_of_range)?;
        self.order_size(self.lot.exact(size)?).ok_or_else(out_of_range)
    }

    /// Size of a number of lots.
    #[must_use]
    pub fn order_size(&self, lots: i64) -> Option<Size> {
        lots.checked_mul(self.lot_steps()).map(Size)
    }
}

/// The rules of an instrument from a moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstrumentVersion {
    /// First moment of validity.
    pub valid_from: Ns,
    /// Order prices.
    pub price_rule: PriceRule,
    /// Order sizes.
    pub lot: Grid,
    /// Base or quote units of one contract.
    pub multiplier: Decimal,
    /// Whether it trades.
    pub status: Status,
}

/// All versions of one instrument, by time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions(Vec<InstrumentVersion>);

impl Versions {
    /// Adds a version; one that starts at the same moment as another replaces it.
    pub fn add(&mut self, version: InstrumentVersion) {
        match self.0.binary_search_by_key(&version.valid_from, |known| known.valid_from) {
            Ok(at) => self.0[at] = version,
            Err(at) => self.0.insert(at, version),
        }
    }

    /// The version in force at a moment, `None` before the first.
    #[must_use]
    pub fn at(&self, time: Ns) -> Option<&InstrumentVersion> {
        let after = self.0.partition_point(|version| version.valid_from <= time);
        self.0[..after].last()
    }

    /// Versions by rising start.
    #[must_use]
    pub fn as_slice(&self) -> &[InstrumentVersion] {
        &self.0
    }
}

#[cfg(test)]
#[path = "instrument/tests.rs"]
mod tests;
