//! What depends on the order of the last n values: median, quantiles, rank.

use super::finite::{FiniteRun, only_finite};
use super::rows::{self, Rows, oldest, rows};
use super::{Operator, ParameterError, Span, block, window};

/// Up to so many values, counting the lesser ones is faster than a binary search.
const COUNTED: usize = 128;

/// The finite ones of the last n values, sorted. All n are defined while there are n of them.
#[derive(Clone, Debug)]
struct Sorted {
    n: usize,
    values: Vec<f64>,
}

impl Sorted {
    fn new(n: usize) -> Self {
        Self { n, values: Vec::with_capacity(n + 1) }
    }

    fn place(&self, value: f64) -> usize {
        if self.values.len() > COUNTED {
            return self.values.partition_point(|other| *other < value);
        }
        self.values.iter().map(|other| usize::from(*other < value)).sum()
    }

    fn remove(&mut self, value: f64) {
        let place = self.place(value);
        if self.values.get(place) == Some(&value) {
            self.values.remove(place);
        }
    }

    /// Takes one value for another and moves only what lies between them.
    fn replace(&mut self, leaving: f64, entering: f64) {
        let from = self.place(leaving);
        if self.values.get(from) != Some(&leaving) {
            self.values.insert(self.place(entering), entering);
        } else if self.values.len() <= COUNTED {
            self.values[from] = entering;
            settle(&mut self.values, from);
        } else {
            let to = self.place(entering);
            if from < to {
                self.values.copy_within(from + 1..to, from);
                self.values[to - 1] = entering;
            } else {
                self.values.copy_within(to..from, to + 1);
                self.values[to] = entering;
            }
        }
    }

    /// Writes a function of the newest value and the sorted window at every bar of a block.
    #[inline]
    fn run(&mut self, span: &Span<'_>, values: &[f64], out: &mut [f64], result: impl Fn(&[f64], f64) -> f64) {
        let history = values.len() - span.len;
        for (at, out) in out.iter_mut().enumerate() {
            let now = history + at;
            // Zeros lose their sign: which of two equal values leaves must not show.
            let entering = values[now] + 0.0;
            let leaving = now.checked_sub(self.n).map_or(f64::NAN, |past| values[past] + 0.0);
            match (leaving.is_finite(), entering.is_finite()) {
                (true, true) => self.replace(leaving, entering),
                (true, false) => self.remove(leaving),
                (false, true) => self.values.insert(self.place(entering), entering),
                (false, false) => {}
            }
            *out = if self.values.len() == self.n { result(&self.values, entering) } else { f64::NAN };
        }
        only_finite(out);
    }
}

/// Moves one value to where it belongs among sorted ones.
fn settle(values: &mut [f64], mut at: usize) {
    let value = values[at];
    while at + 1 < values.len() && values[at + 1] < value {
        values[at] = values[at + 1];
        at += 1;
    }
    while at > 0 && values[at - 1] > value {
        values[at] = values[at - 1];
        at -= 1;
    }
    values[at] = value;
}

/// Value at a fractional place of sorted ones.
fn between(sorted: &[f64], place: f64) -> f64 {
    let (low, part) = (place as usize, place.fract());
    let (a, b) = (sorted[low], sorted[(low + 1).min(sorted.len() - 1)]);
    if part < 0.5 { a + (b - a) * part } else { b - (b - a) * (1.0 - part) }
}

/// A quantile of the last n values, linear between two of them as in NumPy; undefined while one of the values
/// is.
#[derive(Clone, Debug)]
pub struct Quantile {
    sorted: Sorted,
    place: f64,
}

impl Quantile {
    /// A window of n bars and a quantile, 0 ≤ q ≤ 1.
    ///
    /// # Errors
    /// If n is 0 or q is out of its range.
    pub fn new(n: usize, q: f64) -> Result<Self, ParameterError> {
        if !(0.0..=1.0).contains(&q) {
            return Err(ParameterError::Quantile(q));
        }
        let n = window(n, 1)?;
        Ok(Self { sorted: Sorted::new(n), place: q * (n - 1) as f64 })
    }
}

impl Operator for Quantile {
    fn lookback(&self) -> usize {
        self.sorted.n
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        let place = self.place;
        self.sorted.run(span, inputs[0], out, |sorted, _| between(sorted, place));
    }
}

/// Median of the last n values, the mean of the middle two where n is even; undefined while one of the values
/// is.
#[derive(Clone, Debug)]
pub struct Median {
    sorted: Sorted,
}

impl Median {
    /// A window of n bars.
    ///
    /// # Errors
    /// If n is 0.
    pub fn new(n: usize) -> Result<Self, ParameterError> {
        Ok(Self { sorted: Sorted::new(window(n, 1)?) })
    }
}

