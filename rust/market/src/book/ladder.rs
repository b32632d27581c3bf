//! One side of a book: a window of ticks around the best price, and sorted maps for the prices beyond it.
//!
//! Prices become keys that rise from the best price away from it: the price itself for asks, its complement for bids.
//! A key in the window is one slot of a flat array and one bit. Real streams touch it with 89 to 99 % of their
//! updates; the rest goes to the maps, at the cost of a search. The window moves after so many searches that moving it
//! costs less, so no pattern of updates makes it move back and forth. It starts narrow, as most books of a process
//! are small, and takes its full width once updates fall beyond it although it is well placed.

use super::bitmap::{Bitmap, WIDTH};
use crate::mutants;
use crate::types::{Level, Side};
use std::collections::BTreeMap;

/// Slots of a window before it is known to need more.
const NARROW: usize = WIDTH / 8;
/// Part of the window that is kept free ahead of the best price when it is placed.
const LEAD: usize = 8;
/// Part of the window by which the best price may be off its place before a move is worth it.
const SLACK: u64 = 16;
/// Fewest searches between two moves.
const PATIENCE: usize = 64;

/// One side of a book.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// All ones for bids: the complement of a price falls where the price rises, without overflow.
    flip: i64,
    /// Key of the window's first slot.
    base: i64,
    /// Sizes by slot: none until the first level, then [`NARROW`] or [`WIDTH`] of them, zero where there is no level.
    sizes: Vec<i64>,
    occupied: Bitmap,
    /// Keys below the window: prices better than any in it.
    ahead: BTreeMap<i64, i64>,
    /// Keys above the window.
    behind: BTreeMap<i64, i64>,
    /// Best key and its size; size zero where the side is empty.
    best: (i64, i64),
    /// Searches since the window was last placed, and how many it takes.
    searches: usize,
    patience: usize,
    unknown_removals: u64,
}

impl Ladder {
    /// An empty side. It allocates nothing.
    pub fn new(side: Side) -> Self {
        Self {
            flip: if side == Side::Buy { -1 } else { 0 },
            base: 0,
            sizes: Vec::new(),
            occupied: Bitmap::default(),
            ahead: BTreeMap::new(),
            behind: BTreeMap::new(),
            best: (0, 0),
            searches: 0,
            patience: PATIENCE,
            unknown_removals: 0,
        }
    }

    /// Sets the size at a price; zero removes the level. [`Ladder::settle`] must follow before the next read.
    #[inline(always)]
    pub fn write(&mut self, price: i64, size: i64) {
        let key = price ^ self.flip;
        match self.sizes.get_mut(slot_of(key, self.base)) {
            Some(held) => {
                self.unknown_removals += u64::from(*held | size == 0);
                *held = size;
                self.occupied.write(slot_of(key, self.base), size != 0);
            }
            None => self.write_far(key, size),
        }
    }

    /// Writes (price, size) pairs in order.
    #[inline(always)]
    pub fn write_all(&mut self, levels: impl Iterator<Item = (i64, i64)>) {
        for (price, size) in levels {
            self.write(price, size);
        }
    }

    #[cold]
    #[inline(never)]
    fn write_far(&mut self, key: i64, size: i64) {
        let map = if key < self.base { &mut self.ahead } else { &mut self.behind };
        if size != 0 {
            map.insert(key, size);
        } else if map.remove(&key).is_none() {
            self.unknown_removals += 1;
        }
        self.searches += 1;
        let is_unused = self.occupied.is_empty();
        if is_unused || self.searches > self.patience {
            self.settle();
            self.place_window(is_unused);
        }
    }

    /// Brings the best price up to date after writes.
    #[inline]
    pub fn settle(&mut self) {
        let pair = |(&key, &size): (&i64, &i64)| (key, size);
        let in_window = || self.occupied.first().map(|slot| (self.base + slot as i64, self.sizes[slot]));
        let best = self.ahead.first_key_value().map(pair).or_else(in_window);
        let best = best.or_else(|| self.behind.first_key_value().map(pair)).unwrap_or((0, 0));
        if mutants::is_on("ladder_best_kept") && self.best.1 != 0 && best.0 > self.best.0 {
            return;
        }
        self.best = best;
    }

    /// Moves the window to the best price; where it is there already, it is too narrow.
    fn place_window(&mut self, is_unused: bool) {
        self.searches = 0;
        self.patience = PATIENCE + self.len() / 8;
        if self.best.1 == 0 {
            return;
        }
        if is_unused || !self.is_in_place() {
            self.move_window(self.sizes.len().max(NARROW));
        } else if self.sizes.len() < WIDTH {
            self.move_window(WIDTH);
        }
    }

