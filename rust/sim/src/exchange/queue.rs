//! Our resting orders and their places in the queues.

use super::depth::{Depth, is_better};
use super::order::ClientId;
use alipes_market::mutants::is_on;
use alipes_market::types::{Side, Tick};

/// An order at rest.
#[derive(Clone, Debug)]
pub struct Resting {
    /// Our id.
    pub client_id: ClientId,
    /// The venue's id.
    pub venue_id: u64,
    /// Bid or ask.
    pub side: Side,
    /// Price.
    pub price: Tick,
    /// Total size in size steps.
    pub size: i64,
    /// Filled size.
    pub filled: i64,
    /// Size of others in front of it at its price.
    pub ahead: i64,
    /// Whether it may never take.
    pub is_post_only: bool,
    /// Whether it may only reduce the position.
    pub is_reduce_only: bool,
}

impl Resting {
    /// Unfilled size.
    #[must_use]
    pub const fn leaves(&self) -> i64 {
        self.size - self.filled
    }
}

/// Our resting orders on one instrument, in the order in which they joined their queues.
#[derive(Debug, Default)]
pub struct Queue {
    /// The orders.
    pub orders: Vec<Resting>,
}

impl Queue {
    /// Where an order is.
    #[must_use]
    pub fn find(&self, client_id: &str) -> Option<usize> {
        self.orders.iter().position(|order| &*order.client_id == client_id)
    }

    /// No queue is longer than what the book shows: those who left are taken to have stood behind us.
    pub fn cap(&mut self, depth: &Depth) {
        if is_on("sim_queue_cap") {
            return;
        }
        for order in &mut self.orders {
            if order.ahead > 0 {
                order.ahead = order.ahead.min(depth.queue(order.side, order.price));
            }
        }
    }

    /// Indices of the orders: bids before asks, better prices first, then by time of joining.
    #[must_use]
    pub fn by_priority(&self) -> Vec<usize> {
        let mut indices: Vec<usize> = (0..self.orders.len()).collect();
        indices.sort_by_key(|&at| {
            let order = &self.orders[at];
            (order.side, -order.side.sign() * order.price.0)
        });
        indices
    }
}

impl Resting {
    /// How much of a trade gets past those in front: they are served first and the queue becomes shorter.
    pub fn advance(&mut self, traded: i64) -> i64 {
        if is_on("sim_queue_advance") {
            return (traded - self.ahead).max(0);
        }
        let served = self.ahead.min(traded);
        self.ahead -= served;
        traded - served
    }

    /// Whether a trade at a price went through the order's: the order must have been filled before it.
    #[must_use]
    pub const fn is_passed_by(&self, trade: Tick) -> bool {
        is_better(self.side, self.price, trade)
    }
}
