//! The tables of a run: an order row per leg, a trade row from flat to flat.

use crate::data::Ns;

use super::Journal;
use super::fills::{Filled, Moment, Ticket};
use super::trade::{Ending, Trade};

/// Direction of an order or a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Buy, long.
    Buy,
    /// Sell, short.
    Sell,
}

impl Side {
    /// +1 or −1.
    #[must_use]
    pub const fn sign(self) -> f64 {
        match self {
            Self::Buy => 1.0,
            Self::Sell => -1.0,
        }
    }

    pub(crate) fn of(signed: f64) -> Self {
        if signed < 0.0 { Self::Sell } else { Self::Buy }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// Whether it is [`Side::Buy`].
    #[must_use]
    pub const fn is_buy(self) -> bool {
        matches!(self, Self::Buy)
    }
}

/// What an order does to the position, or what made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Opens a position.
    Open,
    /// Adds to it.
    Add,
    /// Reduces it, by decision.
    Close,
    /// Stop loss.
    StopLoss,
    /// Trailing stop.
    Trailing,
    /// Take profit.
    TakeProfit,
    /// Liquidation.
    Liquidation,
    /// Time stop.
    Time,
    /// Sale at the end of the data.
    End,
}

impl Kind {
    /// Names by code.
    pub const NAMES: [&'static str; 9] =
        ["open", "add", "close", "stop_loss", "trailing", "take_profit", "liquidation", "time", "end"];
}

/// Where an order ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// Filled, wholly or as far as its size allowed.
    Filled,
    /// Came to its fill and could not be sized.
    Skipped,
    /// Lost its purpose before its fill.
    Cancelled,
    /// Still waiting when the data ended.
    Pending,
}

impl Status {
    /// Names by code.
    pub const NAMES: [&'static str; 4] = ["filled", "skipped", "cancelled", "pending"];
}

/// Why an order was skipped or cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    /// It was not.
    None,
    /// The position it reduces or adds to is gone.
    PositionClosed,
    /// No money is left.
    Ruin,
    /// Its size is 0 or below the minimum.
    BelowMinimum,
    /// Its size is 0 or below the minimum for want of cash.
    ShortOfCash,
    /// Its size has no value.
    UndefinedSize,
    /// Post-only, and it would have taken.
    WouldTake,
    /// The strategy took it back.
    Withdrawn,
}

impl Reason {
    /// Names by code.
    pub const NAMES: [&'static str; 8] = [
        "",
        "position closed",
        "ruin",
        "below minimum",
        "short of cash",
        "undefined size",
        "post-only would take",
        "withdrawn",
    ];
}

/// A row of the order table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrderRow {
    /// Counted from 0 in order of decision.
    pub id: u64,
    /// Decision bar; of an exit, its fill bar.
    pub bar: usize,
    /// Decision time; of an exit, its fill time.
    pub ts: Ns,
    /// What it does.
    pub kind: Kind,
    /// Buy or sell.
    pub side: Side,
    /// Where it ended.
    pub status: Status,
    /// Why it was skipped or cancelled.
    pub reason: Reason,
    /// Units filled, 0 if it did not fill.
    pub size: f64,
    /// Bar of the fill, −1 if it did not fill.
    pub fill_bar: i64,
    /// Time of the fill, −1 if it did not fill.
    pub fill_ts: Ns,
    /// Price of the fill, NaN if it did not fill.
    pub price: f64,
    /// Fee in quote units.
    pub fee: f64,
    /// Filled at the maker rate.
    pub is_maker: bool,
    /// Filled for less than wanted, as the cap demanded.
    pub is_reduced: bool,
    /// Id of the trade, −1 if it did not fill.
    pub trade: i64,
}

/// A row of the trade table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TradeRow {
    /// Counted from 0 in order of entry.
    pub id: u64,
    /// Long or short.
    pub side: Side,
    /// Time of the first entry fill.
    pub entry_ts: Ns,
    /// Bar of the first entry fill.
    pub entry_bar: usize,
    /// Mean entry price, weighted by size.
    pub entry_price: f64,
    /// Units entered.
    pub size: f64,
    /// Time of the last exit fill; of an open trade the end of the data.
    pub exit_ts: Ns,
    /// Bar of the last exit fill; of an open trade the last bar.
    pub exit_bar: usize,
    /// Mean exit price, weighted by size; of an open trade the last close.
    pub exit_price: f64,
    /// Fees of its fills.
    pub fees: f64,
    /// Funding paid.
    pub funding: f64,
    /// side · (exit value − entry value) − fees − funding.
    pub pnl: f64,
    /// pnl / entry value.
    pub ratio: f64,
    /// Kind of the last exit; none while open.
    pub reason: Option<Kind>,
    /// Still open when the data ended.
    pub is_open: bool,
}

/// A journal that keeps every row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// Orders; sorted by id once the run is finished.
    pub orders: Vec<OrderRow>,
    /// Trades, by id.
    pub trades: Vec<TradeRow>,
}

impl Journal for Records {
    const KEEPS: bool = true;

    fn fill(&mut self, ticket: &Ticket, filled: &Filled, at: Moment, trade: u64) {
        self.orders.push(ticket.filled(filled, at, trade));
    }

    fn unfilled(&mut self, ticket: &Ticket, status: Status, reason: Reason) {
        self.orders.push(ticket.unfilled(status, reason));
    }

    fn trade(&mut self, trade: &Trade, pnl: f64, ending: Ending) {
        self.trades.push(trade.row(pnl, ending));
    }

    fn finish(&mut self) {
        self.orders.sort_unstable_by_key(|row| row.id);
    }
}
