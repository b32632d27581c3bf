//! Wire bytes to typed messages. A direct scanner takes the shapes that a venue sends; a message that deviates in any
//! way goes to a strict JSON parser of the same venue, which accepts every legal spelling or says what is wrong.
//!
//! Decoders know numbers, symbols and shapes. They know nothing of sequences or books: see [`crate::sync`].

pub(crate) mod binance;
mod bytes;
mod directory;
mod layout;
mod levels;
mod number;
mod strict;

pub use directory::Directory;

use crate::types::{Level, Ns, Side, Size, Tick};
use thiserror::Error;

/// Longest message that is looked at: far above any venue's, so that a length never surprises later arithmetic.
pub const MAX_MESSAGE: usize = 64 << 20;

/// Bytes that are not the message they claim to be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{what} at byte {offset}")]
pub struct DecodeError {
    /// What was found or expected.
    pub what: String,
    /// Where in the message, in bytes from its start.
    pub offset: usize,
}

impl DecodeError {
    #[cold]
    pub(crate) fn new(what: impl Into<String>, offset: usize) -> Self {
        Self { what: what.into(), offset }
    }
}

/// The ids by which a depth event names its place in the chain of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ids {
    /// First update in the event.
    pub first: u64,
    /// Last update in the event.
    pub last: u64,
    /// Last update of the event before, on venues that name it, else zero.
    pub previous: u64,
}

/// One decoded message. Levels are in [`Sink::levels`], bids first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// Changed levels.
    Depth {
        /// Place of the instrument in the [`Directory`].
        slot: usize,
        /// Place in the chain.
        ids: Ids,
        /// Venue time.
        ts_event: Option<Ns>,
        /// How many of the levels are bids.
        bids: usize,
    },
    /// A whole book, as the venue's REST endpoint answers; it does not say of which instrument.
    Snapshot {
        /// Last update that it holds.
        last: u64,
        /// Venue time.
        ts_event: Option<Ns>,
        /// How many of the levels are bids.
        bids: usize,
    },
    /// Best bid and ask.
    Touch {
        /// Place of the instrument in the [`Directory`].
        slot: usize,
        /// Venue time.
        ts_event: Option<Ns>,
        /// Best bid.
        bid: Level,
        /// Best ask.
        ask: Level,
        /// The venue's update id.
        update_id: u64,
    },
    /// A trade, single or aggregated.
    Trade {
        /// Place of the instrument in the [`Directory`].
        slot: usize,
        /// Venue time.
        ts_event: Option<Ns>,
        /// Whether it sums the trades of one taker order at one price.
        is_aggregate: bool,
        /// Price.
        price: Tick,
        /// Size.
        size: Size,
        /// Side of the taker.
        taker: Side,
        /// The venue's id.
        id: u64,
    },
    /// Of an instrument that nobody asked for.
    OtherSymbol,
    /// Of a stream that this engine does not use, or a reply to a request.
    OtherStream,
}

/// What a decoder fills besides the message: levels, and what it had to note about numbers.
#[derive(Clone, Debug, Default)]
pub struct Sink {
    /// Levels in wire order, bids before asks.
    pub levels: Vec<Level>,
    /// How many sizes were finer than the size step and were rounded to the nearest one.
    pub rounded: u64,
    /// The first price that is not on the grid. The message must not be applied.
    pub off_grid: Option<String>,
}

impl Sink {
    /// Empties the sink, keeping its capacity.
    pub fn clear(&mut self) {
        self.levels.clear();
        self.rounded = 0;
        self.off_grid = None;
    }
}

/// Which parser may take a message; anything but [`Parser::Auto`] is for tests that compare them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parser {
    /// The scanner where it can, else the strict parser.
    #[default]
    Auto,
    /// The scanner only: a message that it does not take is an error.
    Scanner,
    /// The strict parser only.
    Strict,
}

/// The shapes that a family of venues sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// Binance. `is_future` tells USD-M (events name their predecessor) from spot.
    Binance {
        /// USD-M rather than spot.
        is_future: bool,
    },
}

impl Wire {
    /// The direct scanner: `None` where the message deviates from the shapes that it knows.
    #[inline]
    pub fn scan(self, raw: &[u8], directory: &mut Directory, sink: &mut Sink) -> Option<Message> {
        match self {
            Self::Binance { is_future } => binance::scan(raw, is_future, directory, sink),
        }
    }

    /// The strict parser.
    ///
    /// # Errors
    /// [`DecodeError`] naming what is wrong and where.
    pub fn parse(
        self,
        raw: &[u8],
        directory: &mut Directory,
        sink: &mut Sink,
    ) -> Result<Message, DecodeError> {
        if raw.len() > MAX_MESSAGE {
            return Err(DecodeError::new(
                format!("message of {} bytes, more than {MAX_MESSAGE}", raw.len()),
                0,
            ));
        }
        match self {
            Self::Binance { is_future } => binance::parse(raw, is_future, directory, sink),
        }
    }
}
