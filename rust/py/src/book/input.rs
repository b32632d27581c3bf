//! What Python passes as levels and columns, checked as a whole before any book is touched.

use crate::arrays::{Flags, Packed, describe};
use crate::error::InputError;
use crate::number::{grid_error, on_grid};
use alipes_market::decimal::Grid;
use alipes_market::grids::Grids;
use alipes_market::types::Level;
use numpy::{PyArray1, PyArray2, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyString};

/// Levels of one side: an `(n, 2)` float64 array of prices and sizes, an `(n, 2)` int64 array of ticks and size
/// steps, or pairs of numbers. `name` is what errors call the argument.
pub fn levels(value: &Bound<'_, PyAny>, name: &str, grids: &Grids) -> PyResult<Vec<Level>> {
    let levels = any_levels(value, name, grids)?;
    positive(&grids.price, levels.iter().map(|level| level.price.0), name, " price")?;
    Ok(levels)
}

fn any_levels(value: &Bound<'_, PyAny>, name: &str, grids: &Grids) -> PyResult<Vec<Level>> {
    refuse_masked(value, name)?;
    if let Ok(array) = value.cast::<PyArray2<f64>>()
        && array.shape()[1] == 2
    {
        return float_levels(Packed::new(array)?.as_slice(), name, grids);
    }
    if let Ok(array) = value.cast::<PyArray2<i64>>()
        && array.shape()[1] == 2
    {
        let packed = Packed::new(array)?;
        let levels: Vec<_> =
            packed.as_slice().chunks_exact(2).map(|row| Level::new(row[0], row[1])).collect();
        not_negative(levels.iter().map(|level| level.size.0), name, "")?;
        return Ok(levels);
    }
    match value.cast::<PyUntypedArray>() {
        Ok(array) if array.is_empty() && array.ndim() == 1 => Ok(Vec::new()),
        Ok(_) => Err(expected(name, "an (n, 2) float64 array, an (n, 2) int64 array or pairs", value)),
        Err(_) => pairs(value, name, grids),
    }
}

fn float_levels(numbers: &[f64], name: &str, grids: &Grids) -> PyResult<Vec<Level>> {
    let mut levels = Vec::with_capacity(numbers.len() / 2);
    for (row, numbers) in numbers.chunks_exact(2).enumerate() {
        let wrong = |field| move |error| grid_error(error, format_args!("{name} row {row} {field}"));
        let price = grids.price.from_f64(numbers[0]).map_err(wrong("price"))?;
        let size = grids.size.from_f64(numbers[1]).map_err(wrong("size"))?;
        levels.push(Level::new(price, size));
    }
    not_negative_on(&grids.size, levels.iter().map(|level| level.size.0), name, " size")?;
    Ok(levels)
}

fn pairs(value: &Bound<'_, PyAny>, name: &str, grids: &Grids) -> PyResult<Vec<Level>> {
    let wanted = "an (n, 2) float64 array, an (n, 2) int64 array or pairs of (price, size)";
    let Ok(rows) = value.try_iter() else {
        return Err(expected(name, wanted, value));
    };
    let mut levels = Vec::with_capacity(value.len().unwrap_or(0));
    for (index, row) in rows.enumerate() {
        let row = row?;
        if row.is_instance_of::<PyString>() || row.len().ok() != Some(2) {
            return Err(expected(&format!("{name} row {index}"), "a pair (price, size)", &row));
        }
        let price = on_grid(&row.get_item(0)?, format_args!("{name} row {index} price"), &grids.price)?;
        let size = on_grid(&row.get_item(1)?, format_args!("{name} row {index} size"), &grids.size)?;
        levels.push(Level::new(price, size));
    }
    not_negative_on(&grids.size, levels.iter().map(|level| level.size.0), name, " size")?;
    Ok(levels)
}

/// Updates of both sides by column, all of one length.
pub struct Columns<'py> {
    is_bid: Flags<'py>,
    price: Column<'py>,
    size: Column<'py>,
}

/// One column in grid units.
enum Column<'py> {
    Given(Packed<'py, i64, numpy::Ix1>),
    Made(Vec<i64>),
}

impl Column<'_> {
    fn as_slice(&self) -> &[i64] {
        match self {
            Self::Given(array) => array.as_slice(),
            Self::Made(units) => units,
        }
    }
}

impl<'py> Columns<'py> {
    pub fn new(
        is_bid: &Bound<'py, PyAny>,
        price: &Bound<'py, PyAny>,
        size: &Bound<'py, PyAny>,
        grids: &Grids,
    ) -> PyResult<Self> {
        let columns = Self {
            is_bid: flags(is_bid)?,
            price: column(price, "price", &grids.price)?,
            size: column(size, "size", &grids.size)?,
        };
        let is_integer = |column: &Column<'_>| matches!(column, Column::Given(_));
        let (is_bid, price, size) = columns.as_slices();
        if is_integer(&columns.price) != is_integer(&columns.size) && !price.is_empty() {
            let text =
                "price and size must both be int64 arrays (ticks and size steps) or both be numbers, got";
            let (price, size) = (kind(&columns.price), kind(&columns.size));
            return Err(InputError::new_err(format!("{text} price in {price}, size in {size}")));
        }
        if is_bid.len() != price.len() || price.len() != size.len() {
            let (b, p, s) = (is_bid.len(), price.len(), size.len());
            let text = format!("columns must be of one length, got is_bid {b}, price {p}, size {s}");
            return Err(InputError::new_err(text));
        }
        self::positive(&grids.price, price.iter().copied(), "price", "")?;
        // An or of all sizes has the sign bit of any of them, and takes no branch.
        if size.iter().fold(0, |all, size| all | size) < 0 {
            match columns.size {
                Column::Given(_) => not_negative(size.iter().copied(), "size", "")?,
                Column::Made(_) => not_negative_on(&grids.size, size.iter().copied(), "size", "")?,
            }
        }
        Ok(columns)
    }

