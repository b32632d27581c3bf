//! Bars as columns, with what is derived from them once per run and shared by all parameter sets.

use crate::data::{Bar, Ns, regular};
use crate::eval::memory::{bucket, bucket_start};
use crate::graph::{Domain, GraphError, Source};
use alipes_market::mutants::is_on;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Bars of one instrument.
#[derive(Clone, Debug)]
pub struct Columns<'a> {
    /// (n,) open times, rising by multiples of `step`.
    pub ts: &'a [Ns],
    /// (n,) values by name; `open`, `high`, `low`, `close` and `volume` at least where they are read.
    pub by_name: BTreeMap<String, &'a [f64]>,
    /// Δ.
    pub step: Ns,
}

impl<'a> Columns<'a> {
    /// A column.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn get(&self, name: &str) -> Result<&'a [f64], GraphError> {
        self.by_name.get(name).copied().ok_or_else(|| GraphError::MissingColumn {
            name: name.to_owned(),
            known: self.by_name.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }
}

/// Prices of the traded instrument.
#[derive(Clone, Copy, Debug)]
pub struct Prices<'a> {
    /// Open times.
    pub ts: &'a [Ns],
    /// First prices.
    pub open: &'a [f64],
    /// Highest prices.
    pub high: &'a [f64],
    /// Lowest prices.
    pub low: &'a [f64],
    /// Last prices.
    pub close: &'a [f64],
    /// Full spreads, if there are any.
    pub spread: Option<&'a [f64]>,
    /// Mark prices, if there are any.
    pub mark: Option<&'a [f64]>,
    /// Δ.
    pub step: Ns,
    /// How many bars come before the first gap.
    pub regular: usize,
}

impl<'a> Prices<'a> {
    /// The prices among the columns.
    ///
    /// # Errors
    /// One is missing.
    pub fn of(columns: &Columns<'a>, uses_spread: bool) -> Result<Self, GraphError> {
        Ok(Self {
            ts: columns.ts,
            open: columns.get("open")?,
            high: columns.get("high")?,
            low: columns.get("low")?,
            close: columns.get("close")?,
            spread: if uses_spread { Some(columns.get("spread")?) } else { None },
            mark: columns.by_name.get("mark").copied(),
            step: columns.step,
            regular: regular(columns.ts, columns.step),
        })
    }

    /// Open time of bar `i`: reckoned where it can be, as events lie so far apart that each read would miss the cache.
    #[allow(clippy::cast_possible_wrap, reason = "bars stay far below 2^63")]
    #[inline]
    #[must_use]
    pub fn open_time(&self, i: usize) -> Ns {
        if i < self.regular { self.ts[0] + i as Ns * self.step } else { self.ts[i] }
    }

    /// Bar `i` as far as decisions look at it, with its close for every price.
    #[inline]
    #[must_use]
    pub fn at_close(&self, i: usize) -> Bar {
        let close = self.close[i];
        Bar {
            ts: self.open_time(i),
            open: close,
            high: close,
            low: close,
            close,
            spread: self.spread.map_or(0.0, |spread| spread[i]),
            mark: close,
        }
    }

    /// Bar `i`.
    #[inline]
    #[must_use]
    pub fn bar(&self, i: usize) -> Bar {
        Bar {
            ts: self.open_time(i),
            open: self.open[i],
            high: self.high[i],
            low: self.low[i],
            close: self.close[i],
            spread: self.spread.map_or(0.0, |spread| spread[i]),
            mark: self.mark.map_or(self.open[i], |mark| mark[i]),
        }
    }
}

/// The bars of one domain, with the columns that its expressions read, by the template's column index.
#[derive(Debug)]
pub struct DomainBars<'a> {
    /// Open times.
    pub ts: Cow<'a, [Ns]>,
    /// Time between stamps, at the least.
    pub step: Ns,
    /// Time from an open to the moment from which the bar is known.
    pub length: Ns,
    /// Columns; empty where the domain's expressions do not read them.
    pub columns: Vec<Cow<'a, [f64]>>,
}

