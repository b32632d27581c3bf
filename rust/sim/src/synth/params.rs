//! What a synthetic market is made from, checked once.

use super::regime::Regime;
use alipes_market::decimal::{Decimal, Grid, GridError};
use alipes_market::types::Ns;
use thiserror::Error;

/// A parameter that makes no market.
#[derive(Debug, Error)]
pub enum SynthError {
    /// Outside its range.
    #[error("{name} must be {expected}, not {value}")]
    OutOfRange {
        /// The parameter.
        name: &'static str,
        /// Its range.
        expected: &'static str,
        /// What was given.
        value: String,
    },
    /// No price grid, size grid or price on the grid.
    #[error("{name}: {source}")]
    Grid {
        /// The parameter.
        name: &'static str,
        /// Why not.
        source: GridError,
    },
}

/// Parameters as a caller states them.
#[derive(Clone, Debug)]
pub struct SynthConfig {
    /// Unified symbol of a linear perpetual, such as `BTC/USDT:USDT`.
    pub symbol: String,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// Price step.
    pub tick_size: Decimal,
    /// Size step.
    pub lot_size: Decimal,
    /// Price around which the fundamental moves.
    pub price: Decimal,
    /// Mean size of an order in lots.
    pub mean_lots: f64,
    /// Venue time of the first frame.
    pub start_ns: Ns,
    /// Length in venue time; endless where absent.
    pub seconds: Option<f64>,
    /// Orders per second in the calm regime.
    pub rate: f64,
    /// Levels a side holds at most.
    pub levels: usize,
    /// Time between depth updates.
    pub depth_interval_ms: u32,
    /// Least time from the venue to us.
    pub latency_ms: f64,
    /// One regime for ever; they take turns where absent.
    pub regime: Option<Regime>,
    /// Mean length of a regime.
    pub regime_seconds: f64,
}

impl Default for SynthConfig {
    fn default() -> Self {
        Self {
            symbol: "BTC/USDT:USDT".into(),
            seed: 1,
            tick_size: Decimal { mantissa: 1, decimals: 1 },
            lot_size: Decimal { mantissa: 1, decimals: 3 },
            price: Decimal { mantissa: 60_000, decimals: 0 },
            mean_lots: 150.0,
            start_ns: 1_750_000_000_000_000_000,
            seconds: None,
            rate: 300.0,
            levels: 400,
            depth_interval_ms: 100,
            latency_ms: 2.0,
            regime: None,
            regime_seconds: 20.0,
        }
    }
}

/// Checked parameters in integer units.
#[derive(Clone, Debug)]
pub(super) struct Params {
    pub(super) symbol: String,
    pub(super) wire_symbol: String,
    pub(super) stream_prefix: String,
    pub(super) seed: u64,
    pub(super) tick: Grid,
    pub(super) lot: Grid,
    pub(super) price_ticks: i64,
    pub(super) mean_lots: f64,
    pub(super) start_ns: Ns,
    pub(super) end_ns: Ns,
    pub(super) rate: f64,
    pub(super) levels: usize,
    pub(super) depth_interval_ns: Ns,
    pub(super) latency_ns: f64,
    pub(super) regime: Option<Regime>,
    pub(super) regime_seconds: f64,
}

/// Within `low..=high`, else an error that says so.
fn within(
    name: &'static str,
    value: f64,
    (low, high): (f64, f64),
    expected: &'static str,
) -> Result<f64, SynthError> {
    if value >= low && value <= high {
        Ok(value)
    } else {
        Err(SynthError::OutOfRange { name, expected, value: value.to_string() })
    }
}

fn grid(name: &'static str, step: Decimal) -> Result<Grid, SynthError> {
    let grid = Grid::new(step).map_err(|source| SynthError::Grid { name, source })?;
    within(name, f64::from(grid.decimals()), (0.0, 12.0), "a step with at most 12 decimals")?;
    within(name, grid.step() as f64, (1.0, 1e6), "a step with at most 6 digits")?;
    Ok(grid)
}

/// `BTC/USDT:USDT` as the venue writes it: `BTCUSDT`.
fn wire_symbol(symbol: &str) -> Result<String, SynthError> {
    let bad = || SynthError::OutOfRange {
        name: "symbol",
        expected: "a linear perpetual such as BTC/USDT:USDT",
        value: format!("{symbol:?}"),
    };
    let is_name = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let (pair, settle) = symbol.split_once(':').ok_or_else(bad)?;
    let (base, quote) = pair.split_once('/').ok_or_else(bad)?;
    if is_name(base) && is_name(quote) && settle == quote { Ok(format!("{base}{quote}")) } else { Err(bad()) }
}

impl Params {
    pub(super) fn check(config: SynthConfig) -> Result<Self, SynthError> {
        let tick = grid("tick_size", config.tick_size)?;
        let price_ticks =
            tick.exact(config.price).map_err(|source| SynthError::Grid { name: "price", source })?;
        within("price", price_ticks as f64, (1000.0, 1e9), "1,000 to 1,000,000,000 ticks")?;
        let seconds = config.seconds.unwrap_or(1e9);
        within("seconds", seconds, (1e-3, 1e9), "0.001 to 1,000,000,000")?;
        within("start_ns", config.start_ns as f64, (0.0, 8e18), "a time in ns since 1970, at most 8e18")?;
        within("levels", config.levels as f64, (20.0, 5000.0), "20 to 5,000")?;
        let interval = f64::from(config.depth_interval_ms);
        within("depth_interval_ms", interval, (1.0, 60_000.0), "1 to 60,000")?;
        let latency_ns = within("latency_ms", config.latency_ms, (0.0, 60_000.0), "0 to 60,000")? * 1e6;
        let wire_symbol = wire_symbol(&config.symbol)?;
        Ok(Self {
            stream_prefix: format!("{}@", wire_symbol.to_ascii_lowercase()),
            wire_symbol,
            symbol: config.symbol,
            seed: config.seed,
            tick,
            lot: grid("lot_size", config.lot_size)?,
            price_ticks,
            mean_lots: within("mean_lots", config.mean_lots, (1.0, 1e6), "1 to 1,000,000")?,
            start_ns: config.start_ns,
            end_ns: config.start_ns.saturating_add((seconds * 1e9) as Ns),
            rate: within("rate", config.rate, (0.1, 1e6), "0.1 to 1,000,000 orders a second")?,
            levels: config.levels,
            depth_interval_ns: Ns::from(config.depth_interval_ms) * 1_000_000,
            latency_ns,
            regime: config.regime,
            regime_seconds: within("regime_seconds", config.regime_seconds, (0.1, 1e6), "0.1 to 1,000,000")?,
        })
    }
}
