//! Correlation of two series over the last n bars.

use super::finite::only_finite;
use super::flat::Flat;
use super::fold::{Add, Scan};
use super::moments::{CHUNK, Weights};
use super::parts::{Joints, Part};
use super::{Operator, ParameterError, Span, window};

/// Pearson's correlation of the last n pairs; undefined while a value is, and where one of the series is flat.
#[derive(Clone, Debug)]
pub struct Corr {
    n: usize,
    joints: Joints,
    weights: Weights,
    old: Vec<Pairs>,
    old_pivot: [f64; 2],
    new: NewPart,
    flat: [Flat; 2],
}

/// Means and sums of products of deviations over a part of a window, relative to the part's pivots.
#[derive(Clone, Copy, Debug, Default)]
struct Pairs {
    means: [f64; 2],
    squares: [f64; 2],
    product: f64,
}

/// The part since the joint.
#[derive(Clone, Debug)]
struct NewPart {
    pivot: [f64; 2],
    scans: [Scan<Add>; 5],
}

/// Two values, their squares and their product, summed up.
type Sums = [[f64; CHUNK]; 5];

impl NewPart {
    const fn new(pivot: [f64; 2]) -> Self {
        Self { pivot, scans: [const { Scan::new() }; 5] }
    }

    fn extend(&mut self, pairs: impl Iterator<Item = (f64, f64)>, len: usize, sums: &mut Sums) {
        let [x_sums, y_sums, x_squares, y_squares, products] = sums;
        for (k, (x, y)) in pairs.take(len).enumerate() {
            let (x, y) = (x - self.pivot[0], y - self.pivot[1]);
            (x_sums[k], y_sums[k]) = (x, y);
            (x_squares[k], y_squares[k], products[k]) = (x * x, y * y, x * y);
        }
        for (scan, sums) in self.scans.iter_mut().zip(sums) {
            scan.extend(&mut sums[..len]);
        }
    }
}

impl Pairs {
    /// From sums over a number of pairs, of which the inverse is given.
    #[inline]
    fn of(sums: &Sums, k: usize, inverse: f64) -> Self {
        let (x, y) = (sums[0][k], sums[1][k]);
        let means = [x * inverse, y * inverse];
        let squares = [sums[2][k] - x * means[0], sums[3][k] - y * means[1]];
        Self { means, squares, product: sums[4][k] - x * means[1] }
    }

    /// The correlation of two parts together.
    #[inline]
    fn correlation(&self, new: &Self, between_pivots: [f64; 2], weight: f64) -> f64 {
        let apart = |k: usize| (between_pivots[k] + self.means[k]) - new.means[k];
        let (x, y) = (apart(0), apart(1));
        let x_squares = (self.squares[0] + new.squares[0]) + weight * (x * x);
        let y_squares = (self.squares[1] + new.squares[1]) + weight * (y * y);
        let product = (self.product + new.product) + weight * (x * y);
        (product / (x_squares.sqrt() * y_squares.sqrt())).clamp(-1.0, 1.0)
    }
}

impl Corr {
    /// A window of n bars.
    ///
    /// # Errors
    /// If n is less than 2.
    pub fn new(n: usize) -> Result<Self, ParameterError> {
        let n = window(n, 2)?;
        Ok(Self {
            n,
            joints: Joints::new(n),
            weights: Weights::new(n),
            old: vec![Pairs::default(); n - 1],
            old_pivot: [0.0; 2],
            new: NewPart::new([0.0; 2]),
            flat: [Flat::new(n), Flat::new(n)],
        })
    }

    fn fold_old(&mut self, x: &[f64], y: &[f64]) {
        let bars = self.old.len();
        let known = bars.min(x.len());
        self.old[..bars - known].fill(Pairs { means: [f64::NAN; 2], ..Pairs::default() });
        let (Some(&last_x), Some(&last_y)) = (x.last(), y.last()) else { return };
        self.old_pivot = [last_x, last_y];
        let (mut backwards, mut sums) = (NewPart::new(self.old_pivot), [[0.0; CHUNK]; 5]);
        let mut pairs = x.iter().copied().zip(y.iter().copied()).rev();
        for at in (0..known).step_by(CHUNK) {
            let len = CHUNK.min(known - at);
            backwards.extend(&mut pairs, len, &mut sums);
            for k in 0..len {
                self.old[bars - 1 - at - k] = Pairs::of(&sums, k, self.weights.inverse[at + k]);
            }
        }
    }

