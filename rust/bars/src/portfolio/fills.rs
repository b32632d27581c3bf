//! Fills: what an order that meets its price does to cash, position, trade and tables.

use alipes_market::mutants::is_on;

use crate::data::{Bar, Ns};

use super::decide::Increase;
use super::levels::Levels;
use super::plan::{Distance, Plan};
use super::size::{self, Means, Sized};
use super::trade::{Ending, NEVER, Trade};
use super::{Account, Event, Journal, Kind, OrderRow, Reason, Side, Size, Status};

/// Where and when a fill happens.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub(crate) bar: usize,
    /// Time of the fill.
    pub(crate) ts: Ns,
    /// Whether that is the bar's close, its open time + Δ, and not its open.
    pub(crate) is_close: bool,
    /// Spread of the bar.
    pub(crate) spread: f64,
}

impl Moment {
    /// The open of bar `i`, which stands for its path as well.
    pub(crate) const fn open(i: usize, bar: &Bar) -> Self {
        Self { bar: i, ts: bar.ts, is_close: false, spread: bar.spread }
    }

    /// The close of bar `i`, which spans `step`.
    pub(crate) const fn close(i: usize, bar: &Bar, step: Ns) -> Self {
        Self { bar: i, ts: bar.ts + step, is_close: true, spread: bar.spread }
    }
}

/// An order before its end.
#[derive(Clone, Copy, Debug)]
pub struct Ticket {
    pub(crate) id: u64,
    /// Decision bar.
    pub(crate) bar: usize,
    /// Decision time.
    pub(crate) ts: Ns,
    pub(crate) kind: Kind,
    pub(crate) side: Side,
    pub(crate) client: Option<u64>,
}

/// The figures of a fill.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filled {
    pub(crate) units: f64,
    pub(crate) price: f64,
    pub(crate) fee: f64,
    pub(crate) is_maker: bool,
    pub(crate) is_reduced: bool,
    /// It left no cash: not what subtracting leaves, but none.
    pub(crate) spends_all: bool,
}

/// What is left of a position after a reduction, as a part of it, below which nothing is left.
pub(crate) const DUST: f64 = 1e-12;

impl<J: Journal> Account<J> {
    pub(crate) fn new_id(&mut self) -> u64 {
        let id = self.next_order;
        self.next_order += 1;
        id
    }

    /// Fills the orders of rules that wait for this fill point, the reduction first.
    #[inline]
    pub(crate) fn fill_waiting(&mut self, price: f64, at: Moment) {
        if let Some(ticket) = self.close {
            self.close = None;
            self.fill_close(ticket, price, at);
        }
        if let Some(order) = self.open {
            self.open = None;
            self.fill_open(&order, price, at);
        }
    }

    /// Fills a reduction of rules: the whole position goes.
    #[inline]
    pub(crate) fn fill_close(&mut self, ticket: Ticket, price: f64, at: Moment) {
        if self.units == 0.0 {
            self.drop_ticket(ticket, Status::Cancelled, Reason::PositionClosed);
        } else {
            let price = self.terms.slip(price, ticket.side.is_buy(), at.spread);
            self.reduce(ticket, self.units.abs(), price, false, at);
        }
    }

    /// Fills an increase of rules.
    #[inline(always)]
    pub(crate) fn fill_open(&mut self, order: &Increase, price: f64, at: Moment) {
        if self.ruined.is_some() {
            self.drop_ticket(order.ticket, Status::Cancelled, Reason::Ruin);
        } else if order.ticket.kind == Kind::Add && self.units == 0.0 {
            self.drop_ticket(order.ticket, Status::Cancelled, Reason::PositionClosed);
        } else {
            let price = self.terms.slip(price, order.ticket.side.is_buy(), at.spread);
            self.increase(order, price, false, at);
        }
    }

