//! Requests: the checks of a new order, taking, resting, amending, withdrawing.

use super::super::checks::{is_too_small, reducible, terms_refusal};
use super::super::order::{NewOrder, Outcome, Reason, TimeInForce};
use super::order::{AccountId, Event, Order, SelfTrade, Status};
use super::plan::{Plan, Taker};
use super::{LiveError, LiveExchange, TradingStatus};
use alipes_market::mutants::is_on;
use alipes_market::types::{Ns, Side, Size, Tick};

/// Highest price of the outside market and of a mark, in ticks.
pub const MAX_PRICE: i64 = 10_i64.pow(12);

/// Highest size of an order and of an outside level, in size steps: sums of them stay far below 64 bits.
pub const MAX_SIZE: i64 = 10_i64.pow(15);

/// Highest price × size of an order in ticks × size steps: sums of its fees and values stay far below 128 bits.
pub const MAX_VALUE: i128 = 10_i128.pow(22);

impl LiveExchange {
    /// A new order arrives; gives the events it causes.
    ///
    /// # Errors
    /// [`LiveError::UnknownAccount`], [`LiveError::UnknownInstrument`], [`LiveError::OutsideAccount`],
    /// [`LiveError::Overflow`].
    pub fn submit(
        &mut self,
        now: Ns,
        account: AccountId,
        terms: NewOrder,
        stp: SelfTrade,
    ) -> Result<Vec<Event>, LiveError> {
        self.advance(now);
        self.ours(account, terms.instrument)?;
        let plan = self.plan(terms.instrument, &taker(account, &terms, terms.size.0, stp))?;
        let refusal = self.refusal(account, &terms, &plan)?;
        if refusal == Reason::None {
            self.accept(account, terms, stp, &plan)?;
        } else {
            let order = Order::new(0, account, terms, stp, self.now);
            self.events.push(Event::Order(Outcome::Rejected, order, refusal));
        }
        self.settle_down()
    }

    /// Books an order that passed its checks, lets it take, and rests or expires what is left.
    pub(super) fn accept(
        &mut self,
        account: AccountId,
        terms: NewOrder,
        stp: SelfTrade,
        plan: &Plan,
    ) -> Result<(), LiveError> {
        self.forget_orders(account, terms.instrument)?;
        let id = self.orders.last_key_value().map_or(1, |(last, _)| last + 1);
        let order = Order::new(id, account, terms.clone(), stp, self.now);
        let holder = self.accounts.get_mut(account)?;
        holder.newest.insert(terms.client_id.clone(), id);
        holder.open.insert(id);
        holder.stake(terms.instrument).orders.push(id);
        self.orders.insert(id, order.clone());
        self.events.push(Event::Order(Outcome::Accepted, order, Reason::None));
        let is_kill = terms.tif == TimeInForce::Fok && plan.filled < terms.size.0 && !is_on("live_fok");
        if is_kill {
            return self.withdraw(id, Outcome::Expired, Reason::Fok);
        }
        self.carry_out(id, plan)?;
        self.rest(id, if plan.is_stopped { Reason::Stp } else { terms.expiry() })
    }

    /// What becomes of the part of an order that was not taken: it rests, or expires for a reason.
    fn rest(&mut self, id: u64, reason: Reason) -> Result<(), LiveError> {
        let Some(order) = self.order_at(id).cloned() else { return Ok(()) };
        if order.leaves() == 0 {
            return Ok(());
        }
        if reason != Reason::None {
            return self.withdraw(id, Outcome::Expired, reason);
        }
        self.join(id)
    }

    /// Takes a resting order out of the book.
    fn lift(&mut self, order: &Order) -> Result<(), LiveError> {
        let (index, side, price) = (order.terms.instrument, order.terms.side, order.terms.price.0);
        self.listing_mut(index)?.book.resize(side, price, order.id, 0);
        let stake = self.accounts.get_mut(order.account)?.stake(index);
        if order.terms.is_reduce_only {
            stake.reducing.remove(&order.id);
        } else {
            stake.add_resting(side, -(i128::from(price) * i128::from(order.leaves())));
        }
        Ok(())
    }

    /// Ends an open order, whether it rests or has just arrived.
    pub(super) fn withdraw(&mut self, id: u64, outcome: Outcome, reason: Reason) -> Result<(), LiveError> {
        let Some(order) = self.order_at(id).filter(|order| order.is_open()).cloned() else { return Ok(()) };
        if self.listing(order.terms.instrument)?.book.holds(order.terms.side, order.terms.price.0, id) {
            self.lift(&order)?;
        }
        self.accounts.get_mut(order.account)?.open.remove(&id);
        let status = if outcome == Outcome::Cancelled { Status::Canceled } else { Status::Expired };
        let order = Order { status, updated: self.now, ..order };
        self.replace(order.clone());
        self.events.push(Event::Order(outcome, order, reason));
        Ok(())
    }

