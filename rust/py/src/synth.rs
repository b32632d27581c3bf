//! Python class over `alipes_sim::synth`.

use crate::error::{InputError, IntoPyErr};
use crate::number::decimal;
use alipes_sim::synth::{Regime, SynthConfig, SynthError, SynthMarket as Market};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::path::PathBuf;

impl IntoPyErr for SynthError {
    fn into_py_err(self) -> PyErr {
        InputError::new_err(self.to_string())
    }
}

fn regime(name: &str) -> PyResult<Regime> {
    Regime::ALL.into_iter().find(|regime| regime.name() == name).ok_or_else(|| {
        InputError::new_err(format!("regime must be calm, trending, volatile or None, not {name:?}"))
    })
}

/// A seeded synthetic market that speaks Binance USD-M wire frames.
///
/// Yields ``(ts_recv, frame)`` as a capture does: first a REST depth snapshot, then depth updates (``U``,
/// ``u``, ``pu``), best prices and trades. The order flow has zero intelligence around a mean-reverting
/// fundamental that goes through calm, trending and volatile regimes. The same seed gives the same bytes on
/// every platform; the book is never crossed; trades take from the depth they print at.
///
/// Args:
///     symbol: Unified symbol of a linear perpetual (default ``BTC/USDT:USDT``).
///     seed: 0 to 2**64 - 1.
///     tick_size: Price step (default 0.1).
///     lot_size: Size step (default 0.001).
///     price: Price the fundamental returns to, on the tick grid (default 60000).
///     mean_lots: Mean order size in lots (default 150).
///     start_ns: Venue time at the start, int ns UTC.
///     seconds: Length in venue time; endless if None.
///     rate: Orders per second in the calm regime, 0.1 to 1e6 (default 300); others are busier.
///     levels: Most levels a side, 20 to 5000 (default 400).
///     depth_interval_ms: Time between depth updates (default 100).
///     latency_ms: Least time from venue to receipt (default 2).
///     regime: One regime for ever; if None they take turns.
///     regime_seconds: Mean length of a regime (default 20).
///
/// Raises:
///     InputError: A parameter is out of range; the message names it and its range.
#[pyclass(module = "alipes._core")]
pub struct SynthMarket {
    market: Market,
}

#[pymethods]
impl SynthMarket {
    #[new]
    #[pyo3(signature = (*, symbol=None, seed=1, tick_size=None, lot_size=None, price=None, mean_lots=None,
        start_ns=None, seconds=None, rate=None, levels=None, depth_interval_ms=None, latency_ms=None, regime=None,
        regime_seconds=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of the Python class")]
    fn new(
        symbol: Option<String>,
        seed: u64,
        tick_size: Option<Bound<'_, PyAny>>,
        lot_size: Option<Bound<'_, PyAny>>,
        price: Option<Bound<'_, PyAny>>,
        mean_lots: Option<f64>,
        start_ns: Option<i64>,
        seconds: Option<f64>,
        rate: Option<f64>,
        levels: Option<usize>,
        depth_interval_ms: Option<u32>,
        latency_ms: Option<f64>,
        regime: Option<&str>,
        regime_seconds: Option<f64>,
    ) -> PyResult<Self> {
        let base = SynthConfig::default();
        let exact = |name, value: Option<Bound<'_, PyAny>>, or| match value {
            Some(value) => decimal(&value, name),
            None => Ok(or),
        };
        let config = SynthConfig {
            symbol: symbol.unwrap_or(base.symbol),
            seed,
            tick_size: exact("tick_size", tick_size, base.tick_size)?,
            lot_size: exact("lot_size", lot_size, base.lot_size)?,
            price: exact("price", price, base.price)?,
            mean_lots: mean_lots.unwrap_or(base.mean_lots),
            start_ns: start_ns.unwrap_or(base.start_ns),
            seconds,
            rate: rate.unwrap_or(base.rate),
            levels: levels.unwrap_or(base.levels),
            depth_interval_ms: depth_interval_ms.unwrap_or(base.depth_interval_ms),
            latency_ms: latency_ms.unwrap_or(base.latency_ms),
            regime: regime.map(self::regime).transpose()?,
            regime_seconds: regime_seconds.unwrap_or(base.regime_seconds),
        };
        Ok(Self { market: Market::new(config).map_err(IntoPyErr::into_py_err)? })
    }

    /// What a capture of it says in its header: venue, instrument, tick_size, lot_size, source.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("json")?.call_method1("loads", (self.market.header(),))
    }

    /// The current regime: ``calm``, ``trending`` or ``volatile``.
    #[getter]
    fn regime(&self) -> &'static str {
        self.market.regime().name()
    }

    /// Venue time of the last order, int ns UTC.
    #[getter]
    fn venue_time(&self) -> i64 {
        self.market.venue_time()
    }

    /// A REST depth answer as of now, to resynchronise with.
    fn snapshot<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.market.snapshot())
    }

    /// Writes the next ``seconds`` of venue time as a capture with a header, gzipped if named .gz.
    ///
    /// Returns:
    ///     The number of frames written. Releases the GIL.
    ///
    /// Raises:
    ///     InputError: ``seconds`` is not positive, or the file cannot be written.
    fn write(&mut self, py: Python<'_>, path: PathBuf, seconds: f64) -> PyResult<u64> {
        if !(seconds > 0.0 && seconds <= 1e9) {
            return Err(InputError::new_err(format!(
                "seconds must be above 0 and at most 1e9, not {seconds}"
            )));
        }
        py.detach(|| self.market.write(path, seconds)).map_err(IntoPyErr::into_py_err)
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> Option<(i64, Bound<'py, PyBytes>)> {
        self.market.next_frame().map(|(ts_recv, frame)| (ts_recv, PyBytes::new(py, frame)))
    }

    fn __repr__(&self) -> String {
        format!("SynthMarket({})", self.market.header())
    }
}
