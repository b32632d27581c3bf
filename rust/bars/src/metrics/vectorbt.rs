//! vectorbt's definitions: returns of bars, annualised by the length of a bar, infinite where nothing divides.

use crate::track::{Moments, Track};

use super::alipes::{self, pnl_std};
use super::run::{DAY, Run, YEAR, number, over};
use super::sample::{self, Shape, count};
use super::{Metric, Source};

/// What a statistic is computed from.
pub(crate) const fn source(metric: Metric) -> Source {
    match metric {
        Metric::Volatility | Metric::Sharpe => Source::Moments,
        Metric::Sortino
        | Metric::Omega
        | Metric::Var95
        | Metric::Skew
        | Metric::Kurtosis
        | Metric::MaxDrawdownDays
        | Metric::Exposure => Source::Equity,
        _ => Source::Track,
    }
}

/// The value of a statistic from sums alone.
pub(crate) fn streaming(metric: Metric, track: &Track) -> Option<f64> {
    let trades = &track.trades;
    let bars_a_year = over(YEAR, track.step);
    let n = number(trades.count);
    let value = match metric {
        Metric::TotalReturn => (track.equity - track.initial) / track.initial,
        Metric::Cagr => cagr(track),
        Metric::Volatility => std(track.moments?) * bars_a_year.sqrt(),
        Metric::Sharpe => sharpe(track.moments?, bars_a_year),
        Metric::Calmar if track.max_drawdown == 0.0 => f64::NAN,
        Metric::Calmar => cagr(track) / track.max_drawdown,
        Metric::MaxDrawdown => track.max_drawdown,
        Metric::Trades => number(trades.count + track.open_trades),
        Metric::WinRate => number(trades.wins) / n,
        Metric::ProfitFactor => trades.gross_profit / trades.gross_loss,
        Metric::Expectancy => trades.pnl / n,
        Metric::Sqn => n.sqrt() * (trades.pnl / n) / pnl_std(trades),
        Metric::AvgTrade => trades.returns / n,
        Metric::Fees | Metric::Turnover | Metric::BestTrade | Metric::WorstTrade => {
            alipes::value(metric, track)
        }
        Metric::Sortino
        | Metric::Omega
        | Metric::Var95
        | Metric::Skew
        | Metric::Kurtosis
        | Metric::MaxDrawdownDays
        | Metric::Exposure => return None,
    };
    Some(value)
}

/// The value of a statistic from the equity of every bar.
pub(crate) fn value(metric: Metric, run: &Run) -> f64 {
    if let Some(value) = streaming(metric, run.track) {
        return value;
    }
    match metric {
        Metric::MaxDrawdownDays => longest_drawdown(run.equity) * over(run.track.step, DAY),
        Metric::Exposure => exposure(run),
        Metric::Volatility | Metric::Sharpe => {
            let moments = Some(moments(run.track.initial, run.equity));
            streaming(metric, &Track { moments, ..run.track.clone() }).unwrap_or(f64::NAN)
        }
        _ => of_returns(metric, &returns(run.track.initial, run.equity), over(YEAR, run.track.step)),
    }
}

fn of_returns(metric: Metric, returns: &[f64], bars_a_year: f64) -> f64 {
    match metric {
        Metric::Sortino if returns.len() < 2 => f64::NAN,
        Metric::Sortino => over_or_infinite(
            sample::mean(returns) * bars_a_year,
            sample::downside(returns) * bars_a_year.sqrt(),
        ),
        Metric::Omega => over_or_infinite(sample::gains(returns), sample::losses(returns)),
        Metric::Var95 => sample::quantile(returns, 0.05),
        Metric::Skew => Shape::of(returns).skew(),
        Metric::Kurtosis => Shape::of(returns).kurtosis(),
        _ => f64::NAN,
    }
}

fn over_or_infinite(above: f64, below: f64) -> f64 {
    if below == 0.0 { f64::INFINITY } else { above / below }
}

/// A bar's return; from a negative equity its sign is turned.
fn change(before: f64, after: f64) -> f64 {
    if before == 0.0 {
        return if after == 0.0 { 0.0 } else { f64::INFINITY.copysign(after) };
    }
    let change = (after - before) / before;
    if before < 0.0 { -change } else { change }
}

fn returns(initial: f64, equity: &[f64]) -> Vec<f64> {
    let before = std::iter::once(&initial).chain(equity);
    before.zip(equity).map(|(&before, &after)| change(before, after)).collect()
}

/// The sums that a streaming run keeps.
pub(crate) fn moments(initial: f64, equity: &[f64]) -> Moments {
    let mut moments = Moments::default();
    for r in returns(initial, equity) {
        moments.count += 1;
        moments.sum += r;
        moments.squares += r * r;
    }
    moments
}

fn std(moments: Moments) -> f64 {
    let n = number(moments.count);
    if moments.count < 2 {
        return f64::NAN;
    }
    ((moments.squares - moments.sum * moments.sum / n) / (n - 1.0)).max(0.0).sqrt()
}

fn sharpe(moments: Moments, bars_a_year: f64) -> f64 {
    if moments.count < 2 {
        return f64::NAN;
    }
    over_or_infinite(moments.sum / number(moments.count), std(moments)) * bars_a_year.sqrt()
}

fn cagr(track: &Track) -> f64 {
    let growth = track.equity / track.initial;
    growth.powf(over(YEAR, track.step) / number(track.bars)) - 1.0
}

/// Bars from the one after a peak to the one back at it, or through the last.
fn longest_drawdown(equity: &[f64]) -> f64 {
    let mut longest: Option<usize> = None;
    let (mut peak, mut peak_bar, mut is_under) = (f64::NAN, 0, false);
    for (bar, &value) in equity.iter().enumerate() {
        if value < peak {
            is_under = true;
            continue;
        }
        if is_under {
            longest = longest.max(Some(bar - peak_bar - 1));
        }
        (peak, peak_bar, is_under) = (value, bar, false);
    }
    if is_under {
        longest = longest.max(Some(equity.len() - 1 - peak_bar));
    }
    longest.map_or(f64::NAN, count)
}

/// Bars from each entry to its exit, the exit's own counted for an open trade only, over all bars.
fn exposure(run: &Run) -> f64 {
    let held = run
        .trades
        .iter()
        .map(|trade| trade.exit_bar.saturating_sub(trade.entry_bar) + usize::from(trade.is_open));
    if run.trades.is_empty() { f64::NAN } else { count(held.sum()) / count(run.equity.len()) }
}
