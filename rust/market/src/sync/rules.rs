//! What differs between venues, as data.

use crate::decode::Ids;

/// How an event names the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Ids are contiguous: it may start at most one above the last id (an overlap is harmless, sizes are absolute).
    Contiguous,
    /// It carries the last id of the event before.
    Named,
}

/// The sequence rules of a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How an event names the one before it.
    pub chain: Chain,
    /// The first event after a snapshot `id` must hold update `id + offset`; events that end before it are in the
    /// snapshot already.
    pub offset: u64,
}

impl Rules {
    /// Binance spot: drop `u <= id`; first `U <= id + 1 <= u`; then `U <= u of the event before + 1`.
    pub const BINANCE: Self = Self { chain: Chain::Contiguous, offset: 1 };
    /// Binance USD-M: drop `u < id`; first `U <= id <= u`; then `pu` is the `u` of the event before.
    pub const BINANCE_USDM: Self = Self { chain: Chain::Named, offset: 0 };

    /// Whether a snapshot holds all of an event.
    #[inline]
    #[must_use]
    pub const fn is_in_snapshot(&self, event: Ids, id: u64) -> bool {
        event.last < id.saturating_add(self.offset)
    }

    /// Whether an event that a snapshot does not hold may be the first one after it.
    #[inline]
    #[must_use]
    pub const fn is_first(&self, event: Ids, id: u64) -> bool {
        event.first <= id.saturating_add(self.offset)
    }

    /// Whether an event follows the one that ended at `last`.
    #[inline]
    #[must_use]
    pub const fn is_next(&self, event: Ids, last: u64) -> bool {
        match self.chain {
            Chain::Contiguous => event.first <= last.saturating_add(1),
            Chain::Named => event.previous == last,
        }
    }
}
