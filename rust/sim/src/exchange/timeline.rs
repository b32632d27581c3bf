//! A queue ordered by time, then rank, then order of arrival.

use alipes_market::types::Ns;
use std::collections::VecDeque;

/// When an item is due, and its rank among items of the same time (lower first).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Time.
    pub time: Ns,
    /// Rank at that time.
    pub rank: u8,
}

/// Items by moment; items of the same moment keep the order in which they came.
#[derive(Clone, Debug)]
pub struct Timeline<T> {
    items: VecDeque<(Moment, T)>,
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self { items: VecDeque::new() }
    }
}

impl<T> Timeline<T> {
    /// Adds an item. Streams are nearly sorted, so the place is mostly the end.
    pub fn push(&mut self, moment: Moment, item: T) {
        if self.items.back().is_none_or(|(last, _)| *last <= moment) {
            self.items.push_back((moment, item));
            return;
        }
        let at = self.items.partition_point(|(known, _)| *known <= moment);
        self.items.insert(at, (moment, item));
    }

    /// Takes the first item of a time before `end`.
    pub fn pop_before(&mut self, end: Ns) -> Option<(Ns, T)> {
        if self.next_time()? >= end {
            return None;
        }
        self.items.pop_front().map(|(moment, item)| (moment.time, item))
    }

    /// Time of the first item.
    #[must_use]
    pub fn next_time(&self) -> Option<Ns> {
        self.items.front().map(|(moment, _)| moment.time)
    }

    /// Number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_leave_by_time_then_rank_then_arrival() {
        let mut line = Timeline::default();
        for (time, rank, name) in [(2, 1, 'd'), (1, 2, 'c'), (1, 0, 'a'), (2, 1, 'e'), (1, 0, 'b')] {
            line.push(Moment { time, rank }, name);
        }
        let before = |line: &mut Timeline<char>, end| {
            std::iter::from_fn(|| line.pop_before(end)).map(|(_, c)| c).collect::<String>()
        };
        assert_eq!(before(&mut line, 2), "abc");
        assert_eq!(before(&mut line, i64::MAX), "de");
        assert_eq!((line.next_time(), line.len()), (None, 0));
    }
}
