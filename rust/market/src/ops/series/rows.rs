//! Results from the values of each window alone, several windows at a time.
//!
//! Windows next to each other are worked on in lanes: row k holds the k-th value of each. What a lane
//! computes depends on its window only. This costs n steps a bar: it is for short windows, and for what no
//! running sum can give.

/// Windows up to this are faster than two parts with running sums.
pub(super) const SHORT: usize = 24;

/// A function of windows next to each other.
pub(super) trait Rows {
    /// Writes the results of N windows, the first of which begins at a value. `out` holds what was there
    /// before.
    fn write<const N: usize>(&self, start: usize, out: &mut [f64; N]);
}

/// Writes the results at the bars that follow `history` values, NaN where a window of n has fewer. LANES
/// windows are worked on at a time: as many as leave what they sum up in registers.
#[inline]
pub(super) fn run<const LANES: usize>(rows: &impl Rows, n: usize, history: usize, out: &mut [f64]) {
    let early = (n - 1).saturating_sub(history).min(out.len());
    let (unknown, out) = out.split_at_mut(early);
    unknown.fill(f64::NAN);
    let mut start = (history + early + 1).saturating_sub(n);
    let (lanes, rest) = out.as_chunks_mut::<LANES>();
    for out in lanes {
        rows.write(start, out);
        start += LANES;
    }
    let (singles, _) = rest.as_chunks_mut::<1>();
    for out in singles {
        rows.write(start, out);
        start += 1;
    }
}

/// The rows of N windows of n values.
#[inline(always)]
pub(super) fn rows<const N: usize>(values: &[f64], start: usize, n: usize) -> impl Iterator<Item = &[f64]> {
    values[start..start + n + N - 1].windows(N)
}

/// The oldest value of N windows.
#[inline(always)]
pub(super) fn oldest<const N: usize>(values: &[f64], start: usize) -> [f64; N] {
    let mut oldest = [0.0; N];
    oldest.copy_from_slice(&values[start..start + N]);
    oldest
}
