//! Evaluation of a concrete graph, block by block: every distinct node once per block, its state carried over.

mod compare;
pub(crate) mod kernels;
mod layout;
mod machine;
pub mod mask;
pub mod memory;
mod operator;
pub(crate) mod simd;

pub use layout::Layout;
pub use machine::{Machine, Values};
