//! What strict parsers share: members as raw JSON, their place in the message, and exact numbers.

use super::directory::Pair;
use super::number::Units;
use super::{DecodeError, Sink};
use crate::decimal::{Decimal, GridError};
use crate::mutants;
use crate::types::{Level, Size, Tick};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Longest text of a number: what is shorter cannot overflow 128 bits before the grid is applied.
const MAX_NUMBER: usize = 36;

/// A message, so that an error can say where in it a part lies.
#[derive(Clone, Copy)]
pub(super) struct Source<'a>(pub &'a [u8]);

impl<'a> Source<'a> {
    /// The message as text.
    pub fn text(self) -> Result<&'a str, DecodeError> {
        let wrong =
            |error: std::str::Utf8Error| DecodeError::new("text that is not UTF-8", error.valid_up_to());
        std::str::from_utf8(self.0).map_err(wrong)
    }

    /// Where a part of the message starts.
    pub fn offset(self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.0.as_ptr() as usize)
    }

    /// An error about a member.
    #[cold]
    pub fn wrong(self, part: &RawValue, expected: &str) -> DecodeError {
        let text: String = part.get().chars().take(40).collect();
        DecodeError::new(format!("expected {expected}, found {text}"), self.offset(part.get()))
    }

    /// Deserialises a part, with errors placed in the whole message.
    pub fn read<T: serde::Deserialize<'a>>(self, part: &'a str) -> Result<T, DecodeError> {
        serde_json::from_str(part).map_err(|error| {
            let lines: usize =
                part.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
            let at = (lines + error.column().saturating_sub(1)).min(part.len());
            let text = error.to_string();
            let what = text.split(" at line ").next().unwrap_or_default();
            DecodeError::new(what, self.offset(part) + at)
        })
    }

    /// Deserialises a part that must be an object; serde alone would also take a list for a struct.
    pub fn object<T: serde::Deserialize<'a>>(self, part: &'a str) -> Result<T, DecodeError> {
        if part.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{') {
            return self.read(part);
        }
        Err(DecodeError::new("expected an object", self.offset(part)))
    }

    /// A whole number of at most 64 bits.
    pub fn integer(self, part: &RawValue) -> Result<u64, DecodeError> {
        part.get().parse().map_err(|_| self.wrong(part, "a whole number below 2^64"))
    }

    /// A string.
    pub fn string(self, part: &'a RawValue) -> Result<Cow<'a, str>, DecodeError> {
        match part.get().strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            None => Err(self.wrong(part, "a string")),
            Some(plain) if !plain.contains('\\') => Ok(Cow::Borrowed(plain)),
            Some(_) => self.read::<Text<'a>>(part.get()).map(|text| text.0),
        }
    }

    /// A price, or zero with a note in the sink where it is off the grid.
    pub fn price(self, part: &'a RawValue, units: &Units, sink: &mut Sink) -> Result<Tick, DecodeError> {
        match units.grid.exact(self.decimal(part)?) {
            Ok(ticks) => Ok(Tick(ticks)),
            Err(error @ GridError::OffGrid { .. }) => {
                sink.off_grid.get_or_insert_with(|| error.to_string());
                Ok(Tick(0))
            }
            Err(error) => Err(DecodeError::new(error.to_string(), self.offset(part.get()))),
        }
    }

    /// A size, rounded to the nearest step, halves up.
    pub fn size(self, part: &'a RawValue, units: &Units, sink: &mut Sink) -> Result<Size, DecodeError> {
        let value = self.decimal(part)?;
        let is_truncating = mutants::is_on("feed_size_rounding");
        let steps = if is_truncating { units.grid.floor(value) } else { units.grid.nearest(value) };
        let (steps, is_rounded) =
            steps.map_err(|error| DecodeError::new(error.to_string(), self.offset(part.get())))?;
        sink.rounded += u64::from(is_rounded);
        Ok(Size(steps))
    }

    /// A list of `[price, size]`.
    pub fn levels(self, part: &'a RawValue, grids: &Pair, sink: &mut Sink) -> Result<usize, DecodeError> {
        let pairs: Vec<(&'a RawValue, &'a RawValue)> = self.read(part.get())?;
        for &(price, size) in &pairs {
            let level = Level {
                price: self.price(price, &grids.price, sink)?,
                size: self.size(size, &grids.size, sink)?,
            };
            sink.levels.push(level);
        }
        Ok(pairs.len())
    }

    /// A number that is not negative, quoted or not.
    fn decimal(self, part: &'a RawValue) -> Result<Decimal, DecodeError> {
        let is_quoted = part.get().starts_with('"');
        let text = if is_quoted { self.string(part)? } else { Cow::Borrowed(part.get()) };
        if text.len() > MAX_NUMBER || !is_number(text.as_bytes()) {
            return Err(self.wrong(part, "a number that is not negative, of at most 36 characters"));
        }
        Decimal::parse(text.as_bytes())
            .map_err(|error| DecodeError::new(error.to_string(), self.offset(part.get())))
    }
}

/// A string, borrowed where it holds no escapes.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Whether the text is `digits[.digits][e[+-]digits]`.
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let split = |text: &'_ [u8], is_mark: fn(&u8) -> bool| text.iter().position(is_mark);
    let (mantissa, is_exponent) = match split(text, |byte| matches!(byte, b'e' | b'E')) {
        Some(at) => {
            let signed = &text[at + 1..];
            (&text[..at], digits(signed.strip_prefix(b"+").or(signed.strip_prefix(b"-")).unwrap_or(signed)))
        }
        None => (text, true),
    };
    let is_mantissa = match split(mantissa, |&byte| byte == b'.') {
        Some(at) => digits(&mantissa[..at]) && digits(&mantissa[at + 1..]),
        None => digits(mantissa),
    };
    is_exponent && is_mantissa
}
