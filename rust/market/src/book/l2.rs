//! The price-level book: two sides of absolute sizes.

use super::ladder::Ladder;
use crate::types::{Level, Side, Size, Tick};

/// A local order book by price level. Reads of the best prices are loads; nothing else about it needs a range or a
/// size to be set. An empty book allocates nothing, a small one 16 KB a side, a large one 128 KB and what lies far off.
#[derive(Clone, Debug)]
pub struct L2 {
    sides: [Ladder; 2],
}

impl Default for L2 {
    fn default() -> Self {
        Self { sides: [Side::Buy, Side::Sell].map(Ladder::new) }
    }
}

impl L2 {
    /// An empty book.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Removes every level.
    pub fn clear(&mut self) {
        self.sides.iter_mut().for_each(Ladder::clear);
    }

    /// Sets the absolute size at a price; zero removes the level, if there is one. Sizes are never negative.
    pub fn set(&mut self, side: Side, level: Level) {
        self.sides[side as usize].apply(&[level]);
    }

    /// Applies changed levels, in order.
    #[inline]
    pub fn apply(&mut self, bids: &[Level], asks: &[Level]) {
        self.sides[0].apply(bids);
        self.sides[1].apply(asks);
    }

    /// Applies changed levels of both sides, in order: whether each is a bid (not zero), its ticks, its size steps.
    /// Rows beyond the shortest column are left out.
    pub fn apply_columns(&mut self, is_bid: &[u8], mut prices: &[i64], mut sizes: &[i64]) {
        // Columns made of messages hold runs of one side; a run keeps its side's addresses in registers.
        for run in is_bid.chunk_by(|one, next| (*one == 0) == (*next == 0)) {
            let (price, size);
            (price, prices) = prices.split_at(run.len().min(prices.len()));
            (size, sizes) = sizes.split_at(run.len().min(sizes.len()));
            self.sides[usize::from(run[0] == 0)].write_all(price.iter().copied().zip(size.iter().copied()));
        }
        self.sides.iter_mut().for_each(Ladder::settle);
    }

    /// Replaces the whole book.
    pub fn replace(&mut self, bids: &[Level], asks: &[Level]) {
        self.sides[0].replace(bids);
        self.sides[1].replace(asks);
    }

    /// The best level of a side.
    #[must_use]
    #[inline]
    pub const fn best(&self, side: Side) -> Option<Level> {
        self.sides[side as usize].best()
    }

    /// The size resting at a price, zero where there is none.
    #[must_use]
    pub fn size_at(&self, side: Side, price: Tick) -> Size {
        Size(self.sides[side as usize].size_at(price.0))
    }

    /// Levels of a side, best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> + '_ {
        self.sides[side as usize].iter()
    }

    /// Number of levels of a side.
    #[must_use]
    pub fn len(&self, side: Side) -> usize {
        self.sides[side as usize].len()
    }

    /// Whether both sides are empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sides.iter().all(|side| side.best().is_none())
    }

    /// Whether the best bid is at or above the best ask.
    #[must_use]
    pub fn is_crossed(&self) -> bool {
        match (self.best(Side::Buy), self.best(Side::Sell)) {
            (Some(bid), Some(ask)) => bid.price >= ask.price,
            _ => false,
        }
    }

    /// How many removals named a level that was not there; venues send them for levels beyond the snapshot.
    #[must_use]
    pub const fn unknown_removals(&self) -> u64 {
        self.sides[0].unknown_removals() + self.sides[1].unknown_removals()
    }

    /// Memory of the book, in bytes.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.sides.iter().map(Ladder::heap_bytes).sum::<usize>()
    }
}
