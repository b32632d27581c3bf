//! A position in a message and the few moves that scanners are made of. Every move gives `None` where the bytes are not
//! exactly what was asked for, and the message then goes to the strict parser.

use super::layout::{WIDTH, end_of_text, leading_digits};
use super::number::{self, Units};

/// Powers of ten for the lower part of a long number.
const TENS: [u64; WIDTH] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

/// A position in a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    raw: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub const fn new(raw: &'a [u8]) -> Self {
        Self { raw, at: 0 }
    }

    pub const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    pub const fn at(&self) -> usize {
        self.at
    }

    pub const fn move_to(&mut self, at: usize) {
        self.at = at;
    }

    #[inline(always)]
    pub fn rest(&self) -> &'a [u8] {
        // `at` never passes the end; the fallback keeps the compiler from emitting a panic.
        self.raw.get(self.at..).unwrap_or_default()
    }

    #[inline(always)]
    pub fn is_at(&self, text: &[u8]) -> bool {
        self.rest().starts_with(text)
    }

    /// Moves past `text`.
    #[inline(always)]
    pub fn literal(&mut self, text: &[u8]) -> Option<()> {
        if self.is_at(text) {
            self.at += text.len();
            return Some(());
        }
        None
    }

    /// Moves past a whole number as JSON spells it, of at most 16 digits.
    #[inline(always)]
    pub fn integer(&mut self) -> Option<u64> {
        let (high, length) = leading_digits(padded(self.raw, self.at));
        if length < WIDTH {
            let is_json = length > 0 && (length == 1 || self.raw.get(self.at) != Some(&b'0'));
            self.at += length;
            return is_json.then_some(high);
        }
        let (low, more) = leading_digits(padded(self.raw, self.at + WIDTH));
        if self.raw.get(self.at) == Some(&b'0') || more == WIDTH {
            return None;
        }
        self.at += WIDTH + more;
        Some(high * TENS[more] + low)
    }

    /// Moves past the rest of a string of plain ASCII (no escapes) and its closing quote.
    #[inline(always)]
    pub fn text(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        let mut at = start;
        let end = loop {
            match end_of_text(padded(self.raw, at)) {
                None => at += WIDTH,
                Some(place) => break at + place,
            }
        };
        if self.raw.get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        self.raw.get(start..end)
    }

    /// Moves up to the closing quote of a string that holds a number; gives its grid units and how many decimals the
    /// text had.
    pub fn number(&mut self, units: &Units) -> Option<(i64, usize)> {
        let (digits, decimals, length) = number::before_quote(self.rest())?;
        self.at += length;
        Some((units.exact(digits, decimals)?, decimals))
    }

    /// Whether only white space is left.
    pub fn is_done(&self) -> bool {
        self.rest().iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
    }
}

/// Eight bytes from `at` on, the first one lowest.
#[inline(always)]
pub(crate) fn eight(raw: &[u8], at: usize) -> Option<u64> {
    raw.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

/// As [`eight`], with zeros where the message ends before.
#[inline(always)]
fn padded(raw: &[u8], at: usize) -> u64 {
    eight(raw, at).unwrap_or_else(|| last_bytes(raw, at))
}

#[cold]
fn last_bytes(raw: &[u8], at: usize) -> u64 {
    let rest = raw.get(at..).unwrap_or_default();
    rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// Four bytes from `at` on, the first one lowest.
#[inline(always)]
pub(crate) fn four(raw: &[u8], at: usize) -> Option<u32> {
    raw.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}
