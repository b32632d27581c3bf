//! Mean absolute deviation.

use super::sum::Mean;
use super::{Operator, ParameterError, Span};

/// Mean distance of the last n values from their mean; undefined while one of them is. It looks at the whole window at
/// every bar: each of them has a mean of its own.
#[derive(Clone, Debug)]
pub struct Mad {
    n: usize,
    mean: Mean,
}

const LANES: usize = 8;

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
        let history = values.len() - span.len;
        for (at, out) in out.iter_mut().enumerate() {
            if !out.is_nan() {
                let now = history + at;
                let deviations = deviations(&values[now + 1 - self.n..=now], *out) / self.n as f64;
                *out = if deviations.is_finite() { deviations } else { f64::NAN };
            }
        }
    }
}

/// Sum of distances from a mean, in lanes from the window's first value on.
#[inline]
fn deviations(window: &[f64], mean: f64) -> f64 {
    let (chunks, rest) = window.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += (value - mean).abs();
        }
    }
    let rest: f64 = rest.iter().map(|value| (value - mean).abs()).sum();
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + b) + (c + d)) + ((e + f) + (g + h)) + rest
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
