//! Tables of a run as arrays.

use alipes_bars::data::OpenTimes;
use alipes_bars::portfolio::{Holdings, Kind, OrderLog, OrderRow, Reason, Side, Status, Terms, TradeRow};
use numpy::{Element, IntoPyArray};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

fn column<T: Element, R>(
    into: &Bound<'_, PyDict>,
    name: &str,
    rows: &[R],
    value: impl Fn(&R) -> T,
) -> PyResult<()> {
    into.set_item(name, rows.iter().map(value).collect::<Vec<_>>().into_pyarray(into.py()))
}

fn whole(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

const fn code(side: Side) -> i8 {
    match side {
        Side::Buy => 0,
        Side::Sell => 1,
    }
}

/// Orders and trades of a run, kept as its log until somebody asks for tables.
#[pyclass(name = "BarRecords", module = "alipes._core", frozen)]
pub struct BarRecords {
    pub log: OrderLog,
    pub terms: Terms,
    pub times: OpenTimes,
    /// What was held after bars with funding.
    pub noted: Holdings,
}

#[pymethods]
impl BarRecords {
    /// Every order by id, as equal-length arrays by field.
    pub fn orders<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        orders(py, &self.log.orders(&self.terms, &self.times))
    }

    /// `holding_bar`, from whose close on, (k,) int64, `holding_cash` and `holding_units` were held.
    fn holdings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let held = self.log.holdings(&self.terms, &self.noted);
        let into = PyDict::new(py);
        into.set_item("holding_bar", held.bars.into_pyarray(py))?;
        into.set_item("holding_cash", held.cash.into_pyarray(py))?;
        into.set_item("holding_units", held.units.into_pyarray(py))?;
        Ok(into)
    }

    /// Every trade by id, as equal-length arrays by field.
    pub fn trades<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        trades(py, &self.log.trades(&self.terms, &self.times))
    }
}

/// The names of the tables' codes.
pub fn names(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let names = PyDict::new(py);
    names.set_item("kind", PyTuple::new(py, Kind::NAMES)?)?;
    names.set_item("status", PyTuple::new(py, Status::NAMES)?)?;
    names.set_item("reason", PyTuple::new(py, Reason::NAMES)?)?;
    names.set_item("side", PyTuple::new(py, ["buy", "sell"])?)?;
    Ok(names)
}

fn orders<'py>(py: Python<'py>, rows: &[OrderRow]) -> PyResult<Bound<'py, PyDict>> {
    let table = PyDict::new(py);
    let into = &table;
    column(into, "id", rows, |row| whole(row.id))?;
    column(into, "bar", rows, |row| whole(row.bar))?;
    column(into, "ts", rows, |row| row.ts)?;
    column(into, "kind", rows, |row| row.kind as i8)?;
    column(into, "side", rows, |row| code(row.side))?;
    column(into, "status", rows, |row| row.status as i8)?;
    column(into, "reason", rows, |row| row.reason as i8)?;
    column(into, "size", rows, |row| row.size)?;
    column(into, "fill_bar", rows, |row| row.fill_bar)?;
    column(into, "fill_ts", rows, |row| row.fill_ts)?;
    column(into, "price", rows, |row| row.price)?;
    column(into, "fee", rows, |row| row.fee)?;
    column(into, "is_maker", rows, |row| row.is_maker)?;
    column(into, "is_reduced", rows, |row| row.is_reduced)?;
    column(into, "trade", rows, |row| row.trade)?;
    Ok(table)
}

fn trades<'py>(py: Python<'py>, rows: &[TradeRow]) -> PyResult<Bound<'py, PyDict>> {
    let table = PyDict::new(py);
    let into = &table;
    column(into, "id", rows, |row| whole(row.id))?;
    column(into, "side", rows, |row| code(row.side))?;
    column(into, "entry_ts", rows, |row| row.entry_ts)?;
    column(into, "entry_bar", rows, |row| whole(row.entry_bar))?;
    column(into, "entry_price", rows, |row| row.entry_price)?;
    column(into, "size", rows, |row| row.size)?;
    column(into, "exit_ts", rows, |row| row.exit_ts)?;
    column(into, "exit_bar", rows, |row| whole(row.exit_bar))?;
    column(into, "exit_price", rows, |row| row.exit_price)?;
    column(into, "fees", rows, |row| row.fees)?;
    column(into, "funding", rows, |row| row.funding)?;
    column(into, "pnl", rows, |row| row.pnl)?;
    column(into, "return", rows, |row| row.ratio)?;
    column(into, "reason", rows, |row| row.reason.map_or(-1, |kind| kind as i8))?;
    column(into, "is_open", rows, |row| row.is_open)?;
    column(into, "bars", rows, |row| whole(row.exit_bar - row.entry_bar))?;
    Ok(table)
}
