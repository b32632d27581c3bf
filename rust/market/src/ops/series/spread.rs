//! Variance and standard deviation of the last n values.

use super::finite::finite;
use super::flat::Flat;
use super::moments::Moments;
use super::{Operator, ParameterError, Span, window};

/// Variance of the last n values, divided by n - ddof; undefined while one of them is. That of n equal values
/// is 0.
#[derive(Clone, Debug)]
pub struct Var {
    moments: Moments,
    flat: Flat,
    free: f64,
}

impl Var {
    /// A window of n bars and the degrees of freedom taken from it.
    ///
    /// # Errors
    /// If n is not greater than ddof.
    pub fn new(n: usize, ddof: usize) -> Result<Self, ParameterError> {
        let n = window(n, ddof.saturating_add(1))?;
        Ok(Self { moments: Moments::new(n), flat: Flat::new(n), free: (n - ddof) as f64 })
    }
}

impl Var {
    #[inline]
    fn run_with(&mut self, span: &Span<'_>, values: &[f64], out: &mut [f64], result: impl Fn(f64) -> f64) {
        self.moments.run(span, values, out, result);
        self.flat.each(values, span.len, |bar, _| out[bar] = 0.0);
    }
}

impl Operator for Var {
    fn lookback(&self) -> usize {
        self.moments.lookback()
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        let free = self.free;
        self.run_with(span, inputs[0], out, |squares| finite(squares / free));
    }
}

/// Standard deviation of the last n values: the root of [`Var`].
#[derive(Clone, Debug)]
pub struct Std {
    var: Var,
}

impl Std {
    /// A window of n bars and the degrees of freedom taken from it.
    ///
    /// # Errors
    /// If n is not greater than ddof.
    pub fn new(n: usize, ddof: usize) -> Result<Self, ParameterError> {
        Ok(Self { var: Var::new(n, ddof)? })
    }
}

impl Operator for Std {
    fn lookback(&self) -> usize {
        self.var.lookback()
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        let inverse = 1.0 / self.var.free;
        self.var.run_with(span, inputs[0], out, |squares| finite((squares * inverse).sqrt()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        STEP, Series, assert_blocks_change_nothing, assert_start_is_forgotten, assert_window, run, series,
    };
    use super::{Operator, ParameterError, Std, Var};
    use proptest::prelude::*;

    fn two_pass(values: &[f64], ddof: usize) -> f64 {
        let pivot = values[0];
        let mean = values.iter().map(|v| v - pivot).sum::<f64>() / values.len() as f64;
        values.iter().map(|v| (v - pivot - mean).powi(2)).sum::<f64>() / (values.len() - ddof) as f64
    }

    #[test]
    fn a_tiny_variance_on_a_high_price_keeps_its_digits() {
        let price = |k: i32| if k < 90 { 2e5 } else { 1e5 + 1e-6 * f64::from(k * k % 17) };
        let values: Vec<f64> = (0..400).map(price).collect();
        let series = Series { ts: (0..400).map(|k| k * STEP).collect(), values: vec![values] };
        let close = |found: f64, wanted: f64, _: &[&[f64]]| (found - wanted).abs() <= 1e-9 * wanted;
        assert_window(&mut Var::new(20, 1).unwrap(), &series, 20, |w| two_pass(w[0], 1), close);
    }

    #[test]
    fn equal_values_have_no_variance_at_all() {
        let values: Vec<f64> = (0_i32..100).map(|k| if k < 40 { f64::from(k).cos() } else { 0.1 }).collect();
        let series = Series { ts: (0..100).map(|k| k * STEP).collect(), values: vec![values] };
        let found = run(&mut Std::new(31, 1).unwrap(), &series, 0, 100, 9);
        assert_eq!(found[70..], [0.0; 30]);
        assert!(found[69] > 0.0);
    }

    #[test]
    fn a_window_of_one_bar_has_no_variance_where_it_is_defined() {
        let series = Series { ts: vec![0, STEP, 2 * STEP], values: vec![vec![0.1, f64::NAN, 3.0]] };
        let found = run(&mut Var::new(1, 0).unwrap(), &series, 0, 3, 3);
        assert!(found[0] == 0.0 && found[1].is_nan() && found[2] == 0.0);
    }

    #[test]
    fn a_window_without_freedom_is_refused() {
        assert_eq!(Var::new(1, 1).unwrap_err(), ParameterError::Window { got: 1, least: 2 });
    }

    proptest! {
        #[test]
        fn variances_equal_those_of_two_passes(series in series(1), n in 1_usize..300, ddof in 0_usize..2) {
            let n = n + ddof;
            let close = |found: f64, wanted: f64, _: &[&[f64]]| (found - wanted).abs() <= 1e-9 * wanted;
            assert_window(&mut Var::new(n, ddof).unwrap(), &series, n, |w| two_pass(w[0], ddof), close);
            assert_window(&mut Std::new(n, ddof).unwrap(), &series, n, |w| two_pass(w[0], ddof).sqrt(), close);
        }

        #[test]
        fn neither_blocks_nor_the_start_change_a_bit(series in series(1), n in 1_usize..300, from in 0_usize..300) {
            let make = || -> Box<dyn Operator> { Box::new(Std::new(n, 0).unwrap()) };
            assert_blocks_change_nothing(&make, &series);
            assert_start_is_forgotten(&make, &series, n, from.min(series.ts.len()));
        }
    }
}
