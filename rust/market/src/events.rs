//! The event log: frames as columns, one row per level or trade, for recordings, replay and research.
//!
//! | column | type | |
//! |---|---|---|
//! | `ts_event` | i64 | venue time, ns; 0 with [`flag::NO_VENUE_TIME`] |
//! | `ts_recv` | i64 | our time, ns |
//! | `instrument` | u16 | index |
//! | `kind` | u8 | the wire stream: 0 depth, 1 best prices, 2 trade, 3 aggregated trade |
//! | `flags` | u8 | see [`flag`] |
//! | `price` | i32 | ticks; [`ESCAPE`] sends the reader to the escape list |
//! | `size` | i64 | size steps; 0 removes a depth level |
//! | `aux` | u64 | update id or trade id, on the row with [`flag::HAS_AUX`] |
//!
//! The sequence number is the row number. A frame without events leaves no row. What is read back is what was
//! written, event for event and level for level.

use crate::frame::{Body, Event, Frame, Stream};
use crate::mutants;
use crate::types::{Level, Ns, Side, Size, Tick};
use std::ops::Range;
use thiserror::Error;

/// Bits of the `flags` column.
pub mod flag {
    /// Last row of its event.
    pub const BATCH_END: u8 = 1;
    /// Part of a whole new book.
    pub const SNAPSHOT: u8 = 1 << 1;
    /// A bid, or a trade whose taker bought.
    pub const BUY: u8 = 1 << 2;
    /// The book became untrustworthy.
    pub const GAP: u8 = 1 << 3;
    /// A row that holds its event together but is no level.
    pub const NO_LEVEL: u8 = 1 << 4;
    /// The event carries no venue time.
    pub const NO_VENUE_TIME: u8 = 1 << 5;
    /// Last row of its frame.
    pub const FRAME_END: u8 = 1 << 6;
    /// `aux` holds an id.
    pub const HAS_AUX: u8 = 1 << 7;
}

/// A price column value that stands for one too large for 32 bits.
pub const ESCAPE: i32 = i32::MIN;

/// Columns that are no event log.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("row {row} of the event log is broken: {what}")]
pub struct LogError {
    /// The row, from 0.
    pub row: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// An event log in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventLog {
    /// Venue time of each row.
    pub ts_event: Vec<Ns>,
    /// Our time of each row.
    pub ts_recv: Vec<Ns>,
    /// Instrument index of each row.
    pub instrument: Vec<u16>,
    /// Wire stream of each row.
    pub kind: Vec<u8>,
    /// See [`flag`].
    pub flags: Vec<u8>,
    /// Ticks, or [`ESCAPE`].
    pub price: Vec<i32>,
    /// Size steps.
    pub size: Vec<i64>,
    /// Ids, where the flags say so.
    pub aux: Vec<u64>,
    /// Row and ticks of prices that need more than 32 bits, by row.
    pub escapes: Vec<(u64, i64)>,
}

/// What all rows of one event share.
#[derive(Clone, Copy)]
struct Stamp {
    ts_event: Option<Ns>,
    ts_recv: Ns,
    instrument: u16,
    kind: Stream,
}

