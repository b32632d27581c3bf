//! A position in a message and the few moves that scanners are made of. Every move gives `None` where the bytes are not
//! exactly what was asked for, and the message then goes to the strict parser.

use super::number::{self, Units};

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

    /// Moves past a whole number as JSON spells it, of at most 18 digits.
    #[inline(always)]
    pub fn integer(&mut self) -> Option<u64> {
        let rest = self.rest();
        let mut value = 0_u64;
        let mut length = 0;
        while let Some(digit) =
            rest.get(length).map(|byte| byte.wrapping_sub(b'0')).filter(|&digit| digit < 10)
        {
            value = value.wrapping_mul(10) + u64::from(digit);
            length += 1;
        }
        if length == 0 || length > 18 || (length > 1 && rest[0] == b'0') {
            return None;
        }
        self.at += length;
        Some(value)
    }

    /// Moves past the rest of a string of plain ASCII (no escapes) and its closing quote.
    #[inline(always)]
    pub fn text(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest();
        let length =
            rest.iter().position(|&byte| byte == b'"' || byte == b'\\' || !(0x20..0x80).contains(&byte))?;
        if rest[length] != b'"' {
            return None;
        }
        self.at += length + 1;
        Some(&rest[..length])
    }

    /// Moves past the rest of a string that holds a number, and its closing quote; gives its grid units.
    #[inline(always)]
    pub fn number(&mut self, units: &Units) -> Option<i64> {
        let (digits, decimals, length) = number::quoted(self.rest())?;
        self.at += length;
        units.exact(digits, decimals)
    }

    /// Whether only white space is left.
    pub fn is_done(&self) -> bool {
        self.rest().iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
    }
}
