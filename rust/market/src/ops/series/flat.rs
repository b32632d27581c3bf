//! Windows in which nothing moves: their mean is the value and their variance 0, exactly.

/// Finds windows of equal values.
#[derive(Clone, Debug)]
pub(super) struct Flat {
    n: usize,
    /// Equal values at the end of the last block.
    run: usize,
}

impl Flat {
    /// For windows of n bars, at least 1.
    pub const fn new(n: usize) -> Self {
        Self { n, run: 0 }
    }

    /// Calls `found(bar, value)` for every bar of a block whose window is flat and finite; a zero comes
    /// without sign. The block is the last `len` values.
    #[inline]
    pub fn each(&mut self, values: &[f64], len: usize, mut found: impl FnMut(usize, f64)) {
        let history = values.len() - len;
        let mut seen = 0;
        if history > 0 && self.run > 0 {
            let last = values[history - 1];
            while seen < len && values[history + seen] == last {
                self.run += 1;
                if self.run >= self.n && last.is_finite() {
                    found(seen, last + 0.0);
                }
                seen += 1;
            }
        }
        if seen < len {
            let block = &values[history..];
            self.search(block, seen, &mut found);
            self.run = run_at_end(block);
        }
    }

    /// Looks at every n-th bar only as long as nothing is flat: a run of n equal values covers one of them.
    #[inline]
    fn search(&self, block: &[f64], start: usize, found: &mut impl FnMut(usize, f64)) {
        let n = self.n;
        let mut end = start + n - 1;
        while end < block.len() {
            let value = block[end];
            let mut first = end;
            while first + n > end + 1 && block[first - 1] == value {
                first -= 1;
            }
            if first + n > end + 1 {
                end = first + n - 1;
                continue;
            }
            while end < block.len() && block[end] == value {
                if value.is_finite() {
                    found(end, value + 0.0);
                }
                end += 1;
            }
            end = end.max(first + 1) + n - 1;
        }
    }
}

/// How many equal values a block ends with.
#[inline]
fn run_at_end(block: &[f64]) -> usize {
    let Some(&last) = block.last() else { return 0 };
    block.iter().rev().take_while(|value| **value == last).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_flat_window_is_found_and_no_other(
            values in proptest::collection::vec(prop_oneof![Just(1.0), Just(2.0), Just(f64::NAN), Just(f64::INFINITY)], 0..80),
            n in 1_usize..7, size in 1_usize..20,
        ) {
            let (mut flat, mut found, mut start) = (Flat::new(n), Vec::new(), 0);
            while start < values.len() {
                let end = values.len().min(start + size);
                flat.each(&values[start.saturating_sub(1)..end], end - start, |bar, value| found.push((start + bar, value)));
                start = end;
            }
            let is_flat = |end: &usize| values[end + 1 - n..=*end].iter().all(|v| v.is_finite() && *v == values[*end]);
            let expected: Vec<_> = (n - 1..values.len()).filter(is_flat).map(|end| (end, values[end])).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
