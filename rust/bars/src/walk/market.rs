//! The traded instrument's bars with what every parameter set needs of them, worked out once.

use crate::data::{Bar, Ns};
use crate::dataset::Prices;
use crate::eval::simd::simd;
use std::sync::OnceLock;

/// Bars summed up together.
pub(crate) const CHUNK: usize = 64;

const DAY: Ns = 86_400_000_000_000;

/// A funding payment, at the bar before whose open fills it is due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Due {
    /// The bar.
    pub bar: usize,
    /// Rate of the position's value.
    pub rate: f64,
}

/// Lowest and highest of 64 bars.
pub(crate) type Extremes = (f64, f64);

/// What walkers share.
#[derive(Debug)]
pub struct Market<'a> {
    /// The bars.
    pub prices: Prices<'a>,
    /// The bar from which on rules are followed and equity is scored.
    pub first: usize,
    /// Extremes of the closes of 64 bars, where several walkers share them.
    closes: OnceLock<Vec<Extremes>>,
    /// Extremes of the paths of 64 bars; worked out when somebody has a level to watch.
    paths: OnceLock<Vec<Extremes>>,
    /// Lowest and highest price on each bar's path, which is that of its finer bars where it has some.
    reach: Option<Vec<(f64, f64)>>,
    /// Per 00:00 UTC after the first open, up to the last close: the last bar that has closed by then.
    pub(crate) days: Vec<usize>,
    funding: Vec<Due>,
    /// Finer bars and, per bar, which of them lie inside it.
    detail: Vec<Bar>,
    inside: Vec<(u32, u32)>,
}

impl<'a> Market<'a> {
    /// Works out what is shared.
    ///
    /// Args: `funding`: (time, rate) in order of time; `detail`: finer bars in order, for `Path::Detail`; `first`: the
    /// bar to start at.
    #[must_use]
    pub fn new(prices: Prices<'a>, funding: &[(Ns, f64)], detail: Vec<Bar>, first: usize) -> Self {
        let mut days = days(&prices);
        days.retain(|&bar| bar >= first);
        let inside = if detail.is_empty() { Vec::new() } else { inside(&prices, &detail) };
        let mut market = Self {
            first,
            closes: OnceLock::new(),
            paths: OnceLock::new(),
            reach: None,
            days,
            funding: dues(&prices, funding),
            detail,
            inside,
            prices,
        };
        if !market.detail.is_empty() {
            market.reach = Some((0..market.len()).map(|i| market.reach_of(i)).collect());
        }
        market
    }

    /// How many bars there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.prices.ts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.prices.ts.is_empty()
    }

    /// The funding payments, in order.
    #[must_use]
    pub fn funding(&self) -> &[Due] {
        &self.funding
    }

    /// Finer bars inside a bar.
    #[must_use]
    pub fn detail(&self, i: usize) -> &[Bar] {
        self.inside.get(i).map_or(&[], |&(from, to)| &self.detail[from as usize..to as usize])
    }

    /// Works out the extremes of closes once; a single walker looks at fewer than all, and at none twice.
    pub(crate) fn share_closes(&self) {
        self.closes.get_or_init(|| self.prices.close.chunks(CHUNK).map(range).collect());
    }

    /// Lowest and highest close of a stretch that starts at `from` and ends at `to` or, if that is far, before it; with
    /// its end.
    #[inline]
    pub(crate) fn closes(&self, from: usize, to: usize) -> (Extremes, usize) {
        let close = self.prices.close;
        if to - from < CHUNK {
            return (range(&close[from..to]), to);
        }
        let Some(chunks) = self.closes.get() else {
            return (range(&close[from..from + CHUNK]), from + CHUNK);
        };
        let end = from + CHUNK - from % CHUNK;
        (if end - from == CHUNK { chunks[from / CHUNK] } else { range(&close[from..end]) }, end)
    }

    /// Lowest and highest price on the paths of a chunk's bars.
    #[inline]
    pub(crate) fn chunk(&self, chunk: usize) -> Extremes {
        self.paths.get_or_init(|| self.chunks())[chunk]
    }

    fn chunks(&self) -> Vec<Extremes> {
        match &self.reach {
            None => {
                let bars = self.prices.low.chunks(CHUNK).zip(self.prices.high.chunks(CHUNK));
                bars.map(|(lows, highs)| (range(lows).0, range(highs).1)).collect()
            }
            Some(reach) => {
                let wider = |all: Extremes, each: &Extremes| (all.0.min(each.0), all.1.max(each.1));
                let none = (f64::INFINITY, f64::NEG_INFINITY);
                reach.chunks(CHUNK).map(|bars| bars.iter().fold(none, wider)).collect()
            }
        }
    }

    /// Lowest and highest price on a bar's path.
    #[inline]
    pub(crate) fn reach(&self, i: usize) -> (f64, f64) {
        self.reach.as_ref().map_or_else(|| (self.prices.low[i], self.prices.high[i]), |reach| reach[i])
    }

    fn reach_of(&self, i: usize) -> (f64, f64) {
        let (open, finer) = (self.prices.open[i], self.detail(i));
        match finer.first() {
            None => (self.prices.low[i], self.prices.high[i]),
            // Between the two opens prices jump without a leg: such a bar is always looked at.
            #[allow(clippy::float_cmp, reason = "any difference counts")]
            Some(first) if first.open != open => (0.0, f64::INFINITY),
            Some(_) => {
                finer.iter().fold((open, open), |(low, high), bar| (low.min(bar.low), high.max(bar.high)))
            }
        }
    }

    /// The first bar from `from` on that opens at or after a time.
    #[must_use]
    pub fn bar_at(&self, from: usize, ts: Ns) -> usize {
        from + self.prices.ts[from..].partition_point(|&at| at < ts)
    }
}

