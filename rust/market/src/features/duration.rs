//! Lengths of time as text: `100ms`, `1s`, `0.5s`, `1m`.

use crate::decimal::Decimal;
use crate::types::Ns;

const UNITS: [(&str, i128); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Nanoseconds of a text such as `100ms`; `None` where it is no positive whole number of them.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Ns> {
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(split);
    let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let number = Decimal::parse(number.trim_end().as_bytes()).ok()?;
    let whole = number.mantissa.checked_mul(*scale)?;
    let divisor = 10_i128.checked_pow(number.decimals)?;
    let exact = whole % divisor == 0 && whole > 0;
    exact.then(|| Ns::try_from(whole / divisor).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_whole_positive_nanoseconds() {
        assert_eq!(parse_duration("100ms"), Some(100_000_000));
        assert_eq!(parse_duration("0.5s"), Some(500_000_000));
        assert_eq!(parse_duration("1 m"), Some(60_000_000_000));
        for text in ["", "1", "s", "0s", "-1s", "0.5ns", "1x", "1ss", "nan s", "9999999999999d"] {
            assert_eq!(parse_duration(text), None, "{text:?}");
        }
    }
}
