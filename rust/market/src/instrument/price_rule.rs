//! Which prices an order may have. A rule can be coarser than the tick of the book, never finer.

use super::SpecError;
use crate::decimal::{Decimal, Grid};
use crate::types::Tick;
use serde::{Deserialize, Serialize};

/// Which prices an order may have. Prices are whole numbers of [`PriceRule::tick`], the finest step of the rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PriceRule {
    /// Multiples of one tick.
    Fixed(Grid),
    /// Steps that depend on the price.
    Table(Table),
    /// A limited number of digits from the first one that is not zero.
    SignificantDigits(SignificantDigits),
}

/// Bands of prices, each with a step of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    tick: Grid,
    /// (first price, step), both in ticks, by rising price; the first band starts at zero.
    bands: Vec<(i64, i64)>,
}

/// A limited number of digits from the first one that is not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignificantDigits {
    tick: Grid,
    digits: u32,
    is_whole_allowed: bool,
}

impl PriceRule {
    /// Bands of (first price, step). The first band starts at zero and has the finest step.
    ///
    /// # Errors
    /// [`SpecError`] where bands do not rise from zero, or a boundary or step is no multiple of what is below it.
    pub fn table(bands: &[(Decimal, Decimal)]) -> Result<Self, SpecError> {
        let wrong = |what: &str| SpecError::PriceRule(what.to_owned());
        let &(first, step) = bands.first().ok_or_else(|| wrong("a table needs at least one band"))?;
        if first.mantissa != 0 {
            return Err(wrong("the first band of a table starts at zero"));
        }
        let tick = Grid::new(step)?;
        let mut ticks: Vec<(i64, i64)> = Vec::with_capacity(bands.len());
        for &(from, step) in bands {
            let (from, step) = (tick.exact(from)?, tick.exact(step)?);
            if let Some(&(last, last_step)) = ticks.last() {
                if from <= last {
                    return Err(wrong("the bands of a table rise"));
                }
                if step < 1 || from % step != 0 || from % last_step != 0 {
                    return Err(wrong("a band starts at a multiple of its own step and of the one below"));
                }
            }
            ticks.push((from, step));
        }
        Ok(Self::Table(Table { tick, bands: ticks }))
    }

    /// At most `digits` digits from the first one that is not zero; whole numbers may be exempt.
    ///
    /// # Errors
    /// [`SpecError`] where `tick` is no power of ten or `digits` is zero.
    pub fn significant_digits(tick: Grid, digits: u32, is_whole_allowed: bool) -> Result<Self, SpecError> {
        if tick.step() != 1 || digits == 0 {
            let what = format!(
                "significant digits ({digits}) need a tick that is a power of ten, not {}",
                tick.text(1)
            );
            return Err(SpecError::PriceRule(what));
        }
        Ok(Self::SignificantDigits(SignificantDigits { tick, digits, is_whole_allowed }))
    }

    /// The grid whose multiples prices are counted in.
    #[must_use]
    pub const fn tick(&self) -> Grid {
        match self {
            Self::Fixed(tick) => *tick,
            Self::Table(table) => table.tick,
            Self::SignificantDigits(rule) => rule.tick,
        }
    }

    /// Whether an order may have this price.
    #[must_use]
    pub fn is_allowed(&self, price: Tick) -> bool {
        price.0 % self.step_at(price) == 0
    }

    /// Greatest allowed price not above `price`.
    #[must_use]
    pub fn floor(&self, price: Tick) -> Tick {
        let step = self.step_at(price);
        Tick(price.0 - price.0.rem_euclid(step))
    }

    /// Lowest allowed price not below `price`.
    #[must_use]
    pub fn ceil(&self, price: Tick) -> Tick {
        let floor = self.floor(price);
        if floor == price { price } else { Tick(floor.0.saturating_add(self.step_at(price))) }
    }

    /// Distance in ticks between allowed prices around `price`.
    #[must_use]
    pub fn step_at(&self, price: Tick) -> i64 {
        match self {
            Self::Fixed(_) => 1,
            Self::Table(table) => {
                let above = table.bands.partition_point(|&(from, _)| from <= price.0.saturating_abs());
                table.bands[above.saturating_sub(1)].1
            }
            Self::SignificantDigits(rule) => rule.step_at(price),
        }
    }
}

impl SignificantDigits {
    fn step_at(&self, price: Tick) -> i64 {
        let digits = price.0.unsigned_abs().checked_ilog10().map_or(0, |log| log + 1);
        let mut excess = digits.saturating_sub(self.digits);
        if self.is_whole_allowed {
            excess = excess.min(self.tick.decimals());
        }
        10_i64.pow(excess)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_table_changes_its_step_with_the_price() {
        let bands = [("0", "0.01"), ("1", "0.05"), ("10", "0.5")].map(|(f, s)| (decimal(f), decimal(s)));
        let rule = PriceRule::table(&bands).unwrap();
        assert!(rule.is_allowed(Tick(99)) && rule.is_allowed(Tick(105)) && !rule.is_allowed(Tick(101)));
        assert_eq!((rule.floor(Tick(999)), rule.ceil(Tick(999))), (Tick(995), Tick(1000)));
        assert_eq!((rule.floor(Tick(1001)), rule.ceil(Tick(1001))), (Tick(1000), Tick(1050)));
    }

    #[test]
    fn a_table_whose_bands_do_not_fit_is_refused() {
        for bands in [
            vec![],
            vec![("1", "0.1")],
            vec![("0", "0.1"), ("0", "0.5")],
            vec![("0", "0.1"), ("1.2", "0.5")],
            vec![("0", "0.1"), ("1", "0.25")],
        ] {
            let bands: Vec<_> = bands.into_iter().map(|(f, s)| (decimal(f), decimal(s))).collect();
            assert!(PriceRule::table(&bands).is_err(), "{bands:?}");
        }
    }

    #[test]
    fn significant_digits_count_from_the_first_that_is_not_zero() {
        let tick = Grid::new(decimal("0.0001")).unwrap();
        let rule = PriceRule::significant_digits(tick, 5, true).unwrap();
        assert!(rule.is_allowed(tick.exact(decimal("0.0123")).map(Tick).unwrap()));
        assert!(rule.is_allowed(tick.exact(decimal("1234.5")).map(Tick).unwrap()));
        assert!(!rule.is_allowed(tick.exact(decimal("1234.56")).map(Tick).unwrap()));
        assert!(rule.is_allowed(tick.exact(decimal("123456")).map(Tick).unwrap()));
        assert_eq!(rule.ceil(Tick(12_345_678)), Tick(12_346_000));
        let strict = PriceRule::significant_digits(tick, 5, false).unwrap();
        assert!(!strict.is_allowed(tick.exact(decimal("123456")).map(Tick).unwrap()));
        assert!(PriceRule::significant_digits(Grid::new(decimal("0.5")).unwrap(), 5, true).is_err());
    }
}
