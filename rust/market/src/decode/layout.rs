//! Eight characters at a time: a number whose shape is known is checked and converted without a loop.
//!
//! A venue writes all prices of an instrument with the same count of decimals, so where the point stands tells the
//! whole shape: which bytes are digits, which must be zeros beyond the grid, and where the text ends. For each place
//! of the point a [`Layout`] holds the masks that check and convert eight bytes in some twenty instructions.

use crate::mutants;

/// Bytes that a layout looks at in one piece; what is kept of a number must fit.
pub(super) const WIDTH: usize = 8;

const ONES: u64 = 0x0101_0101_0101_0101;

/// A byte in all eight places.
pub(super) const fn repeated(byte: u8) -> u64 {
    ONES * byte as u64
}

/// The high bit of every byte that is zero; bytes above the first zero may be marked too.
#[inline(always)]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & repeated(0x80)
}

/// The first place of a byte among eight, given `repeated(byte)`.
#[inline(always)]
pub(super) const fn place(word: u64, repeated: u64) -> Option<usize> {
    first(zeros(word ^ repeated))
}

/// The first place of a byte that ends plain text: a quote, or anything that only the strict parser reads (a backslash,
/// control characters, bytes beyond ASCII).
#[inline(always)]
pub(super) const fn end_of_text(word: u64) -> Option<usize> {
    let quotes = zeros(word ^ repeated(b'"')) | zeros(word ^ repeated(b'\\'));
    first(quotes | (word & repeated(0x80)) | (word.wrapping_sub(repeated(0x20)) & !word & repeated(0x80)))
}

#[inline(always)]
const fn first(marks: u64) -> Option<usize> {
    if marks == 0 { None } else { Some((marks.trailing_zeros() / 8) as usize) }
}

/// The whole number that eight bytes start with, and how many digits it has.
#[inline(always)]
pub(super) const fn leading_digits(word: u64) -> (u64, usize) {
    let values = word ^ repeated(b'0');
    let others = (values.wrapping_add(repeated(0x76)) | values) & repeated(0x80);
    match first(others) {
        None => (eight_digits(values), WIDTH),
        Some(0) => (0, 0),
        Some(count) => (eight_digits(values << (8 * (WIDTH - count))), count),
    }
}

/// The shape of a number's text: `whole` digits, a point, `kept` digits, zeros.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Layout {
    /// '0' where a digit is kept, '.' at the point; zero beyond.
    pattern: u64,
    /// 6 where a digit is kept: pushes anything above 9 into the high half of its byte.
    carry: u64,
    /// The high half of digits, all of the point. Zero beyond, so that a layout of nothing would accept anything:
    /// see [`Layout::refusing`].
    check: u64,
    /// Digits before the point.
    low: u64,
    /// Digits after the point, moved down over it.
    high: u64,
    /// Bits that bring the last kept digit to the last byte.
    shift: u32,
    /// Bytes of the part that is kept.
    kept: u32,
    /// Selects, in the word after the kept part, the zeros that must follow.
    zeros: u64,
}

impl Layout {
    /// A shape that no text has.
    pub const fn refusing() -> Self {
        Self { pattern: u64::MAX, carry: 0, check: u64::MAX, low: 0, high: 0, shift: 0, kept: 0, zeros: 0 }
    }

    /// `whole` digits and, unless `decimals` is zero, a point and `decimals` digits of which all after the first `kept`
    /// are zeros. A shape that does not fit the width refuses everything.
    pub fn new(whole: usize, decimals: usize, kept: usize) -> Self {
        let digits = whole + kept;
        let point = usize::from(kept > 0);
        let bare_point = usize::from(decimals > 0) - point;
        let zeros = decimals - kept;
        if whole == 0 || digits + point > WIDTH || zeros + bare_point > WIDTH || bare_point > 0 {
            return Self::refusing();
        }
        let (mut pattern, mut carry, mut check) = (0_u64, 0_u64, 0_u64);
        for at in 0..digits + point {
            let is_point = point > 0 && at == whole;
            let byte = |value: u64| value << (8 * at);
            pattern |= byte(u64::from(if is_point { b'.' } else { b'0' }));
            carry |= byte(if is_point { 0 } else { 6 });
            check |= byte(if is_point { 0xff } else { 0xf0 });
        }
        Self {
            pattern,
            carry,
            check,
            low: first_bytes(whole),
            high: first_bytes(digits) & !first_bytes(whole),
            shift: (8 * (WIDTH - digits)) as u32,
            kept: (digits + point) as u32,
            zeros: first_bytes(zeros),
        }
    }

