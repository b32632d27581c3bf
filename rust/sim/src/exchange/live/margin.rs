//! Margin: what positions and open orders bind, who is short of it, and what happens then.

use super::super::order::{NewOrder, Outcome, Reason, TimeInForce};
use super::account::{Account, Cause, Stake, ZERO, add};
use super::order::{AccountId, EntryKind, Event, Holding, SelfTrade};
use super::plan::Taker;
use super::requests::MAX_PRICE;
use super::{Listing, LiveError, LiveExchange, TradingStatus};
use crate::account::Position;
use crate::amount::{half_even, negated, power};
use alipes_market::decimal::Decimal;
use alipes_market::mutants::is_on;
use alipes_market::types::{Ns, Side, Size, Tick};
use std::sync::Arc;

/// Decimals of a margin.
pub const MARGIN_DECIMALS: u32 = 8;

/// Leverage of an account that chose none.
pub const DEFAULT_LEVERAGE: u32 = 20;

/// What an asset holds and what it is bound by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margin {
    /// Balance.
    pub wallet: Decimal,
    /// Profit of all positions at their marks.
    pub unrealised: Decimal,
    /// Initial margin of the positions.
    pub position_initial: Decimal,
    /// Initial margin of the open orders, beyond that of the positions.
    pub order_initial: Decimal,
    /// Maintenance margin.
    pub maintenance: Decimal,
}

impl Margin {
    /// Wallet and unrealised profit.
    ///
    /// # Errors
    /// [`LiveError::Overflow`].
    pub fn equity(&self) -> Result<Decimal, LiveError> {
        add(self.wallet, self.unrealised)
    }

    /// Equity that nothing binds; negative where the margin is not covered.
    ///
    /// # Errors
    /// [`LiveError::Overflow`].
    pub fn available(&self) -> Result<Decimal, LiveError> {
        let bound = add(self.position_initial, self.order_initial)?;
        add(self.equity()?, negated(bound))
    }
}

const NONE: Margin =
    Margin { wallet: ZERO, unrealised: ZERO, position_initial: ZERO, order_initial: ZERO, maintenance: ZERO };

impl Listing {
    /// Signed value of a position at the mark, in cost units; at its cost before the first mark.
    fn value(&self, position: &Position) -> Result<i128, LiveError> {
        let Some(mark) = self.mark else { return Ok(position.cost) };
        let value = self.terms.value(mark.0, position.units.abs());
        Ok(value.ok_or(LiveError::Overflow("a value"))? * position.units.signum())
    }

    fn amount(&self, cost: i128) -> Result<Decimal, LiveError> {
        self.terms.amount(cost).ok_or(LiveError::Overflow("an amount"))
    }

    fn initial(&self, cost: i128, leverage: u32) -> Result<Decimal, LiveError> {
        divided(self.amount(cost)?, i128::from(leverage))
    }

    /// Profit of a position at the mark; nothing before the first mark.
    pub(super) fn unrealised(&self, position: &Position) -> Result<Decimal, LiveError> {
        self.amount(self.value(position)? - position.cost)
    }

    /// What a stake binds, with `more` cost added to the resting bids and asks.
    pub(super) fn margin(&self, stake: &Stake, leverage: u32, more: [i128; 2]) -> Result<Margin, LiveError> {
        let value = self.value(&stake.position)?;
        let [bids, asks] = [0, 1].map(|side| self.cost(stake.resting[side] + more[side]));
        let most = (value + bids).abs().max((value - asks).abs());
        let position_initial = self.initial(value.abs(), leverage)?;
        let order_initial = add(self.initial(most, leverage)?, negated(position_initial))?;
        let maintenance = self.amount(value.abs())?.product(self.maintenance_rate);
        Ok(Margin {
            unrealised: self.unrealised(&stake.position)?,
            position_initial,
            order_initial,
            maintenance: maintenance.ok_or(LiveError::Overflow("a margin"))?,
            ..NONE
        })
    }

    /// What an order loses at the mark when it is filled at its price: a buy above it, a sell below. Nothing before the
    /// first mark.
    fn open_loss(&self, side: Side, value: i128, size: i64) -> Result<Decimal, LiveError> {
        let Some(mark) = self.mark.filter(|_| !is_on("live_open_loss")) else { return Ok(ZERO) };
        let at_mark = self.terms.value(mark.0, self.size(size).0.into());
        let beyond = self.cost(value) - at_mark.ok_or(LiveError::Overflow("a value"))?;
        self.amount((beyond * i128::from(side.sign())).max(0))
    }

