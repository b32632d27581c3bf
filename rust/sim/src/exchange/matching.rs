//! What a request does when it arrives: the checks of the exchange, taking, resting, amending, withdrawing.

use super::checks::{is_too_small, terms_refusal};
use super::market::{Desk, Execution, Market};
use super::order::{ClientId, NewOrder, Outcome, Reason, Request, Response, TimeInForce};
use super::queue::Resting;
use alipes_market::mutants::is_on;
use alipes_market::types::{Level, Ns, Side, Size, Tick};

impl Market {
    /// Matches a request that arrives at a venue time.
    pub fn receive(&mut self, request: Request, time: Ns, desk: &mut Desk) {
        match request {
            Request::Submit(order) => self.submit(order, time, desk),
            Request::Amend { client_id, price, size } => self.amend(client_id, price, size, time, desk),
            Request::Cancel { client_id } => self.cancel(client_id, time, desk),
        }
    }

    fn submit(&mut self, order: NewOrder, time: Ns, desk: &mut Desk) {
        let mut response = Response::new(Outcome::Accepted, order.client_id.clone(), time);
        (response.price, response.size) = (order.price, order.size);
        let refusal = self.refusal(&order);
        if refusal != Reason::None {
            response.outcome = Outcome::Rejected;
            desk.responses.push(response.because(refusal));
            return;
        }
        desk.ids.order += 1;
        response.venue_id = desk.ids.order;
        desk.responses.push(response);
        let is_kill = order.tif == TimeInForce::Fok && !self.can_fill(&order) && !is_on("sim_fok");
        let filled = if is_kill { 0 } else { self.sweep(&order, desk.ids.order, time, desk) };
        self.rest_or_expire(&order, desk.ids.order, filled, order.expiry(), time, desk);
        self.sweep_out(time, desk);
    }

    /// Why a new order is refused, [`Reason::None`] where it is not.
    fn refusal(&self, order: &NewOrder) -> Reason {
        if !self.depth.is_live() {
            return Reason::NoMarketData;
        }
        let terms = terms_refusal(&self.spec, order.limit(), order.size);
        if terms != Reason::None {
            return terms;
        }
        if order.is_post_only && (order.is_market || order.tif != TimeInForce::Gtc) {
            return Reason::PostOnlyTif;
        }
        if order.is_reduce_only && self.allowed(true, order.side, 1) == 0 {
            return Reason::ReduceOnly;
        }
        if !order.is_reduce_only && is_too_small(&self.spec, order.limit(), order.size) {
            return Reason::MinNotional;
        }
        if order.is_post_only && self.would_take(order.side, order.price) {
            return Reason::PostOnlyWouldTake;
        }
        Reason::None
    }

    fn would_take(&self, side: Side, price: Tick) -> bool {
        self.depth.offers(side.opposite(), Some(price)).next().is_some() && !is_on("sim_post_only")
    }

    fn can_fill(&self, order: &NewOrder) -> bool {
        let offers = self.depth.offers(order.side.opposite(), order.limit());
        let there: i128 = offers.map(|level| i128::from(level.size.0)).sum();
        let allowed = self.allowed(order.is_reduce_only, order.side, order.size.0);
        there >= i128::from(order.size.0) && allowed == order.size.0
    }

    /// Takes what the limit reaches, one fill a level; gives the filled size.
    fn sweep(&mut self, order: &NewOrder, venue_id: u64, time: Ns, desk: &mut Desk) -> i64 {
        let wanted = self.allowed(order.is_reduce_only, order.side, order.size.0);
        let (mut left, mut plan) = (wanted, Vec::new());
        for level in self.depth.offers(order.side.opposite(), order.limit()) {
            if left == 0 {
                break;
            }
            let size = left.min(level.size.0);
            plan.push(Level { price: level.price, size: Size(size) });
            left -= size;
        }
        for Level { price, size } in plan {
            self.depth.take(order.side.opposite(), price, size.0);
            let client_id = order.client_id.clone();
            let fill =
                Execution { client_id, venue_id, side: order.side, price, size: size.0, is_maker: false };
            self.execute(fill, time, desk);
        }
        wanted - left
    }

