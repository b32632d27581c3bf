//! Orders of a strategy: any buy or sell, at the market or at a limit, in a book of those that wait.
//!
//! They obey what docs/bar-engine.md says of decided orders; a limit rests from its first fill point on.

use crate::data::Bar;

use super::decide::Increase;
use super::fills::{DUST, Moment, Ticket};
use super::size::{self, Means};
use super::{Account, BarError, Fill, Journal, Kind, Plan, Reason, Side, Size, Status};

/// An order as a strategy submits it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// The strategy's own id, for events and for [`Account::cancel`].
    pub client: u64,
    /// Buy or sell.
    pub side: Side,
    /// Size, and the exits of what the order opens or adds.
    pub plan: Plan,
    /// Limit price; none is a market order.
    pub limit: Option<f64>,
    /// Never opens or adds.
    pub is_reduce_only: bool,
    /// Cancelled instead of taking; a market order cannot be.
    pub is_post_only: bool,
}

/// An order that waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    ticket: Ticket,
    plan: Plan,
    /// Units wanted, where they were fixed at the decision.
    units: Option<f64>,
    /// Units that were to close what an exit has closed before.
    void: f64,
    limit: Option<f64>,
    is_reduce_only: bool,
    is_post_only: bool,
    /// Has not come to its first fill point.
    is_fresh: bool,
}

impl Waiting {
    /// Limit price, if it rests on the side that a falling (or a rising) leg fills.
    pub(crate) fn resting(&self, falls: bool) -> Option<f64> {
        if self.is_fresh || self.ticket.side.is_buy() != falls { None } else { self.limit }
    }

    /// Units wanted, if they do not depend on its fill.
    fn fixed_units(&self) -> Option<f64> {
        if let Size::Units(units) = self.plan.size { Some(units) } else { self.units }
    }

    /// The side it would open.
    pub(crate) fn opens(&self) -> Option<Side> {
        (!self.is_reduce_only && !self.is_fresh).then_some(self.ticket.side)
    }
}

impl<J: Journal> Account<J> {
    /// Takes an order decided at the close of bar `i`; returns its row id.
    ///
    /// A market order fills at the terms' fill point. A limit that this point meets or betters takes there, at the
    /// slipped price or its limit, whichever is better; otherwise it rests until it fills, the data end or it is
    /// cancelled. An order larger than an opposite position closes it and opens the rest.
    ///
    /// # Errors
    ///
    /// A negative size, a distance that is not above 0, a limit price that is not a positive number.
    pub fn submit(&mut self, i: usize, bar: &Bar, request: Request) -> Result<u64, BarError> {
        request.plan.check(i)?;
        if let Some(value) = request.limit.filter(|price| !(price.is_finite() && *price > 0.0)) {
            return Err(BarError::LimitPrice { bar: i, value });
        }
        let means = self.after_reductions(bar.close);
        let kind = match request.side.sign() * means.units {
            0.0 => Kind::Open,
            same if same > 0.0 => Kind::Add,
            _ => Kind::Close,
        };
        let Request { client, side, plan, limit, is_reduce_only, is_post_only } = request;
        let units = self.terms.size_at_decision.then(|| size::wanted(&plan, bar.close, means, &self.terms));
        let id = self.new_id();
        let ticket = Ticket { id, bar: i, ts: bar.ts + self.terms.step, kind, side, client: Some(client) };
        if self.ruined.is_some() {
            self.drop_ticket(ticket, Status::Cancelled, Reason::Ruin);
            return Ok(id);
        }
        self.decided_close = bar.close;
        let is_fresh = true;
        self.waiting.push(Waiting {
            ticket,
            plan,
            units,
            void: 0.0,
            limit,
            is_reduce_only,
            is_post_only,
            is_fresh,
        });
        Ok(id)
    }

    /// Cash and units as if the reductions submitted so far had filled at an unslipped `close`, with their fees.
    fn after_reductions(&self, close: f64) -> Means {
        let mut means = Means { cash: self.cash, units: self.units };
        for order in self.waiting.iter().filter(|order| order.is_fresh && order.limit.is_none()) {
            let sign = order.ticket.side.sign();
            if let Some(units) = order.fixed_units().filter(|_| sign * means.units < 0.0) {
                let value = units.min(means.units.abs()) * close;
                means.cash -= sign * value + self.terms.fee(value, false);
                means.units = if units >= means.units.abs() { 0.0 } else { means.units + sign * units };
            }
        }
        means
    }

    /// Takes back the order with the strategy's id; false if it does not wait any more.
    pub fn cancel(&mut self, client: u64) -> bool {
        let place = self.waiting.iter().position(|order| order.ticket.client == Some(client));
        let Some(place) = place else { return false };
        let ticket = self.waiting.remove(place).ticket;
        self.drop_ticket(ticket, Status::Cancelled, Reason::Withdrawn);
        true
    }

    /// With `Fill::SameClose`, fills what was submitted at the close of bar `i`; equity is to be marked after it.
    pub fn settle(&mut self, i: usize, bar: &Bar) {
        if self.terms.fill == Fill::SameClose {
            let at = Moment::close(i, bar, self.terms.step);
            self.fill_fresh(bar.close, at);
        }
    }

    /// The first fill point of what was submitted: reductions, then the rest, each in order.
    #[inline]
    pub(crate) fn fill_fresh(&mut self, price: f64, at: Moment) {
        if !self.waiting.is_empty() {
            self.meet_all(price, at);
        }
    }

