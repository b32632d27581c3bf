//! Statistics of a sample: plain functions of a slice of returns.
//!
//! Sums are taken around the first member, so that a constant sample has a spread of exactly zero.

/// Sums of powers of the offsets from the mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shape {
    pub(crate) count: f64,
    pub(crate) mean: f64,
    /// Σ(x − mean)².
    pub(crate) second: f64,
    /// Σ(x − mean)³.
    pub(crate) third: f64,
    /// Σ(x − mean)⁴.
    pub(crate) fourth: f64,
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) const fn count(n: usize) -> f64 {
    n as f64
}

/// Mean; NaN of nothing.
pub(crate) fn mean(sample: &[f64]) -> f64 {
    let Some(&origin) = sample.first() else { return f64::NAN };
    origin + sample.iter().map(|x| x - origin).sum::<f64>() / count(sample.len())
}

impl Shape {
    pub(crate) fn of(sample: &[f64]) -> Self {
        let mean = mean(sample);
        let mut shape = Self { count: count(sample.len()), mean, second: 0.0, third: 0.0, fourth: 0.0 };
        for x in sample {
            let offset = x - mean;
            let square = offset * offset;
            shape.second += square;
            shape.third += square * offset;
            shape.fourth += square * square;
        }
        shape
    }

    /// Standard deviation with one degree of freedom taken; NaN of fewer than two.
    pub(crate) fn std(&self) -> f64 {
        if self.count < 2.0 { f64::NAN } else { (self.second / (self.count - 1.0)).sqrt() }
    }

    /// Adjusted Fisher–Pearson skewness; NaN of fewer than three, 0/0 without spread.
    pub(crate) fn skew(&self) -> f64 {
        let n = self.count;
        if n < 3.0 {
            return f64::NAN;
        }
        n * (n - 1.0).sqrt() / (n - 2.0) * self.third / self.second.powf(1.5)
    }

    /// Excess kurtosis, unbiased under normality; NaN of fewer than four, 0/0 without spread.
    pub(crate) fn kurtosis(&self) -> f64 {
        let n = self.count;
        if n < 4.0 {
            return f64::NAN;
        }
        let scale = n * (n + 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0));
        let normal = 3.0 * (n - 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0));
        scale * self.fourth / (self.second * self.second) - normal
    }
}

/// Root of the mean of min(x, 0)²; NaN of nothing.
pub(crate) fn downside(sample: &[f64]) -> f64 {
    (sample.iter().map(|x| x.min(0.0)).map(|x| x * x).sum::<f64>() / count(sample.len())).sqrt()
}

/// Sum of what is above zero.
pub(crate) fn gains(sample: &[f64]) -> f64 {
    sample.iter().map(|x| x.max(0.0)).sum()
}

/// Sum of what is below zero, as a positive number.
pub(crate) fn losses(sample: &[f64]) -> f64 {
    sample.iter().map(|x| (-x).max(0.0)).sum()
}

/// Quantile with linear interpolation between the two nearest ranks; NaN of nothing.
pub(crate) fn quantile(sample: &[f64], q: f64) -> f64 {
    if sample.is_empty() {
        return f64::NAN;
    }
    let mut sorted = sample.to_vec();
    let rank = q * count(sorted.len() - 1);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "q is in 0..=1")]
    let below = rank.floor() as usize;
    let (_, &mut low, above) = sorted.select_nth_unstable_by(below, f64::total_cmp);
    let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
    low + (high - low) * (rank - rank.floor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_sample_has_no_spread_at_all() {
        let sample = [0.1; 7];
        assert_eq!(Shape::of(&sample).std(), 0.0);
        assert_eq!(mean(&sample), 0.1);
    }

    #[test]
    fn shape_of_a_small_sample_by_hand() {
        // 1 2 3 10: mean 4, offsets −3 −2 −1 6, squares 50, cubes 180, fourth powers 1394.
        let shape = Shape::of(&[1.0, 2.0, 3.0, 10.0]);
        assert_eq!((shape.mean, shape.second, shape.third, shape.fourth), (4.0, 50.0, 180.0, 1394.0));
        assert!((shape.std() - (50.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        // 4·√3/2 · 180 / 50^1.5 and 4·5·3/(2·1)·1394/2500 − 3·9/2.
        assert!((shape.skew() - 1.763_632_614_803_888_4).abs() < 1e-14);
        assert!((shape.kurtosis() - 3.228).abs() < 1e-13);
    }

    #[test]
    fn quantiles_interpolate_between_ranks() {
        let sample = [4.0, 1.0, 3.0, 2.0, 5.0];
        assert_eq!(quantile(&sample, 0.0), 1.0);
        assert_eq!(quantile(&sample, 0.125), 1.5);
        assert_eq!(quantile(&sample, 1.0), 5.0);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn gains_losses_and_downside_take_their_own_side_only() {
        let sample = [0.5, -0.3, 0.0, -0.4];
        assert_eq!((gains(&sample), losses(&sample)), (0.5, 0.7));
        assert_eq!(downside(&sample), 0.25);
    }
}
