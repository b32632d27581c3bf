//! What one decoded frame did to the market: the one form in which market data travels inside the engine.
//!
//! A [`Frame`] is reused from call to call, so a decoder fills it without allocating. Its readers (features, the
//! simulated exchange, the recorder) all see the same events in the same order.

use crate::types::{Level, Ns, Side, Size, Tick};
use std::ops::Range;

/// The wire stream an event came on; each has a clock of its own (see the watermark of the simulated exchange).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Stream {
    /// Incremental or full order book.
    Depth = 0,
    /// Best bid and ask.
    Touch = 1,
    /// Single trades.
    Trade = 2,
    /// Trades aggregated by taker order and price.
    AggTrade = 3,
}

/// One thing that happened to one instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Index of the instrument, as given when it was added to the decoder.
    pub instrument: u16,
    /// The wire stream.
    pub stream: Stream,
    /// Venue time: the transaction time, else the event time; `None` where the frame carries neither.
    pub ts_event: Option<Ns>,
    /// What happened.
    pub body: Body,
}

/// What an [`Event`] says. Ranges index [`Frame::levels`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The book was replaced as a whole (a snapshot with its buffered updates replayed), best first.
    Reset {
        /// Bids, best (highest) first.
        bids: Range<u32>,
        /// Asks, best (lowest) first.
        asks: Range<u32>,
        /// The venue's id of the last update that the book holds.
        update_id: u64,
    },
    /// Absolute sizes that replace those of their levels, in wire order.
    Depth {
        /// Changed bids.
        bids: Range<u32>,
        /// Changed asks.
        asks: Range<u32>,
        /// The venue's id of the event's last update.
        update_id: u64,
    },
    /// The venue's own best bid and ask.
    Touch {
        /// Best bid.
        bid: Level,
        /// Best ask.
        ask: Level,
        /// The venue's update id, comparable with a depth event's last id.
        update_id: u64,
    },
    /// A trade.
    Trade {
        /// Price in ticks.
        price: Tick,
        /// Size in size steps.
        size: Size,
        /// Side of the taker.
        taker: Side,
        /// The venue's trade id.
        id: u64,
    },
    /// The book is no longer trustworthy.
    Stale,
}

/// The events of one decoded frame and the levels they refer to.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// When we received it.
    pub ts_recv: Ns,
    /// Events in order.
    pub events: Vec<Event>,
    /// Levels that [`Body`] ranges index.
    pub levels: Vec<Level>,
}

impl Frame {
    /// Empties the frame, keeping its capacity.
    pub fn clear(&mut self, ts_recv: Ns) {
        self.ts_recv = ts_recv;
        self.events.clear();
        self.levels.clear();
    }

    /// The levels of a range of this frame.
    #[must_use]
    pub fn slice(&self, range: &Range<u32>) -> &[Level] {
        &self.levels[range.start as usize..range.end as usize]
    }
}
