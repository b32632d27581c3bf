//! The direct scanner: keys in the order that the venue sends them, with room for scalar members it may add.

use super::{KEYS, is_partial, nanoseconds};
use crate::decode::bytes::Cursor;
use crate::decode::{Directory, Ids, Message, Sink, levels};
use crate::types::{Level, Side, Size, Tick};

/// Scans a message; `None` where anything deviates from the known shapes.
pub(crate) fn scan(
    raw: &[u8],
    is_future: bool,
    directory: &mut Directory,
    sink: &mut Sink,
) -> Option<Message> {
    let mut scan = Scan { cursor: Cursor::new(raw), is_future, directory, sink };
    let is_wrapped = scan.cursor.literal(b"{\"stream\":\"").is_some();
    if is_wrapped {
        let is_other = is_partial(scan.cursor.text()?);
        scan.cursor.literal(b",\"data\":")?;
        if is_other {
            return None;
        }
    }
    let message = scan.message(is_wrapped)?;
    scan.close()?;
    if is_wrapped {
        scan.cursor.literal(b"}")?;
    }
    scan.cursor.is_done().then_some(message)
}

struct Scan<'a, 'b> {
    cursor: Cursor<'a>,
    is_future: bool,
    directory: &'b mut Directory,
    sink: &'b mut Sink,
}

impl Scan<'_, '_> {
    /// Moves past the members of a message, all but what may follow the last one that matters.
    #[inline(always)]
    fn message(&mut self, is_wrapped: bool) -> Option<Message> {
        let cursor = &mut self.cursor;
        if cursor.literal(b"{\"e\":\"depthUpdate\"").is_some() {
            self.depth()
        } else if cursor.literal(b"{\"e\":\"bookTicker\"").is_some() {
            self.touch(b",\"u\":")
        } else if cursor.literal(b"{\"e\":\"trade\"").is_some() {
            self.trade(false)
        } else if cursor.literal(b"{\"e\":\"aggTrade\"").is_some() {
            self.trade(true)
        } else if !self.is_future && cursor.is_at(b"{\"u\":") {
            self.touch(b"{\"u\":")
        } else if !is_wrapped {
            self.snapshot()
        } else {
            None
        }
    }

    #[inline(always)]
    fn depth(&mut self) -> Option<Message> {
        let event = self.integer(b",\"E\":")?;
        let transaction = self.optional_integer(b",\"T\":")?;
        let slot = self.symbol()?;
        let first = self.integer(b",\"U\":")?;
        let last = self.integer(b",\"u\":")?;
        let previous = if self.is_future { self.integer(b",\"pu\":")? } else { 0 };
        self.member(b",\"b\":")?;
        let grids = self.directory.grids_mut(slot);
        let bids = levels::scan(&mut self.cursor, grids, &mut self.sink.levels)?;
        self.cursor.literal(b",\"a\":")?;
        levels::scan(&mut self.cursor, grids, &mut self.sink.levels)?;
        let ts_event = Some(nanoseconds(transaction.unwrap_or(event))?);
        Some(Message::Depth { slot, ids: Ids { first, last, previous }, ts_event, bids })
    }

    fn snapshot(&mut self) -> Option<Message> {
        self.cursor.literal(b"{\"lastUpdateId\":")?;
        let last = self.cursor.integer()?;
        let event = self.optional_integer(b",\"E\":")?;
        let transaction = self.optional_integer(b",\"T\":")?;
        let slot = self.directory.unnamed()?;
        self.member(b",\"bids\":")?;
        let grids = self.directory.grids_mut(slot);
        let bids = levels::scan(&mut self.cursor, grids, &mut self.sink.levels)?;
        self.cursor.literal(b",\"asks\":")?;
        levels::scan(&mut self.cursor, grids, &mut self.sink.levels)?;
        let ts_event = match transaction.or(event) {
            Some(time) => Some(nanoseconds(time)?),
            None => None,
        };
        Some(Message::Snapshot { last, ts_event, bids })
    }

