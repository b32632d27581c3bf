//! Features of a market, computed as its frames go by: the same state gives batch columns and live values.
//!
//! A feature is a property of the book as it is, of the last trade, or a sum over an interval. Book properties are
//! NaN until the book is in step with the venue and whenever it is not. What makes a row is [`Rows`]' business.

mod duration;
mod market;
mod name;
mod rows;

pub use duration::parse_duration;
pub use market::{MarketFeatures, Value, View};
pub use name::{BookFeature, CATALOGUE, Feature, FeatureError, FlowSource};
pub use rows::{MOST_ROWS_AT_ONCE, Row, Rows, RowsError};
