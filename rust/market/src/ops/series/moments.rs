//! Sum of squared deviations from the mean over a moving window.
//!
//! Both parts of a window keep their sums relative to a value of their own, the bar next to the joint, so that no digits are lost on
//! prices whose level is large against their variance. The parts are put together by the pairwise formula of Chan, Golub and LeVeque.

use super::Span;
use super::fold::{Add, Scan};
use super::parts::{Joints, Part};

/// Bars that are worked on at a time.
pub(super) const CHUNK: usize = 64;

/// Squared deviations from the mean, summed over the last n values.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    n: usize,
    joints: Joints,
    old: OldPart,
    new: NewPart,
    weights: Weights,
}

/// What depends on the lengths of the two parts only, at each bar since the joint.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    /// 1 / (length of the new part): 1, 1/2, …, 1/n.
    pub inverse: Vec<f64>,
    /// Product of the lengths over n.
    pub between: Vec<f64>,
}

impl Weights {
    pub fn new(n: usize) -> Self {
        let inverse = (1..=n).map(|k| 1.0 / k as f64).collect();
        let between = (1..=n).map(|k| ((n - k) as f64) * (k as f64) / n as f64).collect();
        Self { inverse, between }
    }
}

/// The part before the joint, at each bar since it.
#[derive(Clone, Debug)]
struct OldPart {
    /// The value that the means are relative to.
    pivot: f64,
    mean: Vec<f64>,
    squares: Vec<f64>,
}

impl OldPart {
    fn new(n: usize) -> Self {
        let bars = n.saturating_sub(1).max(1);
        Self { pivot: 0.0, mean: vec![0.0; bars], squares: vec![0.0; bars] }
    }

    /// Sums up the values before a joint, backwards from it.
    fn fold(&mut self, before: &[f64], inverse: &[f64]) {
        let bars = inverse.len() - 1;
        let known = bars.min(before.len());
        let (Some(&pivot), true) = (before.last(), known > 0) else {
            self.mean[..bars].fill(f64::NAN);
            return;
        };
        self.pivot = pivot;
        let (unknown, mean) = self.mean[..bars].split_at_mut(bars - known);
        unknown.fill(f64::NAN);
        let squares = &mut self.squares[bars - known..bars];
        let nearest_first = before.iter().rev();
        for ((value, sum), square) in nearest_first.zip(mean.iter_mut()).zip(squares.iter_mut()) {
            let apart = value - pivot;
            (*sum, *square) = (apart, apart * apart);
        }
        Scan::<Add>::new().extend(mean);
        Scan::<Add>::new().extend(squares);
        for ((sum, square), inverse) in mean.iter_mut().zip(squares.iter_mut()).zip(inverse) {
            let mean = *sum * inverse;
            (*sum, *square) = (mean, *square - *sum * mean);
        }
        mean.reverse();
        squares.reverse();
    }
}

/// The part since the joint.
#[derive(Clone, Debug)]
struct NewPart {
    pivot: f64,
    sum: Scan<Add>,
    squares: Scan<Add>,
}

impl NewPart {
    const fn new(pivot: f64) -> Self {
        Self { pivot, sum: Scan::new(), squares: Scan::new() }
    }

    /// Sums of the values and of their squares, both relative to the pivot.
    #[inline]
    fn extend(&mut self, values: &[f64], sums: &mut [f64], squares: &mut [f64]) {
        for ((value, sum), square) in values.iter().zip(sums.iter_mut()).zip(squares.iter_mut()) {
            let apart = value - self.pivot;
            (*sum, *square) = (apart, apart * apart);
        }
        self.sum.extend(sums);
        self.squares.extend(squares);
    }
}

impl Moments {
    pub fn new(n: usize) -> Self {
        let (joints, weights) = (Joints::new(n), Weights::new(n));
        Self { n, joints, old: OldPart::new(n), new: NewPart::new(0.0), weights }
    }

    /// Earlier values that it needs.
    pub const fn lookback(&self) -> usize {
        self.n - 1
    }

    /// Writes the sum of squared deviations, at least 0, at every bar of a block.
    pub fn run(&mut self, span: &Span<'_>, values: &[f64], out: &mut [f64]) {
        let history = values.len() - span.len;
        let Self { joints, old, new, weights, .. } = self;
        for Part { start, end, since } in joints.parts(span) {
            if since == 0 {
                old.fold(&values[..history + start], &weights.inverse);
                *new = NewPart::new(values[history + start]);
            }
            let part = values[history + start..history + end].chunks(CHUNK);
            let mut at = since;
            for (chunk, out) in part.zip(out[start..end].chunks_mut(CHUNK)) {
                put_together(old, new, weights, at, chunk, out);
                at += chunk.len();
            }
        }
    }
}

/// Writes the squared deviations of both parts together, `at` bars after the joint and on.
#[inline]
fn put_together(
    old: &OldPart,
    new: &mut NewPart,
    weights: &Weights,
    at: usize,
    values: &[f64],
    out: &mut [f64],
) {
    let len = values.len();
    let mut sums = [0.0; CHUNK];
    let sums = &mut sums[..len];
    let out = &mut out[..len];
    new.extend(values, sums, out);
    let between_pivots = old.pivot - new.pivot;
    let (mean, squares) = (&old.mean[at..at + len], &old.squares[at..at + len]);
    let (inverse, between) = (&weights.inverse[at..at + len], &weights.between[at..at + len]);
    for k in 0..len {
        let new_mean = sums[k] * inverse[k];
        let new_squares = out[k] - sums[k] * new_mean;
        let apart = (between_pivots + mean[k]) - new_mean;
        let all = (squares[k] + new_squares) + between[k] * (apart * apart);
        out[k] = if all < 0.0 { 0.0 } else { all };
    }
}