    /// What becomes of the part that was not taken: it rests, or expires for a reason.
    fn rest_or_expire(
        &mut self,
        order: &NewOrder,
        venue_id: u64,
        filled: i64,
        reason: Reason,
        time: Ns,
        desk: &mut Desk,
    ) {
        let leaves = order.size.0 - filled;
        if leaves == 0 {
            return;
        }
        if reason != Reason::None {
            let mut response = Response::new(Outcome::Expired, order.client_id.clone(), time);
            response.venue_id = venue_id;
            (response.price, response.size) = (order.price, Size(leaves));
            desk.responses.push(response.because(reason));
            return;
        }
        self.queue.orders.push(Resting {
            client_id: order.client_id.clone(),
            venue_id,
            side: order.side,
            price: order.price,
            size: order.size.0,
            filled,
            ahead: self.depth.queue(order.side, order.price),
            is_post_only: order.is_post_only,
            is_reduce_only: order.is_reduce_only,
        });
    }

    fn cancel(&mut self, client_id: ClientId, time: Ns, desk: &mut Desk) {
        let Some(at) = self.queue.find(&client_id) else {
            let response = Response::new(Outcome::CancelRejected, client_id, time);
            desk.responses.push(response.because(Reason::UnknownOrder));
            return;
        };
        let order = self.queue.orders.remove(at);
        let mut response = Response::new(Outcome::Cancelled, client_id, time);
        response.venue_id = order.venue_id;
        (response.price, response.size) = (order.price, Size(order.leaves()));
        desk.responses.push(response);
    }

    fn amend(&mut self, client_id: ClientId, price: Tick, size: Size, time: Ns, desk: &mut Desk) {
        let mut response = Response::new(Outcome::AmendRejected, client_id.clone(), time);
        (response.price, response.size) = (price, size);
        let Some(at) = self.queue.find(&client_id) else {
            desk.responses.push(response.because(Reason::UnknownOrder));
            return;
        };
        let order = &self.queue.orders[at];
        response.venue_id = order.venue_id;
        let refusal = self.amend_refusal(order, price, size);
        if refusal != Reason::None {
            desk.responses.push(response.because(refusal));
            return;
        }
        response.outcome = Outcome::Amended;
        desk.responses.push(response);
        let keeps_place = price == order.price && (size.0 <= order.size || is_on("sim_amend_place"));
        if keeps_place {
            self.queue.orders[at].size = size.0;
            return;
        }
        let old = self.queue.orders.remove(at);
        self.rejoin(old, price, size, time, desk);
    }

    fn amend_refusal(&self, order: &Resting, price: Tick, size: Size) -> Reason {
        if !self.depth.is_live() {
            return Reason::NoMarketData;
        }
        let terms = terms_refusal(&self.spec, Some(price), size);
        if terms != Reason::None {
            return terms;
        }
        if size.0 <= order.filled {
            return Reason::SizeNotAboveFilled;
        }
        if !order.is_reduce_only && is_too_small(&self.spec, Some(price), size) {
            return Reason::MinNotional;
        }
        let moves = price != order.price;
        if moves && order.is_post_only && self.would_take(order.side, price) {
            return Reason::PostOnlyWouldTake;
        }
        Reason::None
    }

    /// An amended order that lost its place arrives anew: what it can take it takes, the rest joins the queue's end.
    fn rejoin(&mut self, old: Resting, price: Tick, size: Size, time: Ns, desk: &mut Desk) {
        let order = NewOrder {
            client_id: old.client_id,
            instrument: 0,
            side: old.side,
            is_market: false,
            tif: TimeInForce::Gtc,
            is_post_only: old.is_post_only,
            is_reduce_only: old.is_reduce_only,
            price,
            size: Size(size.0 - old.filled),
        };
        let filled = self.sweep(&order, old.venue_id, time, desk) + old.filled;
        let whole = NewOrder { size, ..order };
        self.rest_or_expire(&whole, old.venue_id, filled, Reason::None, time, desk);
        self.sweep_out(time, desk);
    }
}
