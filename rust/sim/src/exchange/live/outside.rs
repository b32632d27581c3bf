//! The outside market: recorded or synthetic data moves its size and takes from our orders.

use super::book::{Touch, rank};
use super::fill::Match;
use super::order::{Event, SelfTrade};
use super::plan::{Step, Taker};
use super::requests::MAX_PRICE;
use super::{LiveError, LiveExchange, TradingStatus};
use crate::exchange::checks::reducible;
use alipes_market::frame::{Body, Event as MarketEvent, Frame, Stream};
use alipes_market::mutants::is_on;
use alipes_market::types::{Ns, Side, Tick};

impl LiveExchange {
    /// Takes in the events of a frame, in order. Those of instruments that were not added change nothing.
    ///
    /// # Errors
    /// [`LiveError::Overflow`].
    pub fn ingest(&mut self, now: Ns, frame: &Frame) -> Result<Vec<Event>, LiveError> {
        self.advance(now);
        for event in &frame.events {
            if self.listings.contains_key(&event.instrument) {
                self.apply(frame, event)?;
            }
        }
        self.settle_down()
    }

    fn apply(&mut self, frame: &Frame, event: &MarketEvent) -> Result<(), LiveError> {
        let index = event.instrument;
        let listing = self.listing_mut(index)?;
        match &event.body {
            Body::Reset { bids, asks, update_id } => {
                listing.book.reset(frame.slice(bids), frame.slice(asks), *update_id);
            }
            Body::Depth { bids, asks, update_id } => {
                listing.book.update(frame.slice(bids), frame.slice(asks), *update_id);
            }
            Body::Touch { bid, ask, update_id } => {
                listing.book.refine(Touch { bid: *bid, ask: *ask, update_id: *update_id });
            }
            Body::Trade { price, size, taker, .. } => {
                listing.has_single_trades |= event.stream == Stream::Trade;
                if event.stream == Stream::AggTrade && listing.has_single_trades {
                    return Ok(());
                }
                let whole = size.0 - size.0 % listing.book.lot;
                return self.outside_trade(index, *price, whole, *taker);
            }
            Body::Stale => listing.book.lose(),
        }
        self.cross(index)
    }

    /// Somebody outside took: our orders priced better first, then the queue at the price; the rest trades outside.
    fn outside_trade(&mut self, index: u16, price: Tick, size: i64, taker: Side) -> Result<(), LiveError> {
        let is_trading = self.listing(index)?.status == TradingStatus::Trading;
        if size <= 0 || !(1..=MAX_PRICE).contains(&price.0) || !is_trading {
            return Ok(());
        }
        let (side, limit, is_reduce_only, stp) = (taker, Some(price), false, SelfTrade::Allow);
        let plan = self.plan(index, &Taker { account: 0, side, limit, size, is_reduce_only, stp })?;
        for &step in &plan.steps {
            match step {
                Step::Outside { price, size } => {
                    self.listing_mut(index)?.book.take_outside(taker.opposite(), price, size, false);
                    self.print(index, price, size, taker)?;
                }
                Step::Order { price, size, id } => {
                    let (taker_side, maker, taker) = (taker, Some(id), None);
                    self.trade(Match { index, price, size, taker_side, maker, taker })?;
                }
                Step::ExpireMaker(_) => {}
            }
        }
        if size > plan.filled {
            self.print(index, price.0, size - plan.filled, taker)?;
        }
        Ok(())
    }

    /// Outside size that came to the prices of our orders trades with them.
    pub(super) fn cross(&mut self, index: u16) -> Result<(), LiveError> {
        if self.listing(index)?.status != TradingStatus::Trading || is_on("live_crossing") {
            return Ok(());
        }
        for side in [Side::Buy, Side::Sell] {
            for (id, price) in self.reached_orders(index, side)? {
                self.meet_outside(index, id, price)?;
            }
        }
        Ok(())
    }

    /// Our orders of a side that outside size reaches, better prices first, then earlier ones.
    fn reached_orders(&self, index: u16, side: Side) -> Result<Vec<(u64, i64)>, LiveError> {
        let book = &self.listing(index)?.book;
        if book.ours[side as usize].is_empty() {
            return Ok(Vec::new());
        }
        let best = book.reached(side.opposite(), None).find(|(_, level)| level.outside() > 0);
        let Some((best, _)) = best else { return Ok(Vec::new()) };
        let levels = book.ours[side as usize].range(..=rank(side, best));
        let orders = levels.filter_map(|at| Some((at, book.sides[side as usize].get(at)?)));
        Ok(orders
            .flat_map(|(&at, level)| level.places.iter().map(move |place| (place.order, rank(side, at))))
            .collect())
    }

    /// An order of ours makes the market for outside size at its price or better.
    fn meet_outside(&mut self, index: u16, id: u64, price: i64) -> Result<(), LiveError> {
        let Some(order) = self.order_at(id) else { return Ok(()) };
        let (account, side, terms) = (order.account, order.terms.side, order.terms.clone());
        let offers: Vec<(i64, i64)> = self
            .listing(index)?
            .book
            .reached(side.opposite(), Some(Tick(price)))
            .map(|(price, level)| (price, level.outside()))
            .filter(|&(_, size)| size > 0)
            .collect();
        for (offered, there) in offers {
            let leaves = self.order_at(id).map_or(0, super::Order::leaves);
            let most = if terms.is_reduce_only && !is_on("live_reduce_only") {
                leaves.min(reducible(self.position_steps(account, index), side))
            } else {
                leaves
            };
            let size = most.min(there);
            if size <= 0 {
                return Ok(());
            }
            self.listing_mut(index)?.book.take_outside(side.opposite(), offered, size, true);
            let (taker_side, maker, taker) = (side.opposite(), Some(id), None);
            self.trade(Match { index, price, size, taker_side, maker, taker })?;
        }
        Ok(())
    }
}