    /// Whether each update is a bid (not zero), its ticks, its size steps.
    pub fn as_slices(&self) -> (&[u8], &[i64], &[i64]) {
        (self.is_bid.as_slice(), self.price.as_slice(), self.size.as_slice())
    }
}

/// What errors call the units of a column.
const fn kind(column: &Column<'_>) -> &'static str {
    match column {
        Column::Given(_) => "int64 units",
        Column::Made(_) => "numbers",
    }
}

/// A masked array hides elements that its plain view still holds.
fn refuse_masked(value: &Bound<'_, PyAny>, name: &str) -> PyResult<()> {
    let is_plain = value.is_exact_instance_of::<PyUntypedArray>() || value.cast::<PyUntypedArray>().is_err();
    if is_plain || !value.hasattr(intern!(value.py(), "mask"))? {
        return Ok(());
    }
    let text =
        format!("{name} must be a plain array, got a masked one: choose its rows, as array[~mask].data");
    Err(InputError::new_err(text))
}

fn flags<'py>(value: &Bound<'py, PyAny>) -> PyResult<Flags<'py>> {
    refuse_masked(value, "is_bid")?;
    if let Ok(array) = value.cast::<PyArray1<bool>>() {
        return Flags::new(array);
    }
    let wanted = "an (n,) bool array or booleans";
    if value.cast::<PyUntypedArray>().is_ok() {
        return Err(expected("is_bid", wanted, value));
    }
    let Ok(rows) = value.try_iter() else {
        return Err(expected("is_bid", wanted, value));
    };
    let flag = |(index, row): (usize, PyResult<Bound<'py, PyAny>>)| {
        let row = row?;
        match row.cast::<PyBool>() {
            Ok(flag) => Ok(u8::from(flag.is_true())),
            Err(_) => Err(expected(&format!("is_bid row {index}"), "a bool", &row)),
        }
    };
    Ok(Flags::Made(rows.enumerate().map(flag).collect::<PyResult<_>>()?))
}

fn column<'py>(value: &Bound<'py, PyAny>, name: &str, grid: &Grid) -> PyResult<Column<'py>> {
    refuse_masked(value, name)?;
    if let Ok(array) = value.cast::<PyArray1<i64>>() {
        return Ok(Column::Given(Packed::new(array)?));
    }
    if let Ok(array) = value.cast::<PyArray1<f64>>() {
        let packed = Packed::new(array)?;
        let units = grid
            .all_from_f64(packed.as_slice())
            .map_err(|(row, error)| grid_error(error, format_args!("{name} row {row}")))?;
        return Ok(Column::Made(units));
    }
    let wanted = "an (n,) float64 array, an (n,) int64 array or numbers";
    if value.cast::<PyUntypedArray>().is_ok() {
        return Err(expected(name, wanted, value));
    }
    let Ok(rows) = value.try_iter() else {
        return Err(expected(name, wanted, value));
    };
    let unit = |(index, row): (usize, PyResult<Bound<'py, PyAny>>)| {
        on_grid(&row?, format_args!("{name} row {index}"), grid)
    };
    Ok(Column::Made(rows.enumerate().map(unit).collect::<PyResult<_>>()?))
}

/// Refuses prices of zero or less. An or of all has the sign bit of any, and takes no branch.
fn positive(grid: &Grid, ticks: impl Iterator<Item = i64> + Clone, name: &str, field: &str) -> PyResult<()> {
    if ticks.clone().fold(0, |all, ticks| all | ticks | ticks.wrapping_sub(1)) >= 0 {
        return Ok(());
    }
    let found = ticks.enumerate().find(|&(_, ticks)| ticks <= 0);
    let (row, ticks) = found.unwrap_or_default();
    let price = grid.value(ticks);
    Err(InputError::new_err(format!("{name} row {row}{field} must be greater than zero, got {price}")))
}

fn not_negative(steps: impl Iterator<Item = i64>, name: &str, field: &str) -> PyResult<()> {
    let show = |steps: i64| format!("{steps} size steps");
    refuse_negative(steps, name, field, show)
}

fn not_negative_on(grid: &Grid, steps: impl Iterator<Item = i64>, name: &str, field: &str) -> PyResult<()> {
    refuse_negative(steps, name, field, |steps| grid.value(steps).to_string())
}

fn refuse_negative(
    mut steps: impl Iterator<Item = i64>,
    name: &str,
    field: &str,
    show: impl Fn(i64) -> String,
) -> PyResult<()> {
    let mut row = 0_usize;
    let found = steps.find(|&steps| {
        row += 1;
        steps < 0
    });
    let Some(steps) = found else {
        return Ok(());
    };
    let text = format!("{name} row {}{field} must be zero or more, got {}", row - 1, show(steps));
    Err(InputError::new_err(text))
}

#[cold]
fn expected(name: &str, wanted: &str, got: &Bound<'_, PyAny>) -> PyErr {
    InputError::new_err(format!("{name} must be {wanted}, got {}", describe(got)))
}
