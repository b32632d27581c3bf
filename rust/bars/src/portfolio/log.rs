//! A journal in a few bytes an order: what cannot be worked out again. The tables are made of it when somebody asks.

use crate::data::{Ns, OpenTimes};

use super::chunks::Chunks;
use super::fills::{Filled, Moment, Ticket};
use super::trade::{Ending, NEVER, Trade};
use super::{Holdings, Journal, Kind, OrderRow, Reason, Side, Status, Terms, TradeRow};

/// An order that ended: 32 bytes instead of the 80 of its row.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    units: f64,
    price: f64,
    id: u32,
    /// Decision bar.
    bar: u32,
    /// Bar of the fill.
    fill_bar: u32,
    kind: Kind,
    status: Status,
    reason: Reason,
    flags: u8,
}

/// It sold.
const SELLS: u8 = 1;
/// It filled at the maker rate.
const IS_MAKER: u8 = 2;
/// It filled for less than wanted.
const IS_REDUCED: u8 = 4;
/// It filled at its bar's close.
const AT_CLOSE: u8 = 8;
/// It closed its trade.
const ENDS_TRADE: u8 = 16;
/// It left no cash.
const SPENDS_ALL: u8 = 32;

/// How a trade that is open when the data end is marked.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Mark {
    pnl: f64,
    funding: f64,
    bar: u32,
    ts: Ns,
    price: f64,
}

/// A journal that keeps orders as they ended, and trades as what their orders say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrderLog {
    entries: Chunks<Entry>,
    /// Closed trades that paid (or were paid) funding, in order, with how much.
    funding: Vec<(u64, f64)>,
    open: Option<Mark>,
}

/// A count in the width of the log, which memory bounds far below 2^32 rows.
fn short<T: TryInto<u32>>(count: T) -> u32 {
    count.try_into().unwrap_or(u32::MAX)
}

const fn flag(is_set: bool, bit: u8) -> u8 {
    if is_set { bit } else { 0 }
}

impl Journal for OrderLog {
    const KEEPS: bool = true;
    const REPLAYS: bool = true;

    #[inline]
    fn fill(&mut self, ticket: &Ticket, filled: &Filled, at: Moment, _trade: u64) {
        self.entries.push(Entry {
            units: filled.units,
            price: filled.price,
            fill_bar: short(at.bar),
            flags: flag(filled.is_maker, IS_MAKER)
                | flag(filled.is_reduced, IS_REDUCED)
                | flag(at.is_close, AT_CLOSE)
                | flag(filled.spends_all, SPENDS_ALL)
                | flag(!ticket.side.is_buy(), SELLS),
            ..Entry::new(ticket, Status::Filled, Reason::None)
        });
    }

    fn unfilled(&mut self, ticket: &Ticket, status: Status, reason: Reason) {
        self.entries.push(Entry::new(ticket, status, reason));
    }

    #[inline]
    fn trade(&mut self, trade: &Trade, pnl: f64, ending: Ending) {
        let funding = trade.funding;
        if ending.reason.is_none() {
            let Ending { ts, bar, price, .. } = ending;
            self.open = Some(Mark { pnl, funding, bar: short(bar), ts, price });
            return;
        }
        if let Some(last) = self.entries.last_mut() {
            last.flags |= ENDS_TRADE;
        }
        if funding != 0.0 {
            self.funding.push((trade.id, funding));
        }
    }

    fn finish(&mut self) {}
}

impl Entry {
    fn new(ticket: &Ticket, status: Status, reason: Reason) -> Self {
        Self {
            units: 0.0,
            price: f64::NAN,
            id: short(ticket.id),
            bar: short(ticket.bar),
            fill_bar: 0,
            kind: ticket.kind,
            status,
            reason,
            flags: flag(!ticket.side.is_buy(), SELLS),
        }
    }

    const fn is(&self, bit: u8) -> bool {
        self.flags & bit != 0
    }

    const fn side(&self) -> Side {
        if self.is(SELLS) { Side::Sell } else { Side::Buy }
    }

    fn is_filled(&self) -> bool {
        self.status == Status::Filled
    }

    const fn enters(&self) -> bool {
        matches!(self.kind, Kind::Open | Kind::Add)
    }

    /// Whether it was decided at a close, not made at its fill.
    const fn is_decided(&self) -> bool {
        self.enters() || matches!(self.kind, Kind::Close)
    }

    /// Time of the fill.
    fn time(&self, times: &OpenTimes) -> Ns {
        times.at(self.fill_bar as usize) + if self.is(AT_CLOSE) { times.step() } else { 0 }
    }

    fn fee(&self, terms: &Terms) -> f64 {
        let (value, is_maker) = (self.units * self.price, self.is(IS_MAKER));
        if self.enters() { terms.entry_fee(value, is_maker) } else { terms.fee(value, is_maker) }
    }

