//! All books of one connection: frames go in, books stay in step, and one reusable [`Frame`] says what happened.

mod instrument;
mod outcome;

pub use instrument::{Best, InstrumentFeed};
pub use outcome::{Counters, Flags, Kind, Packed};

use crate::decode::{DecodeError, Directory, Ids, Message, Parser, Sink};
use crate::frame::{Body, Event, Frame, Stream};
use crate::grids::Grids;
use crate::sync::{State, Sync};
use crate::types::Ns;
use crate::venue::{Venue, VenueError};

/// The core of `FeedDecoder` and `BookSync`.
#[derive(Clone, Debug)]
pub struct Feed {
    venue: &'static Venue,
    directory: Directory,
    instruments: Vec<InstrumentFeed>,
    frame: Frame,
    sink: Sink,
    counters: Counters,
    parser: Parser,
}

impl Feed {
    /// A connection without instruments.
    #[must_use]
    pub fn new(venue: &'static Venue) -> Self {
        Self {
            venue,
            directory: Directory::default(),
            instruments: Vec::new(),
            frame: Frame::default(),
            sink: Sink::default(),
            counters: Counters::default(),
            parser: Parser::Auto,
        }
    }

    /// Adds an instrument under an index of the caller's choice and gives its slot. `symbol` is unified or the venue's.
    ///
    /// # Errors
    /// [`VenueError`] where the symbol is none of the venue's, or symbol or index are taken.
    pub fn add(&mut self, symbol: &str, index: u16, grids: Grids) -> Result<usize, VenueError> {
        let wire = self.venue.wire_symbol(symbol)?;
        self.add_wire(symbol, &wire, index, grids)
    }

    /// As [`Feed::add`] for an instrument whose wire symbol does not follow from its unified one.
    ///
    /// # Errors
    /// [`VenueError::Taken`].
    pub fn add_wire(
        &mut self,
        symbol: &str,
        wire: &str,
        index: u16,
        grids: Grids,
    ) -> Result<usize, VenueError> {
        if index == u16::MAX || self.slot(index).is_some() {
            return Err(VenueError::Taken(format!("instrument index {index}")));
        }
        let taken = || VenueError::Taken(format!("symbol {symbol} ({wire})"));
        let slot = self.directory.add(wire, &grids).ok_or_else(taken)?;
        let sync = Sync::new(self.venue.rules);
        self.instruments.push(InstrumentFeed::new(symbol.to_owned(), wire.to_owned(), index, grids, sync));
        Ok(slot)
    }

