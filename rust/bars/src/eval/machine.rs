//! Runs a layout over the data.

use super::kernels;
use super::layout::{Layout, Place, Task};
use super::mask::Mask;
use super::memory::time_field;
use super::operator::Exec;
use crate::dataset::Dataset;
use crate::graph::{ConcreteGraph, Key, Kind, Op};
use alipes_market::mutants::is_on;
use alipes_market::ops::series::{self, Epoch, Span};

/// Evaluates a graph block by block.
pub struct Machine {
    keys: Vec<Key>,
    layout: Layout,
    numbers: Vec<Vec<f64>>,
    masks: Vec<Mask>,
    /// Per node: how many earlier values its buffer holds; whether its block has no undefined value.
    held: Vec<usize>,
    clean: Vec<bool>,
    /// Per domain: the bars of this block, and its epochs.
    ranges: Vec<(usize, usize)>,
    epochs: Vec<Vec<Epoch>>,
}

/// A node's block, for a reader.
#[derive(Clone, Copy, Debug)]
pub enum Values<'m> {
    /// Numbers.
    Numbers(&'m [f64]),
    /// Conditions.
    Mask(&'m Mask),
}

impl Machine {
    /// A machine at the first bar.
    #[must_use]
    pub fn new(domains: usize, graph: &ConcreteGraph, layout: Layout) -> Self {
        let keys = graph.keys().to_vec();
        let mut numbers: Vec<Vec<f64>> = layout.buffers.iter().map(|&len| vec![f64::NAN; len]).collect();
        for (key, place) in keys.iter().zip(&layout.places) {
            if let (Op::Const, Place::Numbers { buffer, .. }) = (key.op, place) {
                numbers[*buffer].fill(key.number(0));
            }
        }
        let masks = layout.masks.iter().map(|&len| Mask::with_capacity(len)).collect();
        Self {
            held: vec![0; keys.len()],
            clean: vec![false; keys.len()],
            keys,
            layout,
            numbers,
            masks,
            ranges: vec![(0, 0); domains],
            epochs: vec![Vec::new(); domains],
        }
    }

    /// Evaluates bars `from..to` of domain 0, which follow those of the last call, and calls `read` for every reader
    /// as soon as its outputs are there.
    pub fn block<E>(
        &mut self,
        data: &Dataset<'_>,
        from: usize,
        to: usize,
        mut read: impl FnMut(usize, &Self) -> Result<(), E>,
    ) -> Result<(), E> {
        for (domain, range) in self.ranges.iter_mut().enumerate() {
            let start = if domain == 0 { from } else { range.1 };
            *range = (start, data.progress(domain, to - 1, start).max(start));
            let bars = &data.domains[domain];
            series::epochs(&bars.ts[range.0..range.1], bars.step, &mut self.epochs[domain]);
        }
        for at in 0..self.layout.tasks.len() {
            match self.layout.tasks[at] {
                Task::Node(node) => self.evaluate(data, node),
                Task::Reader(reader) => read(reader, self)?,
            }
        }
        self.keep_history();
        Ok(())
    }

    /// A node's values in the last block.
    #[must_use]
    pub fn values<'m>(&'m self, data: &'m Dataset<'_>, node: u32) -> Values<'m> {
        match self.layout.places[node as usize] {
            Place::Mask(mask) => Values::Mask(&self.masks[mask]),
            _ => Values::Numbers(self.numbers_of(data, node as usize, false)),
        }
    }

    fn len(&self, node: usize) -> usize {
        let (from, to) = self.ranges[self.keys[node].domain as usize];
        to - from
    }

    /// Numbers of a node's block, behind its history if that is asked for.
    fn numbers_of<'m>(&'m self, data: &'m Dataset<'_>, node: usize, with_history: bool) -> &'m [f64] {
        let key = &self.keys[node];
        let (from, to) = self.ranges[key.domain as usize];
        match self.layout.places[node] {
            Place::Column(column) => {
                let values = &data.domains[key.domain as usize].columns[column];
                &values[if with_history { 0 } else { from }..to]
            }
            Place::Numbers { buffer, history } => {
                let held = if with_history { self.held[node] } else { 0 };
                &self.numbers[buffer][history - held..history + to - from]
            }
            Place::Mask(_) => &[],
        }
    }

    fn mask_of(&self, node: u32) -> &Mask {
        match self.layout.places[node as usize] {
            Place::Mask(mask) => &self.masks[mask],
            _ => &EMPTY,
        }
    }

    fn evaluate(&mut self, data: &Dataset<'_>, node: usize) {
        match self.layout.places[node] {
            Place::Column(_) => {
                self.clean[node] = kernels::are_defined(self.numbers_of(data, node, false));
            }
            Place::Numbers { buffer, history } => {
                if self.keys[node].op == Op::Const {
                    self.clean[node] = !self.keys[node].number(0).is_nan();
                    return;
                }
                let mut out = std::mem::take(&mut self.numbers[buffer]);
                let mut exec = std::mem::replace(&mut self.layout.execs[node], Exec::Leaf);
                let len = self.len(node);
                self.numbers_into(data, node, &mut exec, &mut out[history..history + len]);
                self.layout.execs[node] = exec;
                self.numbers[buffer] = out;
                self.clean[node] = kernels::are_defined(self.numbers_of(data, node, false));
            }
            Place::Mask(mask) => {
                let mut out = std::mem::take(&mut self.masks[mask]);
                let mut exec = std::mem::replace(&mut self.layout.execs[node], Exec::Leaf);
                self.mask_into(data, node, &mut exec, &mut out);
                self.layout.execs[node] = exec;
                self.masks[mask] = out;
            }
        }
    }

    fn numbers_into(&self, data: &Dataset<'_>, node: usize, exec: &mut Exec, out: &mut [f64]) {
        let key = &self.keys[node];
        let input = |at: usize| self.numbers_of(data, key.args[at] as usize, false);
        match exec {
            Exec::Series(operator) => {
                let span = Span { len: out.len(), epochs: &self.epochs[key.domain as usize] };
                let all: [&[f64]; 3] = std::array::from_fn(|at| match key.args[at] {
                    crate::graph::NO_ARG => &[] as &[f64],
                    node => self.numbers_of(data, node as usize, true),
                });
                let count = key.inputs().count();
                operator.run(&span, &all[..count], out);
            }
            Exec::Shift(by) => {
                let values = self.numbers_of(data, key.args[0] as usize, true);
                let by = if is_on("bars_shift") { by.saturating_sub(1) } else { *by };
                let start = values.len() - out.len();
                for (at, out) in out.iter_mut().enumerate() {
                    *out = if start + at >= by { values[start + at - by] } else { f64::NAN };
                }
            }
            Exec::SumSince(memory) => memory.run(input(0), self.mask_of(key.args[1]), out),
            Exec::BarsSince(memory) => memory.run(self.mask_of(key.args[0]), out),
            Exec::ValueWhen(memory) => memory.run(self.mask_of(key.args[0]), input(1), out),
            Exec::TimeField => {
                let (from, to) = self.ranges[key.domain as usize];
                time_field(key.op, &data.domains[key.domain as usize].ts[from..to], out);
            }
            Exec::Align(_) => self.align(data, key, out),
            _ => match key.op {
                Op::Where => kernels::choose(self.mask_of(key.args[0]), input(1), input(2), out),
                op if key.inputs().count() == 1 => kernels::unary(op, input(0), out),
                op => kernels::binary(op, input(0), input(1), out),
            },
        }
    }

    /// The source's value as of each bar's close.
    fn align(&self, data: &Dataset<'_>, key: &Key, out: &mut [f64]) {
        let source = key.args[0] as usize;
        let values = self.numbers_of(data, source, true);
        let source_to = self.ranges[self.keys[source].domain as usize].1;
        let first = source_to - values.len();
        let (from, to) = self.ranges[key.domain as usize];
        let seen = &data.seen(key.domain, self.keys[source].domain)[from..to];
        for (out, &seen) in out.iter_mut().zip(seen) {
            *out = if seen == 0 { f64::NAN } else { values[seen as usize - 1 - first] };
        }
    }

    fn mask_into(&self, data: &Dataset<'_>, node: usize, exec: &mut Exec, out: &mut Mask) {
        let key = &self.keys[node];
        let len = self.len(node);
        let mask = |at: usize| self.mask_of(key.args[at]);
        let numbers = |at: usize| self.numbers_of(data, key.args[at] as usize, false);
        let is_clean = |at: usize| self.clean[key.args[at] as usize];
        match exec {
            Exec::Fixed(value) => out.fill(len, *value),
            Exec::Delay(delay) => delay.run(mask(0), out, len),
            Exec::NewBucket(memory) => {
                let (from, to) = self.ranges[key.domain as usize];
                memory.run(&data.domains[key.domain as usize].ts[from..to], out);
            }
            Exec::Align(last) => self.align_mask(data, key, last, out),
            _ => match key.op {
                Op::Gt => out.greater(numbers(0), numbers(1), is_clean(0) && is_clean(1)),
                Op::Eq => out.equal(numbers(0), numbers(1), is_clean(0) && is_clean(1)),
                Op::And => out.and(mask(0), mask(1), len),
                Op::Or => out.or(mask(0), mask(1), len),
                Op::Not => out.not(mask(0), len),
                _ if self.keys[key.args[0] as usize].kind == Kind::Bool => out.defined(mask(0), len),
                _ => out.defined_number(numbers(0)),
            },
        }
    }

    fn align_mask(&self, data: &Dataset<'_>, key: &Key, last: &mut Option<bool>, out: &mut Mask) {
        let source = key.args[0];
        let values = self.mask_of(source);
        let (source_from, source_to) = self.ranges[self.keys[source as usize].domain as usize];
        let (from, to) = self.ranges[key.domain as usize];
        let seen = &data.seen(key.domain, self.keys[source as usize].domain)[from..to];
        out.clear(to - from);
        for (at, &seen) in seen.iter().enumerate() {
            let value = match seen as usize {
                0 => None,
                seen if seen > source_from => values.at(seen - 1 - source_from),
                _ => *last,
            };
            out.set(at, value);
        }
        if source_to > source_from {
            *last = values.at(source_to - source_from - 1);
        }
    }

    /// Moves what will be looked back at before the place of the next block.
    fn keep_history(&mut self) {
        for node in 0..self.keys.len() {
            if let Place::Numbers { buffer, history } = self.layout.places[node]
                && history > 0
            {
                let len = self.len(node);
                self.numbers[buffer].copy_within(len..len + history, 0);
                self.held[node] = (self.held[node] + len).min(history);
            }
        }
    }
}

static EMPTY: Mask = Mask { yes: Vec::new(), no: Vec::new() };