    /// What a holder sees of its position.
    pub(super) fn holding(&self, position: &Position) -> Result<Holding, LiveError> {
        Ok(Holding {
            size: self.steps(position.units).ok_or(LiveError::Overflow("a position"))?,
            entry_price: self.terms.average_price(position.units, position.cost),
            unrealised: self.unrealised(position)?,
            realised: self.amount(position.realised)?,
        })
    }
}

/// An amount over a positive number, to 8 decimals, halves to even.
fn divided(amount: Decimal, by: i128) -> Result<Decimal, LiveError> {
    let overflow = LiveError::Overflow("a margin");
    let scaled = power(MARGIN_DECIMALS).and_then(|scale| amount.mantissa.checked_mul(scale));
    let by = power(amount.decimals).and_then(|scale| by.checked_mul(scale));
    let (Some(scaled), Some(by)) = (scaled, by) else { return Err(overflow) };
    half_even(scaled, by).map(|mantissa| Decimal::new(mantissa, MARGIN_DECIMALS)).ok_or(overflow)
}

impl LiveExchange {
    /// Leverage in force: the chosen one, or the default.
    pub(super) fn leverage_of(&self, index: u16, stake: &Stake) -> u32 {
        let most = self.listings.get(&index).map_or(1, |listing| listing.max_leverage);
        if stake.leverage == 0 { DEFAULT_LEVERAGE.min(most) } else { stake.leverage }
    }

    /// Sums of an account in one asset, with `more` cost added to the resting orders of one instrument.
    fn margin_with(
        &self,
        account: AccountId,
        asset: &str,
        more: Option<(u16, [i128; 2])>,
    ) -> Result<Margin, LiveError> {
        let holder: &Account = self.accounts.get(account)?;
        let mut total = Margin { wallet: holder.wallet(asset), ..NONE };
        let fresh = more.filter(|(index, _)| !holder.stakes.contains_key(index));
        let (empty, mut stakes) = (Stake::default(), holder.stakes.iter().collect::<Vec<_>>());
        stakes.extend(fresh.as_ref().map(|(index, _)| (index, &empty)));
        for (&index, stake) in stakes {
            let listing = self.listing(index)?;
            if *listing.settle != *asset {
                continue;
            }
            let more = more.filter(|&(at, _)| at == index).map_or([0, 0], |(_, more)| more);
            let part = listing.margin(stake, self.leverage_of(index, stake), more)?;
            total.unrealised = add(total.unrealised, part.unrealised)?;
            total.position_initial = add(total.position_initial, part.position_initial)?;
            total.order_initial = add(total.order_initial, part.order_initial)?;
            total.maintenance = add(total.maintenance, part.maintenance)?;
        }
        Ok(total)
    }

    /// What an account holds in an asset and what binds it.
    ///
    /// # Errors
    /// [`LiveError::UnknownAccount`], [`LiveError::Overflow`].
    pub fn margin(&self, account: AccountId, asset: &str) -> Result<Margin, LiveError> {
        self.margin_with(account, asset, None)
    }

    /// Whether the equity behind an instrument does not cover the initial margin.
    pub(super) fn is_short_of_margin(&self, account: AccountId, index: u16) -> Result<bool, LiveError> {
        let settle = &self.listing(index)?.settle;
        Ok(self.margin(account, settle)?.available()?.mantissa < 0)
    }

    /// Whether an order of a cost binds more than the equity has after the loss that its whole value and size mean at the
    /// mark. What binds no more than before is always allowed.
    pub(super) fn lacks_margin(
        &self,
        account: AccountId,
        index: u16,
        side: Side,
        cost: i128,
        (value, size): (i128, i64),
    ) -> Result<bool, LiveError> {
        if is_on("live_margin") {
            return Ok(false);
        }
        let mut more = [0, 0];
        more[side as usize] = cost;
        let settle = Arc::clone(&self.listing(index)?.settle);
        let before = self.margin(account, &settle)?.available()?;
        let after = self.margin_with(account, &settle, Some((index, more)))?.available()?;
        let change = add(after, negated(before))?;
        let left = add(after, negated(self.listing(index)?.open_loss(side, value, size)?))?;
        Ok(left.mantissa < 0 && change.mantissa < 0)
    }

    /// Reports a position.
    pub(super) fn report_position(&mut self, account: AccountId, index: u16) -> Result<(), LiveError> {
        let listing = self.listing(index)?;
        let Some(stake) = self.accounts.get(account)?.stakes.get(&index) else { return Ok(()) };
        let holding = listing.holding(&stake.position)?;
        self.events.push(Event::Position { account, instrument: index, holding, time: self.now });
        Ok(())
    }

