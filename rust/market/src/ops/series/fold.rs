//! A window folded by one operation: sums, minima, maxima.

use super::Span;
use super::parts::{Joints, Part};
use std::marker::PhantomData;

/// How two folded parts become one.
pub(super) trait Join: Send {
    /// What changes nothing.
    const NEUTRAL: f64;

    /// The fold of two parts.
    fn join(left: f64, right: f64) -> f64;
}

/// Addition.
#[derive(Clone, Debug)]
pub struct Add;

impl Join for Add {
    const NEUTRAL: f64 = 0.0;

    #[inline(always)]
    fn join(left: f64, right: f64) -> f64 {
        left + right
    }
}

/// Running fold of the values since a joint. Groups of four bars, counted from the joint, are folded by themselves, so that only one step
/// of four waits for the one before it.
#[derive(Clone, Debug)]
pub(super) struct Scan<J> {
    groups: f64,
    group: f64,
    place: usize,
    join: PhantomData<J>,
}

const GROUP: usize = 4;

impl<J: Join> Scan<J> {
    pub const fn new() -> Self {
        Self { groups: J::NEUTRAL, group: J::NEUTRAL, place: 0, join: PhantomData }
    }

    /// Replaces each value by the fold of all since the joint.
    #[inline]
    pub fn extend(&mut self, values: &mut [f64]) {
        let head = ((GROUP - self.place) % GROUP).min(values.len());
        let (head, rest) = values.split_at_mut(head);
        head.iter_mut().for_each(|value| self.push(value));
        let mut groups = self.groups;
        let (fours, tail) = rest.as_chunks_mut::<GROUP>();
        for four in fours {
            let one = four[0];
            let two = J::join(one, four[1]);
            let three = J::join(two, four[2]);
            let all = J::join(three, four[3]);
            *four =
                [J::join(groups, one), J::join(groups, two), J::join(groups, three), J::join(groups, all)];
            groups = four[3];
        }
        self.groups = groups;
        tail.iter_mut().for_each(|value| self.push(value));
    }

    #[inline]
    fn push(&mut self, value: &mut f64) {
        self.group = if self.place == 0 { *value } else { J::join(self.group, *value) };
        *value = J::join(self.groups, self.group);
        self.place += 1;
        if self.place == GROUP {
            self.place = 0;
            self.groups = *value;
        }
    }
}

/// The fold of the last n values.
#[derive(Clone, Debug)]
pub(super) struct Fold<J> {
    n: usize,
    joints: Joints,
    /// Fold of the old part at each bar since the joint; NaN where it reaches back before the first bar.
    old: Vec<f64>,
    new: Scan<J>,
}

impl<J: Join> Fold<J> {
    pub fn new(n: usize) -> Self {
        let old = vec![J::NEUTRAL; n.saturating_sub(1).max(1)];
        Self { n, joints: Joints::new(n), old, new: Scan::new() }
    }

    /// Earlier values that it needs.
    pub const fn lookback(&self) -> usize {
        self.n - 1
    }

    /// Writes the fold at every bar of a block.
    #[inline]
    pub fn run(&mut self, span: &Span<'_>, values: &[f64], out: &mut [f64]) {
        let history = values.len() - span.len;
        let Self { n, joints, old, new } = self;
        for Part { start, end, since } in joints.parts(span) {
            if since == 0 {
                *new = Scan::new();
                fold_old::<J>(&values[..history + start], &mut old[..*n - 1]);
            }
            let part = &mut out[start..end];
            part.copy_from_slice(&values[history + start..history + end]);
            new.extend(part);
            for (folded, old) in part.iter_mut().zip(&old[since..]) {
                *folded = J::join(*old, *folded);
            }
        }
    }
}

/// Folds the values before a joint backwards from it; `old` ends with the last of them alone.
#[inline]
fn fold_old<J: Join>(before: &[f64], old: &mut [f64]) {
    let known = old.len().min(before.len());
    let (unknown, old) = old.split_at_mut(old.len() - known);
    unknown.fill(f64::NAN);
    old.copy_from_slice(&before[before.len() - known..]);
    old.reverse();
    Scan::<J>::new().extend(old);
    old.reverse();
}
