//! Equally spaced numbers: whole multiples of a step, counted in 64 bits.

use super::{Decimal, NumberError};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A number that does not lie on a grid.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum GridError {
    /// Between two grid points.
    #[error("{value} is off the grid of {step}: its neighbours are {below} and {above}")]
    OffGrid {
        /// The value asked for.
        value: String,
        /// The grid's step.
        step: String,
        /// Nearest grid point below.
        below: String,
        /// Nearest grid point above.
        above: String,
    },
    /// Not representable in 64 bits of grid units.
    #[error("{value} is out of range: at most {max} on a grid of {step}")]
    OutOfRange {
        /// The value asked for.
        value: String,
        /// The grid's step.
        step: String,
        /// Largest representable value.
        max: String,
    },
    /// NaN or infinite.
    #[error("{0} is not a finite number")]
    NotFinite(String),
    /// A grid's step must be positive.
    #[error("a step must be a positive number, not {0}")]
    BadStep(String),
    /// The text is no number.
    #[error(transparent)]
    Number(#[from] NumberError),
}

/// Equally spaced numbers: the multiples of `step × 10^-decimals`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    step: i64,
    decimals: u32,
}

impl Grid {
    /// The multiples of `step`.
    ///
    /// # Errors
    /// [`GridError::BadStep`] where `step` is not positive or has more than 64 bits of digits.
    pub fn new(step: Decimal) -> Result<Self, GridError> {
        match i64::try_from(step.mantissa) {
            Ok(mantissa) if mantissa > 0 && step.decimals <= 18 => {
                Ok(Self { step: mantissa, decimals: step.decimals })
            }
            _ => Err(GridError::BadStep(step.to_string())),
        }
    }

    /// The size grid of an instrument: steps of 10^-(decimals(lot)+3).
    ///
    /// # Errors
    /// [`GridError::BadStep`] where `lot` is not positive.
    pub fn of_sizes(lot: Decimal) -> Result<Self, GridError> {
        let lot = Self::new(lot)?;
        Ok(Self { step: 1, decimals: lot.decimals + 3 })
    }

    /// Digits of the step, without its point.
    #[must_use]
    pub const fn step(&self) -> i64 {
        self.step
    }

    /// Digits after the point of the step.
    #[must_use]
    pub const fn decimals(&self) -> u32 {
        self.decimals
    }

    /// Grid units of a value that lies on the grid.
    ///
    /// # Errors
    /// [`GridError::OffGrid`] with both neighbours, or [`GridError::OutOfRange`].
    pub fn exact(&self, value: Decimal) -> Result<i64, GridError> {
        let (floor, rest) = self.floor(value)?;
        if rest { Err(self.off_grid(value.to_string(), floor)) } else { Ok(floor) }
    }

    /// Nearest grid units of a value, halves up, and whether it had to be rounded.
    ///
    /// # Errors
    /// [`GridError::OutOfRange`].
    pub fn nearest(&self, value: Decimal) -> Result<(i64, bool), GridError> {
        let (whole, unit) = self.ratio(value)?;
        let rest = whole.rem_euclid(unit);
        let is_up = rest > 0 && rest >= unit - rest;
        let units = i64::try_from(whole.div_euclid(unit) + i128::from(is_up));
        units.map(|units| (units, rest > 0)).map_err(|_| self.out_of_range(value.to_string()))
    }

    /// Greatest grid units not above a value, and whether anything is left over.
    ///
    /// # Errors
    /// [`GridError::OutOfRange`].
    pub fn floor(&self, value: Decimal) -> Result<(i64, bool), GridError> {
        let (whole, unit) = self.ratio(value)?;
        let units = i64::try_from(whole.div_euclid(unit));
        units
            .map(|units| (units, whole.rem_euclid(unit) != 0))
            .map_err(|_| self.out_of_range(value.to_string()))
    }

    /// A value in grid units, as a fraction.
    fn ratio(&self, value: Decimal) -> Result<(i128, i128), GridError> {
        let scale = |n: i128, by: u32| 10_i128.checked_pow(by).and_then(|p| n.checked_mul(p));
        let digits = value.decimals.max(self.decimals);
        let whole = scale(value.mantissa, digits - value.decimals);
        let unit = scale(i128::from(self.step), digits - self.decimals);
        whole.zip(unit).ok_or_else(|| self.out_of_range(value.to_string()))
    }

    /// Grid units of a float that means a grid point: one within max(1e-6 step, 8 ulp of the value) of it.
    ///
    /// # Errors
    /// [`GridError::NotFinite`], [`GridError::OffGrid`] with both neighbours, [`GridError::OutOfRange`].
    #[inline]
    pub fn from_f64(&self, value: f64) -> Result<i64, GridError> {
        match self.floor_f64(value) {
            Ok((units, false)) => Ok(units),
            Ok((floor, true)) => Err(self.off_grid(value.to_string(), floor)),
            Err(error) => Err(error),
        }
    }

    /// As [`Grid::from_f64`] for many, into a vector of the right size at once.
    ///
    /// # Errors
    /// The place of the first float that is no grid point, and why.
    pub fn all_from_f64(self, values: &[f64]) -> Result<Vec<i64>, (usize, GridError)> {
        let mut units = Vec::with_capacity(values.len());
        for (place, &value) in values.iter().enumerate() {
            units.push(self.from_f64(value).map_err(|error| (place, error))?);
        }
        Ok(units)
    }

