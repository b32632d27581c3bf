//! Operators over a series of values, one per bar: moving windows, recursions, running totals.
//!
//! A series comes in blocks. How it is cut into blocks changes no bit of what comes out: every operator
//! rounds in an order that the bars fix. Windows are folded in two parts that meet at a joint (`parts`);
//! joints come every n-1 bars and at bars whose time stamp is a multiple of [`EPOCH`] steps, so that data
//! which starts earlier or later gives the same bits after the next of those. No partial result holds a value
//! that has left the window: nothing is ever subtracted again, a spike leaves no residue and an undefined
//! value none either.
//!
//! NaN is "undefined". A window is defined when all its values are finite; a result that is not finite is
//! NaN. Operators know numbers and bars only: no names, no columns, no rules.

mod corr;
mod cumulative;
mod ewm;
mod ewm_adjusted;
mod extreme;
mod extreme_at;
mod finite;
mod flat;
mod fold;
mod ladder;
mod mad;
mod moments;
mod order;
mod parts;
mod rows;
mod spread;
mod sum;
mod supertrend;
#[cfg(test)]
mod testing;
mod trend;

pub use corr::Corr;
pub use cumulative::{CumMax, CumMin, CumProd, CumSum};
pub use ewm::Ewm;
pub use ewm_adjusted::{EwmAdjusted, EwmStd};
pub use extreme::{Max, Min};
pub use extreme_at::{ArgMax, ArgMin};
pub use mad::Mad;
pub use order::{Median, Quantile, Rank};
pub use spread::{Std, Var};
pub use sum::{Mean, Sum};
pub use supertrend::{Supertrend, Track};
pub use trend::{Slope, Wma};

use thiserror::Error;

/// Every so many steps lies a bar at which windows are folded anew.
pub const EPOCH: i64 = 256;

/// A bar whose time stamp, in steps, is a multiple of [`EPOCH`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// The bar, counted from the block's first.
    pub offset: usize,
    /// Its time stamp divided by step and [`EPOCH`].
    pub multiple: i64,
}

/// A block of bars: how many, and where its epochs lie.
#[derive(Clone, Copy, Debug)]
pub struct Span<'a> {
    /// Bars in the block.
    pub len: usize,
    /// Its epochs, in order.
    pub epochs: &'a [Epoch],
}

/// A function of one or more series that is evaluated block after block.
pub trait Operator: Send {
    /// Earlier values that every input must hold before the block, as far as there are so many bars.
    fn lookback(&self) -> usize;

    /// Evaluates the next block.
    ///
    /// The block of an input is its last `span.len` values; what precedes it is history, at least
    /// `min(lookback, bars so far)` values of it. `out` has `span.len` places, and every one is written.
    ///
    /// # Panics
    /// If there are fewer inputs than the operator has, or slices shorter than said above.
    fn run(&mut self, span: &Span<'_>, inputs: &[&[f64]], out: &mut [f64]);
}

/// A parameter out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum ParameterError {
    /// A window too short for what is asked of it.
    #[error("a window of {got} bars is too short, expected at least {least}")]
    Window {
        /// What was given, in bars.
        got: usize,
        /// The shortest that is possible.
        least: usize,
    },
    /// A smoothing factor outside (0, 1].
    #[error("alpha is {0}, expected more than 0 and at most 1")]
    Alpha(f64),
    /// A quantile outside [0, 1].
    #[error("quantile is {0}, expected 0 to 1")]
    Quantile(f64),
}

/// Replaces `into` by the epochs of a block.
///
/// Args: `ts`: (n,) increasing time stamps whose steps are multiples of `step`; `step`: > 0, in the same
/// unit. A block without gaps costs its epochs only, one with gaps is read through.
pub fn epochs(ts: &[i64], step: i64, into: &mut Vec<Epoch>) {
    into.clear();
    let (Some(&first), Some(&last)) = (ts.first(), ts.last()) else { return };
    let step = step.max(1);
    let place = |at: i64| at.div_euclid(step);
    let bars = i64::try_from(ts.len()).unwrap_or(i64::MAX);
    if place(last).saturating_sub(place(first)) != bars - 1 {
        let all = ts.iter().enumerate().map(|(offset, &at)| (offset, place(at)));
        let some = all.filter(|(_, place)| place.rem_euclid(EPOCH) == 0);
        into.extend(some.map(|(offset, place)| Epoch { offset, multiple: place.div_euclid(EPOCH) }));
        return;
    }
    let ahead = (-place(first)).rem_euclid(EPOCH);
    let mut multiple = (place(first) + ahead).div_euclid(EPOCH);
    let mut offset = ahead;
    while offset < bars {
        into.push(Epoch { offset: usize::try_from(offset).unwrap_or(usize::MAX), multiple });
        multiple += 1;
        offset += EPOCH;
    }
}

/// Checks a window's length in bars.
pub(crate) const fn window(n: usize, least: usize) -> Result<usize, ParameterError> {
    if n < least { Err(ParameterError::Window { got: n, least }) } else { Ok(n) }
}

/// The block of an input.
pub(crate) fn block<'a>(span: &Span<'_>, values: &'a [f64]) -> &'a [f64] {
    &values[values.len() - span.len..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(ts: &[i64], step: i64) -> Vec<Epoch> {
        let all = ts.iter().enumerate().map(|(offset, at)| (offset, at.div_euclid(step)));
        all.filter(|(_, k)| k % EPOCH == 0).map(|(offset, k)| Epoch { offset, multiple: k / EPOCH }).collect()
    }

    #[test]
    fn epochs_of_a_block_without_gaps_are_those_a_scan_finds() {
        let mut found = Vec::new();
        for first in [-700_i64, -256, -1, 0, 1, 255, 256, 1_000] {
            for len in [0_i64, 1, 2, 255, 256, 257, 1_000] {
                let ts: Vec<i64> = (first..first + len).map(|k| k * 60 + 7).collect();
                epochs(&ts, 60, &mut found);
                assert_eq!(found, scanned(&ts, 60), "first {first}, len {len}");
            }
        }
    }

    #[test]
    fn epochs_behind_a_gap_lie_where_the_stamps_say() {
        let ts: Vec<i64> = (250..260).chain(300..303).chain(512..515).map(|k| k * 60).collect();
        let mut found = Vec::new();
        epochs(&ts, 60, &mut found);
        assert_eq!(found, [Epoch { offset: 6, multiple: 1 }, Epoch { offset: 13, multiple: 2 }]);
    }
}
