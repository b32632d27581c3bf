//! A program, bars and terms put together: what a run and a sweep go through, in the same code.

use crate::data::{Bar, Ns};
use crate::dataset::{Columns, Dataset, Prices};
use crate::eval::{Layout, Machine};
use crate::graph::{Binder, GraphError};
use crate::portfolio::{Account, BarError, Journal, Terms};
use crate::program::{Program, Rules};
use crate::walk::{Finished, Market, Ready, Returns, Walker, Wants};
use std::collections::BTreeMap;

/// Bars evaluated at a time, by default.
pub const BLOCK: usize = 1024;

/// What is wrong with a run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RunError {
    /// The rules do not fit their parameters or the bars.
    #[error("{0}")]
    Graph(#[from] GraphError),
    /// A rule gave a value that no order can have, or a term is out of range.
    #[error("{0}")]
    Bar(#[from] BarError),
    /// There are no bars.
    #[error("there are no bars to run on")]
    Empty,
    /// An error of one parameter set.
    #[error("parameter set {set}: {error}")]
    Set {
        /// Its position.
        set: usize,
        /// What is wrong.
        error: Box<RunError>,
    },
}

/// Bars with what belongs to them.
#[derive(Debug)]
pub struct Feed<'a> {
    /// The traded instrument.
    pub own: Columns<'a>,
    /// Other instruments by name.
    pub others: BTreeMap<String, Columns<'a>>,
    /// Funding payments, (time, rate), in order.
    pub funding: Vec<(Ns, f64)>,
    /// Finer bars, in order, for `Path::Detail`.
    pub detail: Vec<Bar>,
    /// The bar from which on rules are followed and equity is scored, below the number of bars.
    pub first: usize,
}

/// How a batch is run.
#[derive(Clone, Copy, Debug)]
pub struct Mode {
    /// What is kept of the equity.
    pub wants: Wants,
    /// Whether equity and position of every bar are kept.
    pub records: bool,
    /// Bars at a time.
    pub block: usize,
    /// Steps every bar instead of jumping; a check.
    pub steps_all: bool,
}

impl Default for Mode {
    fn default() -> Self {
        Self { wants: Wants::default(), records: false, block: BLOCK, steps_all: false }
    }
}

/// Everything that parameter sets share.
#[derive(Debug)]
pub struct Session<'a> {
    program: &'a Program,
    market: Market<'a>,
    data: Dataset<'a>,
    terms: Terms,
}

impl<'a> Session<'a> {
    /// Puts it together.
    ///
    /// # Errors
    /// A missing column or instrument, no bars, or a term out of range.
    pub fn new(program: &'a Program, feed: &Feed<'a>, terms: Terms) -> Result<Self, RunError> {
        terms.check()?;
        if feed.own.ts.len() <= feed.first {
            return Err(RunError::Empty);
        }
        let prices = Prices::of(&feed.own, terms.uses_spread)?;
        let data = Dataset::new(&feed.own, &feed.others, program.resolved())?;
        let market = Market::new(prices, &feed.funding, feed.detail.clone(), feed.first);
        Ok(Self { program, market, data, terms })
    }

    /// The market.
    #[must_use]
    pub const fn market(&self) -> &Market<'a> {
        &self.market
    }

    /// Runs parameter sets together; `go_on` is asked before each block with the bars done so far.
    ///
    /// # Errors
    /// A set whose numbers are out of range, or whose rules give an impossible size or distance. `Ok(None)` if `go_on`
    /// said no.
    pub fn run<J: Journal>(
        &self,
        sets: &[&[f64]],
        mode: Mode,
        journal: impl Fn() -> J,
        mut go_on: impl FnMut(usize) -> bool,
    ) -> Result<Option<Vec<Finished<J>>>, RunError> {
        let steps_ns = self.data.domains.iter().map(|domain| domain.step).collect();
        let mut binder = Binder::new(self.program.resolved(), steps_ns);
        let (mut rules, mut readers) = (Vec::new(), Vec::new());
        for (set, params) in sets.iter().enumerate() {
            let bound = self.program.bind(&mut binder, params).map_err(|error| of_set(set, error.into()))?;
            readers.push((binder.len(), bound.slots.nodes()));
            rules.push(bound);
        }
        let graph = binder.into_graph();
        let layout = Layout::new(&graph, &readers, &self.data.block_sizes(mode.block))?;
        let mut machine = Machine::new(self.data.domains.len(), &graph, layout);
        let mut walkers =
            rules.iter().map(|rules| self.walker(rules, mode, journal())).collect::<Result<Vec<_>, _>>()?;
        if walkers.len() > 1 {
            self.market.share_closes();
        }
        let mut returns = Returns::default();
        let bars = self.market.len();
        let mut from = 0;
        while from < bars {
            if !go_on(from) {
                return Ok(None);
            }
            let to = (from + mode.block).min(bars);
            if mode.wants.moments {
                returns.advance(self.market.prices.close, from, to);
            }
            machine.block(&self.data, from, to, |set, machine| {
                let ready = Ready::new(&rules[set].slots, machine, &self.data, from);
                walkers[set]
                    .block(&self.market, &ready, &returns, (from, to))
                    .map_err(|error| of_set(set, error.into()))
            })?;
            from = to;
        }
        Ok(Some(walkers.into_iter().map(|walker| walker.finish(&self.market, &returns)).collect()))
    }

    fn walker<J: Journal>(&self, rules: &Rules, mode: Mode, journal: J) -> Result<Walker<J>, RunError> {
        let terms = Terms { pyramid: rules.pyramid, opposite: self.program.opposite(), ..self.terms.clone() };
        let mut walker = Walker::new(Account::new(terms, journal)?, mode.wants, &self.market, mode.records);
        if mode.steps_all {
            walker.step_all();
        }
        Ok(walker)
    }
}

fn of_set(set: usize, error: RunError) -> RunError {
    RunError::Set { set, error: Box::new(error) }
}
