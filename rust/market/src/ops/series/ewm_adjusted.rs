//! Exponential mean and deviation whose weights are normalised from the first value on, as in pandas with
//! `adjust=True`.

use super::{Operator, ParameterError, Span, block};

/// Checks a smoothing factor.
pub(super) fn smoothing(alpha: f64) -> Result<f64, ParameterError> {
    if alpha > 0.0 && alpha <= 1.0 { Ok(alpha) } else { Err(ParameterError::Alpha(alpha)) }
}

/// Weights since the mean began, and the mean.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Sum of the weights, of which the newest is 1; 0 before the first value.
    weight: f64,
    squared_weights: f64,
    mean: f64,
    variance: f64,
}

impl State {
    /// Takes the next value; an undefined one, or an overflow, starts again.
    fn push(&mut self, value: f64, kept: f64) -> &Self {
        let old_weight = self.weight * kept;
        let weight = old_weight + 1.0;
        // Nothing that is divided waits for the mean before.
        let inverse = 1.0 / weight;
        let mean = self.mean + (value - self.mean) * inverse;
        let (moved, apart) = (self.mean - mean, value - mean);
        let variance = if self.weight == 0.0 {
            0.0
        } else {
            (old_weight * (self.variance + moved * moved) + apart * apart) * inverse
        };
        let squared_weights = self.squared_weights * (kept * kept) + 1.0;
        let is_first = self.weight == 0.0;
        *self = Self { weight, squared_weights, mean: if is_first { value } else { mean }, variance };
        if !(self.mean.is_finite() && self.variance.is_finite()) {
            *self = Self::default();
        }
        self
    }

    fn is_empty(&self) -> bool {
        self.weight == 0.0
    }

    /// The variance times the correction for the weights; NaN while one value has all the weight.
    fn unbiased(&self) -> f64 {
        let all = self.weight * self.weight;
        let free = all - self.squared_weights;
        if free > 0.0 { all / free * self.variance } else { f64::NAN }
    }
}

/// Mean with weights (1 − alpha)^k, k bars ago, over their sum. An undefined value gives an undefined result,
/// and the mean starts again after it.
#[derive(Clone, Debug)]
pub struct EwmAdjusted {
    kept: f64,
    state: State,
}

impl EwmAdjusted {
    /// A weight of the newest value, 0 < alpha ≤ 1.
    ///
    /// # Errors
    /// If alpha is out of its range.
    pub fn new(alpha: f64) -> Result<Self, ParameterError> {
        Ok(Self { kept: 1.0 - smoothing(alpha)?, state: State::default() })
    }
}

impl Operator for EwmAdjusted {
    fn lookback(&self) -> usize {
        0
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        for (value, out) in block(span, inputs[0]).iter().zip(out) {
            let state = self.state.push(*value, self.kept);
            *out = if state.is_empty() { f64::NAN } else { state.mean };
        }
    }
}

/// Deviation with the weights of [`EwmAdjusted`], corrected for their bias; undefined at the first value.
#[derive(Clone, Debug)]
pub struct EwmStd {
    kept: f64,
    state: State,
}

impl EwmStd {
    /// A weight of the newest value, 0 < alpha ≤ 1.
    ///
    /// # Errors
    /// If alpha is out of its range.
    pub fn new(alpha: f64) -> Result<Self, ParameterError> {
        Ok(Self { kept: 1.0 - smoothing(alpha)?, state: State::default() })
    }
}

impl Operator for EwmStd {
    fn lookback(&self) -> usize {
        0
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        for (value, out) in block(span, inputs[0]).iter().zip(out) {
            let state = self.state.push(*value, self.kept);
            let result = if state.is_empty() { f64::NAN } else { state.unbiased().sqrt() };
            *out = if result.is_finite() { result } else { f64::NAN };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{STEP, Series, assert_blocks_change_nothing, run, series};
    use super::{EwmAdjusted, EwmStd};
    use proptest::prelude::*;

    /// Weighted mean and unbiased deviation of the values since the last undefined one.
    fn weighted(values: &[f64], alpha: f64) -> (f64, f64) {
        let start = values.iter().rposition(|v| !v.is_finite()).map_or(0, |k| k + 1);
        let values = &values[start..];
        let weight = |k: usize| (1.0 - alpha).powi(i32::try_from(values.len() - 1 - k).unwrap());
        let sum = |f: &dyn Fn(usize) -> f64| (0..values.len()).map(f).sum::<f64>();
        let all = sum(&weight);
        let Some(first) = values.first() else { return (f64::NAN, f64::NAN) };
        let mean = sum(&|k| weight(k) * (values[k] - first)) / all;
        let squares = sum(&|k| weight(k) * (values[k] - first - mean).powi(2));
        let free = all - sum(&|k| weight(k) * weight(k)) / all;
        (first + mean, if values.len() > 1 { (squares / free).sqrt() } else { f64::NAN })
    }

    fn minutes(values: &[f64]) -> Series {
        Series { ts: (0_i64..).map(|k| k * STEP).take(values.len()).collect(), values: vec![values.to_vec()] }
    }

    #[test]
    fn they_give_the_numbers_of_pandas() {
        // pandas: Series([1, 2, 4, 7]).ewm(alpha=0.5).mean() and .std()
        let series = minutes(&[1.0, 2.0, 4.0, 7.0]);
        let mean = run(&mut EwmAdjusted::new(0.5).unwrap(), &series, 0, 4, 2);
        let std = run(&mut EwmStd::new(0.5).unwrap(), &series, 0, 4, 3);
        for (found, wanted) in mean.iter().zip([1.0, 5.0 / 3.0, 3.0, 5.133_333_333_333_334]) {
            assert!((found - wanted).abs() < 1e-14, "{found}");
        }
        assert!(std[0].is_nan());
        assert!((std[1] - 0.5_f64.sqrt()).abs() < 1e-14, "{}", std[1]);
    }

    proptest! {
        #[test]
        fn they_equal_the_weighted_sums(series in series(1), alpha in 0.01..1.0_f64) {
            let values = &series.values[0];
            let bars = values.len();
            let mean = run(&mut EwmAdjusted::new(alpha).unwrap(), &series, 0, bars, 64);
            let std = run(&mut EwmStd::new(alpha).unwrap(), &series, 0, bars, 64);
            let mut scale = 0.0_f64;
            for k in 0..bars.min(300) {
                scale = if values[k].is_finite() { scale.max(values[k].abs()) } else { scale };
                let wanted = weighted(&values[..=k], alpha);
                for (found, wanted) in [(mean[k], wanted.0), (std[k], wanted.1)] {
                    let is_same = (found - wanted).abs() <= 1e-11 * scale || (found.is_nan() && wanted.is_nan());
                    prop_assert!(is_same, "bar {}: {}, expected {}", k, found, wanted);
                }
            }
        }

        #[test]
        fn blocks_change_no_bit(series in series(1), alpha in 0.01..=1.0_f64) {
            assert_blocks_change_nothing(&|| Box::new(EwmAdjusted::new(alpha).unwrap()), &series);
            assert_blocks_change_nothing(&|| Box::new(EwmStd::new(alpha).unwrap()), &series);
        }
    }
}