    /// Why a new order is refused, [`Reason::None`] where it is not.
    fn refusal(&self, account: AccountId, terms: &NewOrder, plan: &Plan) -> Result<Reason, LiveError> {
        let listing = self.listing(terms.instrument)?;
        let spec = &listing.spec;
        if listing.status != TradingStatus::Trading {
            return Ok(Reason::NotTrading);
        }
        let refusal = terms_refusal(spec, terms.limit(), terms.size);
        if refusal != Reason::None {
            return Ok(refusal);
        }
        let price = terms.limit().or(self.mark_price(terms.instrument)?).map_or(1, |price| price.0);
        let is_large = i128::from(price) * i128::from(terms.size.0) > MAX_VALUE || plan.value > MAX_VALUE;
        if is_large || terms.size.0 > MAX_SIZE {
            return Ok(Reason::NotionalTooLarge);
        }
        if terms.is_post_only && (terms.is_market || terms.tif != TimeInForce::Gtc) {
            return Ok(Reason::PostOnlyTif);
        }
        if self.open_by_client_id(account, &terms.client_id)?.is_some() {
            return Ok(Reason::DuplicateClientOrderId);
        }
        let position = self.position_steps(account, terms.instrument);
        if terms.is_reduce_only && reducible(position, terms.side) == 0 && !is_on("live_reduce_only") {
            return Ok(Reason::ReduceOnly);
        }
        if !terms.is_reduce_only && is_too_small(spec, terms.limit(), terms.size) {
            return Ok(Reason::MinNotional);
        }
        let whole = if terms.is_market {
            (plan.value, plan.filled)
        } else {
            (value(terms.price, terms.size.0), terms.size.0)
        };
        let (index, side) = (terms.instrument, terms.side);
        if !terms.is_reduce_only && self.lacks_margin(account, index, side, whole.0, whole)? {
            return Ok(Reason::InsufficientMargin);
        }
        if terms.is_post_only && plan.would_take() && !is_on("live_post_only") {
            return Ok(Reason::PostOnlyWouldTake);
        }
        Ok(Reason::None)
    }

    /// Withdraws an open order.
    ///
    /// # Errors
    /// [`LiveError::UnknownAccount`].
    pub fn cancel(&mut self, now: Ns, account: AccountId, id: u64) -> Result<Vec<Event>, LiveError> {
        self.advance(now);
        self.accounts.get(account)?;
        if self.open_order(account, id).is_some() {
            self.withdraw(id, Outcome::Cancelled, Reason::None)?;
        } else {
            self.refuse(Outcome::CancelRejected, account, id, Reason::UnknownOrder);
        }
        self.settle_down()
    }

    /// Withdraws all open orders of an account in an instrument, by id.
    ///
    /// # Errors
    /// [`LiveError::UnknownAccount`], [`LiveError::UnknownInstrument`].
    pub fn cancel_all(&mut self, now: Ns, account: AccountId, index: u16) -> Result<Vec<Event>, LiveError> {
        self.advance(now);
        self.listing(index)?;
        for id in self.open_ids(account, Some(index))? {
            self.withdraw(id, Outcome::Cancelled, Reason::None)?;
        }
        self.settle_down()
    }

    /// New price and new total size (what is filled included) of an open order.
    ///
    /// # Errors
    /// [`LiveError::UnknownAccount`], [`LiveError::Overflow`].
    pub fn amend(
        &mut self,
        now: Ns,
        account: AccountId,
        id: u64,
        price: Tick,
        size: Size,
    ) -> Result<Vec<Event>, LiveError> {
        self.advance(now);
        self.accounts.get(account)?;
        let Some(old) = self.open_order(account, id).cloned() else {
            self.refuse(Outcome::AmendRejected, account, id, Reason::UnknownOrder);
            return self.settle_down();
        };
        let terms = NewOrder { price, size, ..old.terms.clone() };
        let plan =
            self.plan(terms.instrument, &taker(account, &terms, size.0.saturating_sub(old.filled), old.stp))?;
        let refusal = self.amend_refusal(&old, &terms, &plan)?;
        if refusal == Reason::None {
            self.change(&old, terms, &plan)?;
        } else {
            self.refuse(Outcome::AmendRejected, account, id, refusal);
        }
        self.settle_down()
    }