    /// As [`Grid::floor`] for a float, which counts as a grid point by the tolerance of [`Grid::from_f64`].
    ///
    /// # Errors
    /// [`GridError::NotFinite`], [`GridError::OutOfRange`].
    #[inline]
    pub fn floor_f64(&self, value: f64) -> Result<(i64, bool), GridError> {
        // Most floats come from the text of a grid point, so that its own nearest float is the very same one.
        let units = value * (self.scale() / self.step as f64);
        let point = (units + 0.5_f64.copysign(units)) as i64;
        if self.to_f64(point) == value && units.abs() < 4e15 {
            return Ok((point, false));
        }
        self.floor_f64_nearly(value)
    }

    #[inline(never)]
    fn floor_f64_nearly(&self, value: f64) -> Result<(i64, bool), GridError> {
        let units = value * self.scale() / self.step as f64;
        // Also false for NaN and for infinities.
        if units.abs() < 9.2e18 {
            let point = units.round() as i64;
            let tolerance = (1e-6 * self.step as f64 / self.scale()).max(8.0 * ulp(value));
            let is_on_grid = (self.to_f64(point) - value).abs() <= tolerance;
            return Ok(if is_on_grid { (point, false) } else { (units.floor() as i64, true) });
        }
        if value.is_finite() {
            Err(self.out_of_range(value.to_string()))
        } else {
            Err(GridError::NotFinite(value.to_string()))
        }
    }

    /// The float nearest to a grid point.
    #[must_use]
    #[inline]
    pub fn to_f64(&self, units: i64) -> f64 {
        self.scaled(units as f64)
    }

    /// The value of a number of grid units that need not be whole, such as an average of prices.
    #[must_use]
    #[inline]
    pub fn scaled(&self, units: f64) -> f64 {
        units * self.step as f64 / self.scale()
    }

    /// The exact value of a grid point.
    #[must_use]
    pub fn value(&self, units: i64) -> Decimal {
        Decimal::new(i128::from(units) * i128::from(self.step), self.decimals)
    }

    /// A grid point as text, with as many decimals as the grid has.
    #[must_use]
    pub fn text(&self, units: i64) -> String {
        Decimal { mantissa: i128::from(units) * i128::from(self.step), decimals: self.decimals }.to_string()
    }

    #[inline]
    fn scale(&self) -> f64 {
        POWERS[self.decimals as usize]
    }

    #[cold]
    fn off_grid(&self, value: String, floor: i64) -> GridError {
        GridError::OffGrid {
            value,
            step: self.text(1),
            below: self.text(floor),
            above: self.text(floor.saturating_add(1)),
        }
    }

    #[cold]
    fn out_of_range(&self, value: String) -> GridError {
        GridError::OutOfRange { value, step: self.text(1), max: self.text(i64::MAX) }
    }
}

/// Powers of ten that a grid's decimals (18, and 3 more for sizes) index; each is exact as a float.
const POWERS: [f64; 22] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21,
];

#[inline]
fn ulp(value: f64) -> f64 {
    let magnitude = value.abs();
    f64::from_bits(magnitude.to_bits() + 1) - magnitude
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(step: &str) -> Grid {
        Grid::new(Decimal::parse(step.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn text_on_the_grid_is_exact() {
        assert_eq!(grid("0.1").exact(Decimal::parse(b"61800.20").unwrap()), Ok(618_002));
        assert_eq!(grid("0.05").exact(Decimal::parse(b"1.15").unwrap()), Ok(23));
        assert_eq!(grid("10").exact(Decimal::parse(b"1.2e2").unwrap()), Ok(12));
    }

    #[test]
    fn text_off_the_grid_names_both_neighbours() {
        let error = grid("0.1").exact(Decimal::parse(b"0.25").unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "0.25 is off the grid of 0.1: its neighbours are 0.2 and 0.3");
    }

    #[test]
    fn a_float_near_a_grid_point_is_that_point() {
        assert_eq!(grid("0.1").from_f64(0.1 + 0.2), Ok(3));
        assert!(matches!(grid("0.1").from_f64(0.25), Err(GridError::OffGrid { .. })));
        assert!(matches!(grid("0.1").from_f64(f64::NAN), Err(GridError::NotFinite(_))));
    }

    #[test]
    fn nearest_rounds_halves_up_and_says_so() {
        assert_eq!(grid("0.001").nearest(Decimal::parse(b"25.0005").unwrap()), Ok((25_001, true)));
        assert_eq!(grid("0.001").nearest(Decimal::parse(b"25.0004").unwrap()), Ok((25_000, true)));
        assert_eq!(grid("0.001").nearest(Decimal::parse(b"25.000").unwrap()), Ok((25_000, false)));
        let most = Decimal::parse(b"9223372036854775807.5").unwrap();
        assert!(matches!(grid("1").nearest(most), Err(GridError::OutOfRange { .. })));
    }

    #[test]
    fn every_tick_of_a_grid_comes_back_from_its_float() {
        for step in ["0.1", "0.01", "0.05", "0.5", "1", "25", "0.00000001", "0.000000000001"] {
            let grid = grid(step);
            for units in (0..200_000).chain([1 << 40, (1 << 49) + 1]) {
                assert_eq!(grid.from_f64(grid.to_f64(units)), Ok(units), "{step}");
                assert_eq!(grid.from_f64(grid.to_f64(-units)), Ok(-units), "{step}");
            }
        }
    }
}
