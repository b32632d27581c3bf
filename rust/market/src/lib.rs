//! Market data: exact numbers, instruments, local order books, sequence rules, wire decoders and streaming features.
//!
//! This crate knows nothing of orders, accounts or Python. Bytes come in as a venue sent them; integer ticks and
//! size steps come out, with no allocation on the hot path.

pub mod book;
pub mod capture;
pub mod columns;
pub mod decimal;
pub mod decode;
pub mod events;
pub mod features;
pub mod feed;
pub mod frame;
pub mod grids;
pub mod instrument;
pub mod mutants;
pub mod ops;
pub mod sync;
pub mod types;
pub mod venue;
