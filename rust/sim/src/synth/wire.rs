//! Binance USD-M wire frames as bytes: the same keys in the same order as the venue sends them.

use alipes_market::decimal::Grid;
use alipes_market::types::Ns;

/// Appends JSON text to a buffer; numbers are written digit by digit, without allocation.
pub(super) struct Wire<'a>(pub(super) &'a mut Vec<u8>);

impl Wire<'_> {
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    pub(super) fn int(&mut self, value: u64) -> &mut Self {
        self.digits(value, 1)
    }

    /// A time in milliseconds, as the venue states it.
    pub(super) fn time(&mut self, ns: Ns) -> &mut Self {
        self.int(ns.unsigned_abs() / 1_000_000)
    }

    /// `"<number>"`: grid units as a decimal string.
    pub(super) fn number(&mut self, grid: &Grid, units: i64) -> &mut Self {
        self.0.push(b'"');
        let value = units.unsigned_abs() * grid.step().unsigned_abs();
        let scale = 10_u64.pow(grid.decimals());
        self.digits(value / scale, 1);
        if grid.decimals() > 0 {
            self.0.push(b'.');
            self.digits(value % scale, grid.decimals() as usize);
        }
        self.0.push(b'"');
        self
    }

    /// `[["<price>","<size>"],...]`
    pub(super) fn levels(
        &mut self,
        tick: &Grid,
        lot: &Grid,
        levels: impl Iterator<Item = (i64, i64)>,
    ) -> &mut Self {
        self.0.push(b'[');
        for (at, (price, lots)) in levels.enumerate() {
            self.text(if at == 0 { "[" } else { ",[" })
                .number(tick, price)
                .text(",")
                .number(lot, lots)
                .text("]");
        }
        self.0.push(b']');
        self
    }

    fn digits(&mut self, mut value: u64, least: usize) -> &mut Self {
        let mut text = [b'0'; 20];
        let mut at = text.len();
        while value > 0 {
            at -= 1;
            text[at] = b'0' + (value % 10) as u8;
            value /= 10;
        }
        self.0.extend_from_slice(&text[at.min(text.len() - least)..]);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alipes_market::decimal::Decimal;

    #[test]
    fn numbers_have_as_many_decimals_as_their_grid() {
        let grid = |step: &str| Grid::new(Decimal::parse(step.as_bytes()).unwrap()).unwrap();
        let text = |grid: Grid, units| {
            let mut bytes = Vec::new();
            Wire(&mut bytes).number(&grid, units);
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!(text(grid("0.1"), 618_002), "\"61800.2\"");
        assert_eq!(text(grid("0.001"), 7), "\"0.007\"");
        assert_eq!(text(grid("0.05"), 1), "\"0.05\"");
        assert_eq!(text(grid("10"), 3), "\"30\"");
        assert_eq!(text(grid("0.001"), 0), "\"0.000\"");
    }
}
