//! Parameters become numbers, and equal sub-expressions of all parameter sets become one node.

use super::GraphError;
use super::fold;
use super::op::{Arg, Kind, Op};
use super::resolve::{Resolved, Step};
use rustc_hash::FxHashMap;

/// In place of an argument that is not there.
pub const NO_ARG: u32 = u32::MAX;

const YEAR_NS: f64 = 365.0 * 86_400e9;

/// A node with all numbers known. Two nodes are the same exactly when their keys are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// What it does.
    pub op: Op,
    /// What it gives.
    pub kind: Kind,
    /// Where it is evaluated.
    pub domain: u16,
    /// Nodes before it; a column's index for `Col`.
    pub args: [u32; 3],
    /// Bits of its numbers: window and quantile, say.
    pub consts: [u64; 2],
}

impl Key {
    const fn new(op: Op, kind: Kind, domain: u16) -> Self {
        Self { op, kind, domain, args: [NO_ARG; 3], consts: [0; 2] }
    }

    /// A number of the node.
    #[must_use]
    pub const fn number(&self, at: usize) -> f64 {
        f64::from_bits(self.consts[at])
    }

    /// A number of the node that was checked to be whole and not negative.
    #[must_use]
    #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "checked when it was bound")]
    pub const fn whole(&self, at: usize) -> usize {
        self.number(at) as usize
    }

    /// The nodes that it reads.
    pub fn inputs(&self) -> impl Iterator<Item = u32> + '_ {
        let is_leaf = self.op == Op::Col;
        self.args.iter().copied().filter(move |&arg| arg != NO_ARG && !is_leaf)
    }
}

/// What an expression is for one parameter set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// The same number on every bar.
    Const(f64),
    /// A node.
    Node(u32),
}

/// Nodes in an order in which each comes after what it reads.
#[derive(Clone, Debug, Default)]
pub struct ConcreteGraph {
    keys: Vec<Key>,
}

impl ConcreteGraph {
    /// The nodes.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }
}

/// Binds parameter sets, one after the other, into one graph.
pub struct Binder<'r> {
    resolved: &'r Resolved,
    /// Δ of each domain.
    steps_ns: Vec<i64>,
    graph: ConcreteGraph,
    known: FxHashMap<Key, u32>,
    bound: Vec<Bound>,
}

impl<'r> Binder<'r> {
    /// A binder with an empty graph; `steps_ns` is Δ of each of the template's domains.
    #[must_use]
    pub fn new(resolved: &'r Resolved, steps_ns: Vec<i64>) -> Self {
        Self {
            resolved,
            steps_ns,
            graph: ConcreteGraph::default(),
            known: FxHashMap::default(),
            bound: Vec::new(),
        }
    }

    /// The graph so far.
    #[must_use]
    pub fn into_graph(self) -> ConcreteGraph {
        self.graph
    }

