//! Who is told of orders and trades.

use super::{OrderRow, TradeRow};

/// Receives rows. A row is final when it is written: orders come in order of their end, not of their id.
pub trait Journal {
    /// Whether rows are wanted; where not, none is built.
    const KEEPS: bool;

    /// An order ended.
    fn order(&mut self, row: &OrderRow);

    /// A trade was closed, or the data ended with it open.
    fn trade(&mut self, row: &TradeRow);

    /// The run ended.
    fn finish(&mut self);
}

/// Keeps nothing: what a sweep uses.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoJournal;

impl Journal for NoJournal {
    const KEEPS: bool = false;

    fn order(&mut self, _row: &OrderRow) {}

    fn trade(&mut self, _row: &TradeRow) {}

    fn finish(&mut self) {}
}

/// An order ended, or one leg of it: what a strategy hears of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// The id under which the strategy submitted it; none for the exits of a trade.
    pub client: Option<u64>,
    /// How it ended.
    pub row: OrderRow,
}
