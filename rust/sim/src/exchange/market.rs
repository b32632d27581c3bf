//! One instrument of the exchange: its visible book, our resting orders, our position, and what data does to them.

use super::checks::reducible;
use super::depth::{Depth, is_better};
use super::fees::Fees;
use super::order::{ClientId, Outcome, Reason, Response};
use super::queue::Queue;
use alipes_market::frame::{Body, Event, Frame, Stream};
use alipes_market::instrument::Spec;
use alipes_market::mutants::is_on;
use alipes_market::types::{Level, Ns, Side, Size, Tick};
use std::sync::Arc;

/// An event with its levels, waiting for the watermark.
#[derive(Clone, Debug)]
pub enum Data {
    /// Sizes that replace those of their levels, or of the whole book.
    Book {
        /// Bids, then asks.
        levels: Box<[Level]>,
        /// How many of the levels are bids.
        bids: usize,
        /// The venue's id of the last update.
        update_id: u64,
        /// Whether they are the whole book.
        is_reset: bool,
    },
    /// The venue's own best prices.
    Touch {
        /// Best bid.
        bid: Level,
        /// Best ask.
        ask: Level,
        /// The venue's update id.
        update_id: u64,
    },
    /// A trade.
    Trade {
        /// Price.
        price: Tick,
        /// Size.
        size: Size,
        /// Side of the taker.
        taker: Side,
        /// Whether it came on a stream of aggregated trades.
        is_aggregate: bool,
    },
    /// The book is no longer known.
    Stale,
}

impl Data {
    /// Copies an event out of its frame.
    #[must_use]
    pub fn of(frame: &Frame, event: &Event) -> Self {
        match &event.body {
            Body::Reset { bids, asks, update_id } => {
                Self::book(frame.slice(bids), frame.slice(asks), *update_id, true)
            }
            Body::Depth { bids, asks, update_id } => {
                Self::book(frame.slice(bids), frame.slice(asks), *update_id, false)
            }
            Body::Touch { bid, ask, update_id } => {
                Self::Touch { bid: *bid, ask: *ask, update_id: *update_id }
            }
            Body::Trade { price, size, taker, .. } => Self::Trade {
                price: *price,
                size: *size,
                taker: *taker,
                is_aggregate: event.stream == Stream::AggTrade,
            },
            Body::Stale => Self::Stale,
        }
    }

    fn book(bids: &[Level], asks: &[Level], update_id: u64, is_reset: bool) -> Self {
        let levels = [bids, asks].concat().into_boxed_slice();
        Self::Book { levels, bids: bids.len(), update_id, is_reset }
    }

    /// Rank among events of the same time: trades come before what they did to the book.
    #[must_use]
    pub fn rank(&self) -> u8 {
        u8::from(!matches!(self, Self::Trade { .. }) || is_on("sim_trade_rank"))
    }
}

/// Ids that the exchange gives, from 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ids {
    pub(super) order: u64,
    pub(super) trade: u64,
}

/// Where an instrument's answers go, and the ids it draws.
#[derive(Debug, Default)]
pub struct Desk {
    pub(super) ids: Ids,
    pub(super) responses: Vec<Response>,
    /// Whether a fee went beyond 128 bits.
    pub(super) overflow: bool,
}

/// One instrument.
#[derive(Debug)]
pub struct Market {
    pub(super) spec: Arc<Spec>,
    pub(super) fees: Fees,
    pub(super) depth: Depth,
    pub(super) queue: Queue,
    pub(super) position: i64,
    sees_single_trades: bool,
}

/// A fill about to happen.
#[derive(Clone, Debug)]
pub(super) struct Execution {
    pub client_id: ClientId,
    pub venue_id: u64,
    pub side: Side,
    pub price: Tick,
    pub size: i64,
    pub is_maker: bool,
}

impl Market {
    /// An instrument with an unknown book.
    #[must_use]
    pub fn new(spec: Arc<Spec>, fees: Fees, position: i64) -> Self {
        let depth = Depth::new(spec.lot_steps());
        Self { spec, fees, depth, queue: Queue::default(), position, sees_single_trades: false }
    }

    /// Applies an event at its venue time.
    pub fn apply(&mut self, data: &Data, time: Ns, desk: &mut Desk) {
        match data {
            Data::Book { levels, bids, update_id, is_reset } => {
                let (bids, asks) = levels.split_at(*bids);
                if *is_reset {
                    self.depth.reset(bids, asks, *update_id);
                } else {
                    self.depth.update(bids, asks, *update_id);
                }
                self.after_book(time, desk);
            }
            Data::Touch { bid, ask, update_id } => {
                self.depth.refine(*bid, *ask, *update_id);
                self.after_book(time, desk);
            }
            Data::Trade { price, size, taker, is_aggregate } => {
                self.sees_single_trades |= !is_aggregate;
                if !(*is_aggregate && self.sees_single_trades) || is_on("sim_both_trade_streams") {
                    self.trade(*price, size.0, *taker, time, desk);
                }
            }
            Data::Stale => self.depth.lose(),
        }
    }