impl DomainBars<'_> {
    /// How many bars are known at a time, starting to look at `from`.
    fn known_at(&self, time: Ns, from: usize) -> usize {
        let length = if is_on("bars_tf_early") { 0 } else { self.length };
        let mut count = from;
        while self.ts.get(count).is_some_and(|ts| ts + length <= time) {
            count += 1;
        }
        count
    }
}

/// What a template needs of the bars: its domains and who sees what when.
#[derive(Debug)]
pub struct Dataset<'a> {
    /// Domain 0 is the bars themselves.
    pub domains: Vec<DomainBars<'a>>,
    /// By (reader, source): per reader's bar the number of source bars it sees, 0 where that is undefined.
    seen: BTreeMap<(u16, u16), Vec<u32>>,
}

impl<'a> Dataset<'a> {
    /// Prepares the domains.
    ///
    /// Args: `columns_of`: names of the columns, and per domain the indices of those that are read; `reads`: the
    /// (reader, source) pairs of `tf` and `other`.
    ///
    /// # Errors
    /// A missing column or instrument, or a timeframe that is no multiple of the bars' step.
    pub fn new(
        own: &Columns<'a>,
        others: &BTreeMap<String, Columns<'a>>,
        resolved: &crate::graph::Resolved,
    ) -> Result<Self, GraphError> {
        let mut domains = Vec::new();
        for (at, domain) in resolved.domains().iter().enumerate() {
            let columns = source(domain, own, others)?;
            let wanted = Wanted { names: resolved.columns(), read: &resolved.columns_of(at) };
            domains.push(match domain.timeframe {
                None => plain(columns, &wanted)?,
                Some(length) => resampled(columns, length, &wanted)?,
            });
        }
        let mut seen = BTreeMap::new();
        for (reader, from) in resolved.reads() {
            let max_age = resolved.domains()[from as usize].max_age;
            let visible = visible(&domains[reader as usize], &domains[from as usize], max_age);
            seen.insert((reader, from), visible);
        }
        Ok(Self { domains, seen })
    }

    /// Domains that are fed bar by bar, empty yet.
    #[must_use]
    pub(crate) fn live(domains: Vec<DomainBars<'a>>, resolved: &crate::graph::Resolved) -> Self {
        Self { domains, seen: resolved.reads().into_iter().map(|pair| (pair, Vec::new())).collect() }
    }

    /// Works out what newly added bars see.
    pub(crate) fn see(&mut self) {
        let domains = &self.domains;
        for (&(reader, source), seen) in &mut self.seen {
            let (reader, source) = (&domains[reader as usize], &domains[source as usize]);
            while let Some(&ts) = reader.ts.get(seen.len()) {
                let from = seen.last().copied().unwrap_or(0) as usize;
                let count = source.known_at(ts + reader.length, from);
                seen.push(u32::try_from(count).unwrap_or(u32::MAX));
            }
        }
    }

    /// Number of source bars that each of a reader's bars sees.
    #[must_use]
    pub fn seen(&self, reader: u16, source: u16) -> &[u32] {
        self.seen.get(&(reader, source)).map_or(&[], Vec::as_slice)
    }

    /// Per domain the most bars that one block of the bars themselves brings.
    #[must_use]
    pub fn block_sizes(&self, block: usize) -> Vec<usize> {
        let bars = self.domains[0].ts.len();
        let most = |domain: usize| {
            let (mut from, mut at, mut most) = (0, 0, 1);
            while from < bars {
                let to = (from + block).min(bars);
                let next = self.progress(domain, to - 1, at);
                most = most.max(next - at);
                (from, at) = (to, next);
            }
            most
        };
        let size = |domain| if domain == 0 { block.min(bars).max(1) } else { most(domain) };
        (0..self.domains.len()).map(size).collect()
    }

    /// How many bars of a domain are known when bar `base` of domain 0 has closed, starting to look at `from`.
    #[must_use]
    pub fn progress(&self, domain: usize, base: usize, from: usize) -> usize {
        if domain == 0 {
            return base + 1;
        }
        let own = &self.domains[0];
        self.domains[domain].known_at(own.ts[base] + own.length, from)
    }
}

