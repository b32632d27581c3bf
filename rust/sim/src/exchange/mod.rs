//! The simulated exchange: recorded or live market data in, fates of our orders out.
//!
//! It runs on venue time. Market events and our requests wait in one queue per instrument and take effect when the
//! instrument's watermark passes them, so an order meets the market as it was when the order arrived, whatever of that
//! market had reached us. Responses come back after their latency. The rules, numbered, are in
//! docs/simulated-exchange.md; nothing here reads a wall clock or draws a random number.

mod checks;
pub mod clock;
mod depth;
mod fees;
mod latency;
pub mod live;
mod market;
mod matching;
mod order;
mod queue;
mod timeline;

pub use depth::is_better;
pub use fees::{FeeError, Fees};
pub use latency::Latency;
pub use order::{ClientId, NewOrder, Outcome, Reason, Request, Response, TimeInForce};

use alipes_market::frame::Frame;
use alipes_market::instrument::Spec;
use alipes_market::mutants::is_on;
use alipes_market::types::{Ns, Size, Tick};
use clock::{VenueClock, Watermark};
use latency::Outbox;
use market::{Data, Desk, Market};
use std::collections::BTreeMap;
use std::sync::Arc;
use thiserror::Error;
use timeline::{Moment, Timeline};

/// A call that the exchange cannot serve. The fate of an order is never an error.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ExchangeError {
    /// No such instrument.
    #[error("instrument {0} was not added to this exchange")]
    UnknownInstrument(u16),
    /// An index that is taken.
    #[error("instrument {0} was already added")]
    RepeatedInstrument(u16),
    /// A fee beyond 128 bits.
    #[error("the fee of a fill needs more than 128 bits")]
    FeeOverflow,
}

/// Requests come after everything the market did up to their time.
const REQUEST_RANK: u8 = 2;

#[derive(Debug)]
enum Item {
    Data(Data),
    Request(Request),
}

/// One instrument with what waits for its watermark.
#[derive(Debug)]
struct Lane {
    market: Market,
    watermark: Watermark,
    line: Timeline<Item>,
}

/// The simulated exchange.
#[derive(Debug)]
pub struct Exchange {
    clock: VenueClock,
    latency: Latency,
    now: Ns,
    lanes: BTreeMap<u16, Lane>,
    /// Instrument of every order that is open or on its way.
    routes: BTreeMap<ClientId, u16>,
    desk: Desk,
    outbox: Outbox,
}

impl Exchange {
    /// An exchange without instruments. `offset` is the measured clock offset (venue − ours); without one it is
    /// estimated from the data.
    #[must_use]
    pub fn new(latency: Latency, offset: Option<Ns>) -> Self {
        Self {
            clock: VenueClock::new(offset),
            latency,
            now: Ns::MIN,
            lanes: BTreeMap::new(),
            routes: BTreeMap::new(),
            desk: Desk::default(),
            outbox: Outbox::default(),
        }
    }

    /// Adds an instrument in which we hold a signed position (size steps).
    ///
    /// # Errors
    /// [`ExchangeError::RepeatedInstrument`].
    pub fn add_instrument(
        &mut self,
        index: u16,
        spec: Arc<Spec>,
        fees: Fees,
        position: i64,
    ) -> Result<(), ExchangeError> {
        if self.lanes.contains_key(&index) {
            return Err(ExchangeError::RepeatedInstrument(index));
        }
        let market = Market::new(spec, fees, position);
        self.lanes.insert(index, Lane { market, watermark: Watermark::default(), line: Timeline::default() });
        Ok(())
    }

    /// Takes in the events of a frame and matches what the watermark passes. Events of instruments that were not added
    /// count for the venue's clock only.
    ///
    /// # Errors
    /// [`ExchangeError::FeeOverflow`].
    pub fn ingest(&mut self, frame: &Frame) -> Result<(), ExchangeError> {
        self.now = self.now.max(frame.ts_recv);
        for event in &frame.events {
            if let Some(ts_event) = event.ts_event {
                self.clock.observe(ts_event, frame.ts_recv);
            }
            if let Some(lane) = self.lanes.get_mut(&event.instrument) {
                let data = Data::of(frame, event);
                let time = lane.watermark.stamp(event.stream, event.ts_event);
                lane.line.push(Moment { time, rank: data.rank() }, Item::Data(data));
            }
        }
        for event in &frame.events {
            self.match_instrument(event.instrument);
        }
        if std::mem::take(&mut self.desk.overflow) { Err(ExchangeError::FeeOverflow) } else { Ok(()) }
    }

    /// Sends a new order at our time `now`.
    ///
    /// # Errors
    /// [`ExchangeError::UnknownInstrument`].
    pub fn submit(&mut self, now: Ns, order: NewOrder) -> Result<(), ExchangeError> {
        if !self.lanes.contains_key(&order.instrument) {
            return Err(ExchangeError::UnknownInstrument(order.instrument));
        }
        if self.routes.contains_key(&order.client_id) {
            let (price, size) = (order.price, order.size);
            self.refuse(now, Outcome::Rejected, order.client_id, Reason::DuplicateClientOrderId, price, size);
            return Ok(());
        }
        self.routes.insert(order.client_id.clone(), order.instrument);
        self.enqueue(now, order.instrument, Request::Submit(order));
        Ok(())
    }

