//! The line through the last n values, and their mean weighted towards the newest.

use super::finite::only_finite;
use super::flat::Flat;
use super::fold::{Add, Scan};
use super::moments::CHUNK;
use super::parts::{Joints, Part};
use super::rows::{self, Rows, SHORT, oldest, rows};
use super::{Operator, ParameterError, Span, window};

/// Sums over the last n values v with their places k = 0..n-1 in the window, relative to a value of its own
/// for either part.
#[derive(Clone, Debug)]
struct Places {
    n: usize,
    joints: Joints,
    old_pivot: f64,
    /// Sum of the old part at each bar since the joint.
    old_sum: Vec<f64>,
    /// Its sum of (k − mean place)·v.
    old_lever: Vec<f64>,
    pivot: f64,
    sum: Scan<Add>,
    lever: Scan<Add>,
    /// 0, 1, … n-1.
    ramp: Vec<f64>,
}

/// Sums over a whole window, relative to the pivot.
#[derive(Clone, Copy, Debug)]
struct Whole {
    pivot: f64,
    sum: f64,
    /// Sum of (k − mean place)·v.
    lever: f64,
}

impl Places {
    fn new(n: usize) -> Self {
        let bars = n.saturating_sub(1).max(1);
        let (old_sum, old_lever) = (vec![0.0; bars], vec![0.0; bars]);
        let (sum, lever) = (Scan::new(), Scan::new());
        let ramp = (0..n).map(|k| k as f64).collect();
        Self { n, joints: Joints::new(n), old_pivot: 0.0, old_sum, old_lever, pivot: 0.0, sum, lever, ramp }
    }

    /// The place in the middle of the window.
    const fn middle(&self) -> f64 {
        (self.n - 1) as f64 / 2.0
    }

    fn join(&mut self, before: &[f64], first: f64) {
        (self.sum, self.lever, self.pivot) = (Scan::new(), Scan::new(), first);
        let bars = self.n - 1;
        let known = bars.min(before.len());
        self.old_sum[..bars - known].fill(f64::NAN);
        self.old_lever[..bars - known].fill(f64::NAN);
        let Some(&pivot) = before.last() else { return };
        self.old_pivot = pivot;
        let (sums, levers) = (&mut self.old_sum[bars - known..bars], &mut self.old_lever[bars - known..bars]);
        sums.copy_from_slice(&before[before.len() - known..]);
        sums.reverse();
        for ((sum, lever), ago) in sums.iter_mut().zip(levers.iter_mut()).zip(&self.ramp) {
            let apart = *sum - pivot;
            (*sum, *lever) = (apart, apart * ago);
        }
        Scan::<Add>::new().extend(sums);
        Scan::<Add>::new().extend(levers);
        let middle = (self.n - 1) as f64 / 2.0;
        for ((sum, lever), newest) in sums.iter().zip(levers.iter_mut()).zip(&self.ramp) {
            *lever = (newest - middle) * sum - *lever;
        }
        sums.reverse();
        levers.reverse();
    }

    /// Writes a function of the sums of each window.
    #[inline]
    fn run(&mut self, span: &Span<'_>, values: &[f64], out: &mut [f64], result: impl Fn(Whole) -> f64) {
        let history = values.len() - span.len;
        if self.n <= SHORT {
            rows::run::<8>(&Levers { n: self.n, values, result }, self.n, history, out);
            only_finite(out);
            return;
        }
        let mut joints = self.joints.clone();
        for Part { start, end, since } in joints.parts(span) {
            if since == 0 {
                self.join(&values[..history + start], values[history + start]);
            }
            let part = values[history + start..history + end].chunks(CHUNK);
            let mut at = since;
            for (chunk, out) in part.zip(out[start..end].chunks_mut(CHUNK)) {
                self.put_together(at, chunk, out, &result);
                at += chunk.len();
            }
        }
        self.joints = joints;
        only_finite(out);
    }

    #[inline]
    fn put_together(&mut self, at: usize, values: &[f64], out: &mut [f64], result: &impl Fn(Whole) -> f64) {
        let len = values.len().min(CHUNK);
        let mut sums = [0.0; CHUNK];
        let (sums, levers, ramp) = (&mut sums[..len], &mut out[..len], &self.ramp[at..at + len]);
        for k in 0..len {
            sums[k] = values[k] - self.pivot;
            levers[k] = sums[k] * ramp[k];
        }
        self.sum.extend(sums);
        self.lever.extend(levers);
        let (n, middle, between) = (self.n as f64, self.middle(), self.old_pivot - self.pivot);
        let (old_sum, old_lever) = (&self.old_sum[at..at + len], &self.old_lever[at..at + len]);
        for k in 0..len {
            let new_bars = ramp[k] + 1.0;
            let old_bars = n - new_bars;
            let new_lever = (old_bars - middle) * sums[k] + levers[k];
            let lever = (old_lever[k] - 0.5 * old_bars * new_bars * between) + new_lever;
            let sum = (old_sum[k] + old_bars * between) + sums[k];
            levers[k] = result(Whole { pivot: self.pivot, sum, lever });
        }
    }
}

