//! `BarAccount`: the bar fill model, stepped by a strategy.

use super::run::result;
use super::signals::{distance_kind, size_kind};
use super::terms::GivenTerms;
use crate::error::{InputError, IntoPyErr};
use alipes_bars::data::Bar;
use alipes_bars::metrics::Convention;
use alipes_bars::portfolio::{BarError, Distance, Event, Plan, Request, Side};
use alipes_bars::stepped::{Ended, Stepped};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyDict, PyTuple};

/// (client or -1, kind, status, reason, side, size, price, fee, is_maker, fill_ts), codes as in
/// `bar_run`'s names.
type EventTuple = (i64, i8, i8, i8, i8, f64, f64, f64, bool, i64);

/// A distance as `(kind, value)`, kind `"price"` or `"pct"`.
type GivenDistance = Option<(PyBackedStr, f64)>;

/// The bar fill model of docs/bar-engine.md, stepped bar by bar by who decides for himself.
///
/// Per bar: `begin`, then any `submit` and `cancel`, then `settle`. An event is a tuple `(client, kind,
/// status, reason, side, size, price, fee, is_maker, fill_ts)`: client is -1 for exits, codes are those
/// of a run's tables.
///
/// Args:
///     terms: As `bar_run` takes them.
///     step: Δ of the bars in ns.
///
/// Raises:
///     InputError: A term out of range.
#[pyclass(name = "BarAccount", module = "alipes._core")]
pub struct BarAccount {
    stepped: Option<Stepped>,
    convention: Convention,
}

fn code(side: Side) -> i8 {
    i8::from(!side.is_buy())
}

/// What Python gets: a list, or the one empty tuple, since a new empty list a bar would cost more than the bar.
fn tuples(py: Python<'_>, events: Vec<Event>) -> PyResult<Bound<'_, PyAny>> {
    if events.is_empty() {
        return Ok(PyTuple::empty(py).into_any());
    }
    let tuple = |event: Event| {
        let row = event.row;
        let client = event.client.map_or(-1, |client| i64::try_from(client).unwrap_or(-1));
        let codes = (row.kind as i8, row.status as i8, row.reason as i8);
        let told: EventTuple = (
            client,
            codes.0,
            codes.1,
            codes.2,
            code(row.side),
            row.size,
            row.price,
            row.fee,
            row.is_maker,
            row.fill_ts,
        );
        told
    };
    let told: Vec<EventTuple> = events.into_iter().map(tuple).collect();
    Ok(told.into_pyobject(py)?.into_any())
}

impl BarAccount {
    fn stepped(&mut self) -> PyResult<&mut Stepped> {
        self.stepped.as_mut().ok_or_else(|| InputError::new_err("the run is over"))
    }

    fn read(&self) -> PyResult<&Stepped> {
        self.stepped.as_ref().ok_or_else(|| InputError::new_err("the run is over"))
    }
}

fn distance(given: GivenDistance) -> PyResult<Option<Distance>> {
    given.map(|(kind, value)| distance_kind(&kind).map(|kind| kind(value))).transpose()
}

#[pymethods]
impl BarAccount {
    #[new]
    fn new(terms: &Bound<'_, PyDict>, step: i64) -> PyResult<Self> {
        let given = GivenTerms::new(terms, step)?;
        let stepped =
            Stepped::new(given.terms, given.funding, given.detail).map_err(BarError::into_py_err)?;
        Ok(Self { stepped: Some(stepped), convention: given.convention })
    }

    /// Takes the next bar up to its close: funding, fills at the open, the path, fills at the close.
    ///
    /// Returns:
    ///     What happened, in order.
    #[pyo3(signature = (ts, open, high, low, close, spread=0.0, mark=None))]
    #[allow(clippy::too_many_arguments, reason = "a bar's fields")]
    fn begin<'py>(
        &mut self,
        py: Python<'py>,
        ts: i64,
        open: f64,
        high: f64,
        low: f64,
        close: f64,
        spread: f64,
        mark: Option<f64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let bar = Bar { ts, open, high, low, close, spread, mark: mark.unwrap_or(open) };
        tuples(py, self.stepped()?.begin(bar))
    }

    /// Takes an order decided at the close of the bar.
    ///
    /// Args:
    ///     client: The caller's id, >= 0.
    ///     side: 0 buy, 1 sell.
    ///     size: `(kind, value)`, kind `"units"`, `"notional"`, `"equity"`, `"exposure"` or `"risk"`.
    ///     limit: Limit price; `None` is a market order.
    ///     reduce_only: Never opens or adds.
    ///     post_only: Cancelled instead of taking.
    ///     stop_loss: `(kind, value)`, kind `"price"` (a distance) or `"pct"`, or `None`.
    ///     take_profit: Likewise.
    ///     trailing: Likewise.
    ///     max_bars: Time stop in bars, or `None`.
    ///
    /// Raises:
    ///     DataError: A negative size, a distance or a limit that is not positive.
    #[pyo3(signature = (client, side, size, limit=None, reduce_only=false, post_only=false, stop_loss=None,
                        take_profit=None, trailing=None, max_bars=None))]
    #[allow(clippy::too_many_arguments, reason = "an order's terms")]
    fn submit(
        &mut self,
        client: u64,
        side: u8,
        size: (PyBackedStr, f64),
        limit: Option<f64>,
        reduce_only: bool,
        post_only: bool,
        stop_loss: GivenDistance,
        take_profit: GivenDistance,
        trailing: GivenDistance,
        max_bars: Option<f64>,
    ) -> PyResult<()> {
        let plan = Plan {
            size: size_kind(&size.0)?(size.1),
            stop: distance(stop_loss)?,
            target: distance(take_profit)?,
            trail: distance(trailing)?,
            max_bars,
        };
        let side = if side == 0 { Side::Buy } else { Side::Sell };
        let request =
            Request { client, side, plan, limit, is_reduce_only: reduce_only, is_post_only: post_only };
        self.stepped()?.submit(request).map_err(BarError::into_py_err)
    }

    /// Takes an order back; false if it waits no more.
    fn cancel(&mut self, client: u64) -> PyResult<bool> {
        Ok(self.stepped()?.cancel(client))
    }

    /// Ends the bar: fills at its close what is to fill there and marks equity; `last` ends the run.
    ///
    /// Returns:
    ///     What happened, in order.
    #[pyo3(signature = (last=false))]
    fn settle<'py>(&mut self, py: Python<'py>, last: bool) -> PyResult<Bound<'py, PyAny>> {
        tuples(py, self.stepped()?.settle(last))
    }

    /// Money account; a short sale adds to it.
    #[getter]
    fn cash(&self) -> PyResult<f64> {
        Ok(self.read()?.account().cash())
    }

    /// Signed position in base units.
    #[getter]
    fn units(&self) -> PyResult<f64> {
        Ok(self.read()?.account().units())
    }

    /// Cash plus the position's value at a price.
    fn equity_at(&self, price: f64) -> PyResult<f64> {
        Ok(self.read()?.account().equity_at(price))
    }

    /// Ends the account and gives what `bar_run` gives.
    ///
    /// Raises:
    ///     InputError: There was no bar, or it has ended already.
    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let stepped = self.stepped.take().ok_or_else(|| InputError::new_err("the run is over"))?;
        let Ended { done, ts, close, scores } =
            stepped.finish(self.convention).ok_or_else(|| InputError::new_err("there was no bar"))?;
        result(py, done, &scores, (&ts, &close), true)
    }
}