    /// Where a window belongs: the best price near its start.
    fn base_for(&self, width: usize) -> i64 {
        self.best.0.saturating_sub((width / LEAD) as i64).min(i64::MAX - WIDTH as i64)
    }

    fn is_in_place(&self) -> bool {
        let width = self.sizes.len();
        width > 0 && self.base_for(width).abs_diff(self.base) <= width as u64 / SLACK
    }

    /// Levels that leave the window go to the maps, levels of the maps that it now covers come in.
    fn move_window(&mut self, width: usize) {
        let (held, base) = (self.drain(), self.base_for(width));
        if self.sizes.len() != width {
            self.sizes = vec![0; width];
        }
        self.base = base;
        let behind = self.behind.split_off(&(base + width as i64));
        let mut arriving = std::mem::replace(&mut self.behind, behind);
        if mutants::is_on("ladder_overflow_kept") && !held.is_empty() {
            self.behind.append(&mut arriving);
        }
        let overtaken = self.ahead.split_off(&base);
        for (key, size) in held.into_iter().chain(arriving).chain(overtaken) {
            match self.sizes.get_mut(slot_of(key, base)) {
                Some(slot) => {
                    *slot = size;
                    self.occupied.write(slot_of(key, base), true);
                }
                None if key < base => _ = self.ahead.insert(key, size),
                None => _ = self.behind.insert(key, size),
            }
        }
    }

    /// Empties the window and gives what it held, by rising key.
    fn drain(&mut self) -> Vec<(i64, i64)> {
        let occupied = std::mem::take(&mut self.occupied);
        let take = |slot: usize| (self.base + slot as i64, std::mem::take(&mut self.sizes[slot]));
        occupied.iter().map(take).collect()
    }

    /// Removes every level.
    pub fn clear(&mut self) {
        for slot in std::mem::take(&mut self.occupied).iter() {
            self.sizes[slot] = 0;
        }
        self.ahead.clear();
        self.behind.clear();
        self.best = (0, 0);
    }

    /// Replaces every level.
    pub fn replace(&mut self, levels: &[Level]) {
        self.clear();
        // The window goes where it will be needed, in whatever order the levels come.
        let keys = levels.iter().filter(|level| level.size.0 != 0).map(|level| level.price.0 ^ self.flip);
        if let Some(best) = keys.min() {
            self.best = (best, 1);
            if !self.is_in_place() {
                self.move_window(self.sizes.len().max(NARROW));
            }
        }
        self.apply(levels);
    }

    /// Writes levels in order.
    #[inline]
    pub fn apply(&mut self, levels: &[Level]) {
        for at in 0..levels.len() {
            let at = if mutants::is_on("book_last_row_first") { levels.len() - 1 - at } else { at };
            self.write(levels[at].price.0, levels[at].size.0);
        }
        self.settle();
    }

    /// The best level.
    #[inline]
    pub const fn best(&self) -> Option<Level> {
        match self.best {
            (_, 0) => None,
            (key, size) => Some(Level::new(key ^ self.flip, size)),
        }
    }

    /// The size at a price, zero where there is no level.
    pub fn size_at(&self, price: i64) -> i64 {
        let key = price ^ self.flip;
        match self.sizes.get(slot_of(key, self.base)) {
            Some(&size) => size,
            None if key < self.base => self.ahead.get(&key).copied().unwrap_or(0),
            None => self.behind.get(&key).copied().unwrap_or(0),
        }
    }

    /// Levels, best first.
    pub fn iter(&self) -> impl Iterator<Item = Level> + '_ {
        let level = |key: i64, size| Level::new(key ^ self.flip, size);
        let far = move |(&key, &size): (&i64, &i64)| level(key, size);
        let near = move |slot: usize| level(self.base + slot as i64, self.sizes[slot]);
        self.ahead.iter().map(far).chain(self.occupied.iter().map(near)).chain(self.behind.iter().map(far))
    }

    /// Number of levels.
    pub fn len(&self) -> usize {
        self.ahead.len() + self.occupied.len() + self.behind.len()
    }

    /// Removals of levels that were not there.
    pub const fn unknown_removals(&self) -> u64 {
        self.unknown_removals
    }

    /// Bytes on the heap, with the maps' nodes estimated at their usual fill.
    pub fn heap_bytes(&self) -> usize {
        const BYTES_A_KEY: usize = 28;
        self.sizes.capacity() * 8 + (self.ahead.len() + self.behind.len()) * BYTES_A_KEY
    }
}

/// Slot of a key: beyond every window where the key is.
#[inline(always)]
fn slot_of(key: i64, base: i64) -> usize {
    usize::try_from(key.wrapping_sub(base) as u64).unwrap_or(usize::MAX)
}
