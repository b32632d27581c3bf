//! How long requests and responses travel, and the responses under way.

use super::clock::VenueClock;
use super::order::Response;
use super::timeline::{Moment, Timeline};
use alipes_market::mutants::is_on;
use alipes_market::types::Ns;

/// One-way latencies, in nanoseconds, not negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    /// From our send to the exchange's matching.
    pub entry: Ns,
    /// From the exchange's matching to our receipt.
    pub response: Ns,
}

/// Responses under way to us.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    line: Timeline<Response>,
}

impl Outbox {
    /// Sends a response. It is due at our time of its venue time plus the response latency, and never before `now`, the
    /// turn in which the exchange could know of it.
    pub fn send(&mut self, response: Response, latency: Latency, clock: &VenueClock, now: Ns) {
        let latency = if is_on("sim_response_latency") { 0 } else { latency.response };
        let due = clock.local_time(response.ts_event).saturating_add(latency).max(now);
        self.line.push(Moment { time: due, rank: 0 }, response);
    }

    /// Takes the next response due at or before `now`.
    pub fn receive(&mut self, now: Ns) -> Option<Response> {
        self.line.pop_before(now.saturating_add(1)).map(|(_, response)| response)
    }

    /// When the next response is due, by our clock.
    #[must_use]
    pub fn next_due(&self) -> Option<Ns> {
        self.line.next_time()
    }
}
