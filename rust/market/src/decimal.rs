//! Exact decimal text to integers on a grid, and back. No float takes part unless the caller brings one.

mod grid;

pub use grid::{Grid, GridError};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// Text that is no decimal number, or one too large for 128 bits.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{text:?} is not a decimal number: {reason}")]
pub struct NumberError {
    /// The text as given (at most 64 bytes of it).
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl NumberError {
    #[cold]
    fn new(text: &[u8], reason: &'static str) -> Self {
        Self { text: String::from_utf8_lossy(&text[..text.len().min(64)]).into_owned(), reason }
    }
}

/// An exact decimal, `mantissa × 10^-decimals`, without trailing zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// Signed digits.
    pub mantissa: i128,
    /// Digits after the point.
    pub decimals: u32,
}

impl Decimal {
    /// Most digits after the point that a decimal may have.
    pub const MAX_DECIMALS: u32 = 30;

    /// Parses `[+-]digits[.digits][e[+-]digits]`.
    ///
    /// # Errors
    /// [`NumberError`] where the text has another shape or needs more than 128 bits.
    pub fn parse(text: &[u8]) -> Result<Self, NumberError> {
        let fail = |reason| NumberError::new(text, reason);
        let (negative, body) = match text.first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (digits, exponent) = split_exponent(body).map_err(fail)?;
        let (mantissa, decimals) = parse_digits(digits).map_err(fail)?;
        let signed = if negative { -mantissa } else { mantissa };
        Self::normal(signed, i64::from(decimals) - exponent).map_err(fail)
    }

    /// `mantissa × 10^-decimals` without its trailing zeros. A product may have more decimals than a parsed number.
    #[must_use]
    pub const fn new(mut mantissa: i128, mut decimals: u32) -> Self {
        if mantissa == 0 {
            return Self { mantissa: 0, decimals: 0 };
        }
        while decimals > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            decimals -= 1;
        }
        Self { mantissa, decimals }
    }

    /// One.
    pub const ONE: Self = Self { mantissa: 1, decimals: 0 };

    /// The exact product, `None` where it needs more than 128 bits.
    #[must_use]
    pub fn product(self, other: Self) -> Option<Self> {
        let mantissa = self.mantissa.checked_mul(other.mantissa)?;
        Some(Self::new(mantissa, self.decimals + other.decimals))
    }

    /// How many whole times a positive `divisor` goes into this number, rounded down; `None` where that needs more
    /// than 128 bits.
    #[must_use]
    pub fn floor_ratio(self, divisor: Self) -> Option<i128> {
        let digits = self.decimals.max(divisor.decimals);
        let scale =
            |n: Self| 10_i128.checked_pow(digits - n.decimals).and_then(|p| n.mantissa.checked_mul(p));
        scale(self)?.checked_div_euclid(scale(divisor)?)
    }

    /// Removes trailing zeros and turns negative decimals into digits.
    fn normal(mut mantissa: i128, mut decimals: i64) -> Result<Self, &'static str> {
        while decimals < 0 && mantissa != 0 {
            mantissa = mantissa.checked_mul(10).ok_or("too many digits")?;
            decimals += 1;
        }
        let number = Self::new(mantissa, u32::try_from(decimals).unwrap_or(0));
        if number.decimals > Self::MAX_DECIMALS {
            return Err("more than 30 digits after the point");
        }
        Ok(number)
    }
}

/// As text, every digit of it.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(text.as_bytes()).map_err(D::Error::custom)
    }
}

fn split_exponent(body: &[u8]) -> Result<(&[u8], i64), &'static str> {
    let Some(at) = body.iter().position(|b| matches!(b, b'e' | b'E')) else {
        return Ok((body, 0));
    };
    let text = std::str::from_utf8(&body[at + 1..]).map_err(|_| "bad exponent")?;
    match text.parse::<i64>() {
        Ok(exponent) if exponent.abs() <= 60 => Ok((&body[..at], exponent)),
        Ok(_) => Err("exponent beyond 60"),
        Err(_) => Err("bad exponent"),
    }
}

fn parse_digits(digits: &[u8]) -> Result<(i128, u32), &'static str> {
    let (mut mantissa, mut decimals, mut seen, mut after_point) = (0_i128, 0_u32, false, false);
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                seen = true;
                mantissa = mantissa
                    .checked_mul(10)
                    .and_then(|m| m.checked_add(i128::from(byte - b'0')))
                    .ok_or("too many digits")?;
                decimals += u32::from(after_point);
            }
            b'.' if !after_point => after_point = true,
            _ => return Err("expected digits with at most one point"),
        }
    }
    if seen { Ok((mantissa, decimals)) } else { Err("no digits") }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let decimals = self.decimals as usize;
        if decimals == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = decimals + 1);
        let (whole, fraction) = padded.split_at(padded.len() - decimals);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_that_are_no_number_are_refused() {
        for text in ["", ".", "-", "1..2", "1e", "1e99", "abc", "1_0", " 1", "0x1"] {
            assert!(Decimal::parse(text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
