//! Least and greatest of the last n values.

use super::finite::FiniteRun;
use super::fold::{Fold, Join};
use super::{Operator, ParameterError, Span, block, window};

/// Which of two values is the more extreme.
pub(super) trait Order: Join {
    /// Whether a value is beyond another.
    fn is_beyond(value: f64, other: f64) -> bool;
}

impl Order for Lesser {
    #[inline(always)]
    fn is_beyond(value: f64, other: f64) -> bool {
        value < other
    }
}

impl Order for Greater {
    #[inline(always)]
    fn is_beyond(value: f64, other: f64) -> bool {
        value > other
    }
}

/// The lesser of two.
#[derive(Clone, Debug)]
pub struct Lesser;

impl Join for Lesser {
    const NEUTRAL: f64 = f64::INFINITY;

    #[inline(always)]
    fn join(left: f64, right: f64) -> f64 {
        if right < left { right } else { left }
    }
}

/// The greater of two.
#[derive(Clone, Debug)]
pub struct Greater;

impl Join for Greater {
    const NEUTRAL: f64 = f64::NEG_INFINITY;

    #[inline(always)]
    fn join(left: f64, right: f64) -> f64 {
        if right > left { right } else { left }
    }
}

/// Least or greatest of the last n values; undefined while one of them is.
#[derive(Clone, Debug)]
pub struct Extreme<J> {
    fold: Fold<J>,
    finite: FiniteRun,
    n: usize,
}

/// Least of the last n values.
pub type Min = Extreme<Lesser>;

/// Greatest of the last n values.
pub type Max = Extreme<Greater>;

#[expect(private_bounds, reason = "only Min and Max are meant to be named")]
impl<J: Join> Extreme<J> {
    /// A window of n bars.
    ///
    /// # Errors
    /// If n is 0.
    pub fn new(n: usize) -> Result<Self, ParameterError> {
        let n = window(n, 1)?;
        Ok(Self { fold: Fold::new(n), finite: FiniteRun::default(), n })
    }
}

impl<J: Join> Operator for Extreme<J> {
    fn lookback(&self) -> usize {
        self.fold.lookback()
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        self.fold.run(span, inputs[0], out, |value| value);
        self.finite.mask(block(span, inputs[0]), self.n, out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        assert_blocks_change_nothing, assert_start_is_forgotten, assert_window, series,
    };
    use super::{Max, Min, Operator};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn extremes_are_those_of_each_window(series in series(1), n in 1_usize..300) {
            let least = |w: &[&[f64]]| w[0].iter().copied().fold(f64::INFINITY, f64::min);
            let greatest = |w: &[&[f64]]| w[0].iter().copied().fold(f64::NEG_INFINITY, f64::max);
            assert_window(&mut Min::new(n).unwrap(), &series, n, least, |found, wanted, _| found == wanted);
            assert_window(&mut Max::new(n).unwrap(), &series, n, greatest, |found, wanted, _| found == wanted);
        }

        #[test]
        fn neither_blocks_nor_the_start_change_a_bit(series in series(1), n in 1_usize..300, from in 0_usize..300) {
            let make: [&dyn Fn() -> Box<dyn Operator>; 2] =
                [&|| Box::new(Min::new(n).unwrap()), &|| Box::new(Max::new(n).unwrap())];
            for make in make {
                assert_blocks_change_nothing(make, &series);
                assert_start_is_forgotten(make, &series, n, from.min(series.ts.len()));
            }
        }
    }
}
