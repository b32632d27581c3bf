//! A parameter set's rules as nodes and numbers, and their values in a block.

use crate::dataset::Dataset;
use crate::eval::Machine;
use crate::eval::Values;
use crate::eval::mask::{Mask, is_set};
use crate::graph::Bound;
use crate::portfolio::{Distance, Plan, Signals, Size};

/// How a rule's size is meant.
pub type SizeKind = fn(f64) -> Size;
/// How a rule's distance is meant.
pub type DistanceKind = fn(f64) -> Distance;

/// Rules of one parameter set.
#[derive(Clone, Debug)]
pub struct Slots {
    /// Enter long, exit long, enter short, exit short.
    pub signals: [Option<u32>; 4],
    /// Size of an entry.
    pub size: (SizeKind, Bound),
    /// Stop loss, take profit, trailing stop.
    pub exits: [Option<(DistanceKind, Bound)>; 3],
    /// Time stop in bars.
    pub max_bars: Option<Bound>,
}

impl Slots {
    /// The nodes that are read.
    pub fn nodes(&self) -> Vec<u32> {
        let exits = self.exits.iter().flatten().map(|(_, bound)| *bound);
        let numbers = exits.chain(self.max_bars).chain([self.size.1]);
        let nodes = numbers.filter_map(|bound| match bound {
            Bound::Node(node) => Some(node),
            Bound::Const(_) => None,
        });
        self.signals.iter().flatten().copied().chain(nodes).collect()
    }
}

/// A number of the rules in a block: the same on every bar, or one a bar.
#[derive(Clone, Copy, Debug)]
pub enum Series<'m> {
    /// The same on every bar.
    Const(f64),
    /// One a bar, the block's first one first.
    Values(&'m [f64]),
}

impl<'m> Series<'m> {
    fn of(bound: Bound, machine: &'m Machine, data: &'m Dataset<'_>) -> Self {
        match bound {
            Bound::Const(value) => Self::Const(value),
            Bound::Node(node) => match machine.values(data, node) {
                Values::Numbers(values) => Self::Values(values),
                Values::Mask(_) => Self::Const(f64::NAN),
            },
        }
    }

    fn at(self, at: usize) -> f64 {
        match self {
            Self::Const(value) => value,
            Self::Values(values) => values[at],
        }
    }
}

/// Values of a set's rules in a block of bars.
pub struct Ready<'m> {
    /// The block's first bar.
    pub from: usize,
    /// Where enter long, exit long, enter short, exit short are true: a bit a bar.
    pub signals: [&'m [u64]; 4],
    /// Size of an entry.
    pub size: (SizeKind, Series<'m>),
    /// Stop loss, take profit, trailing stop.
    pub exits: [Option<(DistanceKind, Series<'m>)>; 3],
    /// Time stop in bars.
    pub max_bars: Option<Series<'m>>,
}

/// Bars that a block may have.
pub const MOST_BARS: usize = 1 << 16;
/// The bits of a signal that is never true.
pub static NEVER: [u64; MOST_BARS / 64] = [0; MOST_BARS / 64];

impl<'m> Ready<'m> {
    /// The values of rules that a machine has evaluated; a block has at most [`MOST_BARS`] bars.
    #[must_use]
    pub fn new(slots: &Slots, machine: &'m Machine, data: &'m Dataset<'_>, from: usize) -> Self {
        let bits = |node: Option<u32>| -> &'m [u64] {
            match node.map(|node| machine.values(data, node)) {
                Some(Values::Mask(Mask { yes, .. })) => yes,
                _ => &NEVER,
            }
        };
        let series = |bound: Bound| Series::of(bound, machine, data);
        Self {
            from,
            signals: slots.signals.map(bits),
            size: (slots.size.0, series(slots.size.1)),
            exits: slots.exits.map(|exit| exit.map(|(kind, bound)| (kind, series(bound)))),
            max_bars: slots.max_bars.map(series),
        }
    }

    /// The signals of bar `i`.
    #[inline]
    pub(super) fn at(&self, i: usize) -> Signals {
        let at = i - self.from;
        let [enter_long, exit_long, enter_short, exit_short] = self.signals.map(|bits| is_set(bits, at));
        Signals { enter_long, exit_long, enter_short, exit_short }
    }

    /// What an entry decided at bar `i` is to be.
    pub(super) fn plan(&self, i: usize) -> Plan {
        let at = i - self.from;
        let distance =
            |exit: Option<(DistanceKind, Series<'_>)>| exit.map(|(kind, value)| kind(value.at(at)));
        let [stop, target, trail] = self.exits;
        Plan {
            size: (self.size.0)(self.size.1.at(at)),
            stop: distance(stop),
            target: distance(target),
            trail: distance(trail),
            max_bars: self.max_bars.map(|value| value.at(at)),
        }
    }
}
