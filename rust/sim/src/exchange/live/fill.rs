//! A trade happens: both sides are booked, reported, and written to the ledger.

use super::super::fees::Fees;
use super::super::order::{Outcome, Reason};
use super::account::{Cause, ZERO, add};
use super::history::{FILLS_KEPT, append};
use super::order::{AccountId, EntryKind, Event, Fill, Order, Status, Trade};
use super::plan::{Plan, Step};
use super::{LiveError, LiveExchange, TRADES_KEPT};
use crate::amount::{negated, sum};
use alipes_market::decimal::Decimal;
use alipes_market::mutants::is_on;
use alipes_market::types::{Side, Size, Tick};
use std::sync::Arc;

/// A trade about to be booked.
#[derive(Clone, Copy, Debug)]
pub struct Match {
    /// The instrument.
    pub index: u16,
    /// Price in ticks.
    pub price: i64,
    /// Size in size steps.
    pub size: i64,
    /// Side of the taker.
    pub taker_side: Side,
    /// The order that made it; `None` is the outside market.
    pub maker: Option<u64>,
    /// The order that took it; `None` is the outside market.
    pub taker: Option<u64>,
}

impl LiveExchange {
    /// Carries out what a taker of ours planned.
    pub(super) fn carry_out(&mut self, id: u64, plan: &Plan) -> Result<(), LiveError> {
        let Some(order) = self.order_at(id) else { return Ok(()) };
        let (index, taker_side) = (order.terms.instrument, order.terms.side);
        for &step in &plan.steps {
            let (price, size, maker) = match step {
                Step::Outside { price, size } => {
                    let side = taker_side.opposite();
                    self.listing_mut(index)?.book.take_outside(side, price, size, true);
                    (price, size, None)
                }
                Step::Order { price, size, id } => (price, size, Some(id)),
                Step::ExpireMaker(id) => {
                    self.withdraw(id, Outcome::Expired, Reason::Stp)?;
                    continue;
                }
            };
            self.trade(Match { index, price, size, taker_side, maker, taker: Some(id) })?;
        }
        Ok(())
    }

    /// Books a trade between two sides, at least one of which is ours.
    pub(super) fn trade(&mut self, deal: Match) -> Result<(), LiveError> {
        self.print(deal.index, deal.price, deal.size, deal.taker_side)?;
        let maker_side = deal.taker_side.opposite();
        for (order, side, is_maker) in [(deal.maker, maker_side, true), (deal.taker, deal.taker_side, false)]
        {
            match order {
                Some(id) => self.fill_order(id, &deal, is_maker)?,
                None => self.fill_outside(&deal, side)?,
            }
        }
        Ok(())
    }

    /// Publishes a trade.
    pub(super) fn print(&mut self, index: u16, price: i64, size: i64, taker: Side) -> Result<(), LiveError> {
        let (time, price, size) = (self.now, Tick(price), Size(size));
        let listing = self.listing_mut(index)?;
        listing.traded += 1;
        let trade = Trade { id: listing.traded, time, price, size, taker };
        if listing.trades.len() == TRADES_KEPT {
            listing.trades.pop_front();
        }
        listing.trades.push_back(trade.clone());
        self.events.push(Event::Trade(index, trade));
        Ok(())
    }

    /// The outside market's side: it pays no fees.
    fn fill_outside(&mut self, deal: &Match, side: Side) -> Result<(), LiveError> {
        let realised = self.move_position(0, deal, side)?;
        let settle = Arc::clone(&self.listing(deal.index)?.settle);
        self.accounts.book(0, &settle, realised, self.cause(EntryKind::RealizedPnl, deal), self.now)
    }

    fn cause(&self, kind: EntryKind, deal: &Match) -> Cause {
        Cause { kind, instrument: Some(deal.index), trade_id: Some(self.last_trade(deal.index)) }
    }

    /// Id of the last trade in an instrument.
    fn last_trade(&self, index: u16) -> u64 {
        self.listings.get(&index).map_or(0, |listing| listing.traded)
    }

    /// Applies a trade to a position; gives the profit it realises.
    fn move_position(&mut self, account: AccountId, deal: &Match, side: Side) -> Result<Decimal, LiveError> {
        let listing = self.listings.get(&deal.index).ok_or(LiveError::UnknownInstrument(deal.index))?;
        let position = &mut self.accounts.get_mut(account)?.stake(deal.index).position;
        let before = position.realised;
        position.fill(&listing.terms, side, listing.price(deal.price), listing.size(deal.size))?;
        let realised = listing.terms.amount(position.realised - before);
        self.moved.insert((account, deal.index));
        realised.ok_or(LiveError::Overflow("a profit"))
    }

