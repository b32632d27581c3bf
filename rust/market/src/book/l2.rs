//! The price-level book: two sides of absolute sizes.

use crate::types::{Level, Side, Size, Tick};
use std::collections::BTreeMap;

/// A local order book by price level.
#[derive(Clone, Debug, Default)]
pub struct L2 {
    bids: BTreeMap<i64, i64>,
    asks: BTreeMap<i64, i64>,
}

impl L2 {
    /// An empty book.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Removes every level.
    pub fn clear(&mut self) {
        self.bids.clear();
        self.asks.clear();
    }

    /// Sets the absolute size at a price; zero removes the level.
    pub fn set(&mut self, side: Side, level: Level) {
        let (side, key) = match side {
            Side::Buy => (&mut self.bids, -level.price.0),
            Side::Sell => (&mut self.asks, level.price.0),
        };
        if level.size.0 == 0 {
            side.remove(&key);
        } else {
            side.insert(key, level.size.0);
        }
    }

    /// Applies changed levels, in order.
    pub fn apply(&mut self, bids: &[Level], asks: &[Level]) {
        bids.iter().for_each(|&level| self.set(Side::Buy, level));
        asks.iter().for_each(|&level| self.set(Side::Sell, level));
    }

    /// Applies changed levels of both sides, in order: whether each is a bid (not zero), its ticks, its size steps.
    /// Rows beyond the shortest column are left out.
    pub fn apply_columns(&mut self, is_bid: &[u8], prices: &[i64], sizes: &[i64]) {
        for ((&is_bid, &price), &size) in is_bid.iter().zip(prices).zip(sizes) {
            self.set(if is_bid == 0 { Side::Sell } else { Side::Buy }, Level::new(price, size));
        }
    }

    /// Replaces the whole book.
    pub fn replace(&mut self, bids: &[Level], asks: &[Level]) {
        self.clear();
        self.apply(bids, asks);
    }

    /// The best level of a side.
    #[must_use]
    pub fn best(&self, side: Side) -> Option<Level> {
        self.levels(side).next()
    }

    /// The size resting at a price, zero where there is none.
    #[must_use]
    pub fn size_at(&self, side: Side, price: Tick) -> Size {
        let found = match side {
            Side::Buy => self.bids.get(&-price.0),
            Side::Sell => self.asks.get(&price.0),
        };
        Size(found.copied().unwrap_or(0))
    }

    /// Levels of a side, best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> + '_ {
        let (levels, sign) = match side {
            Side::Buy => (&self.bids, -1),
            Side::Sell => (&self.asks, 1),
        };
        levels.iter().map(move |(&key, &size)| Level::new(sign * key, size))
    }

    /// Number of levels of a side.
    #[must_use]
    pub fn len(&self, side: Side) -> usize {
        match side {
            Side::Buy => self.bids.len(),
            Side::Sell => self.asks.len(),
        }
    }

    /// Whether both sides are empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bids.is_empty() && self.asks.is_empty()
    }

    /// Whether the best bid is at or above the best ask.
    #[must_use]
    pub fn is_crossed(&self) -> bool {
        match (self.best(Side::Buy), self.best(Side::Sell)) {
            (Some(bid), Some(ask)) => bid.price >= ask.price,
            _ => false,
        }
    }
}