impl EventLog {
    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ts_event.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ts_event.is_empty()
    }

    /// Appends the events of a frame.
    pub fn push(&mut self, frame: &Frame) {
        let before = self.len();
        for event in &frame.events {
            self.push_event(frame, event);
        }
        if self.len() > before {
            self.mark_last(flag::FRAME_END);
        }
    }

    fn push_event(&mut self, frame: &Frame, event: &Event) {
        let Event { instrument, stream: kind, ts_event, .. } = *event;
        let stamp = Stamp { ts_event, ts_recv: frame.ts_recv, instrument, kind };
        match &event.body {
            Body::Reset { bids, asks, update_id } => {
                self.push_levels(stamp, flag::SNAPSHOT, frame.slice(bids), frame.slice(asks), *update_id);
            }
            Body::Depth { bids, asks, update_id } => {
                self.push_levels(stamp, 0, frame.slice(bids), frame.slice(asks), *update_id);
            }
            Body::Touch { bid, ask, update_id } => {
                self.push_levels(stamp, 0, &[*bid], &[*ask], *update_id);
            }
            Body::Trade { price, size, taker, id } => {
                let buy = if *taker == Side::Buy { flag::BUY } else { 0 };
                self.push_row(stamp, buy | flag::BATCH_END, Level { price: *price, size: *size });
                self.set_aux(*id);
            }
            Body::Stale => {
                self.push_row(stamp, flag::GAP | flag::NO_LEVEL | flag::BATCH_END, Level::default())
            }
        }
    }

    fn push_levels(&mut self, stamp: Stamp, flags: u8, bids: &[Level], asks: &[Level], id: u64) {
        let is_kept = |level: &&Level| level.size.0 != 0 || !mutants::is_on("log_loses_removals");
        bids.iter().filter(is_kept).for_each(|&level| self.push_row(stamp, flags | flag::BUY, level));
        asks.iter().filter(is_kept).for_each(|&level| self.push_row(stamp, flags, level));
        if bids.is_empty() && asks.is_empty() {
            self.push_row(stamp, flags | flag::NO_LEVEL, Level::default());
        }
        self.mark_last(flag::BATCH_END);
        self.set_aux(id);
    }

    fn push_row(&mut self, stamp: Stamp, flags: u8, level: Level) {
        let ticks = level.price.0;
        let price = i32::try_from(ticks).ok().filter(|&price| price != ESCAPE).unwrap_or_else(|| {
            self.escapes.push((self.ts_event.len() as u64, ticks));
            ESCAPE
        });
        let no_time = if stamp.ts_event.is_none() { flag::NO_VENUE_TIME } else { 0 };
        self.ts_event.push(stamp.ts_event.unwrap_or(0));
        self.ts_recv.push(stamp.ts_recv);
        self.instrument.push(stamp.instrument);
        self.kind.push(stamp.kind as u8);
        self.flags.push(flags | no_time);
        self.price.push(price);
        self.size.push(level.size.0);
        self.aux.push(0);
    }

    fn mark_last(&mut self, bit: u8) {
        if let Some(flags) = self.flags.last_mut() {
            *flags |= bit;
        }
    }

    fn set_aux(&mut self, id: u64) {
        self.mark_last(flag::HAS_AUX);
        if let Some(aux) = self.aux.last_mut() {
            *aux = id;
        }
    }

    /// Prices in ticks, escapes resolved.
    #[must_use]
    pub fn prices(&self) -> Vec<i64> {
        let mut prices: Vec<i64> = self.price.iter().map(|&price| i64::from(price)).collect();
        self.escapes.iter().for_each(|&(row, ticks)| prices[row as usize] = ticks);
        prices
    }

    /// Reads the log from its start.
    #[must_use]
    pub const fn replay(&self) -> Replay<'_> {
        Replay { log: self, row: 0, escape: 0 }
    }
}

/// Reads an [`EventLog`] back, frame by frame.
#[derive(Clone, Debug)]
pub struct Replay<'a> {
    log: &'a EventLog,
    row: usize,
    escape: usize,
}

