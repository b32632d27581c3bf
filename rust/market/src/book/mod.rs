//! Local order books.

mod bitmap;
mod l2;
mod ladder;
pub mod measures;

pub use l2::L2;
