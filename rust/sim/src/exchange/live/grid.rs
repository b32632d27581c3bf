//! Instruments that change: other grids, another status.
//!
//! Orders and the book count on the grids of today. Positions and money count on the finest grids there ever were, so that
//! a change of grids costs nobody a fraction.

use super::super::checks::terms_refusal;
use super::super::order::{NewOrder, Outcome, Reason};
use super::book::Book;
use super::order::{Event, Order};
use super::{Listing, LiveError, LiveExchange, TradingStatus};
use crate::account::{Position, Terms};
use crate::amount::power;
use alipes_market::decimal::{Decimal, Grid};
use alipes_market::instrument::Spec;
use alipes_market::mutants::is_on;
use alipes_market::types::{Ns, Side, Size, Tick};
use std::sync::Arc;

/// Grid units on another grid; `None` where they lie between two of its points.
fn converted(units: i64, from: Grid, to: Grid) -> Option<i64> {
    let more = power(to.decimals().saturating_sub(from.decimals()))?;
    let less = power(from.decimals().saturating_sub(to.decimals()))?;
    let n = i128::from(units).checked_mul(i128::from(from.step()))?.checked_mul(more)?;
    let d = i128::from(to.step()).checked_mul(less)?;
    (n % d == 0).then_some(n / d).and_then(|units| i64::try_from(units).ok())
}

/// The coarsest grid that holds both.
fn common(a: Grid, b: Grid) -> Option<Grid> {
    let decimals = a.decimals().max(b.decimals());
    let step = |grid: Grid| i128::from(grid.step()).checked_mul(power(decimals - grid.decimals())?);
    let (mut a, mut b) = (step(a)?, step(b)?);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    Grid::new(Decimal::new(a, decimals)).ok()
}

impl Listing {
    /// A price in the ticks that money counts in.
    pub(super) const fn price(&self, ticks: i64) -> Tick {
        Tick(ticks.saturating_mul(self.tick_scale))
    }

    /// A size in the units that positions count in.
    pub(super) const fn size(&self, steps: i64) -> Size {
        Size(steps.saturating_mul(self.step_scale))
    }

    /// Cost units of a price × size in ticks × size steps.
    pub(super) fn cost(&self, value: i128) -> i128 {
        value * i128::from(self.tick_scale) * i128::from(self.step_scale)
    }

    /// Whole size steps of a position.
    pub(super) fn steps(&self, units: i128) -> Option<i64> {
        self.terms.steps(units / i128::from(self.step_scale))
    }
}

/// How an order's integers read on the new grids.
struct Change<'a> {
    from: &'a Spec,
    to: &'a Spec,
}

impl Change<'_> {
    /// Price, size and filled size, or why the order cannot stay.
    fn of(&self, order: &Order) -> Result<(Tick, Size, i64), Reason> {
        let size = |steps: i64| converted(steps, self.from.size, self.to.size).ok_or(Reason::Lot);
        let price = converted(order.terms.price.0, self.from.tick, self.to.tick).ok_or(Reason::PriceRule)?;
        let (total, filled) = (size(order.terms.size.0)?, size(order.filled)?);
        let is_whole = filled % self.to.lot_steps() == 0;
        match terms_refusal(self.to, Some(Tick(price)), Size(total)) {
            Reason::None if is_whole => Ok((Tick(price), Size(total), filled)),
            Reason::None => Err(Reason::Lot),
            reason => Err(reason),
        }
    }
}

impl LiveExchange {
    /// Changes an instrument's grids, least notional or status. Open orders off the new grids expire (`price_rule`, `lot`),
    /// the others keep their places; where grids change the outside market leaves until its next reset.
    ///
    /// # Errors
    /// [`LiveError::UnknownInstrument`], [`LiveError::OtherInstrument`], [`LiveError::Overflow`].
    pub fn set_instrument(
        &mut self,
        now: Ns,
        index: u16,
        spec: Arc<Spec>,
        status: TradingStatus,
    ) -> Result<Vec<Event>, LiveError> {
        self.advance(now);
        let old = Arc::clone(self.spec(index)?);
        let is_same =
            old.names == spec.names && old.kind == spec.kind && old.contract_size == spec.contract_size;
        if !is_same {
            return Err(LiveError::OtherInstrument(old.names.symbol.clone()));
        }
        if (old.tick, old.lot, &old.price_rule) != (spec.tick, spec.lot, &spec.price_rule) {
            self.change_grids(index, &Change { from: &old, to: &spec })?;
        }
        let listing = self.listing_mut(index)?;
        (listing.spec, listing.status) = (spec, status);
        self.cross(index)?;
        self.settle_down()
    }

