//! Depth events that wait for a snapshot, bounded in number and in levels.

use super::Kept;
use crate::decode::Ids;
use crate::types::Level;
use std::ops::Range;

/// Most events that wait; a venue sends a snapshot within seconds, and these are minutes.
pub const MAX_EVENTS: usize = 10_000;
/// Most levels in waiting events (16 bytes each).
pub const MAX_LEVELS: usize = 1 << 20;

/// Events in order; their levels lie in one shared list.
#[derive(Clone, Debug, Default)]
pub struct Buffer {
    events: Vec<(Ids, Range<usize>, usize)>,
    levels: Vec<Level>,
}

impl Buffer {
    /// Number of events.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Whether an event of so many levels has no room.
    #[must_use]
    pub const fn is_full(&self, levels: usize) -> bool {
        self.events.len() >= MAX_EVENTS || self.levels.len().saturating_add(levels) > MAX_LEVELS
    }

    /// Ids of the first event.
    #[must_use]
    pub fn first(&self) -> Option<Ids> {
        self.get(0)
    }

    /// Ids of the last event.
    #[must_use]
    pub fn last(&self) -> Option<Ids> {
        self.events.last().map(|event| event.0)
    }

    /// Ids of an event.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Ids> {
        self.events.get(at).map(|event| event.0)
    }

    /// The events from one on, as changed bids and asks.
    pub fn replay(&self, from: usize) -> impl DoubleEndedIterator<Item = (&[Level], &[Level])> {
        let events = self.events.get(from..).unwrap_or_default();
        events.iter().map(|(_, levels, bids)| self.levels[levels.clone()].split_at(*bids))
    }

    /// Place of the first event for which this holds, else the number of events.
    pub(super) fn position(&self, holds: impl Fn(Ids) -> bool) -> usize {
        self.events.partition_point(|event| !holds(event.0))
    }

    pub(super) fn push(&mut self, event: Kept<'_>) {
        let start = self.levels.len();
        self.levels.extend_from_slice(event.levels);
        self.events.push((event.ids, start..self.levels.len(), event.bids));
    }

    /// Forgets every event and, after a long wait, gives its memory back.
    pub(super) fn clear(&mut self) {
        self.events.clear();
        self.levels.clear();
        if self.levels.capacity() > MAX_LEVELS / 16 {
            *self = Self::default();
        }
    }
}
