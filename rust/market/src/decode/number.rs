//! Decimal text to grid units without a float: the digits as one integer, then one exact scaling per count of decimals.

use super::layout::{Layout, WIDTH, place, repeated};
use crate::decimal::Grid;

/// Most digits of a number that the scanner takes: any 18 digits fit 64 bits.
const MAX_DIGITS: usize = 18;

/// A grid prepared for text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Units {
    pub grid: Grid,
    /// For each count of decimals in the text, the fraction that turns digits into units.
    scales: [Scale; MAX_DIGITS + 1],
    /// Decimals that usually are not zero: those of the tick or lot.
    usual: usize,
    usual_scale: Scale,
    /// Decimals of the text that `layouts` are for, learnt from the messages.
    decimals: usize,
    /// The byte whose place tells the layout: the point, or the closing quote where there is none.
    mark: u64,
    /// Bytes from the mark to the end of the text.
    tail: usize,
    layouts: [Layout; WIDTH],
}

/// `units = digits × up / down`, exact or not at all. `up` of zero marks a scaling that does not fit 64 bits.
#[derive(Clone, Copy, Debug)]
struct Scale {
    up: u64,
    down: u64,
}

impl Units {
    /// Units of a grid whose texts usually have no more than `usual` decimals that are not zero.
    pub fn new(grid: Grid, usual: u32) -> Self {
        let scales = std::array::from_fn(|decimals| Scale::new(grid, decimals as u32));
        let mut units = Self {
            grid,
            scales,
            usual: usual as usize,
            usual_scale: scales[0],
            decimals: usize::MAX,
            mark: 0,
            tail: 0,
            layouts: [Layout::refusing(); WIDTH],
        };
        units.learn(usual as usize);
        units
    }

    /// Prepares for texts of so many decimals.
    #[cold]
    pub fn learn(&mut self, decimals: usize) {
        if decimals == self.decimals || decimals > MAX_DIGITS {
            return;
        }
        let kept = decimals.min(self.usual);
        self.decimals = decimals;
        self.mark = repeated(if decimals > 0 { b'.' } else { b'"' });
        self.tail = if decimals > 0 { decimals + 1 } else { 0 };
        self.usual_scale = self.scales[kept];
        let is_safe =
            self.usual_scale.up.checked_mul(10_u64.pow(WIDTH as u32)).is_some_and(|most| most < 1 << 63);
        self.layouts = std::array::from_fn(|whole| {
            if is_safe && self.usual_scale.up > 0 {
                Layout::new(whole, decimals, kept)
            } else {
                Layout::refusing()
            }
        });
    }

    /// Where the mark stands in eight bytes, which tells the layout.
    #[inline(always)]
    pub fn place(&self, word: u64) -> Option<usize> {
        place(word, self.mark)
    }

    /// The layout of a place of the mark.
    #[inline(always)]
    pub fn layout(&self, place: usize) -> &Layout {
        &self.layouts[place % WIDTH]
    }

    /// Bytes of a text whose mark stands at `place`. Said without the layout: the next level waits for this sum.
    #[inline(always)]
    pub const fn length(&self, place: usize) -> usize {
        place + self.tail
    }

    /// Units of a layout's digits, `None` where they are off the grid.
    #[inline(always)]
    pub fn of_layout(&self, digits: u64) -> Option<i64> {
        // Cannot overflow: `learn` checked the largest eight digits.
        let scaled = digits.wrapping_mul(self.usual_scale.up);
        let units = if self.usual_scale.down == 1 { scaled } else { self.usual_scale.divide(scaled)? };
        Some(units as i64)
    }

    /// Units of `digits × 10^-decimals`, `None` where that is off the grid or does not fit.
    pub fn exact(&self, digits: u64, decimals: usize) -> Option<i64> {
        let scale = self.scales.get(decimals).filter(|scale| scale.up > 0)?;
        let scaled = digits.checked_mul(scale.up)?;
        i64::try_from(scale.divide(scaled)?).ok()
    }
}

impl Scale {
    fn new(grid: Grid, decimals: u32) -> Self {
        let ten_to = |exponent: u32| 10_u64.checked_pow(exponent);
        let (more, less) =
            (grid.decimals().saturating_sub(decimals), decimals.saturating_sub(grid.decimals()));
        let up = ten_to(more);
        let down = ten_to(less).and_then(|power| power.checked_mul(grid.step().unsigned_abs()));
        match (up, down) {
            (Some(up), Some(down)) => Self { up, down },
            _ => Self { up: 0, down: 1 },
        }
    }

    #[inline(always)]
    fn divide(self, scaled: u64) -> Option<u64> {
        scaled.is_multiple_of(self.down).then(|| scaled / self.down)
    }
}

/// Reads `digits[.digits]` before a quote: the digits as one integer, how many of them follow the point, and the length
/// without the quote. `None` for any other shape.
pub(crate) fn before_quote(text: &[u8]) -> Option<(u64, usize, usize)> {
    let (mut value, mut at, mut point) = (0_u64, 0, None);
    loop {
        match *text.get(at)? {
            byte @ b'0'..=b'9' if at <= MAX_DIGITS => value = value.wrapping_mul(10) + u64::from(byte - b'0'),
            b'.' if at > 0 && point.is_none() => point = Some(at),
            b'"' => break,
            _ => return None,
        }
        at += 1;
    }
    let digits = at - usize::from(point.is_some());
    let decimals = point.map_or(0, |point| at - point - 1);
    let is_number = digits > 0 && digits <= MAX_DIGITS && (point.is_none() || decimals > 0);
    is_number.then_some((value, decimals, at))
}
