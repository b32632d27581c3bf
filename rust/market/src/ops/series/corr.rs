//! Correlation of two series over the last n bars.
//!
//! As in `moments.rs`, each part of a window counts relative to pivots of its own.

use super::finite::only_finite;
use super::flat::Flat;
use super::fold::{Add, Scan};
use super::moments::{CHUNK, Weights};
use super::parts::{Joints, Part};
use super::rows::{self, Rows, SHORT, oldest, rows};
use super::{Operator, ParameterError, Span, window};

/// Pearson's correlation of the last n pairs; undefined while a value is, and where one of the series is
/// flat.
#[derive(Clone, Debug)]
pub struct Corr {
    n: usize,
    joints: Joints,
    weights: Weights,
    old: Pairs,
    new: Pairs,
    scans: [Scan<Add>; 5],
    flat: [Flat; 2],
}

/// Of a part of a window, bar by bar, relative to its pivots: x, y, x², y², x·y summed up; then the means of
/// x and y and the sums of products of deviations.
#[derive(Clone, Debug)]
struct Pairs {
    pivots: [f64; 2],
    columns: [Vec<f64>; 5],
}

impl Pairs {
    fn new(bars: usize) -> Self {
        Self { pivots: [0.0; 2], columns: std::array::from_fn(|_| vec![0.0; bars]) }
    }

    fn columns(&mut self, from: usize, to: usize) -> [&mut [f64]; 5] {
        self.columns.each_mut().map(|column| &mut column[from..to])
    }
}

/// Multiplies out pairs whose x and y stand in the columns.
#[inline]
fn multiply(columns: &mut [&mut [f64]; 5], pivots: [f64; 2]) {
    let [x, y, x_squares, y_squares, products] = columns;
    let len = x.len();
    let (y, products) = (&mut y[..len], &mut products[..len]);
    let (x_squares, y_squares) = (&mut x_squares[..len], &mut y_squares[..len]);
    for k in 0..len {
        let (apart_x, apart_y) = (x[k] - pivots[0], y[k] - pivots[1]);
        (x[k], y[k]) = (apart_x, apart_y);
        (x_squares[k], y_squares[k]) = (apart_x * apart_x, apart_y * apart_y);
        products[k] = apart_x * apart_y;
    }
}

/// Makes means and sums of deviations out of plain sums.
#[inline]
fn centre(columns: &mut [&mut [f64]; 5], inverse: &[f64]) {
    let [x, y, x_squares, y_squares, products] = columns;
    let len = x.len();
    let (y, products, inverse) = (&mut y[..len], &mut products[..len], &inverse[..len]);
    let (x_squares, y_squares) = (&mut x_squares[..len], &mut y_squares[..len]);
    for k in 0..len {
        let (mean_x, mean_y) = (x[k] * inverse[k], y[k] * inverse[k]);
        x_squares[k] -= x[k] * mean_x;
        y_squares[k] -= y[k] * mean_y;
        products[k] -= x[k] * mean_y;
        (x[k], y[k]) = (mean_x, mean_y);
    }
}