    fn amend_refusal(&self, old: &Order, terms: &NewOrder, plan: &Plan) -> Result<Reason, LiveError> {
        let listing = self.listing(terms.instrument)?;
        if listing.status != TradingStatus::Trading {
            return Ok(Reason::NotTrading);
        }
        let refusal = terms_refusal(&listing.spec, terms.limit(), terms.size);
        if refusal != Reason::None {
            return Ok(refusal);
        }
        if value(terms.price, terms.size.0) > MAX_VALUE || terms.size.0 > MAX_SIZE {
            return Ok(Reason::NotionalTooLarge);
        }
        if terms.size.0 <= old.filled {
            return Ok(Reason::SizeNotAboveFilled);
        }
        if !terms.is_reduce_only && is_too_small(&listing.spec, terms.limit(), terms.size) {
            return Ok(Reason::MinNotional);
        }
        let before = value(old.terms.price, old.leaves());
        let left = terms.size.0 - old.filled;
        let whole = (value(terms.price, left), left);
        let (index, side, cost) = (terms.instrument, terms.side, whole.0 - before);
        if !terms.is_reduce_only && self.lacks_margin(old.account, index, side, cost, whole)? {
            return Ok(Reason::InsufficientMargin);
        }
        let moves = terms.price != old.terms.price;
        if moves && terms.is_post_only && plan.would_take() && !is_on("live_post_only") {
            return Ok(Reason::PostOnlyWouldTake);
        }
        Ok(Reason::None)
    }

    /// Carries out an amendment: a smaller size at the same price keeps the place, anything else arrives anew.
    fn change(&mut self, old: &Order, terms: NewOrder, plan: &Plan) -> Result<(), LiveError> {
        let keeps_place =
            terms.price == old.terms.price && (terms.size.0 <= old.terms.size.0 || is_on("live_amend_place"));
        if !keeps_place {
            self.lift(old)?;
        }
        let new = Order { terms, updated: self.now, ..old.clone() };
        self.replace(new.clone());
        self.events.push(Event::Order(Outcome::Amended, new.clone(), Reason::None));
        if !keeps_place {
            self.carry_out(old.id, plan)?;
            return self.rest(old.id, if plan.is_stopped { Reason::Stp } else { Reason::None });
        }
        let (index, side, price) = (new.terms.instrument, new.terms.side, new.terms.price);
        self.listing_mut(index)?.book.resize(side, price.0, new.id, new.leaves());
        if !new.terms.is_reduce_only {
            let change = value(price, new.leaves()) - value(price, old.leaves());
            self.accounts.get_mut(new.account)?.stake(index).add_resting(side, change);
        }
        Ok(())
    }

    /// Reports a refused request about an order, with the order as it is.
    fn refuse(&mut self, outcome: Outcome, account: AccountId, id: u64, reason: Reason) {
        let known = self.order_at(id).filter(|order| order.account == account).cloned();
        let order = known.unwrap_or_else(|| Order::unknown(id, account, self.now));
        self.events.push(Event::Order(outcome, order, reason));
    }

    /// After every request and event: reduce-only orders with nothing left to reduce expire.
    pub(super) fn settle_down(&mut self) -> Result<Vec<Event>, LiveError> {
        for (account, index) in std::mem::take(&mut self.moved) {
            let Some(stake) = self.accounts.get(account)?.stakes.get(&index) else { continue };
            let ids: Vec<u64> = stake.reducing.iter().copied().collect();
            for id in ids {
                let position = self.position_steps(account, index);
                let side = self.order_at(id).map_or(Side::Buy, |order| order.terms.side);
                if reducible(position, side) == 0 && !is_on("live_reduce_only") {
                    self.withdraw(id, Outcome::Expired, Reason::ReduceOnly)?;
                }
            }
        }
        Ok(std::mem::take(&mut self.events))
    }

    pub(super) fn replace(&mut self, order: Order) {
        if let Some(known) = self.orders.get_mut(&order.id) {
            *known = order;
        }
    }
}

fn taker(account: AccountId, terms: &NewOrder, size: i64, stp: SelfTrade) -> Taker {
    let (side, limit) = (terms.side, terms.limit());
    Taker { account, side, limit, size, is_reduce_only: terms.is_reduce_only, stp }
}

/// Price × size in ticks × size steps.
fn value(price: Tick, size: i64) -> i128 {
    i128::from(price.0) * i128::from(size)
}