    fn change_grids(&mut self, index: u16, change: &Change<'_>) -> Result<(), LiveError> {
        let queue: Vec<u64> = self.listing(index)?.book.orders().collect();
        let mut leaving: Vec<(u64, Reason)> = Vec::new();
        for &id in &queue {
            leaving.extend(self.order_at(id).and_then(|order| Some((id, change.of(order).err()?))));
        }
        leaving.sort_by_key(|&(id, _)| id);
        for (id, reason) in leaving {
            self.withdraw(id, Outcome::Expired, reason)?;
        }
        let factor = self.refine_accounts(index, change)?;
        self.listing_mut(index)?.book = Book::new(change.to.lot_steps());
        for holder in &mut self.accounts.all {
            if let Some(stake) = holder.stakes.get_mut(&index) {
                stake.resting = [0, 0];
            }
        }
        for id in queue {
            let Some(order) = self.open_by_id(id) else { continue };
            let Ok((price, size, filled)) = change.of(&order) else { continue };
            let terms = NewOrder { price, size, ..order.terms.clone() };
            let value = order.value.checked_mul(factor).ok_or(LiveError::Overflow("a value"))?;
            self.replace(Order { terms, filled, value, ..order });
            self.join(id)?;
        }
        Ok(())
    }

    fn open_by_id(&self, id: u64) -> Option<Order> {
        self.order_at(id).filter(|order| order.is_open()).cloned()
    }

    /// Lets positions and money count on grids that hold the old ones and the new; gives what costs are multiplied by.
    fn refine_accounts(&mut self, index: u16, change: &Change<'_>) -> Result<i128, LiveError> {
        let overflow = || LiveError::Overflow("a change of grids");
        let listing = self.listing_mut(index)?;
        let known = Arc::clone(&listing.terms.spec);
        let tick = common(known.tick, change.to.tick).ok_or_else(overflow)?;
        let size = common(known.size, change.to.size).ok_or_else(overflow)?;
        let scale = |from: Grid, to: Grid| converted(1, from, to).ok_or_else(overflow);
        listing.tick_scale = scale(change.to.tick, tick)?;
        listing.step_scale = scale(change.to.size, size)?;
        let (ticks, steps) = (scale(known.tick, tick)?, scale(known.size, size)?);
        listing.mark = listing.mark.map(|mark| Tick(mark.0.saturating_mul(ticks)));
        listing.terms = Terms::new(Arc::new(Spec { tick, size, ..(*known).clone() }))?;
        let factor = i128::from(ticks) * i128::from(steps);
        for holder in &mut self.accounts.all {
            if let Some(stake) = holder.stakes.get_mut(&index).filter(|_| !is_on("live_regrid_money")) {
                stake.position = refined(&stake.position, i128::from(steps), factor).ok_or_else(overflow)?;
            }
        }
        Ok(factor)
    }

    /// An order takes its place at the end of its level.
    pub(super) fn join(&mut self, id: u64) -> Result<(), LiveError> {
        let Some(order) = self.open_by_id(id) else { return Ok(()) };
        let (index, side, price) = (order.terms.instrument, order.terms.side, order.terms.price.0);
        let leaves = order.leaves();
        self.listing_mut(index)?.book.join(side, price, id, leaves);
        let stake = self.accounts.get_mut(order.account)?.stake(index);
        if order.terms.is_reduce_only {
            stake.reducing.insert(id);
            self.moved.insert((order.account, index));
        } else {
            stake.add_resting(side, i128::from(price) * i128::from(leaves));
        }
        Ok(())
    }
}

fn refined(position: &Position, steps: i128, factor: i128) -> Option<Position> {
    let mut finer = position.clone();
    finer.units = position.units.checked_mul(steps)?;
    finer.cost = position.cost.checked_mul(factor)?;
    finer.realised = position.realised.checked_mul(factor)?;
    Some(finer)
}

impl Book {
    /// Our orders: bids, then asks, better prices first, then by place.
    fn orders(&self) -> impl Iterator<Item = u64> {
        let levels = [Side::Buy, Side::Sell].into_iter().flat_map(|side| self.sides[side as usize].values());
        levels.flat_map(|level| level.places.iter().map(|place| place.order))
    }
}
