//! Decimal text to grid units without a float: the digits as one integer, then one exact scaling per count of decimals.

use crate::decimal::Grid;

/// Most digits of a number that the scanner takes: any 18 digits fit 64 bits.
const MAX_DIGITS: usize = 18;

/// A grid prepared for text: for each count of decimals in the text, the fraction that turns digits into units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Units {
    pub grid: Grid,
    scales: [Scale; MAX_DIGITS + 1],
}

/// `units = digits × up / down`, exact or not at all. `up` of zero marks a scaling that does not fit 64 bits.
#[derive(Clone, Copy, Debug)]
struct Scale {
    up: u64,
    down: u64,
}

impl Units {
    pub fn new(grid: Grid) -> Self {
        let scales = std::array::from_fn(|decimals| Scale::new(grid, decimals as u32));
        Self { grid, scales }
    }

    /// Units of `digits × 10^-decimals`, `None` where that is off the grid or does not fit.
    #[inline(always)]
    pub fn exact(&self, digits: u64, decimals: usize) -> Option<i64> {
        let scale = self.scales.get(decimals)?;
        let scaled = if scale.up == 1 { digits } else { digits.checked_mul(scale.up)? };
        let units = if scale.down == 1 { scaled } else { scale.divide(scaled)? };
        if scale.up == 0 { None } else { i64::try_from(units).ok() }
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

/// Reads `digits[.digits]"` from the start of `text`: the digits as one integer, how many of them follow the point, and
/// the length with the quote. `None` for any other shape.
#[inline(always)]
pub(crate) fn quoted(text: &[u8]) -> Option<(u64, usize, usize)> {
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
    is_number.then_some((value, decimals, at + 1))
}
