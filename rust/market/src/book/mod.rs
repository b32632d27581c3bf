//! Local order books.

mod l2;

pub use l2::L2;
