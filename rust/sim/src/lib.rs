//! The simulated exchange, exact accounting, the numeric risk gate and the synthetic market.

pub mod synth;
