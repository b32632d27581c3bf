//! Binance spot and USD-M futures: what both parsers of this family share.
//!
//! Messages come bare or in the combined-stream wrapper `{"stream":…,"data":…}`. Depth events of the two venues differ
//! in `pu`, which only futures send; that is also how a message of the wrong venue is told.

mod parse;
mod scan;

pub(super) use parse::parse;
pub(super) use scan::scan;

use crate::types::Ns;

/// Every key that the strict parser gives a meaning to. The scanner steps over any other.
const KEYS: [&[u8]; 28] = [
    b"A",
    b"B",
    b"E",
    b"T",
    b"U",
    b"X",
    b"a",
    b"asks",
    b"b",
    b"bids",
    b"data",
    b"e",
    b"error",
    b"event",
    b"id",
    b"lastUpdateId",
    b"m",
    b"p",
    b"pu",
    b"q",
    b"result",
    b"s",
    b"status",
    b"stream",
    b"subscriptionId",
    b"t",
    b"u",
    b"code",
];

/// Whether a stream's name is a partial book (`btcusdt@depth5`): those replace the book's top and are no part of the
/// chain of differences, although futures spell both alike.
fn is_partial(stream: &[u8]) -> bool {
    let name = stream.iter().position(|&byte| byte == b'@').map_or(stream, |at| &stream[at + 1..]);
    name.strip_prefix(b"depth").is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_digit))
}

/// Nanoseconds of a venue time in milliseconds, `None` past the year 2262.
fn nanoseconds(milliseconds: u64) -> Option<Ns> {
    i64::try_from(milliseconds).ok()?.checked_mul(1_000_000)
}