struct Wanted<'w> {
    names: &'w [String],
    read: &'w [u32],
}

fn source<'c, 'a>(
    domain: &Domain,
    own: &'c Columns<'a>,
    others: &'c BTreeMap<String, Columns<'a>>,
) -> Result<&'c Columns<'a>, GraphError> {
    match &domain.source {
        Source::Own => Ok(own),
        Source::Other(name) => others.get(name).ok_or_else(|| GraphError::MissingInstrument {
            name: name.clone(),
            known: match others.len() {
                0 => "none (others=)".to_owned(),
                _ => others.keys().cloned().collect::<Vec<_>>().join(", "),
            },
        }),
    }
}

fn plain<'a>(columns: &Columns<'a>, wanted: &Wanted<'_>) -> Result<DomainBars<'a>, GraphError> {
    let mut read = vec![Cow::Borrowed(&[] as &[f64]); wanted.names.len()];
    for &at in wanted.read {
        read[at as usize] = Cow::Borrowed(columns.get(&wanted.names[at as usize])?);
    }
    Ok(DomainBars { ts: Cow::Borrowed(columns.ts), step: columns.step, length: columns.step, columns: read })
}

/// Bars of a higher timeframe (B16): whole buckets only, the first one only if the data start with it.
fn resampled<'a>(
    columns: &Columns<'a>,
    length: Ns,
    wanted: &Wanted<'_>,
) -> Result<DomainBars<'a>, GraphError> {
    if length % columns.step != 0 || length <= columns.step {
        return Err(GraphError::Timeframe { got: length, step: columns.step });
    }
    let buckets = buckets(columns, length);
    let mut read = vec![Cow::Borrowed(&[] as &[f64]); wanted.names.len()];
    for &at in wanted.read {
        let name = &wanted.names[at as usize];
        let values = columns.get(name)?;
        let merged = buckets.iter().map(|&(_, from, to)| merge(name, &values[from..to])).collect::<Vec<_>>();
        read[at as usize] = Cow::Owned(merged);
    }
    let ts = buckets.iter().map(|&(start, ..)| start).collect::<Vec<_>>();
    Ok(DomainBars { ts: Cow::Owned(ts), step: length, length, columns: read })
}

/// (start, first bar, end) of the buckets that are built.
fn buckets(columns: &Columns<'_>, length: Ns) -> Vec<(Ns, usize, usize)> {
    let ts = columns.ts;
    let mut found = Vec::new();
    let mut from = 0;
    while from < ts.len() {
        let number = bucket(ts[from], length);
        let start = bucket_start(number, length);
        let to = from + ts[from..].partition_point(|&at| at < start + length);
        if from > 0 || ts[0] == start {
            found.push((start, from, to));
        }
        from = to;
    }
    found
}

/// One bar's value of several: the first open, the highest high, the lowest low, the whole volume, of others the last.
#[must_use]
pub fn merge(name: &str, values: &[f64]) -> f64 {
    let last = values.last().copied().unwrap_or(f64::NAN);
    match name {
        "open" => values.first().copied().unwrap_or(f64::NAN),
        "high" => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        "low" => values.iter().copied().fold(f64::INFINITY, f64::min),
        "volume" => values.iter().sum(),
        _ => last,
    }
}

fn visible(reader: &DomainBars<'_>, source: &DomainBars<'_>, max_age: u32) -> Vec<u32> {
    let mut count = 0;
    let oldest = i64::from(max_age) * reader.step;
    let see = |ts: &Ns| {
        let now = ts + reader.length;
        count = source.known_at(now, count);
        let is_stale = max_age > 0 && count > 0 && now - (source.ts[count - 1] + source.length) > oldest;
        if is_stale { 0 } else { u32::try_from(count).unwrap_or(u32::MAX) }
    };
    reader.ts.iter().map(see).collect()
}
