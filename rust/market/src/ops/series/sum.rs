//! Sum and mean of the last n values.

use super::finite::finite;
use super::flat::Flat;
use super::fold::{Add, Fold};
use super::{Operator, ParameterError, Span, window};

/// Sum of the last n values; undefined while one of them is. n equal values add up to n times the value.
#[derive(Clone, Debug)]
pub struct Sum {
    fold: Fold<Add>,
    flat: Flat,
    n: f64,
}

impl Sum {
    /// A window of n bars.
    ///
    /// # Errors
    /// If n is 0.
    pub fn new(n: usize) -> Result<Self, ParameterError> {
        let n = window(n, 1)?;
        Ok(Self { fold: Fold::new(n), flat: Flat::new(n), n: n as f64 })
    }
}

impl Operator for Sum {
    fn lookback(&self) -> usize {
        self.fold.lookback()
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        let n = self.n;
        self.fold.run(span, inputs[0], out, finite);
        self.flat.each(inputs[0], span.len, |bar, value| out[bar] = value * n);
    }
}

/// Mean of the last n values; undefined while one of them is. The mean of n equal values is that value.
#[derive(Clone, Debug)]
pub struct Mean {
    fold: Fold<Add>,
    flat: Flat,
    n: f64,
}

impl Mean {
    /// A window of n bars.
    ///
    /// # Errors
    /// If n is 0.
    pub fn new(n: usize) -> Result<Self, ParameterError> {
        let n = window(n, 1)?;
        Ok(Self { fold: Fold::new(n), flat: Flat::new(n), n: n as f64 })
    }
}

impl Operator for Mean {
    fn lookback(&self) -> usize {
        self.fold.lookback()
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        let n = self.n;
        self.fold.run(span, inputs[0], out, |sum| finite(sum / n));
        self.flat.each(inputs[0], span.len, |bar, value| out[bar] = value);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        assert_blocks_change_nothing, assert_start_is_forgotten, assert_window, run, series, within,
    };
    use super::super::{Operator, ParameterError, testing::Series};
    use super::{Mean, Sum};
    use proptest::prelude::*;

    fn minutes(values: &[f64]) -> Series {
        Series { ts: (0_i64..).map(|k| k * 60).take(values.len()).collect(), values: vec![values.to_vec()] }
    }

    #[test]
    fn a_sum_needs_n_defined_values() {
        let series = minutes(&[1.0, 2.0, 3.0, f64::NAN, 4.0, 5.0, 6.0, 7.0]);
        let found = run(&mut Sum::new(3).unwrap(), &series, 0, 8, 3);
        assert!(found[..2].iter().chain(&found[3..6]).all(|value| value.is_nan()));
        assert_eq!([found[2], found[6], found[7]], [6.0, 15.0, 18.0]);
    }

    #[test]
    fn a_spike_leaves_no_residue() {
        let series = minutes(&[0.1, 1e17, 0.1, 0.2, 0.3, 0.4]);
        assert_eq!(run(&mut Sum::new(2).unwrap(), &series, 0, 6, 6)[3..], [0.1 + 0.2, 0.2 + 0.3, 0.3 + 0.4]);
    }

    #[test]
    fn the_mean_of_equal_values_is_that_value() {
        let mut values: Vec<f64> = (0_i32..50).map(|k| f64::from(k).sin() * 1e5).collect();
        values.extend([0.1; 30]);
        let found = run(&mut Mean::new(23).unwrap(), &minutes(&values), 0, 80, 11);
        assert_eq!(found[72..], [0.1; 8]);
    }

    #[test]
    fn a_window_of_no_bars_is_refused() {
        assert_eq!(Sum::new(0).unwrap_err(), ParameterError::Window { got: 0, least: 1 });
    }

    proptest! {
        #[test]
        fn sums_and_means_equal_those_of_each_window(series in series(1), n in 1_usize..300) {
            let sum = |windows: &[&[f64]]| windows[0].iter().sum::<f64>();
            assert_window(&mut Sum::new(n).unwrap(), &series, n, sum, within(1e-13 * n as f64));
            assert_window(&mut Mean::new(n).unwrap(), &series, n, |w| sum(w) / n as f64, within(1e-13));
        }

        #[test]
        fn neither_blocks_nor_the_start_change_a_bit(series in series(1), n in 1_usize..300, from in 0_usize..300) {
            let make: [&dyn Fn() -> Box<dyn Operator>; 2] =
                [&|| Box::new(Sum::new(n).unwrap()), &|| Box::new(Mean::new(n).unwrap())];
            for make in make {
                assert_blocks_change_nothing(make, &series);
                assert_start_is_forgotten(make, &series, n, from.min(series.ts.len()));
            }
        }
    }
}