    /// The venue.
    #[must_use]
    pub const fn venue(&self) -> &'static Venue {
        self.venue
    }

    /// What the last frame did.
    #[must_use]
    pub const fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Running counts.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The first few wire symbols that messages named and nobody added: `BTCUSDT, ETHUSDT`; empty for none.
    #[must_use]
    pub fn other_symbols(&self) -> String {
        self.directory.others()
    }

    /// Instruments in the order they were added; the place of one is its slot.
    #[must_use]
    pub fn instruments(&self) -> &[InstrumentFeed] {
        &self.instruments
    }

    /// The instrument of an index.
    #[must_use]
    pub fn book(&self, index: u16) -> Option<&InstrumentFeed> {
        self.slot(index).map(|slot| &self.instruments[slot])
    }

    /// The slot of an index.
    #[must_use]
    pub fn slot(&self, index: u16) -> Option<usize> {
        self.instruments.iter().position(|instrument| instrument.index == index)
    }

    /// Lets only one of the two parsers work. For tests.
    pub fn force_parser(&mut self, parser: Parser) {
        self.parser = parser;
    }

    /// Decodes and applies one frame.
    ///
    /// # Errors
    /// [`DecodeError`] where the bytes are no message of the venue; nothing has changed then but a counter.
    #[inline]
    pub fn on_frame(&mut self, raw: &[u8], ts_recv: Ns) -> Result<Packed, DecodeError> {
        self.frame.clear(ts_recv);
        self.counters.messages += 1;
        let message = self.decode(raw).inspect_err(|_| self.counters.errors += 1)?;
        Ok(self.apply(message))
    }

    /// As [`Feed::on_frame`] for the snapshot of a known instrument, which does not name it.
    ///
    /// # Errors
    /// [`DecodeError`] where the bytes are no snapshot of the venue.
    pub fn on_snapshot(&mut self, slot: usize, raw: &[u8], ts_recv: Ns) -> Result<Packed, DecodeError> {
        self.frame.clear(ts_recv);
        self.counters.messages += 1;
        self.directory.expect(Some(slot));
        let message = self.decode(raw);
        self.directory.expect(None);
        match message {
            Ok(Message::Snapshot { last, ts_event, bids }) => Ok(self.snapshot(slot, last, ts_event, bids)),
            other => {
                self.counters.errors += 1;
                let what = "expected a snapshot: an object with lastUpdateId, bids and asks";
                Err(other.err().unwrap_or_else(|| DecodeError { what: what.to_owned(), offset: 0 }))
            }
        }
    }

    /// The connection is lost: every book that was in step, or was getting there, is stale until a new snapshot.
    pub fn on_disconnect(&mut self, ts_recv: Ns) {
        self.frame.clear(ts_recv);
        for instrument in &mut self.instruments {
            if instrument.sync.state() != State::Empty {
                let body = instrument.fail("disconnected".to_owned(), &mut self.counters);
                let event =
                    Event { instrument: instrument.index, stream: Stream::Depth, ts_event: None, body };
                self.frame.events.push(event);
            }
        }
    }

    #[inline]
    fn decode(&mut self, raw: &[u8]) -> Result<Message, DecodeError> {
        self.sink.clear();
        if self.parser != Parser::Strict {
            if let Some(message) = self.venue.wire.scan(raw, &mut self.directory, &mut self.sink) {
                self.counters.scanned += 1;
                std::mem::swap(&mut self.frame.levels, &mut self.sink.levels);
                return Ok(message);
            }
            if self.parser == Parser::Scanner {
                return Err(DecodeError { what: "not taken by the scanner".to_owned(), offset: 0 });
            }
        }
        self.decode_strictly(raw)
    }

    #[cold]
    fn decode_strictly(&mut self, raw: &[u8]) -> Result<Message, DecodeError> {
        self.sink.clear();
        self.counters.strict += 1;
        let message = self.venue.wire.parse(raw, &mut self.directory, &mut self.sink)?;
        self.counters.sizes_rounded += self.sink.rounded;
        std::mem::swap(&mut self.frame.levels, &mut self.sink.levels);
        Ok(message)
    }

    #[inline]
    fn apply(&mut self, message: Message) -> Packed {
        match message {
            Message::Depth { slot, ts_event, .. }
            | Message::Touch { slot, ts_event, .. }
            | Message::Trade { slot, ts_event, .. }
                if self.sink.off_grid.is_some() =>
            {
                self.off_grid(slot, ts_event, message)
            }
            Message::Depth { slot, ids, ts_event, bids } => self.depth(slot, ids, ts_event, bids),
            Message::Touch { slot, ts_event, bid, ask, update_id } => {
                self.counters.touches += 1;
                let body = Body::Touch { bid, ask, update_id };
                self.pass(slot, Stream::Touch, ts_event, body, Kind::Touch)
            }
            Message::Trade { slot, ts_event, is_aggregate, price, size, taker, id } => {
                self.counters.trades += 1;
                let (stream, kind) = if is_aggregate {
                    (Stream::AggTrade, Kind::AggTrade)
                } else {
                    (Stream::Trade, Kind::Trade)
                };
                self.pass(slot, stream, ts_event, Body::Trade { price, size, taker, id }, kind)
            }
            // The decoder takes one without a symbol only where there is one instrument.
            Message::Snapshot { last, ts_event, bids } => self.snapshot(0, last, ts_event, bids),
            Message::OtherSymbol => {
                self.counters.other_symbols += 1;
                Packed::NOBODY
            }
            Message::OtherStream => {
                self.counters.other_streams += 1;
                Packed::NOBODY
            }
        }
    }

    #[inline]
    fn depth(&mut self, slot: usize, ids: Ids, ts_event: Option<Ns>, bids: usize) -> Packed {
        let instrument = &mut self.instruments[slot];
        let (state, best) = (instrument.sync.state(), instrument.best());
        let body = instrument.depth(ids, &self.frame.levels, bids, &mut self.counters);
        let kind = if body.is_none() && state == State::Synced { Kind::Ignored } else { Kind::Depth };
        self.tell(slot, Stream::Depth, ts_event, body, (kind, state, best))
    }

    fn snapshot(&mut self, slot: usize, last: u64, ts_event: Option<Ns>, bids: usize) -> Packed {
        let instrument = &mut self.instruments[slot];
        let before = (instrument.sync.state(), instrument.best());
        let (kind, body) = if let Some(reason) = self.sink.off_grid.take() {
            self.counters.snapshots_refused += 1;
            (Kind::Ignored, Some(instrument.fail(reason, &mut self.counters)))
        } else if !instrument.snapshot(last, &self.frame.levels, bids, &mut self.counters) {
            (Kind::Ignored, None)
        } else if instrument.is_crossed_by(last, &mut self.counters) {
            (Kind::Ignored, Some(Body::Stale))
        } else {
            (Kind::Reset, Some(instrument.describe(&mut self.frame)))
        };
        self.tell(slot, Stream::Depth, ts_event, body, (kind, before.0, before.1))
    }

    /// A price off the grid: the message is not applied, and the book cannot be trusted to hold every level.
    #[cold]
    fn off_grid(&mut self, slot: usize, ts_event: Option<Ns>, message: Message) -> Packed {
        let reason = self.sink.off_grid.take().unwrap_or_default();
        let instrument = &mut self.instruments[slot];
        let before = (instrument.sync.state(), instrument.best());
        let is_repeat = matches!(message, Message::Depth { ids, .. }
            if before.0 == State::Synced && ids.last <= instrument.sync.last());
        if is_repeat {
            self.counters.repeats += 1;
            return self.tell(slot, Stream::Depth, ts_event, None, (Kind::Ignored, before.0, before.1));
        }
        let body = instrument.fail(reason, &mut self.counters);
        self.tell(slot, Stream::Depth, ts_event, Some(body), (Kind::Depth, before.0, before.1))
    }

    /// Passes on an event that does not touch the book.
    #[inline]
    fn pass(&mut self, slot: usize, stream: Stream, ts_event: Option<Ns>, body: Body, kind: Kind) -> Packed {
        let instrument = &self.instruments[slot];
        self.frame.events.push(Event { instrument: instrument.index, stream, ts_event, body });
        let flags = Flags { is_snapshot_wanted: instrument.sync.wants_snapshot(), ..Flags::default() };
        Packed::new(instrument.index, kind, instrument.sync.state(), flags)
    }

    /// Notes the event, if any, and packs what changed against the state and best levels of before.
    #[inline]
    fn tell(
        &mut self,
        slot: usize,
        stream: Stream,
        ts_event: Option<Ns>,
        body: Option<Body>,
        (kind, state, best): (Kind, State, Best),
    ) -> Packed {
        let instrument = &self.instruments[slot];
        if let Some(body) = body {
            self.frame.events.push(Event { instrument: instrument.index, stream, ts_event, body });
        }
        let now = instrument.sync.state();
        let flags = Flags {
            is_touch_changed: instrument.best() != best,
            is_state_changed: now != state,
            is_snapshot_wanted: instrument.sync.wants_snapshot(),
        };
        Packed::new(instrument.index, kind, now, flags)
    }
}
