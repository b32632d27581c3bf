//! quantstats' definitions, fed with daily returns: 252 days a year, and days where others count trades.

use crate::track::Track;

use super::alipes;
use super::sample::{self, Shape, count};
use super::{Metric, Source};

const DAYS_A_YEAR: f64 = 252.0;
/// The fifth percentile of the standard normal distribution.
const NORMAL_5: f64 = -1.644_853_626_951_472_2;

/// What a statistic is computed from.
pub(crate) const fn source(metric: Metric) -> Source {
    match metric {
        Metric::Trades
        | Metric::Expectancy
        | Metric::Sqn
        | Metric::Fees
        | Metric::Turnover
        | Metric::BestTrade
        | Metric::WorstTrade
        | Metric::AvgTrade => Source::Track,
        _ => Source::Days,
    }
}

/// The value of a statistic.
pub(crate) fn value(metric: Metric, track: &Track) -> f64 {
    if matches!(source(metric), Source::Track) {
        return alipes::value(metric, track);
    }
    let returns = alipes::daily_returns(track);
    if returns.is_empty() { f64::NAN } else { of_days(metric, &returns) }
}

fn of_days(metric: Metric, returns: &[f64]) -> f64 {
    let shape = Shape::of(returns);
    match metric {
        Metric::TotalReturn => total_return(returns),
        Metric::Cagr => cagr(returns),
        Metric::Volatility => shape.std() * DAYS_A_YEAR.sqrt(),
        Metric::Sharpe => shape.mean / shape.std() * DAYS_A_YEAR.sqrt(),
        Metric::Sortino => sortino(shape.mean, sample::downside(returns)),
        Metric::Calmar => cagr(returns) / max_drawdown(returns),
        Metric::Omega if returns.len() < 2 || sample::losses(returns) == 0.0 => f64::NAN,
        Metric::Omega => sample::gains(returns) / sample::losses(returns),
        Metric::MaxDrawdown => max_drawdown(returns),
        Metric::MaxDrawdownDays => longest_drawdown(returns),
        Metric::WinRate => win_rate(returns),
        Metric::ProfitFactor => profit_factor(returns),
        Metric::Exposure => exposure(returns),
        Metric::Var95 if shape.std() > 0.0 => shape.mean + NORMAL_5 * shape.std(),
        Metric::Skew => shape.skew(),
        Metric::Kurtosis => shape.kurtosis(),
        _ => f64::NAN,
    }
}

fn total_return(returns: &[f64]) -> f64 {
    returns.iter().map(|r| 1.0 + r).product::<f64>() - 1.0
}

/// NaN where wealth is below zero: a power of it has no meaning.
fn cagr(returns: &[f64]) -> f64 {
    (total_return(returns) + 1.0).powf(DAYS_A_YEAR / count(returns.len())) - 1.0
}

fn sortino(mean: f64, downside: f64) -> f64 {
    if downside == 0.0 { f64::NAN } else { mean / downside * DAYS_A_YEAR.sqrt() }
}

/// 1 − price / peak of each day, the price being what one unit of money has become, the peak starting at one.
fn drawdowns(returns: &[f64]) -> impl Iterator<Item = f64> {
    let (mut wealth, mut peak) = (1.0_f64, 1.0_f64);
    returns.iter().map(move |r| {
        wealth *= 1.0 + r;
        // Through the return since the start, as there: equality with the peak depends on its rounding.
        let price = 1.0 + (wealth - 1.0);
        peak = peak.max(price);
        1.0 - price / peak
    })
}

fn max_drawdown(returns: &[f64]) -> f64 {
    drawdowns(returns).fold(0.0, f64::max)
}

/// Days of the longest unbroken stay below a peak. A stay that the data begins with only counts beside another one.
fn longest_drawdown(returns: &[f64]) -> f64 {
    let (mut longest, mut length, mut has_start) = (0, 0, false);
    for (day, depth) in drawdowns(returns).enumerate() {
        has_start |= depth > 0.0 && length == 0 && day > 0;
        length = if depth > 0.0 { length + 1 } else { 0 };
        longest = longest.max(length);
    }
    if has_start { count(longest) } else { f64::NAN }
}

/// Days that gained over days that moved; 0 if none moved.
fn win_rate(returns: &[f64]) -> f64 {
    let gained = returns.iter().filter(|r| **r > 0.0).count();
    let moved = returns.iter().filter(|r| **r != 0.0).count();
    if moved == 0 { 0.0 } else { count(gained) / count(moved) }
}

/// Sum of gains over sum of losses of days; 0 if none moved.
fn profit_factor(returns: &[f64]) -> f64 {
    let (gains, losses) = (sample::gains(returns), sample::losses(returns));
    if gains == 0.0 && losses == 0.0 { 0.0 } else { gains / losses }
}

/// Days that moved over all days, rounded up to a per cent.
fn exposure(returns: &[f64]) -> f64 {
    let moved = returns.iter().filter(|r| **r != 0.0).count();
    (count(moved) / count(returns.len()) * 100.0).ceil() / 100.0
}
