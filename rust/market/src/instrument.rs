//! What is traded and on which grids; instruments change, so each rule set is a version with a start time.

use crate::decimal::Grid;
use crate::types::Ns;

/// How a position in the instrument pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The base asset itself changes hands.
    Spot,
    /// Derivative settled in quote: PnL = size × price change.
    Linear,
    /// Derivative settled in base: PnL = contracts × contract size × (1/entry − 1/exit).
    Inverse,
}

/// Which prices an order may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriceRule {
    /// Multiples of one tick.
    Fixed(Grid),
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

/// The rules of an instrument from a moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstrumentVersion {
    /// First moment of validity.
    pub valid_from: Ns,
    /// Order prices.
    pub price_rule: PriceRule,
    /// Order sizes.
    pub lot: Grid,
    /// Whether it trades.
    pub status: Status,
}
