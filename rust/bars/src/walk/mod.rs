//! One parameter set through the bars: from event to event, skipping what lies between.
//!
//! Between a fill and the next event an account changes only by the price, so equity is marked in runs of bars, and bars
//! whose extremes cannot reach a level are never looked at. The account itself is stepped by `portfolio` alone.

mod equity;
mod market;
mod returns;
mod slots;
mod walker;

pub use equity::{EquityTrack, Wants};
pub use market::{Due, Market};
pub use returns::Returns;
pub use slots::{DistanceKind, MOST_BARS, NEVER, Ready, Series, SizeKind, Slots};
pub use walker::{Finished, Walker};
