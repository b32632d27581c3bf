//! Supertrend: a band that trails the price and changes sides when the close crosses it.

use super::{Operator, Span, block};

/// What a [`Supertrend`] gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// The trailing line: the lower band while the trend is up, the upper while it is down.
    Line,
    /// +1 while the trend is up, −1 while it is down.
    Direction,
}

/// Inputs: upper band, lower band, close.
///
/// The final upper band is the upper band where that is below the final one before, or where the close before
/// was above that; else it stays. The lower band mirrors it. The trend turns when the close is beyond the
/// final band that it trails. It begins downwards, as it does on `TradingView`. An undefined input gives an
/// undefined result, and everything begins anew after it.
#[derive(Clone, Debug)]
pub struct Supertrend {
    track: Track,
    last: Option<Bands>,
}

#[derive(Clone, Copy, Debug)]
struct Bands {
    upper: f64,
    lower: f64,
    close: f64,
    is_up: bool,
}

impl Bands {
    fn next(self, upper: f64, lower: f64, close: f64) -> Self {
        let upper = if upper < self.upper || self.close > self.upper { upper } else { self.upper };
        let lower = if lower > self.lower || self.close < self.lower { lower } else { self.lower };
        let is_up = if self.is_up { close >= lower } else { close > upper };
        Self { upper, lower, close, is_up }
    }
}

impl Supertrend {
    /// A trend that has not begun.
    #[must_use]
    pub const fn new(track: Track) -> Self {
        Self { track, last: None }
    }
}

impl Operator for Supertrend {
    fn lookback(&self) -> usize {
        0
    }

    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]) {
        let [upper, lower, close] = [0, 1, 2].map(|k: usize| block(span, inputs[k]));
        for (((&upper, &lower), &close), out) in upper.iter().zip(lower).zip(close).zip(out) {
            let is_defined = upper.is_finite() && lower.is_finite() && close.is_finite();
            let begins = Bands { upper, lower, close, is_up: false };
            self.last = is_defined.then(|| self.last.map_or(begins, |last| last.next(upper, lower, close)));
            *out = match (self.last, self.track) {
                (None, _) => f64::NAN,
                (Some(bands), Track::Line) if bands.is_up => bands.lower,
                (Some(bands), Track::Line) => bands.upper,
                (Some(bands), Track::Direction) if bands.is_up => 1.0,
                (Some(_), Track::Direction) => -1.0,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{STEP, Series, assert_blocks_change_nothing, run, series};
    use super::{Supertrend, Track};
    use proptest::prelude::*;

    fn bars(close: &[f64], reach: f64) -> Series {
        let moved = |by: f64| close.iter().map(|c| c + by).collect::<Vec<f64>>();
        let ts = (0_i64..).map(|k| k * STEP).take(close.len()).collect();
        Series { ts, values: vec![moved(reach), moved(-reach), close.to_vec()] }
    }

    #[test]
    fn the_line_trails_and_turns_where_the_close_crosses_it() {
        let series = bars(&[10.0, 9.0, 10.0, 11.5, 12.0, 11.0, 9.5], 2.0);
        let line = run(&mut Supertrend::new(Track::Line), &series, 0, 7, 3);
        let direction = run(&mut Supertrend::new(Track::Direction), &series, 0, 7, 3);
        assert_eq!(line, [12.0, 11.0, 11.0, 9.5, 10.0, 10.0, 11.5]);
        assert_eq!(direction, [-1.0, -1.0, -1.0, 1.0, 1.0, 1.0, -1.0]);
    }

    #[test]
    fn an_undefined_bar_begins_anew() {
        let series = bars(&[10.0, 20.0, f64::NAN, 21.0], 2.0);
        let direction = run(&mut Supertrend::new(Track::Direction), &series, 0, 4, 4);
        assert_eq!([direction[0], direction[1], direction[3]], [-1.0, 1.0, -1.0]);
        assert!(direction[2].is_nan());
    }

    proptest! {
        #[test]
        fn blocks_change_no_bit(series in series(3)) {
            assert_blocks_change_nothing(&|| Box::new(Supertrend::new(Track::Line)), &series);
            assert_blocks_change_nothing(&|| Box::new(Supertrend::new(Track::Direction)), &series);
        }
    }
}