    fn ticket(&self, times: &OpenTimes) -> Ticket {
        let Self { id, bar, kind, .. } = *self;
        let bar = bar as usize;
        let ts = if self.is_decided() { times.at(bar) + times.step() } else { self.time(times) };
        Ticket { id: u64::from(id), bar, ts, kind, side: self.side(), client: None }
    }

    /// Its row, if it filled in (or while) `trade`.
    fn row(&self, terms: &Terms, times: &OpenTimes, trade: u64) -> OrderRow {
        let ticket = self.ticket(times);
        if !self.is_filled() {
            return ticket.unfilled(self.status, self.reason);
        }
        let filled = Filled {
            units: self.units,
            price: self.price,
            fee: self.fee(terms),
            is_maker: self.is(IS_MAKER),
            is_reduced: self.is(IS_REDUCED),
            spends_all: self.is(SPENDS_ALL),
        };
        ticket.filled(&filled, self.moment(times), trade)
    }

    /// Money and position after it.
    fn applied(&self, (cash, units): (f64, f64), terms: &Terms) -> (f64, f64) {
        let (value, fee, sign) = (self.units * self.price, self.fee(terms), self.side().sign());
        match self.enters() {
            true if self.is(SPENDS_ALL) => (0.0, units + sign * self.units),
            true => (cash - (sign * value + fee), units + sign * self.units),
            // The position is on the other side than the order.
            false if self.is(ENDS_TRADE) => (cash + (-sign * value - fee), 0.0),
            false => (cash + (-sign * value - fee), units + sign * self.units),
        }
    }

    fn moment(&self, times: &OpenTimes) -> Moment {
        let bar = self.fill_bar as usize;
        Moment { bar, ts: self.time(times), is_close: self.is(AT_CLOSE), spread: 0.0 }
    }
}

impl OrderLog {
    /// Order rows by id.
    ///
    /// Args: `terms` and `times`: those of the run.
    #[must_use]
    pub fn orders(&self, terms: &Terms, times: &OpenTimes) -> Vec<OrderRow> {
        let mut trade = 0;
        let row = |entry: &Entry| {
            let row = entry.row(terms, times, trade);
            trade += u64::from(entry.is(ENDS_TRADE));
            row
        };
        let mut rows: Vec<OrderRow> = self.entries.iter().map(row).collect();
        rows.sort_unstable_by_key(|row| row.id);
        rows
    }

    /// Money and position over time.
    ///
    /// Args: `terms`: those of the run; `noted`: what was held after bars on which more happened than fills.
    #[must_use]
    pub fn holdings(&self, terms: &Terms, noted: &Holdings) -> Holdings {
        let mut held = Holdings::new(terms.cash);
        let mut now = (terms.cash, 0.0);
        let mut notes = noted.rows().peekable();
        for entry in self.entries.iter().filter(|entry| entry.is_filled()) {
            let bar = entry.fill_bar as usize;
            while let Some((at, cash, units)) = notes.next_if(|note| note.0 < bar) {
                now = (cash, units);
                held.note(at, cash, units);
            }
            now = entry.applied(now, terms);
            held.note(bar, now.0, now.1);
        }
        for (at, cash, units) in notes {
            held.note(at, cash, units);
        }
        held
    }

    /// Trade rows by id.
    ///
    /// Args: `terms` and `times`: those of the run.
    #[must_use]
    pub fn trades(&self, terms: &Terms, times: &OpenTimes) -> Vec<TradeRow> {
        let mut rows = Vec::new();
        let mut funding = self.funding.iter().peekable();
        let mut trade: Option<Trade> = None;
        for entry in self.entries.iter().filter(|entry| entry.is_filled()) {
            let (value, fee) = (entry.units * entry.price, entry.fee(terms));
            let at = entry.moment(times);
            let of = trade.get_or_insert_with(|| {
                Trade::new(rows.len() as u64, entry.side().sign(), at.ts, at.bar, NEVER)
            });
            if entry.enters() {
                of.enter(entry.units, value, fee);
            } else {
                of.leave(value, fee);
            }
            if entry.is(ENDS_TRADE) {
                of.funding = funding.next_if(|paid| paid.0 == of.id).map_or(0.0, |paid| paid.1);
                let price = of.exit_value / of.size;
                let ending = Ending { ts: at.ts, bar: at.bar, price, reason: Some(entry.kind) };
                rows.push(of.row(of.pnl(0.0), ending));
                trade = None;
            }
        }
        if let (Some(mut trade), Some(mark)) = (trade, self.open) {
            trade.funding = mark.funding;
            let ending = Ending { ts: mark.ts, bar: mark.bar as usize, price: mark.price, reason: None };
            rows.push(trade.row(mark.pnl, ending));
        }
        rows
    }
}
