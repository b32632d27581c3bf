//! Which results are defined.

/// Makes what is not finite undefined.
#[inline]
pub(super) fn only_finite(values: &mut [f64]) {
    for value in values {
        *value = finite(*value);
    }
}

/// A value if it is finite, else NaN.
#[inline(always)]
pub(super) fn finite(value: f64) -> f64 {
    if value.abs() <= f64::MAX { value } else { f64::NAN }
}

/// Whether all values are finite.
#[inline]
pub(super) fn are_finite(values: &[f64]) -> bool {
    let (chunks, rest) = values.as_chunks::<64>();
    let finite = |values: &[f64]| values.iter().fold(true, |all, value| all & (value.abs() <= f64::MAX));
    chunks.iter().all(|chunk| finite(chunk)) && finite(rest)
}

/// How many finite values came last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FiniteRun {
    length: usize,
}

impl FiniteRun {
    /// Makes the results undefined whose n values are not all finite.
    #[inline]
    pub fn mask(&mut self, block: &[f64], n: usize, out: &mut [f64]) {
        if are_finite(block) {
            let early = n.saturating_sub(1).saturating_sub(self.length).min(out.len());
            out[..early].fill(f64::NAN);
            self.length = self.length.saturating_add(block.len());
            return;
        }
        for (value, result) in block.iter().zip(out) {
            self.length = if value.is_finite() { self.length.saturating_add(1) } else { 0 };
            if self.length < n {
                *result = f64::NAN;
            }
        }
    }
}
