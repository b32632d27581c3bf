//! Our own definitions: daily returns at UTC midnights, calendar time, and undefined where a peer says infinite.
//!
//! A quotient over zero would win every sweep, so it is NaN. A spread below the rounding of what it was computed from
//! counts as zero for the same reason.

use crate::track::{Track, TradeTally};

use super::Metric;
use super::run::{DAY, YEAR, days, number, over, ratio};
use super::sample::{self, Shape};

const DAYS_A_YEAR: f64 = 365.0;
/// Spread of returns that rounding alone makes: a return is a quotient near one, less one.
const NO_SPREAD: f64 = 1e-15;
/// Spread of profits that rounding alone makes, as a ratio of the initial cash.
const NO_PNL_SPREAD: f64 = 1e-14;

/// Returns from midnight to midnight, the first from the initial cash. From ruin on they are 0.
pub(crate) fn daily_returns(track: &Track) -> Vec<f64> {
    let mut before = track.initial;
    let change = |&equity: &f64| {
        let change = if before > 0.0 { equity / before - 1.0 } else { 0.0 };
        before = equity;
        change
    };
    track.days.iter().map(change).collect()
}

/// The value of a statistic, NaN where it is undefined.
pub(crate) fn value(metric: Metric, track: &Track) -> f64 {
    let trades = &track.trades;
    match metric {
        Metric::TotalReturn => total_return(track),
        Metric::Cagr => cagr(track),
        Metric::Calmar => ratio(cagr(track), track.max_drawdown),
        Metric::MaxDrawdown => track.max_drawdown,
        Metric::MaxDrawdownDays => days(track.max_drawdown_time),
        Metric::Trades => number(trades.count),
        Metric::WinRate => ratio(number(trades.wins), number(trades.count)),
        Metric::ProfitFactor => ratio(trades.gross_profit, trades.gross_loss),
        Metric::Expectancy => ratio(trades.pnl, number(trades.count)),
        Metric::Sqn => sqn(track),
        Metric::Exposure if track.end == track.start => f64::NAN,
        Metric::Exposure => over(track.exposure, track.end - track.start),
        Metric::Fees => trades.fees,
        Metric::Turnover => trades.turnover / track.initial,
        Metric::BestTrade => trades.best_return,
        Metric::WorstTrade => trades.worst_return,
        Metric::AvgTrade => ratio(trades.returns, number(trades.count)),
        Metric::Volatility
        | Metric::Sharpe
        | Metric::Sortino
        | Metric::Omega
        | Metric::Var95
        | Metric::Skew
        | Metric::Kurtosis => of_days(metric, &daily_returns(track)),
    }
}

fn of_days(metric: Metric, returns: &[f64]) -> f64 {
    if returns.len() < 2 {
        return f64::NAN;
    }
    let shape = Shape::of(returns);
    let std = if shape.std() <= NO_SPREAD { 0.0 } else { shape.std() };
    let shaped = |value: f64| if std == 0.0 { f64::NAN } else { value };
    match metric {
        Metric::Volatility => std * DAYS_A_YEAR.sqrt(),
        Metric::Sharpe => ratio(shape.mean, std) * DAYS_A_YEAR.sqrt(),
        Metric::Sortino => ratio(shape.mean, sample::downside(returns)) * DAYS_A_YEAR.sqrt(),
        Metric::Omega => ratio(sample::gains(returns), sample::losses(returns)),
        Metric::Var95 => sample::quantile(returns, 0.05),
        Metric::Skew => shaped(shape.skew()),
        Metric::Kurtosis => shaped(shape.kurtosis()),
        _ => f64::NAN,
    }
}

fn total_return(track: &Track) -> f64 {
    if track.bars == 0 { f64::NAN } else { track.equity / track.initial - 1.0 }
}

/// Growth over calendar time. A run shorter than a day would be raised to a power that says nothing.
fn cagr(track: &Track) -> f64 {
    let span = track.end - track.start;
    if track.bars == 0 || span < DAY {
        return f64::NAN;
    }
    if track.equity <= 0.0 {
        return -1.0;
    }
    (track.equity / track.initial).powf(over(YEAR, span)) - 1.0
}

/// Standard deviation of the profits of trades, one degree of freedom taken.
pub(crate) fn pnl_std(trades: &TradeTally) -> f64 {
    let n = number(trades.count);
    if trades.count < 2 {
        return f64::NAN;
    }
    let offset = trades.pnl - n * trades.pnl_origin;
    ((trades.pnl_spread - offset * offset / n) / (n - 1.0)).max(0.0).sqrt()
}

fn sqn(track: &Track) -> f64 {
    let n = number(track.trades.count);
    let std = pnl_std(&track.trades);
    if std <= NO_PNL_SPREAD * track.initial { f64::NAN } else { n.sqrt() * (track.trades.pnl / n) / std }
}
