//! How many bars ago the least or the greatest of the last n values was.

use super::extreme::{Greater, Lesser, Order};
use super::finite::FiniteRun;
use super::parts::{Joints, Part};
use super::{Operator, ParameterError, Span, block, window};
use std::marker::PhantomData;

/// Bars since the extreme of the last n values, 0 to n-1; of equal ones the newest counts. Undefined while
/// one of the values is.
#[derive(Clone, Debug)]
pub struct ExtremeAt<J> {
    n: usize,
    joints: Joints,
    /// The extreme of the old part at each bar since the joint.
    old: Vec<Place>,
    new: Place,
    finite: FiniteRun,
    order: PhantomData<J>,
}

/// A value and its bar, counted from the joint.
#[derive(Clone, Copy, Debug)]
struct Place {
    value: f64,
    bar: f64,
}

/// Bars since the least of the last n values.
pub type ArgMin = ExtremeAt<Lesser>;

/// Bars since the greatest of the last n values.
pub type ArgMax = ExtremeAt<Greater>;

#[expect(private_bounds, reason = "only ArgMin and ArgMax are meant to be named")]
impl<J: Order> ExtremeAt<J> {
    /// A window of n bars.
    ///
    /// # Errors
    /// If n is 0.
    pub fn new(n: usize) -> Result<Self, ParameterError> {
        let n = window(n, 1)?;
        let new = Place { value: f64::NAN, bar: 0.0 };
        let (joints, old) = (Joints::new(n), vec![new; n - 1]);
        Ok(Self { n, joints, old, new, finite: FiniteRun::default(), order: PhantomData })
    }

    /// Finds the extremes of the values before a joint, backwards from it: an older one must be beyond the
    /// newer.
    fn fold_old(&mut self, before: &[f64]) {
        let mut best = Place { value: f64::NAN, bar: 0.0 };
        let mut bar = 0.0;
        for (place, &value) in self.old.iter_mut().rev().zip(before.iter().rev()) {
            bar -= 1.0;
            if best.value.is_nan() || J::is_beyond(value, best.value) {
                best = Place { value, bar };
            }
            *place = best;
        }
    }
}

impl<J: Order> Operator for ExtremeAt<J> {
    fn lookback(&self) -> usize {
        self.n - 1
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        let values = inputs[0];
        let history = values.len() - span.len;
        let mut joints = self.joints.clone();
        for Part { start, end, since } in joints.parts(span) {
            if since == 0 {
                self.fold_old(&values[..history + start]);
                self.new.value = f64::NAN;
            }
            for (at, &value) in values[history + start..history + end].iter().enumerate() {
                let bar = (since + at) as f64;
                if !J::is_beyond(self.new.value, value) {
                    self.new = Place { value, bar };
                }
                let newest = self.new;
                let best = self.old.get(since + at).filter(|old| J::is_beyond(old.value, newest.value));
                out[start + at] = bar - best.unwrap_or(&newest).bar;
            }
        }
        self.joints = joints;
        self.finite.mask(block(span, values), self.n, out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        assert_blocks_change_nothing, assert_start_is_forgotten, assert_window, series,
    };
    use super::{ArgMax, ArgMin, Operator};
    use proptest::prelude::*;

    fn since(values: &[f64], is_beyond: impl Fn(f64, f64) -> bool) -> f64 {
        let newest_first: Vec<f64> = values.iter().rev().copied().collect();
        let best = (1..values.len())
            .fold(0, |best, k| if is_beyond(newest_first[k], newest_first[best]) { k } else { best });
        best as f64
    }

    proptest! {
        #[test]
        fn extremes_lie_where_each_window_has_them(series in series(1), n in 1_usize..300) {
            let exactly = |found: f64, wanted: f64, _: &[&[f64]]| found == wanted;
            assert_window(&mut ArgMin::new(n).unwrap(), &series, n, |w| since(w[0], |a, b| a < b), exactly);
            assert_window(&mut ArgMax::new(n).unwrap(), &series, n, |w| since(w[0], |a, b| a > b), exactly);
        }

        #[test]
        fn neither_blocks_nor_the_start_change_a_bit(series in series(1), n in 1_usize..300, from in 0_usize..300) {
            let make: [&dyn Fn() -> Box<dyn Operator>; 2] =
                [&|| Box::new(ArgMin::new(n).unwrap()), &|| Box::new(ArgMax::new(n).unwrap())];
            for make in make {
                assert_blocks_change_nothing(make, &series);
                assert_start_is_forgotten(make, &series, n, from.min(series.ts.len()));
            }
        }
    }
}
