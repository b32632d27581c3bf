//! A window folded by one operation: sums, minima, maxima.

use super::Span;
use super::ladder::Ladder;
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

/// Running fold of the values since a joint. Groups of four bars, counted from the joint, are folded by
/// themselves, so that only one step of four waits for the one before it.
#[derive(Clone, Debug)]
pub(super) struct Scan<J> {
    groups: f64,
    group: f64,
    place: usize,
    join: PhantomData<J>,
}

/// Values of a group.
const GROUP: usize = 4;

impl<J: Join> Scan<J> {
    pub const fn new() -> Self {
        Self { groups: J::NEUTRAL, group: J::NEUTRAL, place: 0, join: PhantomData }
    }

    /// How many of the next values belong to a group that has begun.
    #[inline]
    pub const fn begun(&self) -> usize {
        (GROUP - self.place) % GROUP
    }

    /// The fold of all since the joint, at each value of a whole group.
    #[inline(always)]
    pub fn push_group(&mut self, values: [f64; GROUP]) -> [f64; GROUP] {
        let one = values[0];
        let two = J::join(one, values[1]);
        let three = J::join(two, values[2]);
        let all = J::join(three, values[3]);
        let before = self.groups;
        self.groups = J::join(before, all);
        [J::join(before, one), J::join(before, two), J::join(before, three), self.groups]
    }

    /// The fold of all since the joint, at the next value.
    #[inline(always)]
    pub fn push(&mut self, value: f64) -> f64 {
        self.group = if self.place == 0 { value } else { J::join(self.group, value) };
        let result = J::join(self.groups, self.group);
        self.place += 1;
        if self.place == GROUP {
            self.place = 0;
            self.groups = result;
        }
        result
    }

    /// Replaces each value by the fold of all since the joint.
    #[inline]
    pub fn extend(&mut self, values: &mut [f64]) {
        let (head, rest) = values.split_at_mut(self.begun().min(values.len()));
        head.iter_mut().for_each(|value| *value = self.push(*value));
        let (fours, tail) = rest.as_chunks_mut::<GROUP>();
        for four in fours {
            *four = self.push_group(*four);
        }
        tail.iter_mut().for_each(|value| *value = self.push(*value));
    }
}

/// The fold of the last n values.
#[derive(Clone, Debug)]
pub(super) enum Fold<J> {
    /// For short windows.
    Ladder(Ladder<J>),
    /// For all others.
    Parts(TwoParts<J>),
}

impl<J: Join> Fold<J> {
    pub fn new(n: usize) -> Self {
        if n <= Ladder::<J>::LONGEST { Self::Ladder(Ladder::new(n)) } else { Self::Parts(TwoParts::new(n)) }
    }

    /// Earlier values that it needs.
    pub const fn lookback(&self) -> usize {
        match self {
            Self::Ladder(ladder) => ladder.lookback(),
            Self::Parts(parts) => parts.n - 1,
        }
    }

    /// Writes a function of the fold at every bar of a block.
    #[inline]
    pub fn run(&mut self, span: &Span<'_>, values: &[f64], out: &mut [f64], result: impl Fn(f64) -> f64) {
        match self {
            Self::Ladder(ladder) => ladder.run(values, out, result),
            Self::Parts(parts) => parts.run(span, values, out, result),
        }
    }
}

/// The fold of the last n values out of the two parts of the window.
#[derive(Clone, Debug)]
pub(super) struct TwoParts<J> {
    n: usize,
    joints: Joints,
    /// Fold of the old part at each bar since the joint; NaN where it reaches back before the first bar.
    old: Vec<f64>,
    new: Scan<J>,
}

impl<J: Join> TwoParts<J> {
    fn new(n: usize) -> Self {
        let old = vec![J::NEUTRAL; n.saturating_sub(1).max(1)];
        Self { n, joints: Joints::new(n), old, new: Scan::new() }
    }

    #[inline]
    fn run(&mut self, span: &Span<'_>, values: &[f64], out: &mut [f64], result: impl Fn(f64) -> f64) {
        let history = values.len() - span.len;
        let Self { n, joints, old, new } = self;
        for Part { start, end, since } in joints.parts(span) {
            if since == 0 {
                *new = Scan::new();
                fold_old::<J>(&values[..history + start], &mut old[..*n - 1]);
            }
            let values = &values[history + start..history + end];
            run_part(new, values, &old[since..], &mut out[start..end], &result);
        }
    }
}

/// Folds the bars between two joints and joins what is left of the old part.
#[inline]
fn run_part<J: Join>(
    new: &mut Scan<J>,
    values: &[f64],
    old: &[f64],
    out: &mut [f64],
    result: &impl Fn(f64) -> f64,
) {
    let old = &old[..values.len()];
    let head = new.begun().min(values.len());
    let one_by_one = |new: &mut Scan<J>, values: &[f64], old: &[f64], out: &mut [f64]| {
        for ((value, old), out) in values.iter().zip(old).zip(out) {
            *out = result(J::join(*old, new.push(*value)));
        }
    };
    one_by_one(new, &values[..head], &old[..head], &mut out[..head]);
    let (values, values_tail) = values[head..].as_chunks::<GROUP>();
    let (old, old_tail) = old[head..].as_chunks::<GROUP>();
    let (out, out_tail) = out[head..].as_chunks_mut::<GROUP>();
    for ((values, old), out) in values.iter().zip(old).zip(out) {
        let folded = new.push_group(*values);
        for k in 0..GROUP {
            out[k] = result(J::join(old[k], folded[k]));
        }
    }
    one_by_one(new, values_tail, old_tail, out_tail);
}

/// Folds the values before a joint backwards from it; `old` ends with the last of them alone.
#[inline]
fn fold_old<J: Join>(before: &[f64], old: &mut [f64]) {
    let known = old.len().min(before.len());
    let (unknown, old) = old.split_at_mut(old.len() - known);
    unknown.fill(f64::NAN);
    let mut scan = Scan::<J>::new();
    let (values_head, values) = before[before.len() - known..].as_rchunks::<GROUP>();
    let (old_head, old) = old.as_rchunks_mut::<GROUP>();
    for (values, old) in values.iter().rev().zip(old.iter_mut().rev()) {
        let [a, b, c, d] = *values;
        let [d, c, b, a] = scan.push_group([d, c, b, a]);
        *old = [a, b, c, d];
    }
    for (value, old) in values_head.iter().rev().zip(old_head.iter_mut().rev()) {
        *old = scan.push(*value);
    }
}
