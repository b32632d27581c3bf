//! Exponential mean.

use super::ewm_adjusted::smoothing;
use super::finite::are_finite;
use super::{Operator, ParameterError, Span, block, window};

/// Bars that are worked out from one earlier mean, for alphas up to a half.
const GROUP: usize = 8;

/// Exponential mean: y += alpha·(x − y), seeded by the mean of the first `seed_n` defined values in a row. An
/// undefined value gives an undefined result, and the mean seeds anew after it.
///
/// Eight bars at a time are worked out from the mean before them, so that one step of eight waits for the one
/// before. All of it is relative to the first of the eight values: on equal values the mean moves towards
/// them and stays.
#[derive(Clone, Debug)]
pub struct Ewm {
    seed: Seed,
    /// Bars of a group; 1 for alphas so great that a spike fades within eight bars.
    group: usize,
    alpha: f64,
    kept: f64,
    /// What is left of a mean after 1, 2, … bars.
    left: [f64; GROUP],
    /// The mean before the group, once seeded.
    mean: Option<f64>,
    open: Open,
}

/// The group that is being worked out.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    bars: usize,
    pivot: f64,
    /// The mean before the group, relative to the pivot.
    before: f64,
    /// What the group's own values add.
    added: f64,
}

/// The values that seed a mean.
#[derive(Clone, Copy, Debug)]
struct Seed {
    n: usize,
    bars: usize,
    pivot: f64,
    sum: f64,
}

impl Seed {
    /// Takes a defined value; the seed when it was the last one needed.
    fn push(&mut self, value: f64) -> Option<f64> {
        if self.bars == 0 {
            (self.pivot, self.sum) = (value, 0.0);
        }
        self.bars += 1;
        self.sum += value - self.pivot;
        (self.bars == self.n).then(|| self.pivot + self.sum / self.n as f64)
    }
}

impl Ewm {
    /// A weight of the newest value, 0 < alpha ≤ 1, and the number of values that seed the mean.
    ///
    /// # Errors
    /// If alpha is out of its range or `seed_n` is 0.
    pub fn new(alpha: f64, seed_n: usize) -> Result<Self, ParameterError> {
        let alpha = smoothing(alpha)?;
        let seed = Seed { n: window(seed_n, 1)?, bars: 0, pivot: 0.0, sum: 0.0 };
        let kept = 1.0 - alpha;
        let mut left = [kept; GROUP];
        for k in 1..GROUP {
            left[k] = left[k - 1] * kept;
        }
        let group = if alpha > 0.5 { 1 } else { GROUP };
        Ok(Self { seed, group, alpha, kept, left, mean: None, open: Open::default() })
    }

    fn push(&mut self, value: f64) -> f64 {
        if !value.is_finite() {
            self.restart();
            return f64::NAN;
        }
        let Some(mean) = self.mean else {
            self.mean = self.seed.push(value);
            return self.mean.unwrap_or(f64::NAN);
        };
        if self.open.bars == 0 {
            self.open = Open { bars: 0, pivot: value, before: mean - value, added: 0.0 };
        }
        let open = &mut self.open;
        open.added = self.kept * open.added + self.alpha * (value - open.pivot);
        let result = open.pivot + (self.left[open.bars] * open.before + open.added);
        open.bars += 1;
        if open.bars == self.group {
            open.bars = 0;
            self.mean = Some(result);
        }
        if !result.is_finite() {
            self.restart();
            return f64::NAN;
        }
        result
    }

    fn restart(&mut self) {
        self.mean = None;
        self.seed.bars = 0;
        self.open.bars = 0;
    }

    fn push_all(&mut self, values: &[f64], out: &mut [f64]) {
        for (value, out) in values.iter().zip(out) {
            *out = self.push(*value);
        }
    }

    /// Whole groups of finite values, as far as the mean stays finite; how many bars that were.
    #[inline]
    fn run_groups(&mut self, values: &[f64], out: &mut [f64]) -> usize {
        let Some(mut mean) = self.mean else { return 0 };
        let (alpha, kept, left) = (self.alpha, self.kept, self.left);
        let (eights, _) = values.as_chunks::<GROUP>();
        let (results, _) = out.as_chunks_mut::<GROUP>();
        let mut done = 0;
        for (eight, out) in eights.iter().zip(results) {
            let pivot = eight[0];
            let before = mean - pivot;
            let mut added = eight.map(|value| alpha * (value - pivot));
            added[0] += kept * 0.0;
            for k in 1..GROUP {
                added[k] += kept * added[k - 1];
            }
            for k in 0..GROUP {
                out[k] = pivot + (left[k] * before + added[k]);
            }
            if !out[GROUP - 1].is_finite() {
                break;
            }
            mean = out[GROUP - 1];
            done += GROUP;
        }
        self.mean = Some(mean);
        done
    }

