//! Exponentially weighted mean in continuous time.

use crate::types::Ns;

/// A mean in which what was seen `half_life` ago counts half. Between updates the last value holds.
#[derive(Clone, Debug)]
pub struct Ewma {
    half_life: f64,
    last: Option<(Ns, f64)>,
    mean: f64,
}

impl Ewma {
    /// A mean with a half-life in nanoseconds, positive.
    #[must_use]
    pub const fn new(half_life: Ns) -> Self {
        Self { half_life: half_life as f64, last: None, mean: f64::NAN }
    }

    /// A value from a time on; NaN says that there is none, and the mean starts again at the next one.
    #[inline]
    pub fn update(&mut self, at: Ns, value: f64) {
        self.mean = self.value(at);
        if value.is_nan() {
            self.last = None;
            self.mean = f64::NAN;
            return;
        }
        if self.last.is_none() {
            self.mean = value;
        }
        self.last = Some((at, value));
    }

    /// The mean as of a time at or after the last update; NaN where there is no value.
    #[inline]
    #[must_use]
    pub fn value(&self, at: Ns) -> f64 {
        match self.last {
            None => f64::NAN,
            Some((last, value)) if at > last => {
                let kept = (-((at - last) as f64) / self.half_life).exp2();
                value + (self.mean - value) * kept
            }
            Some(_) => self.mean,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_step_is_reached_after_one_half_life() {
        let mut mean = Ewma::new(100);
        mean.update(0, 10.0);
        mean.update(1_000, 20.0);
        assert!((mean.value(1_000) - 10.0).abs() < 1e-12);
        assert!((mean.value(1_100) - 15.0).abs() < 1e-12);
        assert!((mean.value(1_200) - 17.5).abs() < 1e-12);
    }

    #[test]
    fn a_missing_value_starts_it_again() {
        let mut mean = Ewma::new(100);
        assert!(mean.value(0).is_nan());
        mean.update(0, 10.0);
        mean.update(50, f64::NAN);
        assert!(mean.value(60).is_nan());
        mean.update(70, 3.0);
        assert!((mean.value(90) - 3.0).abs() < 1e-12);
    }
}
