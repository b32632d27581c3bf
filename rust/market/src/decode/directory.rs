//! Which wire symbols a connection carries, and on which grids their numbers lie.

use super::number::Units;
use crate::grids::Grids;
use rustc_hash::FxHashMap;

/// The two grids of an instrument, prepared for text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub price: Units,
    pub size: Units,
}

/// Wire symbols in the order they were added; a symbol's place is its slot.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    symbols: Vec<Box<[u8]>>,
    grids: Vec<Pair>,
    slots: FxHashMap<Box<[u8]>, usize>,
    /// Messages of one instrument come in bursts, so the last answer is tried first.
    recent: usize,
    /// The instrument of the next message that names none, where the caller knows it.
    expected: Option<usize>,
    /// The first few symbols asked for that nobody added.
    others: Vec<Box<[u8]>>,
}

/// So many unknown symbols are remembered.
const OTHERS: usize = 3;

impl Directory {
    /// Adds a wire symbol and gives its slot, `None` where it is there already.
    pub fn add(&mut self, symbol: &str, grids: &Grids) -> Option<usize> {
        let (slot, key) = (self.symbols.len(), symbol.as_bytes());
        if self.slots.contains_key(key) {
            return None;
        }
        self.slots.insert(key.into(), slot);
        self.symbols.push(key.into());
        // Sizes count three decimals finer than the lot.
        let (price, size) = (grids.price.decimals(), grids.size.decimals().saturating_sub(3));
        self.grids.push(Pair { price: Units::new(grids.price, price), size: Units::new(grids.size, size) });
        Some(slot)
    }

    /// The slot of a wire symbol.
    #[inline]
    pub fn find(&mut self, symbol: &[u8]) -> Option<usize> {
        if self.symbols.get(self.recent).is_some_and(|recent| **recent == *symbol) {
            return Some(self.recent);
        }
        let Some(&slot) = self.slots.get(symbol) else {
            self.remember(symbol);
            return None;
        };
        self.recent = slot;
        Some(slot)
    }

    fn remember(&mut self, symbol: &[u8]) {
        if self.others.len() < OTHERS && !self.others.iter().any(|other| **other == *symbol) {
            self.others.push(symbol.into());
        }
    }

    /// The first few wire symbols that messages named and nobody added: `BTCUSDT, ETHUSDT`.
    #[must_use]
    pub fn others(&self) -> String {
        let names: Vec<_> = self.others.iter().map(|symbol| String::from_utf8_lossy(symbol)).collect();
        names.join(", ")
    }

    /// Says which instrument a message without a symbol is about; without this it is the only one.
    pub fn expect(&mut self, slot: Option<usize>) {
        self.expected = slot;
    }

    /// The slot that a message without a symbol means.
    pub(crate) fn unnamed(&self) -> Option<usize> {
        self.expected.or_else(|| (self.symbols.len() == 1).then_some(0))
    }

    #[inline]
    pub(crate) fn grids(&self, slot: usize) -> &Pair {
        &self.grids[slot]
    }

    #[inline]
    pub(crate) fn grids_mut(&mut self, slot: usize) -> &mut Pair {
        &mut self.grids[slot]
    }
}