#[inline(always)]
fn correlation(x_squares: f64, y_squares: f64, product: f64) -> f64 {
    (product / (x_squares.sqrt() * y_squares.sqrt())).clamp(-1.0, 1.0)
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
            old: Pairs::new(n - 1),
            new: Pairs::new(CHUNK),
            scans: [const { Scan::new() }; 5],
            flat: [Flat::new(n), Flat::new(n)],
        })
    }

    /// Sums up the pairs before a joint, backwards from it, and begins with the first one after it.
    fn join(&mut self, before: [&[f64]; 2], first: [f64; 2]) {
        (self.scans, self.new.pivots) = ([const { Scan::new() }; 5], first);
        let bars = self.n - 1;
        let known = bars.min(before[0].len());
        self.old.columns.iter_mut().for_each(|column| column[..bars - known].fill(f64::NAN));
        let (Some(&x), Some(&y)) = (before[0].last(), before[1].last()) else { return };
        self.old.pivots = [x, y];
        let mut columns = self.old.columns(bars - known, bars);
        for (column, values) in columns.iter_mut().zip(before) {
            column.copy_from_slice(&values[values.len() - known..]);
            column.reverse();
        }
        multiply(&mut columns, [x, y]);
        columns.iter_mut().for_each(|column| Scan::<Add>::new().extend(column));
        centre(&mut columns, &self.weights.inverse);
        columns.iter_mut().for_each(|column| column.reverse());
    }

    /// Writes the correlations at bars up to a chunk, `at` bars after the joint and on.
    fn put_together(&mut self, at: usize, pairs: [&[f64]; 2], out: &mut [f64]) {
        let len = out.len();
        let apart = [0, 1].map(|k: usize| self.old.pivots[k] - self.new.pivots[k]);
        let mut new = self.new.columns.each_mut().map(|column| &mut column[..len]);
        new[0].copy_from_slice(pairs[0]);
        new[1].copy_from_slice(pairs[1]);
        multiply(&mut new, self.new.pivots);
        self.scans.iter_mut().zip(&mut new).for_each(|(scan, sums)| scan.extend(sums));
        centre(&mut new, &self.weights.inverse[at..at + len]);
        let between = &self.weights.between[at..at + len];
        let [x, y, xx, yy, xy] = new;
        let [old_x, old_y, old_xx, old_yy, old_xy] =
            self.old.columns.each_ref().map(|old| &old[at..at + len]);
        for k in 0..len {
            let (x, y) = ((apart[0] + old_x[k]) - x[k], (apart[1] + old_y[k]) - y[k]);
            let x_squares = (old_xx[k] + xx[k]) + between[k] * (x * x);
            let y_squares = (old_yy[k] + yy[k]) + between[k] * (y * y);
            out[k] = correlation(x_squares, y_squares, (old_xy[k] + xy[k]) + between[k] * (x * y));
        }
    }

    fn run_parts(&mut self, span: &Span<'_>, history: usize, [x, y]: [&[f64]; 2], out: &mut [f64]) {
        let mut joints = self.joints.clone();
        for Part { start, end, since } in joints.parts(span) {
            let (first, last) = (history + start, history + end);
            if since == 0 {
                self.join([&x[..first], &y[..first]], [x[first], y[first]]);
            }
            let pairs = x[first..last].chunks(CHUNK).zip(y[first..last].chunks(CHUNK));
            let mut at = since;
            for ((x, y), out) in pairs.zip(out[start..end].chunks_mut(CHUNK)) {
                self.put_together(at, [x, y], out);
                at += out.len();
            }
        }
        self.joints = joints;
    }
}

impl Operator for Corr {
    fn lookback(&self) -> usize {
        self.n - 1
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        let history = inputs[0].len().min(inputs[1].len()) - span.len;
        let [x, y] = [0, 1].map(|k: usize| &inputs[k][inputs[k].len() - span.len - history..]);
        if self.n <= SHORT {
            rows::run::<4>(&Short { n: self.n, x, y }, self.n, history, out);
        } else {
            self.run_parts(span, history, [x, y], out);
        }
        only_finite(out);
        for (flat, values) in self.flat.iter_mut().zip([x, y]) {
            flat.each(values, span.len, |bar, _| out[bar] = f64::NAN);
        }
    }
}

/// Correlations in short windows; values count relative to the oldest of their window.
struct Short<'a> {
    n: usize,
    x: &'a [f64],
    y: &'a [f64],
}

impl Rows for Short<'_> {
    #[inline(always)]
    fn write<const N: usize>(&self, start: usize, out: &mut [f64; N]) {
        let (x_pivots, y_pivots) = (oldest::<N>(self.x, start), oldest::<N>(self.y, start));
        let ([mut xs, mut ys], [mut xx, mut yy, mut xy]) = ([[0.0; N]; 2], [[0.0; N]; 3]);
        let both = rows::<N>(self.x, start, self.n).zip(rows::<N>(self.y, start, self.n));
        for (x, y) in both {
            for k in 0..N {
                let (x, y) = (x[k] - x_pivots[k], y[k] - y_pivots[k]);
                xs[k] += x;
                ys[k] += y;
                xx[k] += x * x;
                yy[k] += y * y;
                xy[k] += x * y;
            }
        }
        let inverse = 1.0 / self.n as f64;
        for k in 0..N {
            let (mean_x, mean_y) = (xs[k] * inverse, ys[k] * inverse);
            let x_squares = xx[k] - xs[k] * mean_x;
            out[k] = correlation(x_squares, yy[k] - ys[k] * mean_y, xy[k] - xs[k] * mean_y);
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
