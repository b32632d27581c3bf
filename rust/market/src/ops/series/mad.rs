//! Mean absolute deviation.

use super::finite::finite;
use super::rows::{self, Rows, rows};
use super::sum::Mean;
use super::{Operator, ParameterError, Span};

/// Mean distance of the last n values from their mean; undefined while one of them is. It looks at the whole
/// window at every bar: each of them has a mean of its own.
#[derive(Clone, Debug)]
pub struct Mad {
    n: usize,
    mean: Mean,
}

impl Mad {
    /// A window of n bars.
    ///
    /// # Errors
    /// If n is 0.
    pub fn new(n: usize) -> Result<Self, ParameterError> {
        Ok(Self { n, mean: Mean::new(n)? })
    }
}

impl Operator for Mad {
    fn lookback(&self) -> usize {
        self.mean.lookback()
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        self.mean.run(span, inputs, out);
        let values = inputs[0];
        rows::run::<8>(&Deviations { n: self.n, values }, self.n, values.len() - span.len, out);
    }
}

/// Replaces the means of windows by the mean distances from them.
struct Deviations<'a> {
    n: usize,
    values: &'a [f64],
}

impl Rows for Deviations<'_> {
    #[inline(always)]
    fn write<const N: usize>(&self, start: usize, out: &mut [f64; N]) {
        let mut sums = [0.0; N];
        for row in rows::<N>(self.values, start, self.n) {
            for k in 0..N {
                sums[k] += (row[k] - out[k]).abs();
            }
        }
        *out = sums.map(|sum| finite(sum / self.n as f64));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        assert_blocks_change_nothing, assert_start_is_forgotten, assert_window, series, within,
    };
    use super::{Mad, Operator};
    use proptest::prelude::*;

    fn naive(values: &[f64]) -> f64 {
        let n = values.len() as f64;
        let mean = values.iter().map(|v| v - values[0]).sum::<f64>() / n;
        values.iter().map(|v| (v - values[0] - mean).abs()).sum::<f64>() / n
    }

    proptest! {
        #[test]
        fn deviations_equal_those_of_each_window(series in series(1), n in 1_usize..200) {
            assert_window(&mut Mad::new(n).unwrap(), &series, n, |w| naive(w[0]), within(1e-13));
        }

        #[test]
        fn neither_blocks_nor_the_start_change_a_bit(series in series(1), n in 1_usize..200, from in 0_usize..300) {
            let make = || -> Box<dyn Operator> { Box::new(Mad::new(n).unwrap()) };
            assert_blocks_change_nothing(&make, &series);
            assert_start_is_forgotten(&make, &series, n, from.min(series.ts.len()));
        }
    }
}