impl Operator for Median {
    fn lookback(&self) -> usize {
        self.sorted.n
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        let (low, high) = ((self.sorted.n - 1) / 2, self.sorted.n / 2);
        self.sorted.run(span, inputs[0], out, |sorted, _| {
            if low == high { sorted[low] } else { (sorted[low] + sorted[high]) / 2.0 }
        });
    }
}

/// Rank of the newest among the last n values over n, in (0, 1]; equal values share the mean of their ranks.
/// Undefined while one of the values is. It counts through the whole window at every bar.
#[derive(Clone, Debug)]
pub struct Rank {
    n: usize,
    finite: FiniteRun,
}

impl Rank {
    /// A window of n bars.
    ///
    /// # Errors
    /// If n is 0.
    pub fn new(n: usize) -> Result<Self, ParameterError> {
        Ok(Self { n: window(n, 1)?, finite: FiniteRun::default() })
    }
}

impl Operator for Rank {
    fn lookback(&self) -> usize {
        self.n - 1
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        let values = inputs[0];
        rows::run::<8>(&Ranks { n: self.n, values }, self.n, values.len() - span.len, out);
        self.finite.mask(block(span, values), self.n, out);
    }
}

struct Ranks<'a> {
    n: usize,
    values: &'a [f64],
}

impl Rows for Ranks<'_> {
    #[inline(always)]
    fn write<const N: usize>(&self, start: usize, out: &mut [f64; N]) {
        let newest = oldest::<N>(self.values, start + self.n - 1);
        let mut twice = [0.0; N];
        for row in rows::<N>(self.values, start, self.n) {
            for k in 0..N {
                // 2 for a lesser value, 1 for an equal one.
                twice[k] += if row[k] < newest[k] { 1.0 } else { 0.0 };
                twice[k] += if row[k] <= newest[k] { 1.0 } else { 0.0 };
            }
        }
        *out = twice.map(|twice| (twice + 1.0) / 2.0 / self.n as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        STEP, Series, assert_blocks_change_nothing, assert_start_is_forgotten, assert_window, run, series,
        within,
    };
    use super::{Median, Operator, ParameterError, Quantile, Rank};
    use proptest::prelude::*;

    fn sorted(values: &[f64]) -> Vec<f64> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    fn quantile(values: &[f64], q: f64) -> f64 {
        let (sorted, place) = (sorted(values), q * (values.len() - 1) as f64);
        let low = place.floor() as usize;
        sorted[low] + (sorted[place.ceil() as usize] - sorted[low]) * (place - place.floor())
    }

    fn rank(values: &[f64]) -> f64 {
        let newest = values[values.len() - 1];
        let below = values.iter().filter(|v| **v < newest).count() as f64;
        let equal = values.iter().filter(|v| **v == newest).count() as f64;
        (below + (equal + 1.0) / 2.0) / values.len() as f64
    }

    #[test]
    fn ranks_of_equal_values_are_their_mean() {
        let values = vec![1.0, 2.0, 2.0, 2.0, 1.0];
        let series = Series { ts: (0..5).map(|k| k * STEP).collect(), values: vec![values] };
        assert_eq!(run(&mut Rank::new(4).unwrap(), &series, 0, 5, 5)[3..], [0.75, 0.25]);
    }

    #[test]
    fn a_quantile_outside_its_range_is_refused() {
        assert_eq!(Quantile::new(3, 1.1).unwrap_err(), ParameterError::Quantile(1.1));
        assert!(Quantile::new(3, f64::NAN).is_err());
    }

    proptest! {
        #[test]
        fn orders_equal_those_of_each_sorted_window(series in series(1), n in 1_usize..100, q in 0.0..=1.0_f64) {
            let close = within(1e-13);
            assert_window(&mut Quantile::new(n, q).unwrap(), &series, n, |w| quantile(w[0], q), &close);
            assert_window(&mut Median::new(n).unwrap(), &series, n, |w| quantile(w[0], 0.5), &close);
            assert_window(&mut Rank::new(n).unwrap(), &series, n, |w| rank(w[0]), |found, wanted, _| found == wanted);
        }

        #[test]
        fn neither_blocks_nor_the_start_change_a_bit(series in series(1), n in 1_usize..300, from in 0_usize..300) {
            let make: [&dyn Fn() -> Box<dyn Operator>; 3] = [
                &|| Box::new(Quantile::new(n, 0.3).unwrap()),
                &|| Box::new(Median::new(n).unwrap()),
                &|| Box::new(Rank::new(n).unwrap()),
            ];
            for make in make {
                assert_blocks_change_nothing(make, &series);
                assert_start_is_forgotten(make, &series, n, from.min(series.ts.len()));
            }
        }
    }
}