simd! {
    /// Lowest and highest of some prices.
    ///
    /// What is left of the groups of eight is taken together with some that were taken already: a price may count twice,
    /// and a loop whose length cannot be foreseen costs more.
    fn range(prices: &[f64]) -> (f64, f64) {
        let lower = |a: f64, b: f64| if b < a { b } else { a };
        let higher = |a: f64, b: f64| if b > a { b } else { a };
        let (mut low, mut high) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8]);
        if let Some(last) = prices.last_chunk::<8>() {
            for group in prices.as_chunks::<8>().0.iter().chain([last]) {
                for at in 0..8 {
                    low[at] = lower(low[at], group[at]);
                    high[at] = higher(high[at], group[at]);
                }
            }
        } else if let (Some(first), Some(last)) = (prices.first_chunk::<4>(), prices.last_chunk::<4>()) {
            for at in 0..4 {
                low[at] = lower(first[at], last[at]);
                high[at] = higher(first[at], last[at]);
            }
        } else if let (Some(&first), Some(&last)) = (prices.first(), prices.last()) {
            let middle = prices[prices.len() / 2];
            return (lower(lower(first, middle), last), higher(higher(first, middle), last));
        }
        // Halves onto halves: a chain of eight would cost more than the prices.
        for half in [4, 2, 1] {
            for at in 0..half {
                low[at] = lower(low[at], low[at + half]);
                high[at] = higher(high[at], high[at + half]);
            }
        }
        (low[0], high[0])
    }
}

fn days(prices: &Prices<'_>) -> Vec<usize> {
    let (Some(&first), Some(&last)) = (prices.ts.first(), prices.ts.last()) else { return Vec::new() };
    let mut days = Vec::new();
    let mut midnight = (first.div_euclid(DAY) + 1) * DAY;
    let mut bar = 0;
    while midnight <= last + prices.step {
        bar += closed_by(&prices.ts[bar..], midnight - prices.step, prices.step);
        // Before the first close there is only the initial cash, which no bar stands for.
        if bar > 0 {
            days.push(bar - 1);
        }
        midnight += DAY;
    }
    days
}

/// How many of rising times are at or before a time. Steps are never shorter than `step`, so no more than that many
/// can be: a search over all of them would miss the cache at every try.
fn closed_by(ts: &[Ns], time: Ns, step: Ns) -> usize {
    let Some(&first) = ts.first().filter(|&&first| first <= time) else { return 0 };
    let most = usize::try_from((time - first) / step + 1).unwrap_or(usize::MAX).min(ts.len());
    if ts[most - 1] <= time { most } else { ts[..most].partition_point(|&at| at <= time) }
}

fn dues(prices: &Prices<'_>, funding: &[(Ns, f64)]) -> Vec<Due> {
    let mut bar = 0;
    let mut dues = Vec::new();
    for &(ts, rate) in funding {
        bar += prices.ts[bar..].partition_point(|&open| open < ts);
        if bar == prices.ts.len() {
            break;
        }
        dues.push(Due { bar, rate });
    }
    dues
}

fn inside(prices: &Prices<'_>, detail: &[Bar]) -> Vec<(u32, u32)> {
    let place = |ts: Ns| u32::try_from(detail.partition_point(|bar| bar.ts < ts)).unwrap_or(u32::MAX);
    prices.ts.iter().map(|&ts| (place(ts), place(ts + prices.step))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_range_of_prices_holds_them_and_no_more(prices in proptest::collection::vec(1.0..9.0, 0..200)) {
            let low = prices.iter().copied().fold(f64::INFINITY, f64::min);
            let high = prices.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            prop_assert_eq!(range(&prices), (low, high));
        }
    }
}
