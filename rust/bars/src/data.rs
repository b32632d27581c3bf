//! Bars: what the engine reads of a market.

/// Nanoseconds since 1970, UTC, or a span of them.
pub type Ns = i64;

/// One bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Open time.
    pub ts: Ns,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Full spread in price units; 0 without a spread column.
    pub spread: f64,
    /// Mark price at the open; the open itself without a mark column.
    pub mark: f64,
}

/// Open times of bars, as the few stretches without a gap that they are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTimes {
    step: Ns,
    /// First bar of each stretch and its open time, in order.
    stretches: Vec<(usize, Ns)>,
}

impl OpenTimes {
    /// Those of bars that open at rising times, never less than `step` apart.
    #[must_use]
    pub fn of(ts: &[Ns], step: Ns) -> Self {
        let mut stretches = Vec::new();
        let mut from = 0;
        while from < ts.len() {
            stretches.push((from, ts[from]));
            from += regular(&ts[from..], step);
        }
        Self { step, stretches }
    }

    /// Δ.
    #[must_use]
    pub const fn step(&self) -> Ns {
        self.step
    }

    /// Open time of bar `i`.
    #[must_use]
    pub fn at(&self, i: usize) -> Ns {
        let next = self.stretches.partition_point(|&(from, _)| from <= i);
        let (from, ts) = next.checked_sub(1).map_or((0, 0), |at| self.stretches[at]);
        ts + Ns::try_from(i - from).unwrap_or(Ns::MAX).saturating_mul(self.step)
    }
}

/// How many bars there are before the first gap. As no step is shorter than `step`, bars that span as many steps as
/// they should hold none.
pub(crate) fn regular(ts: &[Ns], step: Ns) -> usize {
    let is_whole = |last: usize| i64::try_from(last).is_ok_and(|steps| ts[last] - ts[0] == steps * step);
    if ts.is_empty() {
        return 0;
    }
    // Gaps may be many: the end is looked for near by first.
    let mut known = 0;
    let mut stride = 1;
    while known + stride < ts.len() && is_whole(known + stride) {
        known += stride;
        stride *= 2;
    }
    let end = ts.len().min(known + stride);
    let (mut low, mut high) = (known + 1, end);
    while low < high {
        let middle = low.midpoint(high);
        if is_whole(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn open_times_come_back_with_their_gaps(
            steps in proptest::collection::vec(prop_oneof![9 => Just(1), 1 => 2_i64..50], 0..300),
            step in 1_i64..1000,
        ) {
            let mut ts = vec![7];
            ts.extend(steps.iter().scan(7, |at, count| { *at += count * step; Some(*at) }));
            let times = OpenTimes::of(&ts, step);
            prop_assert_eq!((0..ts.len()).map(|i| times.at(i)).collect::<Vec<_>>(), ts);
            prop_assert_eq!(times.stretches.len(), 1 + steps.iter().filter(|&&count| count > 1).count());
        }
    }
}
