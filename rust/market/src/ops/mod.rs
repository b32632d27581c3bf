//! Streaming operators: small pieces of state with O(1) work per update, shared by batch columns and live features.
//!
//! Sums are kept in integers (size steps, counts), so a window's value does not depend on how it was reached. The
//! operators know numbers and time only: no names, no frames, no books.

mod ewma;
mod ofi;
pub mod series;
mod window;

pub use ewma::Ewma;
pub use ofi::{Ofi, Quote};
pub use window::{Since, Trailing, Window};