impl Replay<'_> {
    /// Fills `frame` with the next frame's events; false at the end.
    ///
    /// # Errors
    /// [`LogError`] names the row that cannot be part of a log.
    pub fn next_into(&mut self, frame: &mut Frame) -> Result<bool, LogError> {
        if self.row >= self.log.len() {
            return Ok(false);
        }
        frame.clear(self.log.ts_recv[self.row]);
        loop {
            let last = self.next_event(frame)?;
            if self.log.flags[last] & flag::FRAME_END != 0 {
                return Ok(true);
            }
            if self.row >= self.log.len() {
                return Err(self.broken(last, "the log ends within a frame"));
            }
        }
    }

    /// Reads the rows of one event; gives the last of them.
    fn next_event(&mut self, frame: &mut Frame) -> Result<usize, LogError> {
        let (log, first) = (self.log, self.row);
        let ended = log.flags[first..].iter().position(|flags| flags & flag::BATCH_END != 0);
        let last = first + ended.ok_or_else(|| self.broken(first, "an event without an end"))?;
        let is_one =
            |at: usize| log.kind[at] == log.kind[first] && log.instrument[at] == log.instrument[first];
        if !(first..=last).all(is_one) {
            return Err(self.broken(first, "an event of several streams or instruments"));
        }
        let body = self.body(first..last + 1, frame)?;
        self.row = last + 1;
        let has_time = log.flags[first] & flag::NO_VENUE_TIME == 0;
        frame.events.push(Event {
            instrument: log.instrument[first],
            stream: self.stream(first)?,
            ts_event: has_time.then_some(log.ts_event[first]),
            body,
        });
        Ok(last)
    }

    fn stream(&self, row: usize) -> Result<Stream, LogError> {
        match self.log.kind[row] {
            0 => Ok(Stream::Depth),
            1 => Ok(Stream::Touch),
            2 => Ok(Stream::Trade),
            3 => Ok(Stream::AggTrade),
            _ => Err(self.broken(row, "an unknown kind")),
        }
    }

    fn body(&mut self, rows: Range<usize>, frame: &mut Frame) -> Result<Body, LogError> {
        let (log, last) = (self.log, rows.end - 1);
        let (flags, id) = (log.flags[last], log.aux[last]);
        match self.stream(rows.start)? {
            _ if flags & flag::GAP != 0 => Ok(Body::Stale),
            Stream::Depth => {
                let (bids, asks) = self.levels(rows, frame)?;
                let update_id = id;
                Ok(if flags & flag::SNAPSHOT != 0 {
                    Body::Reset { bids, asks, update_id }
                } else {
                    Body::Depth { bids, asks, update_id }
                })
            }
            Stream::Touch if rows.len() == 2 => {
                let (bid, ask) = (self.level(rows.start)?, self.level(last)?);
                Ok(Body::Touch { bid, ask, update_id: id })
            }
            Stream::Trade | Stream::AggTrade if rows.len() == 1 => {
                let Level { price: Tick(price), size: Size(size) } = self.level(last)?;
                let taker = if flags & flag::BUY != 0 { Side::Buy } else { Side::Sell };
                Ok(Body::Trade { price: Tick(price), size: Size(size), taker, id })
            }
            _ => Err(self.broken(rows.start, "a trade or best price of the wrong number of rows")),
        }
    }

    fn levels(
        &mut self,
        rows: Range<usize>,
        frame: &mut Frame,
    ) -> Result<(Range<u32>, Range<u32>), LogError> {
        let start = frame.levels.len() as u32;
        let mut split = start;
        for row in rows {
            let flags = self.log.flags[row];
            if flags & flag::NO_LEVEL != 0 {
                continue;
            }
            let level = self.level(row)?;
            if flags & flag::BUY != 0 {
                if split as usize != frame.levels.len() {
                    return Err(self.broken(row, "a bid after an ask"));
                }
                split += 1;
            }
            frame.levels.push(level);
        }
        Ok((start..split, split..frame.levels.len() as u32))
    }

    fn level(&mut self, row: usize) -> Result<Level, LogError> {
        let size = self.log.size[row];
        if self.log.price[row] != ESCAPE {
            return Ok(Level::new(i64::from(self.log.price[row]), size));
        }
        match self.log.escapes.get(self.escape) {
            Some(&(at, ticks)) if at == row as u64 => {
                self.escape += 1;
                Ok(Level::new(ticks, size))
            }
            _ => Err(self.broken(row, "an escaped price that is not in the list")),
        }
    }

    #[cold]
    fn broken(&self, row: usize, what: &'static str) -> LogError {
        LogError { row, what }
    }
}

#[cfg(test)]
mod tests;