    /// Finite values one by one, for a group of one bar, as far as the mean stays finite; how many bars that
    /// were.
    #[inline]
    fn run_single(&mut self, values: &[f64], out: &mut [f64]) -> usize {
        let Some(mut mean) = self.mean else { return 0 };
        let mut done = 0;
        for (value, out) in values.iter().zip(out) {
            let next = value + (self.kept * (mean - value) + 0.0);
            if !next.is_finite() {
                break;
            }
            (mean, *out) = (next, next);
            done += 1;
        }
        self.mean = Some(mean);
        done
    }
}

impl Operator for Ewm {
    fn lookback(&self) -> usize {
        0
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        let values = block(span, inputs[0]);
        if !are_finite(values) {
            self.push_all(values, out);
            return;
        }
        let mut at = 0;
        while at < values.len() && (self.mean.is_none() || self.open.bars > 0) {
            out[at] = self.push(values[at]);
            at += 1;
        }
        let (rest, results) = (&values[at..], &mut out[at..]);
        at += if self.group == 1 { self.run_single(rest, results) } else { self.run_groups(rest, results) };
        self.push_all(&values[at..], &mut out[at..]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{STEP, Series, assert_blocks_change_nothing, run, series};
    use super::{Ewm, ParameterError};
    use proptest::prelude::*;

    fn one_by_one(values: &[f64], alpha: f64, seed_n: usize) -> Vec<f64> {
        let (mut seeds, mut mean) = (Vec::new(), f64::NAN);
        let step = |value: &f64| {
            if !value.is_finite() {
                seeds.clear();
                mean = f64::NAN;
            } else if seeds.len() < seed_n {
                seeds.push(*value);
                mean =
                    if seeds.len() == seed_n { seeds.iter().sum::<f64>() / seed_n as f64 } else { f64::NAN };
            } else {
                mean += alpha * (value - mean);
            }
            mean
        };
        values.iter().map(step).collect()
    }

    fn minutes(values: Vec<f64>) -> Series {
        Series { ts: (0_i64..).map(|k| k * STEP).take(values.len()).collect(), values: vec![values] }
    }

    #[test]
    fn an_alpha_of_one_is_the_series() {
        let series = minutes(vec![3.0, 0.1, 1e9, 0.2]);
        assert_eq!(run(&mut Ewm::new(1.0, 1).unwrap(), &series, 0, 4, 4), series.values[0]);
    }

    #[test]
    fn on_equal_values_the_mean_comes_nearer_and_never_beyond() {
        let values = [vec![1.0; 3], vec![0.1; 2_000]].concat();
        let found = run(&mut Ewm::new(0.03, 3).unwrap(), &minutes(values), 0, 2_003, 100);
        assert!(found[2..].windows(2).all(|pair| pair[1] <= pair[0] && pair[1] >= 0.1));
        assert!((found[2_002] - 0.1).abs() < 1e-16 * 2.0);
    }

    #[test]
    fn an_overflow_is_undefined_and_the_mean_starts_again() {
        let values = [vec![1e308; 2], vec![-1e308; 12], vec![1.0; 12]].concat();
        for size in [1, 5, 26] {
            let found = run(&mut Ewm::new(0.2, 1).unwrap(), &minutes(values.clone()), 0, 26, size);
            assert!(found[2].is_nan());
            assert_eq!(found[3..14], [-1e308; 11]);
        }
    }

    #[test]
    fn an_alpha_outside_its_range_is_refused() {
        assert_eq!(Ewm::new(1.5, 1).unwrap_err(), ParameterError::Alpha(1.5));
        assert!(Ewm::new(f64::NAN, 1).is_err() && Ewm::new(0.0, 1).is_err() && Ewm::new(0.1, 0).is_err());
    }

    proptest! {
        #[test]
        fn means_equal_those_of_a_plain_recursion(
            series in series(1), alpha in prop_oneof![1e-4..1.0_f64, Just(0.5), Just(1.0)], seed_n in 1_usize..40,
        ) {
            let found = run(&mut Ewm::new(alpha, seed_n).unwrap(), &series, 0, series.ts.len(), 64);
            let mut scale = 0.0_f64;
            let values = &series.values[0];
            for (k, wanted) in one_by_one(values, alpha, seed_n).into_iter().enumerate() {
                scale = if values[k].is_finite() { scale.max(values[k].abs()) } else { scale };
                let is_same = (found[k] - wanted).abs() <= 1e-12 * scale || (found[k].is_nan() && wanted.is_nan());
                prop_assert!(is_same, "bar {}: {}, expected {}", k, found[k], wanted);
            }
        }

        #[test]
        fn blocks_change_no_bit(series in series(1), alpha in 1e-4..1.0_f64, seed_n in 1_usize..40) {
            assert_blocks_change_nothing(&|| Box::new(Ewm::new(alpha, seed_n).unwrap()), &series);
        }
    }
}
