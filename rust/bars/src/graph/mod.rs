//! Expressions as graphs: the operators' table, templates with parameters, and their binding to values.

mod bind;
mod domain;
pub(crate) mod fold;
mod op;
mod resolve;
mod template;

pub use bind::{Binder, Bound, ConcreteGraph, Key, NO_ARG};
pub use domain::{Domain, Source};
pub use op::{Kind, Op};
pub use resolve::Resolved;
pub use template::{Node, Template, Value};

/// What is wrong with a graph, its parameters, or the data it asks for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GraphError {
    /// No such operator.
    #[error("unknown operator {0:?}")]
    UnknownOp(String),
    /// A node that does not fit its operator.
    #[error("node {node} ({op}): {problem}")]
    Node {
        /// Position in the graph.
        node: usize,
        /// Its operator's name.
        op: String,
        /// What is wrong.
        problem: String,
    },
    /// A window, a quantile or the like that is out of range.
    #[error("{op}: {what} must be {expected}, got {got}")]
    Constant {
        /// The operator's name.
        op: &'static str,
        /// Which argument.
        what: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        got: String,
    },
    /// An argument that must be a number once parameters have values.
    #[error("{op}: {what} must be a number or made of parameters, not a series")]
    NotConstant {
        /// The operator's name.
        op: &'static str,
        /// Which argument.
        what: &'static str,
    },
    /// A parameter without a value.
    #[error("parameter {0:?} has no value")]
    MissingParam(String),
    /// The data lacks a column.
    #[error("no column {name:?}; there are {known}")]
    MissingColumn {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The data lacks another instrument.
    #[error("no bars of {name:?} were given; there are {known}")]
    MissingInstrument {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A timeframe that cannot be built from the bars.
    #[error("timeframe of {}: expected a multiple of the bars' step, {}, and more than it", span(*got), span(*step))]
    Timeframe {
        /// What was asked for.
        got: i64,
        /// Δ of the bars.
        step: i64,
    },
}

/// A span of time in the largest unit that it is a whole number of.
fn span(ns: i64) -> String {
    let units = [
        ("w", 604_800_000_000_000),
        ("d", 86_400_000_000_000),
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
    ];
    let whole = units.iter().find(|(_, unit)| ns != 0 && ns % unit == 0);
    whole.map_or_else(|| format!("{ns}ns"), |(name, unit)| format!("{}{name}", ns / unit))
}