    /// Sends a change of price and total size at our time `now`.
    pub fn amend(&mut self, now: Ns, client_id: ClientId, price: Tick, size: Size) {
        match self.routes.get(&client_id) {
            Some(&instrument) => self.enqueue(now, instrument, Request::Amend { client_id, price, size }),
            None => self.refuse(now, Outcome::AmendRejected, client_id, Reason::UnknownOrder, price, size),
        }
    }

    /// Sends a withdrawal at our time `now`.
    pub fn cancel(&mut self, now: Ns, client_id: ClientId) {
        match self.routes.get(&client_id) {
            Some(&instrument) => self.enqueue(now, instrument, Request::Cancel { client_id }),
            None => {
                self.refuse(now, Outcome::CancelRejected, client_id, Reason::UnknownOrder, Tick(0), Size(0));
            }
        }
    }

    /// Ends the data: nothing more can come before what waits, so all of it takes effect, each at its own time.
    ///
    /// # Errors
    /// [`ExchangeError::FeeOverflow`].
    pub fn finish(&mut self) -> Result<(), ExchangeError> {
        let instruments: Vec<u16> = self.lanes.keys().copied().collect();
        for instrument in instruments {
            if let Some(lane) = self.lanes.get_mut(&instrument) {
                lane.watermark.finish();
            }
            self.match_instrument(instrument);
        }
        if std::mem::take(&mut self.desk.overflow) { Err(ExchangeError::FeeOverflow) } else { Ok(()) }
    }

    /// Takes the next response due at or before our time `now`.
    pub fn poll(&mut self, now: Ns) -> Option<Response> {
        self.now = self.now.max(now);
        self.outbox.receive(now)
    }

    /// When the next response is due, by our clock.
    #[must_use]
    pub fn next_due(&self) -> Option<Ns> {
        self.outbox.next_due()
    }

    /// The venue's time at our time `now`.
    #[must_use]
    pub fn venue_time(&self, now: Ns) -> Ns {
        self.clock.venue_time(now)
    }

    /// Venue clock minus ours, as known now.
    #[must_use]
    pub fn clock_offset(&self) -> Ns {
        self.clock.offset()
    }

    /// Size of others in front of a resting order at its price; `None` where no such order rests.
    #[must_use]
    pub fn queue_ahead(&self, client_id: &str) -> Option<i64> {
        let queue = &self.lanes.get(self.routes.get(client_id)?)?.market.queue;
        queue.find(client_id).map(|at| queue.orders[at].ahead)
    }

    /// Signed position that the exchange holds for us, in size steps.
    ///
    /// # Errors
    /// [`ExchangeError::UnknownInstrument`].
    pub fn position(&self, instrument: u16) -> Result<i64, ExchangeError> {
        let lane = self.lanes.get(&instrument).ok_or(ExchangeError::UnknownInstrument(instrument))?;
        Ok(lane.market.position)
    }

    /// Events that came after the watermark had passed their time.
    #[must_use]
    pub fn late_events(&self) -> u64 {
        self.lanes.values().map(|lane| lane.watermark.late).sum()
    }

    /// Events and requests that wait for a watermark.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lanes.values().map(|lane| lane.line.len()).sum()
    }

    fn enqueue(&mut self, now: Ns, instrument: u16, request: Request) {
        let time = self.arrival(now);
        if let Some(lane) = self.lanes.get_mut(&instrument) {
            lane.line.push(Moment { time, rank: REQUEST_RANK }, Item::Request(request));
        }
    }

    /// Venue time at which what we send at `now` arrives.
    fn arrival(&mut self, now: Ns) -> Ns {
        self.now = self.now.max(now);
        let entry = if is_on("sim_entry_latency") { 0 } else { self.latency.entry };
        self.clock.venue_time(now).saturating_add(entry)
    }

    /// Answers a request that needs no matching.
    fn refuse(
        &mut self,
        now: Ns,
        outcome: Outcome,
        client_id: ClientId,
        reason: Reason,
        price: Tick,
        size: Size,
    ) {
        let time = self.arrival(now);
        let mut response = Response::new(outcome, client_id, time).because(reason);
        (response.price, response.size) = (price, size);
        self.outbox.send(response, self.latency, &self.clock, self.now);
    }

    fn match_instrument(&mut self, instrument: u16) {
        let Some(lane) = self.lanes.get_mut(&instrument) else { return };
        let end = lane.watermark.advance().saturating_add(i64::from(is_on("sim_watermark_reached")));
        while let Some((time, item)) = lane.line.pop_before(end) {
            match item {
                Item::Data(data) => lane.market.apply(&data, time, &mut self.desk),
                Item::Request(request) => lane.market.receive(request, time, &mut self.desk),
            }
            for response in self.desk.responses.drain(..) {
                if is_final(&response, &lane.market) {
                    self.routes.remove(&response.client_id);
                }
                self.outbox.send(response, self.latency, &self.clock, self.now);
            }
        }
    }
}

/// Whether an order is gone after a response.
fn is_final(response: &Response, market: &Market) -> bool {
    match response.outcome {
        Outcome::Rejected | Outcome::Cancelled | Outcome::Expired => true,
        Outcome::Fill => market.queue.find(&response.client_id).is_none(),
        Outcome::Accepted | Outcome::Amended | Outcome::AmendRejected | Outcome::CancelRejected => false,
    }
}
