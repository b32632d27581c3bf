//! Bars: what the engine reads of a market.

/// Nanoseconds since 1970, UTC, or a span of them.
pub type Ns = i64;

/// One bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Open time.
    pub ts: Ns,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Full spread in price units; 0 without a spread column.
    pub spread: f64,
    /// Mark price at the open; the open itself without a mark column.
    pub mark: f64,
}