    #[inline(always)]
    fn touch(&mut self, id: &[u8]) -> Option<Message> {
        self.member(id)?;
        let update_id = self.cursor.integer()?;
        let mut event = self.optional_integer(b",\"E\":")?;
        let mut transaction = self.optional_integer(b",\"T\":")?;
        let slot = self.symbol()?;
        let bid = self.level(slot, b",\"b\":\"", b",\"B\":\"")?;
        let ask = self.level(slot, b",\"a\":\"", b",\"A\":\"")?;
        if transaction.is_none() {
            transaction = self.optional_integer(b",\"T\":")?;
        }
        if event.is_none() {
            event = self.optional_integer(b",\"E\":")?;
        }
        let ts_event = match transaction.or(event) {
            Some(time) => Some(nanoseconds(time)?),
            None => None,
        };
        Some(Message::Touch { slot, ts_event, bid, ask, update_id })
    }

    #[inline(always)]
    fn trade(&mut self, is_aggregate: bool) -> Option<Message> {
        let event = self.integer(b",\"E\":")?;
        let mut transaction = self.optional_integer(b",\"T\":")?;
        let mut is_settled = false;
        let slot = self.symbol()?;
        let id = self.integer(if is_aggregate { b",\"a\":" } else { b",\"t\":" })?;
        let level = self.level(slot, b",\"p\":\"", b",\"q\":\"")?;
        while self.cursor.literal(b",\"m\":").is_none() {
            if transaction.is_none() && self.cursor.literal(b",\"T\":").is_some() {
                transaction = Some(self.cursor.integer()?);
            } else if !is_settled && self.cursor.literal(b",\"X\":\"MARKET\"").is_some() {
                is_settled = true;
            } else {
                self.unknown()?;
            }
        }
        let taker = if self.cursor.literal(b"true").is_some() {
            Side::Sell
        } else {
            self.cursor.literal(b"false")?;
            Side::Buy
        };
        let ts_event = Some(nanoseconds(transaction.unwrap_or(event))?);
        let (price, size) = (level.price, level.size);
        Some(Message::Trade { slot, ts_event, is_aggregate, price, size, taker, id })
    }

    #[inline(always)]
    fn symbol(&mut self) -> Option<usize> {
        self.member(b",\"s\":\"")?;
        let symbol = self.cursor.text()?;
        self.directory.find(symbol)
    }

    #[inline(always)]
    fn level(&mut self, slot: usize, price: &[u8], size: &[u8]) -> Option<Level> {
        self.member(price)?;
        let grids = self.directory.grids(slot);
        let price = levels::scan_one(&mut self.cursor, &grids.price)?;
        self.member(size)?;
        let size = levels::scan_one(&mut self.cursor, &self.directory.grids(slot).size)?;
        Some(Level { price: Tick(price), size: Size(size) })
    }

    #[inline(always)]
    fn integer(&mut self, key: &[u8]) -> Option<u64> {
        self.member(key)?;
        self.cursor.integer()
    }

    #[inline(always)]
    fn optional_integer(&mut self, key: &[u8]) -> Option<Option<u64>> {
        if self.cursor.literal(key).is_none() {
            return Some(None);
        }
        self.cursor.integer().map(Some)
    }

    /// Moves past the start of a member, and past members before it that nobody knows.
    #[inline(always)]
    fn member(&mut self, key: &[u8]) -> Option<()> {
        while self.cursor.literal(key).is_none() {
            self.unknown()?;
        }
        Some(())
    }

    /// Moves past what follows the last member that matters, and the closing brace.
    #[inline(always)]
    fn close(&mut self) -> Option<()> {
        while self.cursor.literal(b"}").is_none() {
            self.unknown()?;
        }
        Some(())
    }

    /// Moves past one scalar member whose key has no meaning here.
    #[cold]
    fn unknown(&mut self) -> Option<()> {
        self.cursor.literal(b",\"")?;
        if KEYS.contains(&self.cursor.text()?) {
            return None;
        }
        self.cursor.literal(b":")?;
        let is_word =
            [b"true".as_slice(), b"false", b"null"].iter().any(|word| self.cursor.literal(word).is_some());
        if is_word {
            Some(())
        } else if self.cursor.literal(b"\"").is_some() {
            self.cursor.text().map(drop)
        } else {
            self.cursor.integer().map(drop)
        }
    }
}
