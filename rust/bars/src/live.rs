//! Rules fed bar by bar: the same machine as in a run, in blocks of one bar.

use crate::data::Ns;
use crate::dataset::{Dataset, DomainBars, merge};
use crate::eval::memory::{bucket, bucket_start};
use crate::eval::{Layout, Machine, Values};
use crate::graph::{Binder, Bound, GraphError, Resolved, Source};
use crate::program::{Program, Rules};
use std::borrow::Cow;

/// Bars of a higher timeframe that one bar can complete: the one before a gap, and its own.
const MOST_COMPLETED: usize = 2;

/// A bucket that has not ended.
#[derive(Debug, Default)]
struct Partial {
    number: Option<i64>,
    /// It began with the data rather than at its start, or has been given out.
    is_dropped: bool,
    /// Values of each column so far.
    values: Vec<Vec<f64>>,
}

/// Rules of one parameter set, fed bar by bar.
pub struct Stream {
    data: Dataset<'static>,
    partials: Vec<Partial>,
    machine: Machine,
    rules: Rules,
    columns: Vec<String>,
    step: Ns,
}

impl Stream {
    /// A stream before its first bar.
    ///
    /// # Errors
    /// A number that is out of range; rules that read another instrument.
    pub fn new(program: &Program, params: &[f64], step: Ns) -> Result<Self, GraphError> {
        let resolved = program.resolved();
        let data = empty(resolved, step)?;
        let mut binder = Binder::new(resolved, data.domains.iter().map(|domain| domain.step).collect());
        let rules = program.bind(&mut binder, params)?;
        let readers = [(binder.len(), rules.slots.nodes())];
        let graph = binder.into_graph();
        let mut sizes = vec![MOST_COMPLETED; data.domains.len()];
        sizes[0] = 1;
        let layout = Layout::new(&graph, &readers, &sizes)?;
        let machine = Machine::new(data.domains.len(), &graph, layout);
        let partials = data.domains.iter().map(|_| Partial::default()).collect();
        Ok(Self { data, partials, machine, rules, columns: resolved.columns().to_vec(), step })
    }

    /// Names of the columns that are read, in the order in which [`Stream::push`] takes them.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Open time of the last bar.
    #[must_use]
    pub fn last(&self) -> Option<Ns> {
        self.data.domains[0].ts.last().copied()
    }

    /// Takes a bar, which opens after the last one, and gives the four signals at its close.
    pub fn push(&mut self, ts: Ns, values: &[f64]) -> [Option<bool>; 4] {
        for domain in 1..self.data.domains.len() {
            self.complete(domain, ts, values);
        }
        let own = &mut self.data.domains[0];
        append(own, ts, |column| values[column]);
        let at = own.ts.len() - 1;
        self.data.see();
        let (data, slots) = (&self.data, &self.rules.slots);
        let mut signals = [None; 4];
        let read = self.machine.block(data, at, at + 1, |_, machine| {
            signals = slots.signals.map(|node| match node.map(|node| machine.values(data, node)) {
                Some(Values::Mask(mask)) => mask.at(0),
                _ => None,
            });
            Ok::<_, std::convert::Infallible>(())
        });
        debug_assert!(read.is_ok());
        signals
    }

    /// The numbers of the rules at the last bar's close, by slot; NaN where undefined, and before the first bar.
    #[must_use]
    pub fn numbers(&self) -> Vec<(&'static str, f64)> {
        let value = |bound: Bound| match bound {
            Bound::Const(value) => value,
            Bound::Node(node) if self.last().is_some() => match self.machine.values(&self.data, node) {
                Values::Numbers(values) => values[0],
                Values::Mask(_) => f64::NAN,
            },
            Bound::Node(_) => f64::NAN,
        };
        let slots = &self.rules.slots;
        let exits = ["stop_loss", "take_profit", "trailing"].into_iter().zip(slots.exits);
        let exits = exits.filter_map(|(name, exit)| exit.map(|(_, bound)| (name, value(bound))));
        let max_bars = slots.max_bars.map(|bound| ("max_bars", value(bound)));
        let always = [("size", value(slots.size.1)), ("pyramid", f64::from(self.rules.pyramid))];
        always.into_iter().chain(exits).chain(max_bars).collect()
    }

    /// Adds a bar to a bucket and gives out those that have ended.
    fn complete(&mut self, domain: usize, ts: Ns, values: &[f64]) {
        let length = self.data.domains[domain].length;
        let number = bucket(ts, length);
        if self.partials[domain].number != Some(number) {
            self.give_out(domain);
            let partial = &mut self.partials[domain];
            let is_first = partial.number.is_none();
            partial.is_dropped = is_first && ts != bucket_start(number, length);
            partial.number = Some(number);
            partial.values = vec![Vec::new(); self.columns.len()];
        }
        for (held, &value) in self.partials[domain].values.iter_mut().zip(values) {
            held.push(value);
        }
        if ts + self.step >= bucket_start(number, length) + length {
            self.give_out(domain);
        }
    }

    fn give_out(&mut self, domain: usize) {
        let partial = &mut self.partials[domain];
        let Some(number) = partial.number.filter(|_| !partial.is_dropped) else { return };
        partial.is_dropped = true;
        let names = &self.columns;
        let bars = &mut self.data.domains[domain];
        let start = bucket_start(number, bars.length);
        append(bars, start, |column| merge(&names[column], &partial.values[column]));
    }
}

fn append(bars: &mut DomainBars<'static>, ts: Ns, value: impl Fn(usize) -> f64) {
    bars.ts.to_mut().push(ts);
    for (at, column) in bars.columns.iter_mut().enumerate() {
        column.to_mut().push(value(at));
    }
}

fn empty(resolved: &Resolved, step: Ns) -> Result<Dataset<'static>, GraphError> {
    let columns = resolved.columns().len();
    let mut domains = Vec::new();
    for domain in resolved.domains() {
        if let Source::Other(name) = &domain.source {
            let known = "none in a stream".to_owned();
            return Err(GraphError::MissingInstrument { name: name.clone(), known });
        }
        let length = domain.timeframe.unwrap_or(step);
        if length % step != 0 || (domain.timeframe.is_some() && length <= step) {
            return Err(GraphError::Timeframe { got: length, step });
        }
        domains.push(DomainBars {
            ts: Cow::Owned(Vec::new()),
            step: length,
            length,
            columns: vec![Cow::Owned(Vec::new()); columns],
        });
    }
    Ok(Dataset::live(domains, resolved))
}
