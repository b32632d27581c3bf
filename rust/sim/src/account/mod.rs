//! Exact accounting: positions, profit, fees and balances, in integers.
//!
//! The rules are in docs/accounting.md; an independent script can follow them with Python's integers and get the same
//! digits. Every fill is applied whole or refused whole.

mod ledger;
mod position;
mod terms;

pub use ledger::{Ledger, LedgerFill};
pub use position::{Holding, Position};
pub use terms::Terms;

use thiserror::Error;

/// A fill or a query that the ledger refuses.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AccountError {
    /// No such instrument.
    #[error("instrument {0} was not added to this ledger")]
    UnknownInstrument(u16),
    /// An index that is taken.
    #[error("instrument {0} was already added")]
    RepeatedInstrument(u16),
    /// A price or size that is not positive.
    #[error("{name} must be positive, not {value}")]
    NotPositive {
        /// Which one.
        name: &'static str,
        /// Its value.
        value: i64,
    },
    /// A base fee finer than the units that a spot position counts.
    #[error(
        "a fee of {fee} {asset} has more than {decimals} decimals, the most that a position in it counts"
    )]
    FineFee {
        /// The fee.
        fee: String,
        /// Its asset.
        asset: String,
        /// Decimals of the position.
        decimals: u32,
    },
    /// Amounts beyond 128 bits.
    #[error("{0} needs more than 128 bits")]
    Overflow(&'static str),
}