    /// One of our orders traded.
    fn fill_order(&mut self, id: u64, deal: &Match, is_maker: bool) -> Result<(), LiveError> {
        let order = self.count_fill(id, deal, is_maker)?;
        let (account, side) = (order.account, order.terms.side);
        let realised = self.move_position(account, deal, side)?;
        let (fee, fee_asset) = self.fee(account, deal, is_maker)?;
        let settle = Arc::clone(&self.listing(deal.index)?.settle);
        let (pnl, paid) = (self.cause(EntryKind::RealizedPnl, deal), self.cause(EntryKind::Commission, deal));
        self.accounts.book(account, &settle, realised, pnl, self.now)?;
        self.accounts.book(account, &fee_asset, negated(fee), paid, self.now)?;
        if fee.mantissa != 0 && !is_on("live_fee_account") {
            let earned = self.accounts.fees.get(&fee_asset).copied().unwrap_or(ZERO);
            self.accounts.fees.insert(Arc::clone(&fee_asset), add(earned, fee)?);
        }
        let fill = Fill {
            trade_id: self.last_trade(deal.index),
            order_id: id,
            time: self.now,
            side,
            price: Tick(deal.price),
            size: Size(deal.size),
            is_maker,
            fee,
            fee_asset: Arc::clone(&fee_asset),
            realised,
        };
        append(&mut self.accounts.get_mut(account)?.stake(deal.index).fills, fill.clone(), FILLS_KEPT);
        self.events.push(Event::Fill(order, fill));
        self.report_fill(account, deal.index, (&settle, realised), (&fee_asset, negated(fee)))
    }

    /// Wallets and position after a fill.
    fn report_fill(
        &mut self,
        account: AccountId,
        index: u16,
        realised: (&Arc<str>, Decimal),
        fee: (&Arc<str>, Decimal),
    ) -> Result<(), LiveError> {
        let changes = if realised.0 == fee.0 {
            vec![(realised.0, add(realised.1, fee.1)?)]
        } else {
            vec![realised, fee]
        };
        for (asset, change) in changes {
            let report = self.accounts.report(account, asset, change, "fill", self.now)?;
            self.events.extend(report);
        }
        self.report_position(account, index)
    }

    /// Counts a fill on its order, and in the book where the order rests.
    fn count_fill(&mut self, id: u64, deal: &Match, is_maker: bool) -> Result<Order, LiveError> {
        let listing = self.listings.get_mut(&deal.index).ok_or(LiveError::UnknownInstrument(deal.index))?;
        let order = self.orders.get_mut(&id).ok_or(LiveError::Overflow("an order id"))?;
        order.filled += deal.size;
        let value = listing.terms.value(listing.price(deal.price).0, listing.size(deal.size).0.into());
        order.value += value.ok_or(LiveError::Overflow("a value"))?;
        order.average = listing.terms.average_price(listing.size(order.filled).0.into(), order.value);
        order.status = if order.leaves() == 0 { Status::Filled } else { Status::PartiallyFilled };
        order.updated = self.now;
        let order = order.clone();
        let (side, price) = (order.terms.side, order.terms.price);
        let holder = self.accounts.get_mut(order.account)?;
        if is_maker {
            listing.book.resize(side, price.0, id, order.leaves());
            if !order.terms.is_reduce_only {
                let cost = i128::from(price.0) * i128::from(deal.size);
                holder.stake(deal.index).add_resting(side, -cost);
            }
        }
        if order.leaves() == 0 {
            holder.open.remove(&id);
            holder.stake(deal.index).reducing.remove(&id);
        }
        Ok(order)
    }

    /// Fee of a fill: in the account's asset of choice where its wallet covers it, else in the settlement asset.
    fn fee(
        &self,
        account: AccountId,
        deal: &Match,
        is_maker: bool,
    ) -> Result<(Decimal, Arc<str>), LiveError> {
        let listing = self.listing(deal.index)?;
        let holder = self.accounts.get(account)?;
        let own = holder.stakes.get(&deal.index).and_then(|stake| stake.rates.as_ref());
        let rates = own.unwrap_or(&listing.rates);
        let of = |fees: &Fees| {
            let fee = fees.of(&listing.spec, Tick(deal.price), Size(deal.size), is_maker);
            fee.ok_or(LiveError::Overflow("a fee"))
        };
        let (fee, asset) = (of(&rates.chosen)?, rates.chosen.asset());
        let rest = sum(holder.wallet(asset), negated(fee)).ok_or(LiveError::Overflow("an amount"))?;
        let is_covered = *asset == listing.settle || rest.mantissa >= 0 || fee.mantissa <= 0;
        if is_covered || is_on("live_fee_fallback") {
            return Ok((fee, Arc::clone(asset)));
        }
        Ok((of(&rates.settled)?, Arc::clone(&listing.settle)))
    }
}
