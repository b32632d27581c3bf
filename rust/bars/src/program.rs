//! Rules as a graph with slots, and their binding to a parameter set.

use crate::graph::{Binder, Bound, GraphError, Resolved, Template};
use crate::portfolio::{Distance, Opposite, Size};
use crate::walk::{DistanceKind, SizeKind, Slots};

/// Which node fills which slot of the rules.
#[derive(Clone, Debug)]
pub struct SlotNodes {
    /// Enter long, exit long, enter short, exit short.
    pub signals: [Option<usize>; 4],
    /// Size of an entry: `units`, `notional`, `equity`, `exposure` or `risk`.
    pub size: (String, usize),
    /// Stop loss, take profit, trailing stop: `price` or `pct`.
    pub exits: [Option<(String, usize)>; 3],
    /// Time stop.
    pub max_bars: Option<usize>,
    /// Additions.
    pub pyramid: usize,
    /// What an entry of the other side does.
    pub opposite: Opposite,
}

/// Rules, ready to be bound.
#[derive(Clone, Debug)]
pub struct Program {
    resolved: Resolved,
    slots: SlotNodes,
    size: SizeKind,
    exits: [Option<DistanceKind>; 3],
}

/// Rules of one parameter set.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Signals and values.
    pub slots: Slots,
    /// Additions that a trade may have.
    pub pyramid: u32,
}

impl Program {
    /// Checks slots against a graph.
    ///
    /// # Errors
    /// A slot whose node does not exist or is of the wrong kind, or an unknown word.
    pub fn new(template: &Template, slots: SlotNodes) -> Result<Self, GraphError> {
        let size = size_kind(&slots.size.0)?;
        let mut exits = [None; 3];
        for (kind, exit) in exits.iter_mut().zip(&slots.exits) {
            if let Some((word, _)) = exit {
                *kind = Some(distance_kind(word)?);
            }
        }
        for (kind, node) in wanted(&slots) {
            let found = template.nodes().get(node).map(|node| node.kind);
            if found != Some(kind) {
                let problem = format!("a slot needs {kind:?}, the node gives {found:?}");
                return Err(GraphError::Node { node, op: "slot".to_owned(), problem });
            }
        }
        let outputs: Vec<usize> = wanted(&slots).map(|(_, node)| node).collect();
        Ok(Self { resolved: Resolved::new(template, &outputs)?, slots, size, exits })
    }

    /// The graph.
    #[must_use]
    pub const fn resolved(&self) -> &Resolved {
        &self.resolved
    }

    /// What an entry of the other side does.
    #[must_use]
    pub const fn opposite(&self) -> Opposite {
        self.slots.opposite
    }

    /// Binds a parameter set.
    ///
    /// # Errors
    /// A number that is out of range.
    pub fn bind(&self, binder: &mut Binder<'_>, params: &[f64]) -> Result<Rules, GraphError> {
        let mut outputs = binder.bind(params)?.into_iter();
        let mut next = || outputs.next().unwrap_or(Bound::Const(f64::NAN));
        let pyramid = additions(next())?;
        let size = (self.size, next());
        let signals = self.slots.signals.map(|node| match node.map(|_| next()) {
            Some(Bound::Node(node)) => Some(node),
            _ => None,
        });
        let exits = self.exits.map(|kind| kind.map(|kind| (kind, next())));
        let max_bars = self.slots.max_bars.map(|_| next());
        Ok(Rules { slots: Slots { signals, size, exits, max_bars }, pyramid })
    }
}

/// The slots' nodes with the kind each must be, in the order in which they are bound.
fn wanted(slots: &SlotNodes) -> impl Iterator<Item = (crate::graph::Kind, usize)> + '_ {
    use crate::graph::Kind::{Bool, Num};
    let numbers = [(Num, slots.pyramid), (Num, slots.size.1)].into_iter();
    let signals = slots.signals.iter().flatten().map(|&node| (Bool, node));
    let exits = slots.exits.iter().flatten().map(|(_, node)| (Num, *node));
    numbers.chain(signals).chain(exits).chain(slots.max_bars.map(|node| (Num, node)))
}

fn additions(bound: Bound) -> Result<u32, GraphError> {
    match bound {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
        Bound::Const(value) if value.fract() == 0.0 && (0.0..=1e9).contains(&value) => Ok(value as u32),
        Bound::Const(value) => Err(GraphError::Constant {
            op: "Rules",
            what: "pyramid",
            expected: "a whole number from 0 to 1,000,000,000",
            got: format!("{value}"),
        }),
        Bound::Node(_) => Err(GraphError::NotConstant { op: "Rules", what: "pyramid" }),
    }
}

fn unknown(what: &'static str, expected: &'static str, word: &str) -> GraphError {
    GraphError::Constant { op: "Rules", what, expected, got: format!("{word:?}") }
}

/// How a size of that word is meant.
///
/// # Errors
/// An unknown word.
pub fn size_kind(word: &str) -> Result<SizeKind, GraphError> {
    Ok(match word {
        "units" => Size::Units,
        "notional" => Size::Notional,
        "equity" => Size::Equity,
        "exposure" => Size::Exposure,
        "risk" => Size::Risk,
        _ => return Err(unknown("size", "units, notional, equity, exposure or risk", word)),
    })
}

/// How a distance of that word is meant.
///
/// # Errors
/// An unknown word.
pub fn distance_kind(word: &str) -> Result<DistanceKind, GraphError> {
    Ok(match word {
        "price" => Distance::Price,
        "pct" => Distance::Ratio,
        _ => return Err(unknown("distance", "price or pct", word)),
    })
}