    /// The book moved: shorten the queues, fill what the other side now reaches.
    fn after_book(&mut self, time: Ns, desk: &mut Desk) {
        if self.queue.orders.is_empty() || !self.depth.is_live() {
            return;
        }
        self.queue.cap(&self.depth);
        if is_on("sim_crossing") || !self.is_reached() {
            return;
        }
        for at in self.queue.by_priority() {
            let (side, price) = (self.queue.orders[at].side, self.queue.orders[at].price);
            let offers: Vec<Level> = self.depth.offers(side.opposite(), Some(price)).collect();
            for offer in offers {
                let filled = self.fill_resting(at, offer.size.0, time, desk);
                if filled > 0 {
                    self.depth.take(side.opposite(), offer.price, filled);
                }
            }
        }
        self.sweep_out(time, desk);
    }

    /// Whether there is something to take at the price of one of our orders.
    fn is_reached(&self) -> bool {
        let best = |side: Side| self.depth.offers(side.opposite(), None).next();
        let (ask, bid) = (best(Side::Buy), best(Side::Sell));
        self.queue.orders.iter().any(|order| {
            let offer = if order.side == Side::Buy { ask } else { bid };
            offer.is_some_and(|offer| !is_better(order.side, offer.price, order.price))
        })
    }

    /// Others traded: fill what the trade went through, then serve the queue at its price.
    fn trade(&mut self, price: Tick, size: i64, taker: Side, time: Ns, desk: &mut Desk) {
        if self.queue.orders.is_empty() {
            return;
        }
        let size = size - size % self.spec.lot_steps();
        let mut ours = 0;
        let priority = self.queue.by_priority();
        for &at in &priority {
            if self.queue.orders[at].is_passed_by(price) && !is_on("sim_trade_through") {
                ours = self.fill_resting(at, i64::MAX, time, desk).saturating_add(ours);
            }
        }
        for &at in &priority {
            let order = &mut self.queue.orders[at];
            if order.price == price && order.side == taker.opposite() && size > ours {
                let reach = order.advance(size - ours);
                ours += self.fill_resting(at, reach, time, desk);
            }
        }
        self.sweep_out(time, desk);
    }

    /// Fills a resting order up to a size; gives what was filled.
    fn fill_resting(&mut self, at: usize, most: i64, time: Ns, desk: &mut Desk) -> i64 {
        let order = &self.queue.orders[at];
        let size = self.allowed(order.is_reduce_only, order.side, order.leaves()).min(most);
        if size <= 0 {
            return 0;
        }
        let execution = Execution {
            client_id: order.client_id.clone(),
            venue_id: order.venue_id,
            side: order.side,
            price: order.price,
            size,
            is_maker: true,
        };
        self.queue.orders[at].filled += size;
        self.execute(execution, time, desk);
        size
    }

    /// Removes filled orders, and reduce-only orders with nothing left to reduce.
    pub(super) fn sweep_out(&mut self, time: Ns, desk: &mut Desk) {
        let position = self.position;
        self.queue.orders.retain(|order| {
            if order.leaves() == 0 {
                return false;
            }
            if !order.is_reduce_only || reducible(position, order.side) > 0 {
                return true;
            }
            let mut response = Response::new(Outcome::Expired, order.client_id.clone(), time);
            response.venue_id = order.venue_id;
            (response.price, response.size) = (order.price, Size(order.leaves()));
            desk.responses.push(response.because(Reason::ReduceOnly));
            false
        });
    }

    /// How much of a size may trade: all of it, or what a reduce-only order can still reduce.
    pub(super) fn allowed(&self, is_reduce_only: bool, side: Side, size: i64) -> i64 {
        if is_reduce_only && !is_on("sim_reduce_only") {
            size.min(reducible(self.position, side))
        } else {
            size
        }
    }

    /// Books a fill and reports it.
    pub(super) fn execute(&mut self, execution: Execution, time: Ns, desk: &mut Desk) {
        desk.ids.trade += 1;
        let signed = execution.size.saturating_mul(execution.side.sign());
        self.position = self.position.saturating_add(signed);
        let mut response = Response::new(Outcome::Fill, execution.client_id, time);
        response.venue_id = execution.venue_id;
        response.trade_id = desk.ids.trade;
        (response.price, response.size) = (execution.price, Size(execution.size));
        response.is_maker = execution.is_maker;
        let fee = self.fees.of(&self.spec, execution.price, Size(execution.size), execution.is_maker);
        desk.overflow |= fee.is_none();
        response.fee = fee.unwrap_or(response.fee);
        response.fee_asset = Some(self.fees.asset().clone());
        desk.responses.push(response);
    }
}