    fn meet_all(&mut self, price: f64, at: Moment) {
        while let Some(place) = self.next_fresh() {
            let order = self.waiting.remove(place);
            self.meet(order, place, price, at);
        }
    }

    fn next_fresh(&self) -> Option<usize> {
        let reduces = |order: &Waiting| order.is_fresh && self.opposes(order.ticket.side);
        let first = self.waiting.iter().position(reduces);
        first.or_else(|| self.waiting.iter().position(|order| order.is_fresh))
    }

    fn opposes(&self, side: Side) -> bool {
        side.sign() * self.units < 0.0
    }

    /// Fills an order at its first fill point, or lets it rest at `place`.
    fn meet(&mut self, order: Waiting, place: usize, price: f64, at: Moment) {
        let buys = order.ticket.side.is_buy();
        let slipped = self.terms.slip(price, buys, at.spread);
        match order.limit {
            None => self.execute(order, slipped, false, at),
            Some(_) if order.is_reduce_only && !self.opposes(order.ticket.side) => {
                self.drop_ticket(order.ticket, Status::Cancelled, Reason::PositionClosed);
            }
            Some(limit) if if buys { price > limit } else { price < limit } => {
                self.waiting.insert(place, Waiting { is_fresh: false, ..order });
            }
            Some(_) if order.is_post_only => {
                self.drop_ticket(order.ticket, Status::Cancelled, Reason::WouldTake);
            }
            Some(limit) => {
                let price = if buys { slipped.min(limit) } else { slipped.max(limit) };
                self.execute(order, price, false, at);
            }
        }
    }

    /// Fills the resting order at `place`, as a maker.
    pub(crate) fn fill_resting(&mut self, place: usize, price: f64, at: Moment) {
        let order = self.waiting.remove(place);
        self.execute(order, price, true, at);
    }

    fn execute(&mut self, order: Waiting, price: f64, is_maker: bool, at: Moment) {
        let Waiting { ticket, plan, .. } = order;
        let means = Means { cash: self.cash, units: self.units };
        let whole = order.units.unwrap_or_else(|| size::wanted(&plan, price, means, &self.terms));
        let wanted = whole - order.void;
        if order.void > 0.0 && wanted <= whole * DUST {
            self.drop_ticket(ticket, Status::Cancelled, Reason::PositionClosed);
        } else if wanted.is_nan() {
            self.drop_ticket(ticket, Status::Skipped, Reason::UndefinedSize);
        } else if self.opposes(ticket.side) {
            self.turn(&order, wanted, price, is_maker, at);
        } else if order.is_reduce_only {
            self.drop_ticket(ticket, Status::Cancelled, Reason::PositionClosed);
        } else {
            let kind = if self.units == 0.0 { Kind::Open } else { Kind::Add };
            let units = (order.void > 0.0 || order.units.is_some()).then_some(wanted);
            let increase = Increase { ticket: Ticket { kind, ..ticket }, plan, units };
            self.increase(&increase, price, is_maker, at);
        }
    }

    /// Reduces the opposite position by `wanted` units and opens what is beyond it.
    fn turn(&mut self, order: &Waiting, wanted: f64, price: f64, is_maker: bool, at: Moment) {
        let ticket = Ticket { kind: Kind::Close, ..order.ticket };
        let held = self.units.abs();
        let floor = |units: f64| self.terms.grid.map_or(units, |grid| grid.floor_lot(units));
        let part = if wanted >= held { held } else { floor(wanted) };
        if part <= 0.0 {
            return self.drop_ticket(ticket, Status::Skipped, Reason::BelowMinimum);
        }
        self.reduce(ticket, part, price, is_maker, at);
        let rest = wanted - held;
        if rest > wanted * DUST && !order.is_reduce_only && self.ruined.is_none() {
            let ticket = Ticket { id: self.new_id(), kind: Kind::Open, ..order.ticket };
            let increase = Increase { ticket, plan: order.plan, units: Some(rest) };
            self.increase(&increase, price, is_maker, at);
        }
    }

    /// After an exit closed `held` units of `side`: market orders lose what they were to add to or take off it.
    pub(crate) fn void_waiting(&mut self, side: Side, held: f64) {
        let mut left = held;
        for order in self.waiting.iter_mut().filter(|order| order.is_fresh && order.limit.is_none()) {
            if order.ticket.side != side {
                let takes = order.fixed_units().map_or(left, |units| units.min(left));
                order.void += takes;
                left -= takes;
            }
        }
        self.cancel_where(|order| {
            order.is_fresh
                && order.limit.is_none()
                && order.ticket.side == side
                && order.ticket.kind == Kind::Add
        });
    }

    /// The end of a trade takes its resting reduce-only orders with it.
    pub(crate) fn cancel_reduce_only(&mut self) {
        self.cancel_where(|order| order.is_reduce_only && !order.is_fresh);
    }

    fn cancel_where(&mut self, goes: impl Fn(&Waiting) -> bool) {
        while let Some(place) = self.waiting.iter().position(&goes) {
            let ticket = self.waiting.remove(place).ticket;
            self.drop_ticket(ticket, Status::Cancelled, Reason::PositionClosed);
        }
    }

    pub(crate) fn drop_submitted(&mut self, status: Status, reason: Reason) {
        for order in std::mem::take(&mut self.waiting) {
            self.drop_ticket(order.ticket, status, reason);
        }
    }
}
