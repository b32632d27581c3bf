//! Who is told of orders and trades.

use super::fills::{Filled, Moment, Ticket};
use super::trade::{Ending, Trade};
use super::{OrderRow, Reason, Status};

/// Hears of orders when they end, not in the order of their ids, and of trades when they are over.
pub trait Journal {
    /// Whether it keeps anything; where not, it is not told.
    const KEEPS: bool;
    /// Whether money and position over time can be worked out from it, up to what funding did.
    const REPLAYS: bool = false;

    /// An order, or a leg of it, filled in the trade `trade`.
    fn fill(&mut self, ticket: &Ticket, filled: &Filled, at: Moment, trade: u64);

    /// An order ended without a fill.
    fn unfilled(&mut self, ticket: &Ticket, status: Status, reason: Reason);

    /// A trade was closed by the latest fill, or the data ended with it open.
    fn trade(&mut self, trade: &Trade, pnl: f64, ending: Ending);

    /// The run ended.
    fn finish(&mut self);
}

/// Keeps nothing: what a sweep uses.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoJournal;

impl Journal for NoJournal {
    const KEEPS: bool = false;

    fn fill(&mut self, _ticket: &Ticket, _filled: &Filled, _at: Moment, _trade: u64) {}

    fn unfilled(&mut self, _ticket: &Ticket, _status: Status, _reason: Reason) {}

    fn trade(&mut self, _trade: &Trade, _pnl: f64, _ending: Ending) {}

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
