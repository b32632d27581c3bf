//! The simulated exchange, exact accounting, the numeric risk gate and the synthetic market.

pub mod account;
pub mod amount;
pub mod exchange;
pub mod gate;
pub mod synth;
mod wide;