    /// Closes the position at a taker's price, by an order that is made now.
    pub(crate) fn take_out(&mut self, kind: Kind, price: f64, at: Moment) {
        let buys = self.units < 0.0;
        let sign = if is_on("bars_slippage_sign") { !buys } else { buys };
        let price = self.terms.slip(price, sign, at.spread);
        self.exit(kind, price, false, at);
    }

    /// Closes the position at `price`, by an order that is made now.
    pub(crate) fn exit(&mut self, kind: Kind, price: f64, is_maker: bool, at: Moment) {
        let side = Side::of(self.units).other();
        let ticket = Ticket { id: self.new_id(), bar: at.bar, ts: at.ts, kind, side, client: None };
        let held = self.units.abs();
        self.reduce(ticket, held, price, is_maker, at);
        if !self.waiting.is_empty() && kind != Kind::End {
            self.void_waiting(side.other(), held);
        }
    }

    /// Takes `units` (of at most the position) off the position at `price`.
    #[inline]
    pub(crate) fn reduce(&mut self, ticket: Ticket, units: f64, price: f64, is_maker: bool, at: Moment) {
        let held = self.units.abs();
        let closes = held - units <= held * DUST;
        let units = if closes { held } else { units };
        let side = self.levels.side;
        let value = units * price;
        let fee = self.terms.fee(value, is_maker);
        self.cash += side * value - fee;
        self.units = if closes { 0.0 } else { self.units - side * units };
        self.trade.leave(value, fee);
        self.tally.fees += fee;
        self.tally.turnover += value;
        self.report_fill(ticket, Filled { units, price, fee, is_maker, ..Filled::default() }, at);
        if closes {
            self.end_trade(ticket.kind, at);
        } else {
            self.set_liquidation();
        }
    }

    #[inline]
    fn end_trade(&mut self, reason: Kind, at: Moment) {
        let trade = self.trade;
        let pnl = trade.pnl(0.0);
        self.tally.close(pnl, pnl / trade.entry_value, at.ts - trade.entry_ts);
        if J::KEEPS {
            let price = trade.exit_value / trade.size;
            let ending = Ending { ts: at.ts, bar: at.bar, price, reason: Some(reason) };
            self.journal.trade(&trade, pnl, ending);
        }
        self.levels = Levels::FLAT;
        if self.cash <= 0.0 {
            self.ruined = Some(at.bar);
            self.drop_waiting(Status::Cancelled, Reason::Ruin);
        } else if !self.waiting.is_empty() && reason != Kind::End {
            self.cancel_reduce_only();
        }
    }

    /// Opens or adds at `price`, as far as size and cap allow. The account is flat or on the order's side.
    #[inline(always)]
    pub(crate) fn increase(&mut self, order: &Increase, price: f64, is_maker: bool, at: Moment) {
        let means = Means { cash: self.cash, units: self.units };
        let wanted = order.units.unwrap_or_else(|| size::wanted(&order.plan, price, means, &self.terms));
        let sized = match size::allowed(wanted, price, means, &self.terms) {
            Ok(sized) => sized,
            Err(reason) => return self.drop_ticket(order.ticket, Status::Skipped, reason),
        };
        let spends_all = order.units.is_none()
            && order.plan.size == Size::Equity(1.0)
            && self.terms.leverage == 1.0
            && self.units == 0.0
            && order.ticket.side.is_buy()
            && !is_maker
            && sized.units == wanted
            && !is_on("bars_fee_side");
        self.enter(order, sized, price, is_maker, spends_all, at);
        self.set_liquidation();
    }

