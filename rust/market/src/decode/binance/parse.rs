//! The strict parser: any key order, white space, escapes, exponents, numbers with or without quotes, unknown members.

use super::{is_partial, nanoseconds};
use crate::decode::strict::Source;
use crate::decode::{DecodeError, Directory, Ids, Message, Sink};
use crate::types::{Level, Ns, Side};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Parses a message.
pub(crate) fn parse(
    raw: &[u8],
    is_future: bool,
    directory: &mut Directory,
    sink: &mut Sink,
) -> Result<Message, DecodeError> {
    let source = Source(raw);
    let members: Members<'_> = source.object(source.text()?)?;
    let mut parse = Parse { source, is_future, directory, sink };
    match (members.stream, members.data) {
        (Some(stream), Some(data)) => parse.wrapped(stream, data),
        (None, None) => parse.bare(&members),
        _ => Err(no_message(is_future, "it has only one of stream and data")),
    }
}

/// The members that mean something; a key that comes twice is an error.
#[derive(Deserialize)]
#[allow(non_snake_case, reason = "keys as the venue spells them")]
struct Members<'a> {
    #[serde(borrow)]
    stream: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    e: Option<&'a RawValue>,
    #[serde(borrow)]
    E: Option<&'a RawValue>,
    #[serde(borrow)]
    T: Option<&'a RawValue>,
    #[serde(borrow)]
    s: Option<&'a RawValue>,
    #[serde(borrow)]
    U: Option<&'a RawValue>,
    #[serde(borrow)]
    u: Option<&'a RawValue>,
    #[serde(borrow)]
    pu: Option<&'a RawValue>,
    #[serde(borrow)]
    b: Option<&'a RawValue>,
    #[serde(borrow)]
    a: Option<&'a RawValue>,
    #[serde(borrow)]
    B: Option<&'a RawValue>,
    #[serde(borrow)]
    A: Option<&'a RawValue>,
    #[serde(borrow)]
    t: Option<&'a RawValue>,
    #[serde(borrow)]
    p: Option<&'a RawValue>,
    #[serde(borrow)]
    q: Option<&'a RawValue>,
    #[serde(borrow)]
    m: Option<&'a RawValue>,
    #[serde(borrow)]
    X: Option<&'a RawValue>,
    #[serde(borrow)]
    lastUpdateId: Option<&'a RawValue>,
    #[serde(borrow)]
    bids: Option<&'a RawValue>,
    #[serde(borrow)]
    asks: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    code: Option<&'a RawValue>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(borrow)]
    subscriptionId: Option<&'a RawValue>,
}

impl Members<'_> {
    /// Whether this is a reply to a request or an event of an account.
    fn is_reply(&self) -> bool {
        let signs =
            [self.id, self.result, self.error, self.status, self.code, self.event, self.subscriptionId];
        signs.iter().any(Option::is_some)
    }
}

struct Parse<'a, 'b> {
    source: Source<'a>,
    is_future: bool,
    directory: &'b mut Directory,
    sink: &'b mut Sink,
}

