//! Money and position over time, by the bars at which they change: what equity is worked out from when it is asked for.

/// Cash and units from a bar's close on, until the next row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Holdings {
    /// Bars, rising, the first one 0.
    pub bars: Vec<i64>,
    /// Cash from then on.
    pub cash: Vec<f64>,
    /// Signed units from then on.
    pub units: Vec<f64>,
}

impl Holdings {
    /// Nothing but cash.
    #[must_use]
    pub fn new(cash: f64) -> Self {
        Self { bars: vec![0], cash: vec![cash], units: vec![0.0] }
    }

    /// Notes what is held after bar `i`, which is not before the last one noted.
    #[inline]
    pub fn note(&mut self, i: usize, cash: f64, units: f64) {
        #[allow(clippy::float_cmp, reason = "what has not been touched is the same to the bit")]
        if self.cash.last() == Some(&cash) && self.units.last() == Some(&units) {
            return;
        }
        self.push(i, cash, units);
    }

    /// Notes what is held after bar `i`, whether or not it has changed.
    #[inline]
    pub fn push(&mut self, i: usize, cash: f64, units: f64) {
        self.bars.push(i64::try_from(i).unwrap_or(i64::MAX));
        self.cash.push(cash);
        self.units.push(units);
    }

    /// Bar, cash and units of each row but the first, which holds what a run starts with.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (usize, f64, f64)> {
        let bars = self.bars.iter().map(|&bar| usize::try_from(bar).unwrap_or(0));
        bars.zip(&self.cash).zip(&self.units).map(|((bar, &cash), &units)| (bar, cash, units)).skip(1)
    }

    /// (n,) equity and (n,) units after each bar, from the closes.
    #[must_use]
    pub fn by_bar(&self, closes: &[f64]) -> (Vec<f64>, Vec<f64>) {
        by_bar(&self.bars, &self.cash, &self.units, closes)
    }
}

/// (n,) equity and (n,) units after each bar, from the rows of [`Holdings`] and the closes.
#[must_use]
pub fn by_bar(bars: &[i64], cash: &[f64], units: &[f64], closes: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let (mut equity, mut position) = (Vec::with_capacity(closes.len()), Vec::with_capacity(closes.len()));
    let bar = |at: usize| bars.get(at).map_or(closes.len(), |&bar| usize::try_from(bar).unwrap_or(0));
    for (at, (&cash, &units)) in cash.iter().zip(units).enumerate() {
        let until = bar(at + 1).min(closes.len());
        let held = &closes[equity.len().min(until)..until];
        equity.extend(held.iter().map(|&price| cash + units * price));
        position.resize(equity.len(), units);
    }
    (equity, position)
}
