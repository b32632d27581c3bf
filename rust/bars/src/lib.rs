//! Backtests on bars: expressions evaluated block by block, the bar fill model, statistics and parameter sweeps.
//!
//! docs/bar-engine.md states the rules. This crate computes in f64 by declaration and knows nothing of Python.

pub mod checks;
pub mod data;
pub mod dataset;
pub mod direct;
pub mod eval;
pub mod evaluate;
pub mod graph;
pub mod live;
pub mod metrics;
pub mod portfolio;
pub mod program;
pub mod session;
pub mod stepped;
pub mod sweep;
pub mod track;
pub mod walk;
