//! Running totals since the first bar.

use super::extreme::{Greater, Lesser};
use super::fold::{Add, Join};
use super::{Operator, Span, block};
use std::marker::PhantomData;

/// Multiplication.
#[derive(Clone, Debug)]
pub struct Times;

impl Join for Times {
    const NEUTRAL: f64 = 1.0;

    #[inline(always)]
    fn join(left: f64, right: f64) -> f64 {
        left * right
    }
}

/// All defined values so far, joined; undefined where the value is, carried on after it. A total that
/// overflows stays undefined.
#[derive(Clone, Debug)]
pub struct Cumulative<J> {
    total: f64,
    join: PhantomData<J>,
}

/// Sum of all defined values so far.
pub type CumSum = Cumulative<Add>;

/// Product of all defined values so far.
pub type CumProd = Cumulative<Times>;

/// Greatest of all defined values so far.
pub type CumMax = Cumulative<Greater>;

/// Least of all defined values so far.
pub type CumMin = Cumulative<Lesser>;

#[expect(private_bounds, reason = "only the four names above are meant to be used")]
impl<J: Join> Cumulative<J> {
    /// A total of nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { total: J::NEUTRAL, join: PhantomData }
    }
}

impl<J: Join> Default for Cumulative<J> {
    fn default() -> Self {
        Self::new()
    }
}

impl<J: Join> Operator for Cumulative<J> {
    fn lookback(&self) -> usize {
        0
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        let mut total = self.total;
        for (value, out) in block(span, inputs[0]).iter().zip(out) {
            let is_defined = value.is_finite();
            total = if is_defined { J::join(total, *value) } else { total };
            *out = if is_defined && total.is_finite() { total } else { f64::NAN };
        }
        self.total = total;
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{STEP, Series, assert_blocks_change_nothing, run, series};
    use super::{CumMax, CumMin, CumProd, CumSum, Operator};
    use proptest::prelude::*;

    #[test]
    fn an_undefined_value_is_passed_over() {
        let values = vec![2.0, f64::NAN, 3.0, f64::INFINITY, -1.0];
        let series = Series { ts: (0..5).map(|k| k * STEP).collect(), values: vec![values] };
        let totals = |operator: &mut dyn Operator| {
            let found = run(operator, &series, 0, 5, 2);
            assert!(found[1].is_nan() && found[3].is_nan());
            [found[0], found[2], found[4]]
        };
        assert_eq!(totals(&mut CumSum::new()), [2.0, 5.0, 4.0]);
        assert_eq!(totals(&mut CumProd::new()), [2.0, 6.0, -6.0]);
        assert_eq!(totals(&mut CumMax::new()), [2.0, 3.0, 3.0]);
        assert_eq!(totals(&mut CumMin::new()), [2.0, 2.0, -1.0]);
    }

    proptest! {
        #[test]
        fn blocks_change_no_bit(series in series(1)) {
            let make: [&dyn Fn() -> Box<dyn Operator>; 4] = [
                &|| Box::new(CumSum::new()),
                &|| Box::new(CumProd::new()),
                &|| Box::new(CumMax::new()),
                &|| Box::new(CumMin::new()),
            ];
            for make in make {
                assert_blocks_change_nothing(make, &series);
            }
        }
    }
}