    /// Bytes of the part that is kept.
    #[inline(always)]
    pub const fn kept(&self) -> usize {
        self.kept as usize
    }

    /// Whether zeros beyond the grid must follow the part that is kept.
    #[inline(always)]
    pub const fn has_zeros(&self) -> bool {
        self.zeros != 0
    }

    /// Whether the zeros follow, in the word after the part that is kept.
    #[inline(always)]
    pub fn are_zeros(&self, word: u64) -> bool {
        mutants::is_on("scan_zeros") || (word ^ repeated(b'0')) & self.zeros == 0
    }

    /// The kept digits as one integer, `None` where the word has another shape.
    #[inline(always)]
    pub fn digits(&self, word: u64) -> Option<u64> {
        let values = word ^ self.pattern;
        let is_unlike = (values.wrapping_add(self.carry) | values) & self.check != 0;
        if is_unlike && !mutants::is_on("scan_digits") {
            return None;
        }
        let digits = (values & self.low) | ((values >> 8) & self.high);
        Some(eight_digits(digits << self.shift))
    }
}

const fn first_bytes(count: usize) -> u64 {
    if count >= WIDTH { u64::MAX } else { (1 << (8 * count)) - 1 }
}

/// The number of eight digit values, the first byte the highest: pairs, then fours, then all eight.
#[inline(always)]
const fn eight_digits(values: u64) -> u64 {
    const LANES: u64 = 0x0000_00ff_0000_00ff;
    let pairs = values.wrapping_mul(10).wrapping_add(values >> 8);
    let outer = (pairs & LANES).wrapping_mul(100 + (1_000_000 << 32));
    let inner = ((pairs >> 16) & LANES).wrapping_mul(1 + (10_000 << 32));
    outer.wrapping_add(inner) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> u64 {
        let mut bytes = [b'"'; 8];
        let length = text.len().min(8);
        bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
        u64::from_le_bytes(bytes)
    }

    #[test]
    fn a_shape_reads_its_own_texts() {
        assert_eq!(Layout::new(5, 1, 1).digits(word("60000.1")), Some(600_001));
        assert_eq!(Layout::new(5, 2, 1).digits(word("61800.20")), Some(618_002));
        assert_eq!(Layout::new(1, 3, 3).digits(word("0.014")), Some(14));
        assert_eq!(Layout::new(8, 0, 0).digits(word("12345678")), Some(12_345_678));
        assert_eq!(Layout::new(5, 8, 2).digits(word("61837.63")), Some(6_183_763));
        assert!(Layout::new(5, 8, 2).are_zeros(word("000000")));
        assert!(!Layout::new(5, 8, 2).are_zeros(word("000010")));
    }

    #[test]
    fn a_shape_refuses_all_other_bytes() {
        let layout = Layout::new(3, 2, 2);
        for at in 0..6 {
            for byte in 0..=255_u8 {
                let mut bytes = *b"123.45\"]";
                bytes[at] = byte;
                let is_legal = if at == 3 { byte == b'.' } else { byte.is_ascii_digit() };
                assert_eq!(layout.digits(u64::from_le_bytes(bytes)).is_some(), is_legal, "{at} {byte}");
            }
        }
    }

    #[test]
    fn a_shape_beyond_the_width_refuses_everything() {
        for layout in [Layout::new(0, 1, 1), Layout::new(7, 2, 2), Layout::new(1, 12, 1), Layout::refusing()]
        {
            for text in ["0.000000", "12345678", "1234567.", "1.200000"] {
                assert_eq!(layout.digits(word(text)), None);
            }
        }
    }

    #[test]
    fn the_first_place_of_a_byte_is_found() {
        assert_eq!(place(word("60000.1"), repeated(b'.')), Some(5));
        assert_eq!(place(word("1.2.3.4"), repeated(b'.')), Some(1));
        assert_eq!(place(word("60000"), repeated(b'.')), None);
        for (text, end) in [("abc", 3), ("a\\bc", 1), ("ab\n", 2), ("é", 0), ("\u{7f} ~!", 4), ("", 0)] {
            assert_eq!(end_of_text(word(text)), Some(end), "{text}");
        }
        assert_eq!(end_of_text(word("abcdefgh")), None);
    }

    #[test]
    fn leading_digits_stop_at_the_first_other_byte() {
        for (text, number) in
            [("1,2", (1, 1)), ("", (0, 0)), ("x1", (0, 0)), ("00012:", (12, 5)), ("\u{fa}1", (0, 0))]
        {
            assert_eq!(leading_digits(word(text)), number, "{text}");
        }
        assert_eq!(leading_digits(word("12345678")), (12_345_678, 8));
    }
}
