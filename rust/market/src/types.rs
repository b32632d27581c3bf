//! The integer units of a market: prices in ticks, sizes in size steps, time in nanoseconds.

use serde::{Deserialize, Serialize};

/// Nanoseconds since 1970-01-01 UTC.
pub type Ns = i64;

/// A price as a whole number of the instrument's ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(transparent)]
pub struct Tick(pub i64);

/// A size as a whole number of size steps, 10^-(decimals(lot)+3) base units each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(transparent)]
pub struct Size(pub i64);

/// One price level: an absolute size resting at a price. A size of zero removes the level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(C)]
pub struct Level {
    /// Price in ticks.
    pub price: Tick,
    /// Size in size steps.
    pub size: Size,
}

impl Level {
    /// A level from raw ticks and size steps.
    #[must_use]
    pub const fn new(price: i64, size: i64) -> Self {
        Self { price: Tick(price), size: Size(size) }
    }
}

/// Which side of the market an order or a taker is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Side {
    /// Buyer: rests on the bids, takes from the asks.
    Buy = 0,
    /// Seller: rests on the asks, takes from the bids.
    Sell = 1,
}

impl Side {
    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// +1 for a buy, -1 for a sell: the sign a fill gives to a position.
    #[must_use]
    pub const fn sign(self) -> i64 {
        match self {
            Self::Buy => 1,
            Self::Sell => -1,
        }
    }
}
