//! Backtests on bars: expressions evaluated block by block, the bar fill model, statistics and parameter sweeps.
//!
//! docs/bar-engine.md states the rules. This crate computes in f64 by declaration and knows nothing of Python.

pub mod data;
pub mod metrics;
pub mod portfolio;
pub mod track;