    /// How many nodes there are so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.graph.keys.len()
    }

    /// Whether there is no node yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.graph.keys.is_empty()
    }

    /// Binds one parameter set and returns its outputs.
    ///
    /// # Errors
    /// A window or another number that is out of range, or that is a series.
    pub fn bind(&mut self, params: &[f64]) -> Result<Vec<Bound>, GraphError> {
        self.bound.clear();
        let resolved = self.resolved;
        for step in &resolved.steps {
            let bound = self.step(step, params)?;
            self.bound.push(bound);
        }
        Ok(resolved.outputs.iter().map(|&output| self.bound[output as usize]).collect())
    }

    fn step(&mut self, step: &Step, params: &[f64]) -> Result<Bound, GraphError> {
        let op = step.op;
        let mut key = Key::new(op, step.kind, step.domain);
        match op {
            Op::Const => return Ok(Bound::Const(step.number)),
            Op::Param => {
                let value = params.get(step.index as usize);
                return value.map(|&value| Bound::Const(value)).ok_or_else(|| {
                    GraphError::MissingParam(self.resolved.params()[step.index as usize].clone())
                });
            }
            Op::BarsPerYear => return Ok(Bound::Const(YEAR_NS / self.steps_ns[step.domain as usize] as f64)),
            Op::Col => key.args[0] = step.index,
            Op::NewBucket => key.consts[0] = step.number.to_bits(),
            Op::Gt | Op::Lt | Op::Ge | Op::Le | Op::Eq | Op::Ne => return Ok(self.comparison(step)),
            Op::Where => {
                if let Some(chosen) = self.choice(step) {
                    return Ok(chosen);
                }
            }
            _ => {
                if let Some(folded) = self.folded(step)? {
                    return Ok(folded);
                }
            }
        }
        self.arguments(step, &mut key)?;
        Ok(Bound::Node(self.node(key)))
    }

    /// Fills in the arguments of a node: series as nodes, numbers as numbers.
    fn arguments(&mut self, step: &Step, key: &mut Key) -> Result<(), GraphError> {
        let (mut series, mut numbers) = (0, 0);
        for (at, arg) in step.op.args().iter().enumerate() {
            let bound = step.args.get(at).map(|&arg| self.bound[arg as usize]);
            if let Arg::Const(what) = *arg {
                key.consts[numbers] = constant(step.op, what, bound)?.to_bits();
                numbers += 1;
            } else if let Some(bound) = bound {
                let domain = match step.op {
                    Op::Tf | Op::Other => self.resolved.steps[step.args[at] as usize].domain,
                    _ => step.domain,
                };
                key.args[series] = self.series(bound, domain);
                series += 1;
            }
        }
        Ok(())
    }

    /// Constants as constants; `None` where a series is involved.
    fn folded(&self, step: &Step) -> Result<Option<Bound>, GraphError> {
        let arg = |at: usize| step.args.get(at).map(|&arg| self.bound[arg as usize]);
        match step.op {
            Op::Tf | Op::Other => Ok(match arg(0) {
                Some(Bound::Const(value)) => Some(Bound::Const(value)),
                _ => None,
            }),
            Op::Shift => {
                let by = constant(Op::Shift, "number of bars", arg(1))?;
                Ok(arg(0).filter(|_| by == 0.0))
            }
            op => {
                let (Some(Bound::Const(a)), b) = (arg(0), arg(1)) else { return Ok(None) };
                let b = match b {
                    Some(Bound::Const(b)) => b,
                    None => 0.0,
                    Some(Bound::Node(_)) => return Ok(None),
                };
                Ok(fold::number(op, a, b).map(Bound::Const))
            }
        }
    }

    /// Every comparison is `gt` or `eq`, negated where needed: undefined stays undefined under `not`.
    fn comparison(&mut self, step: &Step) -> Bound {
        let (a, b) = (self.bound[step.args[0] as usize], self.bound[step.args[1] as usize]);
        let domain = step.domain;
        if let (Bound::Const(a), Bound::Const(b)) = (a, b) {
            let op = match fold::truth(step.op, a, b) {
                Some(true) => Op::True,
                Some(false) => Op::False,
                None => Op::Undefined,
            };
            return Bound::Node(self.node(Key::new(op, Kind::Bool, domain)));
        }
        let (a, b) = (self.series(a, domain), self.series(b, domain));
        let (op, a, b, is_negated) = match step.op {
            Op::Gt => (Op::Gt, a, b, false),
            Op::Lt => (Op::Gt, b, a, false),
            Op::Ge => (Op::Gt, b, a, true),
            Op::Le => (Op::Gt, a, b, true),
            op => (Op::Eq, a.min(b), a.max(b), op == Op::Ne),
        };
        let mut key = Key::new(op, Kind::Bool, domain);
        key.args = [a, b, NO_ARG];
        let node = self.node(key);
        if !is_negated {
            return Bound::Node(node);
        }
        let mut key = Key::new(Op::Not, Kind::Bool, domain);
        key.args[0] = node;
        Bound::Node(self.node(key))
    }

    /// `where` with a condition that never changes is one of its branches.
    fn choice(&self, step: &Step) -> Option<Bound> {
        let Bound::Node(condition) = self.bound[step.args[0] as usize] else { return None };
        match self.graph.keys[condition as usize].op {
            Op::True => Some(self.bound[step.args[1] as usize]),
            Op::False => Some(self.bound[step.args[2] as usize]),
            Op::Undefined => Some(Bound::Const(f64::NAN)),
            _ => None,
        }
    }

    /// A node that gives what is bound, in a domain.
    fn series(&mut self, bound: Bound, domain: u16) -> u32 {
        match bound {
            Bound::Node(node) => node,
            Bound::Const(value) => {
                let mut key = Key::new(Op::Const, Kind::Num, domain);
                key.consts[0] = value.to_bits();
                self.node(key)
            }
        }
    }

    fn node(&mut self, key: Key) -> u32 {
        let keys = &mut self.graph.keys;
        *self.known.entry(key).or_insert_with(|| {
            keys.push(key);
            u32::try_from(keys.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

/// The number that an argument is, checked for what the operator takes.
fn constant(op: Op, what: &'static str, bound: Option<Bound>) -> Result<f64, GraphError> {
    let value = match bound {
        Some(Bound::Const(value)) => value,
        Some(Bound::Node(_)) => return Err(GraphError::NotConstant { op: op.name(), what }),
        None => 1.0, // only ddof may be left out
    };
    let least = match (what, op) {
        ("window", Op::Corr | Op::Slope) => 2.0,
        ("window" | "seed length", _) => 1.0,
        _ => 0.0,
    };
    let (is_valid, expected) = match what {
        "alpha" => (value > 0.0 && value <= 1.0, "above 0 and at most 1"),
        "quantile" => ((0.0..=1.0).contains(&value), "from 0 to 1"),
        _ if least > 1.0 => (is_whole(value, least), "a whole number from 2 to 4,000,000,000"),
        _ if least > 0.0 => (is_whole(value, least), "a whole number from 1 to 4,000,000,000"),
        _ => (is_whole(value, 0.0), "a whole number from 0 to 4,000,000,000"),
    };
    if is_valid {
        Ok(value)
    } else {
        Err(GraphError::Constant { op: op.name(), what, expected, got: format!("{value}") })
    }
}

/// More bars than any data have; what `constant` expects names it.
const MOST: f64 = 4e9;

fn is_whole(value: f64, least: f64) -> bool {
    value.fract() == 0.0 && value >= least && value <= MOST
}
