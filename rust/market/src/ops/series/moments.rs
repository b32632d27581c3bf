//! Sum of squared deviations from the mean over a moving window.
//!
//! Both parts of a window keep their sums relative to a value of their own, the bar next to the joint, so
//! that no digits are lost on prices whose level is large against their variance. The parts are put together
//! by the pairwise formula of Chan, Golub and LeVeque.

use super::Span;
use super::fold::{Add, Scan};
use super::parts::{Joints, Part};
use super::rows::{self, Rows, SHORT, oldest, rows};

/// Bars that are worked on at a time.
pub(super) const CHUNK: usize = 64;

/// Squared deviations from the mean, summed over the last n values.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    n: usize,
    joints: Joints,
    old: OldPart,
    new: Sums,
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

/// Running sums of values and of their squares, relative to a pivot.
#[derive(Clone, Debug)]
struct Sums {
    pivot: f64,
    values: Scan<Add>,
    squares: Scan<Add>,
}

impl Sums {
    const fn new(pivot: f64) -> Self {
        Self { pivot, values: Scan::new(), squares: Scan::new() }
    }

    /// Replaces values by their running sums and writes those of the squares.
    #[inline]
    fn extend(&mut self, values: &mut [f64], squares: &mut [f64]) {
        let squares = &mut squares[..values.len()];
        let begun = self.values.begun().min(values.len());
        let (values_head, values) = values.split_at_mut(begun);
        let (squares_head, squares) = squares.split_at_mut(begun);
        self.push_each(values_head, squares_head);
        let (values, values_tail) = values.as_chunks_mut();
        let (squares, squares_tail) = squares.as_chunks_mut();
        for (values, squares) in values.iter_mut().zip(squares) {
            let apart = values.map(|value| value - self.pivot);
            *values = self.values.push_group(apart);
            *squares = self.squares.push_group(apart.map(|apart| apart * apart));
        }
        self.push_each(values_tail, squares_tail);
    }

    #[inline]
    fn push_each(&mut self, values: &mut [f64], squares: &mut [f64]) {
        for (value, square) in values.iter_mut().zip(squares) {
            let apart = *value - self.pivot;
            *value = self.values.push(apart);
            *square = self.squares.push(apart * apart);
        }
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
        self.mean[..bars - known].fill(f64::NAN);
        let (Some(&pivot), true) = (before.last(), known > 0) else { return };
        self.pivot = pivot;
        let mut sums = Sums::new(pivot);
        let (mut values, mut squares) = ([0.0; CHUNK], [0.0; CHUNK]);
        let backwards = before[before.len() - known..].rchunks(CHUNK);
        let means = self.mean[bars - known..bars].rchunks_mut(CHUNK);
        let all_squares = self.squares[bars - known..bars].rchunks_mut(CHUNK);
        for (((chunk, mean), square), inverse) in
            backwards.zip(means).zip(all_squares).zip(inverse.chunks(CHUNK))
        {
            let values = &mut values[..chunk.len()];
            values.iter_mut().zip(chunk.iter().rev()).for_each(|(to, from)| *to = *from);
            sums.extend(values, &mut squares);
            let newest_first = mean.iter_mut().rev().zip(square.iter_mut().rev());
            for (((mean, square), (value, squares)), inverse) in
                newest_first.zip(values.iter().zip(&squares)).zip(inverse)
            {
                *mean = value * inverse;
                *square = squares - value * *mean;
            }
        }
    }
}

impl Moments {
    pub fn new(n: usize) -> Self {
        let (joints, weights) = (Joints::new(n), Weights::new(n));
        Self { n, joints, old: OldPart::new(n), new: Sums::new(0.0), weights }
    }

    /// Earlier values that it needs.
    pub const fn lookback(&self) -> usize {
        self.n - 1
    }

    /// Writes a function of the sum of squared deviations, at least 0, at every bar of a block.
    #[inline]
    pub fn run(&mut self, span: &Span<'_>, values: &[f64], out: &mut [f64], result: impl Fn(f64) -> f64) {
        let history = values.len() - span.len;
        if self.n <= SHORT {
            rows::run::<8>(&Squares { n: self.n, values, result }, self.n, history, out);
            return;
        }
        let Self { joints, old, new, weights, .. } = self;
        for Part { start, end, since } in joints.parts(span) {
            if since == 0 {
                old.fold(&values[..history + start], &weights.inverse);
                *new = Sums::new(values[history + start]);
            }
            let part = values[history + start..history + end].chunks(CHUNK);
            let mut at = since;
            for (chunk, out) in part.zip(out[start..end].chunks_mut(CHUNK)) {
                out.copy_from_slice(chunk);
                put_together((old, new), weights, at, out, &result);
                at += chunk.len();
            }
        }
    }
}

/// Replaces values by a function of the squared deviations of both parts together, `at` bars after the joint
/// and on.
#[inline]
fn put_together(
    (old, new): (&OldPart, &mut Sums),
    weights: &Weights,
    at: usize,
    values: &mut [f64],
    result: &impl Fn(f64) -> f64,
) {
    let len = values.len();
    let mut squares = [0.0; CHUNK];
    new.extend(values, &mut squares);
    let between_pivots = old.pivot - new.pivot;
    let (old_mean, old_squares) = (&old.mean[at..at + len], &old.squares[at..at + len]);
    let (inverse, between) = (&weights.inverse[at..at + len], &weights.between[at..at + len]);
    let squares = &squares[..len];
    for k in 0..len {
        let new_mean = values[k] * inverse[k];
        let new_squares = squares[k] - values[k] * new_mean;
        let apart = (between_pivots + old_mean[k]) - new_mean;
        let all = (old_squares[k] + new_squares) + between[k] * (apart * apart);
        values[k] = result(if all < 0.0 { 0.0 } else { all });
    }
}

/// Squared deviations of short windows; values count relative to the oldest of their window.
struct Squares<'a, F> {
    n: usize,
    values: &'a [f64],
    result: F,
}

impl<F: Fn(f64) -> f64> Rows for Squares<'_, F> {
    #[inline(always)]
    fn write<const N: usize>(&self, start: usize, out: &mut [f64; N]) {
        let pivots = oldest::<N>(self.values, start);
        let (mut sums, mut squares) = ([0.0; N], [0.0; N]);
        for row in rows::<N>(self.values, start, self.n) {
            for k in 0..N {
                let apart = row[k] - pivots[k];
                sums[k] += apart;
                squares[k] += apart * apart;
            }
        }
        let inverse = 1.0 / self.n as f64;
        for k in 0..N {
            let all = squares[k] - sums[k] * sums[k] * inverse;
            out[k] = (self.result)(if all < 0.0 { 0.0 } else { all });
        }
    }
}
