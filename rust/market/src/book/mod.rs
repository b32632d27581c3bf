//! Local order books.

mod l2;
pub mod measures;

pub use l2::L2;
