//! Statistics of a run, by our own definitions or by those of the projects people compare with.
//!
//! docs/metrics.md has every formula and every difference. Most statistics come from a [`Track`], the sums that a run
//! keeps as it goes; some definitions of others need the equity of every bar. This module reads runs and knows
//! nothing of how they come about.

mod alipes;
mod backtesting;
mod drawdown;
mod measure;
mod name;
mod quantstats;
mod run;
mod sample;
#[cfg(test)]
mod tests;
mod vectorbt;

pub use drawdown::Drawdown;
pub use measure::{measure, track_of};
pub use name::{Convention, Metric, UnknownName};
pub use run::TradeFact;

use crate::data::Ns;
use crate::track::Track;

/// What a statistic is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The sums of a [`Track`] that are always kept.
    Track,
    /// [`Track::days`].
    Days,
    /// [`Track::moments`].
    Moments,
    /// The equity of every bar and the table of trades.
    Equity,
}

/// What a statistic of that convention is computed from.
#[must_use]
pub const fn source(convention: Convention, metric: Metric) -> Source {
    match convention {
        Convention::Alipes => match metric {
            Metric::Volatility
            | Metric::Sharpe
            | Metric::Sortino
            | Metric::Omega
            | Metric::Var95
            | Metric::Skew
            | Metric::Kurtosis => Source::Days,
            _ => Source::Track,
        },
        Convention::Vectorbt => vectorbt::source(metric),
        Convention::BacktestingPy => backtesting::source(metric),
        Convention::Quantstats => quantstats::source(metric),
    }
}

/// Whether [`streaming`] cannot yield it.
#[must_use]
pub const fn needs_equity(convention: Convention, metric: Metric) -> bool {
    matches!(source(convention, metric), Source::Equity)
}

/// Whether [`streaming`] yields it from [`Track::moments`] only.
#[must_use]
pub const fn needs_moments(convention: Convention, metric: Metric) -> bool {
    matches!(source(convention, metric), Source::Moments)
}

/// Whether it is computed from [`Track::days`].
#[must_use]
pub const fn needs_days(convention: Convention, metric: Metric) -> bool {
    matches!(source(convention, metric), Source::Days)
}

/// The value of a statistic from a track alone; NaN where it is undefined, nothing where the track does not hold it.
#[must_use]
pub fn streaming(convention: Convention, metric: Metric, track: &Track) -> Option<f64> {
    match convention {
        Convention::Alipes => Some(alipes::value(metric, track)),
        Convention::Vectorbt => vectorbt::streaming(metric, track),
        Convention::BacktestingPy => backtesting::streaming(metric, track),
        Convention::Quantstats => Some(quantstats::value(metric, track)),
    }
}

/// The value of a statistic from a track and what it leaves out: the equity at the close of each bar, the open time of
/// each bar (equally many) and the trades in order of entry. NaN where it is undefined.
#[must_use]
pub fn from_equity(
    convention: Convention,
    metric: Metric,
    track: &Track,
    equity: &[f64],
    ts: &[Ns],
    trades: &[TradeFact],
) -> f64 {
    let run = run::Run { track, equity, ts, trades };
    match convention {
        Convention::Alipes => alipes::value(metric, track),
        Convention::Vectorbt => vectorbt::value(metric, &run),
        Convention::BacktestingPy => backtesting::value(metric, &run),
        Convention::Quantstats => quantstats::value(metric, track),
    }
}
