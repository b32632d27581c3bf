//! What a taker would trade with, worked out before anything moves: so that fill-or-kill, post-only and margin can ask.

use super::super::checks::reducible;
use super::order::{AccountId, SelfTrade};
use super::{LiveError, LiveExchange};
use alipes_market::mutants::is_on;
use alipes_market::types::{Side, Tick};
use std::collections::BTreeMap;

/// One thing that a taker does to the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It trades with outside size.
    Outside {
        /// At this price.
        price: i64,
        /// So much.
        size: i64,
    },
    /// It trades with an order of ours.
    Order {
        /// At this price.
        price: i64,
        /// So much.
        size: i64,
        /// The order.
        id: u64,
    },
    /// It would trade with an order of its own account, which expires.
    ExpireMaker(u64),
}

/// A taker: an order of ours, or an outside trade.
#[derive(Clone, Copy, Debug)]
pub struct Taker {
    /// Whose it is; 0 is the outside market, which trades with itself at its limit only: better outside prices are
    /// older than the trade.
    pub account: AccountId,
    /// Bought or sold.
    pub side: Side,
    /// How far it goes.
    pub limit: Option<Tick>,
    /// How much it wants.
    pub size: i64,
    /// Whether it may only reduce its position.
    pub is_reduce_only: bool,
    /// What it does to orders of its own account.
    pub stp: SelfTrade,
}

/// All that a taker does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// In order.
    pub steps: Vec<Step>,
    /// What it fills.
    pub filled: i64,
    /// Price × size of what it fills, in ticks × size steps.
    pub value: i128,
    /// Whether its rest expires, as it met an order of its own account.
    pub is_stopped: bool,
}

/// Positions as they would be after the steps so far.
struct Positions<'a> {
    exchange: &'a LiveExchange,
    index: u16,
    known: BTreeMap<AccountId, i64>,
}

impl Positions<'_> {
    fn of(&mut self, account: AccountId) -> i64 {
        let (exchange, index) = (self.exchange, self.index);
        *self.known.entry(account).or_insert_with(|| exchange.position_steps(account, index))
    }

    fn trade(&mut self, taker: &Taker, maker: AccountId, size: i64) {
        let change = size * taker.side.sign();
        for (account, change) in [(taker.account, change), (maker, -change)] {
            let after = self.of(account).saturating_add(change);
            self.known.insert(account, after);
        }
    }

    /// How much of a size may trade.
    fn allowed(&mut self, account: AccountId, is_reduce_only: bool, side: Side, size: i64) -> i64 {
        if is_reduce_only && !is_on("live_reduce_only") {
            size.min(reducible(self.of(account), side))
        } else {
            size
        }
    }
}

impl LiveExchange {
    /// Works out what a taker does.
    pub(super) fn plan(&self, index: u16, taker: &Taker) -> Result<Plan, LiveError> {
        let mut plan = Plan::default();
        let mut positions = Positions { exchange: self, index, known: BTreeMap::new() };
        let side = taker.side.opposite();
        let mut levels = self.listing(index)?.book.reached(side, taker.limit);
        while let Some((price, level)) =
            if is_on("live_price_priority") { levels.next_back() } else { levels.next() }
        {
            for place in &level.places {
                plan.meet_outside(&mut positions, price, place.ahead, taker);
                self.meet(&mut plan, &mut positions, (price, place.order), taker);
                if plan.is_stopped {
                    return Ok(plan);
                }
            }
            plan.meet_outside(&mut positions, price, level.back, taker);
            if plan.room(&mut positions, taker) == 0 {
                break;
            }
        }
        Ok(plan)
    }

    /// The taker comes to an order of ours.
    fn meet(&self, plan: &mut Plan, positions: &mut Positions<'_>, (price, id): (i64, u64), taker: &Taker) {
        let room = plan.room(positions, taker);
        let Some(maker) = self.order_at(id).filter(|_| room > 0) else { return };
        // A trade with itself reduces nothing, so a reduce-only order has none.
        let is_reducing = taker.is_reduce_only || maker.terms.is_reduce_only;
        let rule = match taker.stp {
            SelfTrade::Allow if is_reducing => SelfTrade::ExpireTaker,
            rule => rule,
        };
        if maker.account == taker.account && rule != SelfTrade::Allow && !is_on("live_stp") {
            if rule != SelfTrade::ExpireTaker {
                plan.steps.push(Step::ExpireMaker(id));
            }
            plan.is_stopped = rule != SelfTrade::ExpireMaker;
            return;
        }
        let (side, leaves) = (maker.terms.side, maker.leaves());
        let size = positions.allowed(maker.account, maker.terms.is_reduce_only, side, leaves).min(room);
        if size > 0 {
            positions.trade(taker, maker.account, size);
            plan.fill(price, size, Step::Order { price, size, id });
        }
    }
}

impl Plan {
    /// Whether it trades, or meets an order of its own account.
    pub fn would_take(&self) -> bool {
        self.is_stopped || !self.steps.is_empty()
    }

    /// How much more the taker may take.
    fn room(&self, positions: &mut Positions<'_>, taker: &Taker) -> i64 {
        let left = taker.size.saturating_sub(self.filled).max(0);
        positions.allowed(taker.account, taker.is_reduce_only, taker.side, left)
    }

    /// The taker comes to outside size.
    fn meet_outside(&mut self, positions: &mut Positions<'_>, price: i64, there: i64, taker: &Taker) {
        let is_there = taker.account != 0 || taker.limit == Some(Tick(price));
        let size = there.min(self.room(positions, taker));
        if size > 0 && is_there {
            positions.trade(taker, 0, size);
            self.fill(price, size, Step::Outside { price, size });
        }
    }

    fn fill(&mut self, price: i64, size: i64, step: Step) {
        self.filled += size;
        self.value += i128::from(price) * i128::from(size);
        self.steps.push(step);
    }
}