/// Sums of short windows, relative to the oldest value.
struct Levers<'a, F> {
    n: usize,
    values: &'a [f64],
    result: F,
}

impl<F: Fn(Whole) -> f64> Rows for Levers<'_, F> {
    #[inline(always)]
    fn write<const N: usize>(&self, start: usize, out: &mut [f64; N]) {
        let pivots = oldest::<N>(self.values, start);
        let (mut sums, mut levers) = ([0.0; N], [0.0; N]);
        let mut place = -((self.n - 1) as f64 / 2.0);
        for row in rows::<N>(self.values, start, self.n) {
            for k in 0..N {
                let apart = row[k] - pivots[k];
                sums[k] += apart;
                levers[k] += place * apart;
            }
            place += 1.0;
        }
        for k in 0..N {
            out[k] = (self.result)(Whole { pivot: pivots[k], sum: sums[k], lever: levers[k] });
        }
    }
}

/// Slope per bar of the least-squares line through the last n values; undefined while one of them is.
#[derive(Clone, Debug)]
pub struct Slope {
    places: Places,
    flat: Flat,
    squares: f64,
}

impl Slope {
    /// A window of n bars.
    ///
    /// # Errors
    /// If n is less than 2.
    pub fn new(n: usize) -> Result<Self, ParameterError> {
        let n = window(n, 2)?;
        let bars = n as f64;
        Ok(Self { places: Places::new(n), flat: Flat::new(n), squares: bars * (bars * bars - 1.0) / 12.0 })
    }
}

impl Operator for Slope {
    fn lookback(&self) -> usize {
        self.places.n - 1
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        let squares = self.squares;
        self.places.run(span, inputs[0], out, |whole| whole.lever / squares);
        self.flat.each(inputs[0], span.len, |bar, _| out[bar] = 0.0);
    }
}

/// Mean of the last n values with weights 1 to n, the newest heaviest; undefined while one of them is.
#[derive(Clone, Debug)]
pub struct Wma {
    places: Places,
    flat: Flat,
    weight: f64,
}

impl Wma {
    /// A window of n bars.
    ///
    /// # Errors
    /// If n is 0.
    pub fn new(n: usize) -> Result<Self, ParameterError> {
        let n = window(n, 1)?;
        let bars = n as f64;
        Ok(Self { places: Places::new(n), flat: Flat::new(n), weight: bars * (bars + 1.0) / 2.0 })
    }
}

impl Operator for Wma {
    fn lookback(&self) -> usize {
        self.places.n - 1
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        let (weight, mean_weight) = (self.weight, self.places.middle() + 1.0);
        self.places.run(span, inputs[0], out, |whole| {
            whole.pivot + (whole.lever + mean_weight * whole.sum) / weight
        });
        self.flat.each(inputs[0], span.len, |bar, value| out[bar] = value);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        assert_blocks_change_nothing, assert_start_is_forgotten, assert_window, series, within,
    };
    use super::{Operator, Slope, Wma};
    use proptest::prelude::*;

    fn slope(values: &[f64]) -> f64 {
        let middle = (values.len() - 1) as f64 / 2.0;
        let lever = |(k, v): (usize, &f64)| (k as f64 - middle) * (v - values[0]);
        let squares: f64 = (0..values.len()).map(|k| (k as f64 - middle).powi(2)).sum();
        values.iter().enumerate().map(lever).sum::<f64>() / squares
    }

    fn weighted(values: &[f64]) -> f64 {
        let weight: f64 = (1..=values.len()).map(|k| k as f64).sum();
        values.iter().enumerate().map(|(k, v)| (k + 1) as f64 * v).sum::<f64>() / weight
    }

    /// Relative to the slope of a line across the window's range.
    fn of_the_range(found: f64, wanted: f64, windows: &[&[f64]]) -> bool {
        let range = |values: &[f64]| {
            values.iter().fold(f64::MIN, |a, b| a.max(*b)) - values.iter().fold(f64::MAX, |a, b| a.min(*b))
        };
        (found - wanted).abs() <= 1e-10 * range(windows[0]) / windows[0].len() as f64
    }

    proptest! {
        #[test]
        fn slopes_and_weighted_means_equal_those_of_each_window(series in series(1), n in 1_usize..300) {
            assert_window(&mut Slope::new(n + 1).unwrap(), &series, n + 1, |w| slope(w[0]), of_the_range);
            assert_window(&mut Wma::new(n).unwrap(), &series, n, |w| weighted(w[0]), within(1e-12));
        }

        #[test]
        fn neither_blocks_nor_the_start_change_a_bit(series in series(1), n in 2_usize..300, from in 0_usize..300) {
            let make: [&dyn Fn() -> Box<dyn Operator>; 2] =
                [&|| Box::new(Slope::new(n).unwrap()), &|| Box::new(Wma::new(n).unwrap())];
            for make in make {
                assert_blocks_change_nothing(make, &series);
                assert_start_is_forgotten(make, &series, n, from.min(series.ts.len()));
            }
        }
    }
}