impl<'a> Parse<'a, '_> {
    fn wrapped(&mut self, stream: &'a RawValue, data: &'a RawValue) -> Result<Message, DecodeError> {
        let name = self.source.string(stream)?;
        if is_partial(name.as_bytes()) || data.get().starts_with('[') {
            return Ok(Message::OtherStream);
        }
        let members: Members<'a> = self.source.object(data.get())?;
        if members.e.is_none() && members.lastUpdateId.is_some() {
            // A partial book of the spot venue: no part of the chain of differences.
            return Ok(Message::OtherStream);
        }
        self.bare(&members)
    }

    fn bare(&mut self, members: &Members<'a>) -> Result<Message, DecodeError> {
        let Some(kind) = members.e else { return self.without_kind(members) };
        match &*self.source.string(kind)? {
            "depthUpdate" => self.depth(members),
            "bookTicker" => self.touch(members),
            "trade" => self.trade(members, false),
            "aggTrade" => self.trade(members, true),
            _ => Ok(Message::OtherStream),
        }
    }

    fn without_kind(&mut self, members: &Members<'a>) -> Result<Message, DecodeError> {
        if members.lastUpdateId.is_some() {
            return self.snapshot(members);
        }
        if !self.is_future && members.u.is_some() && members.B.is_some() {
            return self.touch(members);
        }
        if members.is_reply() {
            return Ok(Message::OtherStream);
        }
        Err(no_message(self.is_future, "it has neither e, stream nor lastUpdateId"))
    }

    fn depth(&mut self, members: &Members<'a>) -> Result<Message, DecodeError> {
        let Some(slot) = self.slot(members)? else { return Ok(Message::OtherSymbol) };
        let ts_event = Some(self.time(members.T.or(Some(self.need(members.E, "E")?)))?.unwrap_or_default());
        let previous = match (self.is_future, members.pu) {
            (true, pu) => self.source.integer(self.need(pu, "pu (binanceusdm sends it)")?)?,
            (false, None) => 0,
            (false, Some(pu)) => {
                return Err(self.source.wrong(pu, "no pu on binance (binanceusdm sends it)"));
            }
        };
        let first = self.source.integer(self.need(members.U, "U")?)?;
        let last = self.source.integer(self.need(members.u, "u")?)?;
        let grids = self.directory.grids(slot);
        let bids = self.source.levels(self.need(members.b, "b")?, grids, self.sink)?;
        self.source.levels(self.need(members.a, "a")?, grids, self.sink)?;
        Ok(Message::Depth { slot, ids: Ids { first, last, previous }, ts_event, bids })
    }

    fn snapshot(&mut self, members: &Members<'a>) -> Result<Message, DecodeError> {
        let last = self.source.integer(self.need(members.lastUpdateId, "lastUpdateId")?)?;
        let ts_event = self.time(members.T.or(members.E))?;
        let Some(slot) = self.directory.unnamed() else {
            return Err(DecodeError::new(
                "a snapshot that does not name its instrument, on several instruments",
                0,
            ));
        };
        let grids = self.directory.grids(slot);
        let bids = self.source.levels(self.need(members.bids, "bids")?, grids, self.sink)?;
        self.source.levels(self.need(members.asks, "asks")?, grids, self.sink)?;
        Ok(Message::Snapshot { last, ts_event, bids })
    }

    fn touch(&mut self, members: &Members<'a>) -> Result<Message, DecodeError> {
        let Some(slot) = self.slot(members)? else { return Ok(Message::OtherSymbol) };
        let update_id = self.source.integer(self.need(members.u, "u")?)?;
        let ts_event = self.time(members.T.or(members.E))?;
        let bid = self.level(slot, (members.b, "b"), (members.B, "B"))?;
        let ask = self.level(slot, (members.a, "a"), (members.A, "A"))?;
        Ok(Message::Touch { slot, ts_event, bid, ask, update_id })
    }

    fn trade(&mut self, members: &Members<'a>, is_aggregate: bool) -> Result<Message, DecodeError> {
        let Some(slot) = self.slot(members)? else { return Ok(Message::OtherSymbol) };
        if let Some(kind) = members.X
            && self.source.string(kind)? != "MARKET"
        {
            // Insurance fund and auto-deleveraging: no trades of the book.
            return Ok(Message::OtherStream);
        }
        let ts_event = Some(self.time(members.T.or(Some(self.need(members.E, "E")?)))?.unwrap_or_default());
        let id = if is_aggregate { self.need(members.a, "a")? } else { self.need(members.t, "t")? };
        let id = self.source.integer(id)?;
        let Level { price, size } = self.level(slot, (members.p, "p"), (members.q, "q"))?;
        let is_maker_buyer = self.need(members.m, "m")?;
        let taker = match is_maker_buyer.get() {
            "true" => Side::Sell,
            "false" => Side::Buy,
            _ => return Err(self.source.wrong(is_maker_buyer, "true or false")),
        };
        Ok(Message::Trade { slot, ts_event, is_aggregate, price, size, taker, id })
    }

    fn slot(&mut self, members: &Members<'a>) -> Result<Option<usize>, DecodeError> {
        let symbol = self.source.string(self.need(members.s, "s")?)?;
        Ok(self.directory.find(symbol.as_bytes()))
    }

    fn level(
        &mut self,
        slot: usize,
        (price, price_key): (Option<&'a RawValue>, &str),
        (size, size_key): (Option<&'a RawValue>, &str),
    ) -> Result<Level, DecodeError> {
        let (price, size) = (self.need(price, price_key)?, self.need(size, size_key)?);
        let grids = self.directory.grids(slot);
        let price = self.source.price(price, &grids.price, self.sink)?;
        Ok(Level { price, size: self.source.size(size, &grids.size, self.sink)? })
    }

    fn time(&self, part: Option<&'a RawValue>) -> Result<Option<Ns>, DecodeError> {
        let Some(part) = part else { return Ok(None) };
        let time = nanoseconds(self.source.integer(part)?);
        time.map(Some).ok_or_else(|| self.source.wrong(part, "a time in milliseconds before the year 2262"))
    }

    fn need(&self, member: Option<&'a RawValue>, key: &str) -> Result<&'a RawValue, DecodeError> {
        let venue = venue(self.is_future);
        member.ok_or_else(|| DecodeError::new(format!("this message of {venue} needs the member {key}"), 0))
    }
}

const fn venue(is_future: bool) -> &'static str {
    if is_future { "binanceusdm" } else { "binance" }
}

#[cold]
fn no_message(is_future: bool, why: &str) -> DecodeError {
    DecodeError::new(format!("no message of {}: {why}", venue(is_future)), 0)
}
