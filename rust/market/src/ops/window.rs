//! Sums over time: since the last row, or over a trailing interval.

use crate::mutants;
use crate::types::Ns;
use std::collections::VecDeque;

/// A sum of integer amounts over an interval that ends now.
pub trait Window {
    /// Adds an amount that came at a time; times never decrease.
    fn add(&mut self, at: Ns, amount: i64);

    /// The sum of what belongs to a row at a time.
    fn sum(&mut self, at: Ns) -> i64;

    /// The row was written: what follows belongs to the next one.
    fn row_written(&mut self) {}
}

/// Everything since the previous row.
#[derive(Clone, Debug, Default)]
pub struct Since {
    sum: i64,
}

impl Window for Since {
    #[inline]
    fn add(&mut self, _at: Ns, amount: i64) {
        self.sum = self.sum.saturating_add(amount);
    }

    #[inline]
    fn sum(&mut self, _at: Ns) -> i64 {
        self.sum
    }

    #[inline]
    fn row_written(&mut self) {
        if !mutants::is_on("window_not_reset") {
            self.sum = 0;
        }
    }
}

/// Everything that came within `length` of now: at or after `now - length`.
#[derive(Clone, Debug)]
pub struct Trailing {
    length: Ns,
    parts: VecDeque<(Ns, i64)>,
    sum: i64,
}

impl Trailing {
    /// A window of a length in nanoseconds.
    #[must_use]
    pub const fn new(length: Ns) -> Self {
        Self { length, parts: VecDeque::new(), sum: 0 }
    }
}

impl Window for Trailing {
    #[inline]
    fn add(&mut self, at: Ns, amount: i64) {
        if amount == 0 {
            return;
        }
        self.sum = self.sum.saturating_add(amount);
        match self.parts.back_mut() {
            Some((last, part)) if *last == at => *part = part.saturating_add(amount),
            _ => self.parts.push_back((at, amount)),
        }
        // Rows that never ask must not let the window grow for ever.
        self.drop_before(at.saturating_sub(self.length));
    }

    #[inline]
    fn sum(&mut self, at: Ns) -> i64 {
        self.drop_before(at.saturating_sub(self.length));
        self.sum
    }
}

impl Trailing {
    #[inline]
    fn drop_before(&mut self, start: Ns) {
        while let Some(&(at, part)) = self.parts.front() {
            if at >= start {
                return;
            }
            self.sum = self.sum.saturating_sub(part);
            self.parts.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn since_starts_again_after_each_row() {
        let mut window = Since::default();
        window.add(1, 5);
        window.add(2, -2);
        assert_eq!(window.sum(2), 3);
        window.row_written();
        assert_eq!(window.sum(3), 0);
    }

    #[test]
    fn a_trailing_window_holds_its_start_and_not_what_was_before() {
        let mut window = Trailing::new(10);
        window.add(0, 1);
        window.add(5, 2);
        assert_eq!(window.sum(10), 3);
        assert_eq!(window.sum(11), 2);
        assert_eq!(window.sum(16), 0);
    }

    proptest! {
        #[test]
        fn a_trailing_window_equals_the_sum_over_all_that_came(
            steps in proptest::collection::vec((0_i64..20, -100_i64..100), 1..200), length in 1_i64..60,
        ) {
            let (mut window, mut now, mut seen) = (Trailing::new(length), 0, Vec::new());
            for (gap, amount) in steps {
                now += gap;
                window.add(now, amount);
                seen.push((now, amount));
                let expected: i64 = seen.iter().filter(|(at, _)| *at >= now - length).map(|(_, a)| a).sum();
                prop_assert_eq!(window.sum(now), expected);
            }
        }
    }
}