    /// A new mark price: accounts that hold the instrument and fall below their maintenance margin are liquidated.
    ///
    /// # Errors
    /// [`LiveError::UnknownInstrument`], [`LiveError::OutOfRange`], [`LiveError::Overflow`].
    pub fn mark(&mut self, now: Ns, index: u16, price: Tick) -> Result<Vec<Event>, LiveError> {
        self.advance(now);
        if !(1..=MAX_PRICE).contains(&price.0) {
            let (name, expected) = ("price_ticks", "from 1 to 10^12");
            return Err(LiveError::OutOfRange { name, expected, value: price.0.to_string() });
        }
        let listing = self.listing_mut(index)?;
        listing.mark = Some(listing.price(price.0));
        self.liquidate(index)?;
        self.settle_down()
    }

    /// Liquidates the accounts that an instrument brought below their maintenance margin, by number.
    pub(super) fn liquidate(&mut self, index: u16) -> Result<(), LiveError> {
        if is_on("live_liquidation") {
            return Ok(());
        }
        let asset = Arc::clone(&self.listing(index)?.settle);
        for account in 1..self.accounts.all.len() {
            let account = AccountId::try_from(account).unwrap_or(AccountId::MAX);
            if self.accounts.get(account)?.units(index) == 0 {
                continue;
            }
            let margin = self.margin(account, &asset)?;
            let spare = add(margin.equity()?, negated(margin.maintenance))?;
            if spare.mantissa < 0 {
                self.close_out(account, &asset)?;
            }
        }
        Ok(())
    }

    /// Withdraws the orders and closes the positions that an asset stands behind, as far as the book goes.
    fn close_out(&mut self, account: AccountId, asset: &Arc<str>) -> Result<(), LiveError> {
        let stakes = &self.accounts.get(account)?.stakes;
        let backed = |index: &u16| self.listings.get(index).is_some_and(|listing| listing.settle == *asset);
        let indices: Vec<u16> = stakes.keys().copied().filter(backed).collect();
        for &index in &indices {
            for id in self.open_ids(account, Some(index))? {
                self.withdraw(id, Outcome::Expired, Reason::Liquidation)?;
            }
        }
        for &index in &indices {
            self.close_position(account, index)?;
        }
        let is_flat = indices.iter().all(|&index| self.accounts.all[account as usize].units(index) == 0);
        let wallet = self.accounts.get(account)?.wallet(asset);
        if is_flat && wallet.mantissa < 0 {
            self.cover(account, asset, negated(wallet))?;
        }
        Ok(())
    }

    /// A market order of the exchange that closes a position.
    fn close_position(&mut self, account: AccountId, index: u16) -> Result<(), LiveError> {
        let position = self.position_steps(account, index);
        if position == 0 || self.listing(index)?.status != TradingStatus::Trading {
            return Ok(());
        }
        let terms = NewOrder {
            client_id: format!("autoclose-{}", self.liquidations + 1).into(),
            instrument: index,
            side: if position > 0 { Side::Sell } else { Side::Buy },
            is_market: true,
            tif: TimeInForce::Ioc,
            is_post_only: false,
            is_reduce_only: true,
            price: Tick(0),
            size: Size(position.abs()),
        };
        let (side, size, stp) = (terms.side, terms.size.0, SelfTrade::Allow);
        let plan =
            self.plan(index, &Taker { account, side, limit: None, size, is_reduce_only: true, stp })?;
        if plan.filled == 0 {
            return Ok(());
        }
        self.liquidations += 1;
        self.accept(account, terms, stp, &plan)
    }

    /// The outside market covers what a liquidation left below zero.
    fn cover(&mut self, account: AccountId, asset: &Arc<str>, amount: Decimal) -> Result<(), LiveError> {
        let kind = EntryKind::InsuranceClear;
        let cause = Cause { kind, instrument: None, trade_id: None };
        self.transfer(0, account, asset, amount, cause, self.now)
    }

    /// Moves an amount from one account to another and reports it to both.
    pub(super) fn transfer(
        &mut self,
        from: AccountId,
        to: AccountId,
        asset: &Arc<str>,
        amount: Decimal,
        cause: Cause,
        time: Ns,
    ) -> Result<(), LiveError> {
        for (account, change) in [(from, negated(amount)), (to, amount)] {
            self.accounts.book(account, asset, change, cause, time)?;
            let report = self.accounts.report(account, asset, change, cause.kind.name(), time)?;
            self.events.extend(report);
        }
        Ok(())
    }
}