    #[inline(always)]
    fn enter(
        &mut self,
        order: &Increase,
        sized: Sized,
        price: f64,
        is_maker: bool,
        spends_all: bool,
        at: Moment,
    ) {
        let side = order.ticket.side.sign();
        if self.units == 0.0 {
            let due = order.plan.max_bars.map_or(NEVER, |bars| self.due(bars, at.ts));
            self.trade = Trade::new(self.next_trade, side, at.ts, at.bar, due);
            self.next_trade += 1;
            self.levels = Levels::of(side);
        } else {
            self.trade.additions += 1;
        }
        let Sized { units, is_reduced } = sized;
        let value = units * price;
        let fee = self.terms.entry_fee(value, is_maker);
        self.cash = if spends_all { 0.0 } else { self.cash - (side * value + fee) };
        self.units += side * units;
        self.trade.enter(units, value, fee);
        self.tally.fees += fee;
        self.tally.turnover += value;
        self.set_exits(&order.plan, price);
        self.report_fill(order.ticket, Filled { units, price, fee, is_maker, is_reduced, spends_all }, at);
    }

    #[inline]
    fn set_exits(&mut self, plan: &Plan, price: f64) {
        if !plan.has_exits() {
            return;
        }
        let mut undefined = 0;
        let mut from = |distance: Option<Distance>| {
            let distance = distance?.from(price);
            undefined += u64::from(distance.is_none());
            distance
        };
        let distances = [from(plan.stop), from(plan.target), from(plan.trail)];
        self.undefined_exits += undefined;
        self.levels.set(price, distances, self.terms.grid.as_ref());
    }

    /// Time from which a stop after `bars` of Δ is due.
    fn due(&mut self, bars: f64, entry: Ns) -> Ns {
        if !bars.is_finite() {
            self.undefined_exits += 1;
            return NEVER;
        }
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        let span = (bars * self.terms.step as f64).ceil() as Ns;
        entry.saturating_add(span)
    }

    #[inline]
    fn report_fill(&mut self, ticket: Ticket, filled: Filled, at: Moment) {
        if J::KEEPS {
            self.journal.fill(&ticket, &filled, at, self.trade.id);
        }
        if self.hears_events {
            self.events.push(Event { client: ticket.client, row: ticket.filled(&filled, at, self.trade.id) });
        }
    }

    /// Ends an order without a fill.
    #[cold]
    pub(crate) fn drop_ticket(&mut self, ticket: Ticket, status: Status, reason: Reason) {
        if J::KEEPS {
            self.journal.unfilled(&ticket, status, reason);
        }
        if self.hears_events {
            self.events.push(Event { client: ticket.client, row: ticket.unfilled(status, reason) });
        }
    }

    /// Ends every order that waits.
    #[cold]
    pub(crate) fn drop_waiting(&mut self, status: Status, reason: Reason) {
        if let Some(ticket) = self.close.take() {
            self.drop_ticket(ticket, status, reason);
        }
        if let Some(order) = self.open.take() {
            self.drop_ticket(order.ticket, status, reason);
        }
        if !self.waiting.is_empty() {
            self.drop_submitted(status, reason);
        }
    }
}

impl Ticket {
    /// The row of an order that filled.
    #[allow(clippy::cast_possible_wrap, reason = "bars and trades stay far below 2^63")]
    pub(crate) fn filled(&self, filled: &Filled, at: Moment, trade: u64) -> OrderRow {
        OrderRow {
            size: filled.units,
            fill_bar: at.bar as i64,
            fill_ts: at.ts,
            price: filled.price,
            fee: filled.fee,
            is_maker: filled.is_maker,
            is_reduced: filled.is_reduced,
            trade: trade as i64,
            ..self.unfilled(Status::Filled, Reason::None)
        }
    }

    /// The row of an order without a fill.
    pub(crate) fn unfilled(&self, status: Status, reason: Reason) -> OrderRow {
        OrderRow {
            id: self.id,
            bar: self.bar,
            ts: self.ts,
            kind: self.kind,
            side: self.side,
            status,
            reason,
            size: 0.0,
            fill_bar: -1,
            fill_ts: -1,
            price: f64::NAN,
            fee: 0.0,
            is_maker: false,
            is_reduced: false,
            trade: -1,
        }
    }
}