    fn run_part(&mut self, since: usize, x: &[f64], y: &[f64], out: &mut [f64]) {
        let mut sums = [[0.0; CHUNK]; 5];
        let mut pairs = x.iter().copied().zip(y.iter().copied());
        let between_pivots = [self.old_pivot[0] - self.new.pivot[0], self.old_pivot[1] - self.new.pivot[1]];
        let mut at = since;
        for out in out.chunks_mut(CHUNK) {
            self.new.extend(&mut pairs, out.len(), &mut sums);
            for (k, out) in out.iter_mut().enumerate() {
                let new = Pairs::of(&sums, k, self.weights.inverse[at + k]);
                *out = self.old[at + k].correlation(&new, between_pivots, self.weights.between[at + k]);
            }
            at += out.len();
        }
    }
}

impl Operator for Corr {
    fn lookback(&self) -> usize {
        self.n - 1
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        let [x, y] = [0, 1].map(|k: usize| inputs[k]);
        let (x_start, y_start) = (x.len() - span.len, y.len() - span.len);
        let history = x_start.min(y_start);
        let (x, y) = (&x[x_start - history..], &y[y_start - history..]);
        let mut joints = self.joints.clone();
        for Part { start, end, since } in joints.parts(span) {
            let (first, last) = (history + start, history + end);
            if since == 0 {
                self.fold_old(&x[..first], &y[..first]);
                self.new = NewPart::new([x[first], y[first]]);
            }
            self.run_part(since, &x[first..last], &y[first..last], &mut out[start..end]);
        }
        self.joints = joints;
        only_finite(out);
        for (flat, values) in self.flat.iter_mut().zip([x, y]) {
            flat.each(values, span.len, |bar, _| out[bar] = f64::NAN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        STEP, Series, assert_blocks_change_nothing, assert_start_is_forgotten, assert_window, run, series,
    };
    use super::{Corr, Operator};
    use proptest::prelude::*;

    fn two_pass(x: &[f64], y: &[f64]) -> f64 {
        let apart = |values: &[f64]| {
            let mean = values.iter().map(|v| v - values[0]).sum::<f64>() / values.len() as f64;
            values.iter().map(|v| v - values[0] - mean).collect::<Vec<f64>>()
        };
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let is_flat = |values: &[f64]| values.iter().all(|v| *v == values[0]);
        let (dx, dy) = (apart(x), apart(y));
        if is_flat(x) || is_flat(y) {
            return f64::NAN;
        }
        product(&dx, &dy) / (product(&dx, &dx).sqrt() * product(&dy, &dy).sqrt())
    }

    #[test]
    fn a_series_correlates_fully_with_its_multiple_and_not_at_all_with_a_constant() {
        let x: Vec<f64> = (0_i32..200).map(|k| 1e5 + f64::from(k * k % 23) * 1e-3).collect();
        let series =
            |y: Vec<f64>| Series { ts: (0..200).map(|k| k * STEP).collect(), values: vec![x.clone(), y] };
        let found =
            run(&mut Corr::new(30).unwrap(), &series(x.iter().map(|v| -2.0 * v).collect()), 0, 200, 50);
        assert!(found[29..].iter().all(|value| (value + 1.0).abs() < 1e-9));
        let found = run(&mut Corr::new(30).unwrap(), &series(vec![0.1; 200]), 0, 200, 50);
        assert!(found.iter().all(|value| value.is_nan()));
    }

    proptest! {
        #[test]
        fn correlations_equal_those_of_two_passes(series in series(2), n in 2_usize..300) {
            let close = |found: f64, wanted: f64, _: &[&[f64]]| (found - wanted).abs() <= 1e-9;
            assert_window(&mut Corr::new(n).unwrap(), &series, n, |w| two_pass(w[0], w[1]), close);
        }

        #[test]
        fn neither_blocks_nor_the_start_change_a_bit(series in series(2), n in 2_usize..300, from in 0_usize..300) {
            let make = || -> Box<dyn Operator> { Box::new(Corr::new(n).unwrap()) };
            assert_blocks_change_nothing(&make, &series);
            assert_start_is_forgotten(&make, &series, n, from.min(series.ts.len()));
        }
    }
}
