//! Where a moving window is cut in two.
//!
//! Between two joints every window of n bars consists of an old part, which ends before the last joint and
//! shrinks, and a new part, which starts there and grows. Joints lie at most n-1 bars apart, so the old part
//! never runs out, and at the epochs of the window, so that their place does not depend on where the data
//! began.

use super::{EPOCH, Epoch, Span};
use crate::mutants;

/// The joints of a window, block after block.
#[derive(Clone, Debug)]
pub(super) struct Joints {
    /// Bars between two joints.
    apart: usize,
    /// Every so many epochs, a power of two, windows are joined anew.
    every: i64,
    since: usize,
}

/// Bars of a block between two joints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// First bar in the block.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// Bars between the joint and `start`: 0 says that the joint lies at `start`.
    pub since: usize,
}

impl Joints {
    /// The joints of a window of n bars, the first one at the first bar.
    pub fn new(n: usize) -> Self {
        let apart = n.saturating_sub(1).max(1);
        let bars = i64::try_from(n.next_power_of_two()).unwrap_or(i64::MAX);
        Self { apart, every: (bars / EPOCH).max(1), since: apart }
    }

    /// The parts of a block, in order.
    pub fn parts<'a>(&'a mut self, span: &Span<'a>) -> Parts<'a> {
        Parts { joints: self, epochs: span.epochs, len: span.len, at: 0 }
    }
}

/// An iterator over the parts of a block.
pub(super) struct Parts<'a> {
    joints: &'a mut Joints,
    epochs: &'a [Epoch],
    len: usize,
    at: usize,
}

impl Parts<'_> {
    /// The next epoch of the window at or after the current bar.
    fn next_epoch(&mut self) -> usize {
        if mutants::is_on("series_joints_unanchored") {
            return self.len;
        }
        while let Some((epoch, later)) = self.epochs.split_first() {
            if epoch.offset >= self.at && epoch.multiple & (self.joints.every - 1) == 0 {
                return epoch.offset;
            }
            self.epochs = later;
        }
        self.len
    }
}

impl Iterator for Parts<'_> {
    type Item = Part;

    #[inline]
    fn next(&mut self) -> Option<Part> {
        if self.at >= self.len {
            return None;
        }
        let mut epoch = self.next_epoch();
        if epoch == self.at || self.joints.since >= self.joints.apart {
            self.joints.since = 0;
            if epoch == self.at {
                self.epochs = &self.epochs[self.epochs.len().min(1)..];
                epoch = self.next_epoch();
            }
        }
        let (start, since) = (self.at, self.joints.since);
        let end = (start + self.joints.apart - since).min(self.len).min(epoch);
        self.at = end;
        self.joints.since += end - start;
        Some(Part { start, end, since })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(joints: &mut Joints, len: usize, epochs: &[Epoch]) -> Vec<(usize, usize, usize)> {
        joints.parts(&Span { len, epochs }).map(|part| (part.start, part.end, part.since)).collect()
    }

    #[test]
    fn joints_lie_a_bar_less_than_the_window_apart() {
        let mut joints = Joints::new(5);
        assert_eq!(parts(&mut joints, 6, &[]), [(0, 4, 0), (4, 6, 0)]);
        assert_eq!(parts(&mut joints, 7, &[]), [(0, 2, 2), (2, 6, 0), (6, 7, 0)]);
    }

    #[test]
    fn an_epoch_is_a_joint() {
        let mut joints = Joints::new(5);
        let epochs = [Epoch { offset: 0, multiple: 7 }, Epoch { offset: 3, multiple: 8 }];
        assert_eq!(parts(&mut joints, 4, &epochs), [(0, 3, 0), (3, 4, 0)]);
        assert_eq!(parts(&mut joints, 4, &epochs), [(0, 3, 0), (3, 4, 0)]);
    }

    #[test]
    fn a_window_longer_than_an_epoch_joins_at_every_other_one() {
        let mut joints = Joints::new(300);
        let epochs = [Epoch { offset: 1, multiple: 3 }, Epoch { offset: 2, multiple: 4 }];
        assert_eq!(parts(&mut joints, 4, &epochs), [(0, 2, 0), (2, 4, 0)]);
    }

    #[test]
    fn a_window_of_one_bar_joins_at_every_bar() {
        assert_eq!(parts(&mut Joints::new(1), 2, &[]), [(0, 1, 0), (1, 2, 0)]);
    }
}
