//! The two grids that a book counts on, together.

use crate::decimal::{Decimal, Grid, GridError};

/// Price ticks and size steps of one instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grids {
    /// Prices: multiples of the tick size.
    pub price: Grid,
    /// Sizes: multiples of 10^-(decimals(lot)+3), three digits finer than the lot.
    pub size: Grid,
}

impl Grids {
    /// Grids of an instrument's tick size and lot size.
    ///
    /// # Errors
    /// [`GridError::BadStep`] where one of them is not positive.
    pub fn new(tick_size: Decimal, lot_size: Decimal) -> Result<Self, GridError> {
        Ok(Self { price: Grid::new(tick_size)?, size: Grid::of_sizes(lot_size)? })
    }

    /// Grids from the text of tick size and lot size.
    ///
    /// # Errors
    /// [`GridError`] where a text is no number or not positive.
    pub fn parse(tick_size: &str, lot_size: &str) -> Result<Self, GridError> {
        Self::new(Decimal::parse(tick_size.as_bytes())?, Decimal::parse(lot_size.as_bytes())?)
    }
}
