//! backtesting.py's definitions: geometric returns of calendar days, from the first bar's equity, closed trades only.

use crate::data::Ns;
use crate::track::Track;

use super::alipes::{self, pnl_std};
use super::run::{DAY, Run, days, number, ratio};
use super::sample::{self, Shape, count};
use super::{Metric, Source};

/// What a statistic is computed from.
pub(crate) const fn source(metric: Metric) -> Source {
    match metric {
        Metric::TotalReturn
        | Metric::Cagr
        | Metric::Volatility
        | Metric::Sharpe
        | Metric::Sortino
        | Metric::Calmar
        | Metric::MaxDrawdownDays
        | Metric::AvgTrade
        | Metric::Exposure
        | Metric::Fees => Source::Equity,
        Metric::Omega | Metric::Var95 | Metric::Skew | Metric::Kurtosis => Source::Days,
        _ => Source::Track,
    }
}

/// The value of a statistic from sums alone.
pub(crate) fn streaming(metric: Metric, track: &Track) -> Option<f64> {
    let trades = &track.trades;
    let n = number(trades.count);
    match metric {
        Metric::ProfitFactor => Some(ratio(trades.returns_gain, trades.returns_loss)),
        Metric::Expectancy => Some(trades.returns / n),
        Metric::Sqn => Some(ratio(n.sqrt() * (trades.pnl / n), pnl_std(trades))),
        _ if matches!(source(metric), Source::Equity) => None,
        _ => Some(alipes::value(metric, track)),
    }
}

/// The value of a statistic from the equity of every bar.
pub(crate) fn value(metric: Metric, run: &Run) -> f64 {
    if let Some(value) = streaming(metric, run.track) {
        return value;
    }
    let (Some(first), Some(last)) = (run.equity.first(), run.equity.last()) else { return f64::NAN };
    match metric {
        Metric::TotalReturn => (last - first) / first,
        Metric::Cagr => cagr(last / first, run.ts),
        Metric::MaxDrawdownDays => longest_drawdown(run),
        Metric::AvgTrade => geometric_mean(run.closed().map(|trade| trade.ratio)),
        Metric::Exposure => exposure(run),
        Metric::Fees => run.closed().map(|trade| trade.fees).sum(),
        _ => Compounded::of(run).value(metric, run.track.max_drawdown),
    }
}

/// exp(mean(ln(1 + r))) − 1; 0 if a return loses everything, NaN of nothing.
fn geometric_mean(returns: impl Iterator<Item = f64>) -> f64 {
    let (mut logs, mut members) = (0.0, 0);
    for r in returns {
        if 1.0 + r <= 0.0 {
            return 0.0;
        }
        logs += (1.0 + r).ln();
        members += 1;
    }
    if members == 0 { f64::NAN } else { (logs / count(members)).exp() - 1.0 }
}

/// Growth over years of 365.25 days, from the first bar's open time to the last one's.
fn cagr(growth: f64, ts: &[Ns]) -> f64 {
    const SECOND: Ns = 1_000_000_000;
    let span = ts.last().zip(ts.first()).map_or(0, |(last, first)| (last - first) / SECOND * SECOND);
    if span == 0 { f64::NAN } else { growth.powf(365.25 / days(span)) - 1.0 }
}

/// Returns of calendar periods, compounded to a year.
struct Compounded {
    returns: Vec<f64>,
    periods: f64,
    annual: f64,
    growth: f64,
}

impl Compounded {
    fn of(run: &Run) -> Self {
        let calendar = Calendar::of(run.ts);
        let returns = calendar.returns(run);
        let periods = calendar.periods_a_year(run.ts);
        let growth = 1.0 + geometric_mean(returns.iter().copied());
        Self { returns, periods, annual: growth.powf(periods) - 1.0, growth }
    }

    fn value(&self, metric: Metric, max_drawdown: f64) -> f64 {
        match metric {
            Metric::Volatility => self.volatility(),
            Metric::Sharpe => ratio(self.annual, self.volatility()),
            Metric::Sortino => self.annual / (sample::downside(&self.returns) * self.periods.sqrt()),
            Metric::Calmar => ratio(self.annual, max_drawdown),
            _ => f64::NAN,
        }
    }

    fn volatility(&self) -> f64 {
        let std = Shape::of(&self.returns).std();
        let square = self.growth * self.growth;
        ((std * std + square).powf(self.periods) - self.growth.powf(2.0 * self.periods)).sqrt()
    }
}

/// What bars are gathered into: days, unless a bar is a week, a month of 31 days or a year long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Calendar {
    Days,
    Weeks,
    Months,
    Years,
}

impl Calendar {
    /// By the whole days in the median step between the last hundred stamps.
    fn of(ts: &[Ns]) -> Self {
        let recent = &ts[ts.len().saturating_sub(100)..];
        let mut steps: Vec<Ns> = recent.windows(2).map(|pair| pair[1] - pair[0]).collect();
        steps.sort_unstable();
        let middle = steps.len() / 2;
        let median = match steps.len() {
            0 => 0,
            n if n % 2 == 1 => steps[middle],
            _ => steps[middle - 1].midpoint(steps[middle]),
        };
        match median / DAY {
            7 => Self::Weeks,
            31 => Self::Months,
            365 => Self::Years,
            _ => Self::Days,
        }
    }

    /// 365 if bars on weekends are at least about as many as a market that never closes has, else 252.
    fn periods_a_year(self, ts: &[Ns]) -> f64 {
        match self {
            Self::Weeks => 52.0,
            Self::Months => 12.0,
            Self::Years => 1.0,
            Self::Days => {
                let weekends = ts.iter().filter(|&&at| (at.div_euclid(DAY) + 3).rem_euclid(7) >= 5).count();
                if count(weekends) / count(ts.len()) > 2.0 / 7.0 * 0.6 { 365.0 } else { 252.0 }
            }
        }
    }

    fn period(self, at: Ns) -> i64 {
        let day = at.div_euclid(DAY);
        match self {
            Self::Days => day,
            Self::Weeks => (day + 3).div_euclid(7),
            Self::Months => month(day),
            Self::Years => month(day).div_euclid(12),
        }
    }

    /// From the last equity of a period to the last of the next that has bars.
    fn returns(self, run: &Run) -> Vec<f64> {
        let mut ends: Vec<f64> = Vec::new();
        let mut current = None;
        for (&at, &equity) in run.ts.iter().zip(run.equity) {
            let period = Some(self.period(at));
            if period == current {
                ends.pop();
            }
            ends.push(equity);
            current = period;
        }
        ends.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
    }
}

/// Months since the year 0 of a day counted from 1970, Gregorian.
const fn month(day: i64) -> i64 {
    // Years counted from March, so that the leap day is the last of its year.
    let from_march = day + 719_468;
    let era = from_march.div_euclid(146_097);
    let in_era = from_march.rem_euclid(146_097);
    let year = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year + year / 4 - year / 100);
    (era * 400 + year) * 12 + (5 * in_year + 2) / 153 + 2
}

/// From a bar at the peak to the next one at it, or the last bar, if another lies between.
fn longest_drawdown(run: &Run) -> f64 {
    let mut longest: Option<Ns> = None;
    let (mut peak, mut previous) = (f64::NEG_INFINITY, None);
    for (bar, &equity) in run.equity.iter().enumerate() {
        peak = equity.max(peak);
        let is_last = bar + 1 == run.equity.len();
        // 1 − equity / peak rather than a comparison: the nearest below a peak counts as back at it, as there.
        if 1.0 - equity / peak != 0.0 && !is_last {
            continue;
        }
        if let Some(from) = previous.filter(|&from| bar > from + 1) {
            longest = longest.max(Some(run.ts[bar] - run.ts[from]));
        }
        previous = Some(bar);
    }
    longest.map_or(f64::NAN, days)
}

/// Bars from entry to exit of closed trades, both counted, over all bars.
fn exposure(run: &Run) -> f64 {
    let (mut held, mut free) = (0, 0);
    for trade in run.closed() {
        held += (trade.exit_bar + 1).saturating_sub(free.max(trade.entry_bar));
        free = free.max(trade.exit_bar + 1);
    }
    count(held) / count(run.equity.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_those_of_the_calendar() {
        assert_eq!(month(0), 1970 * 12);
        assert_eq!(month(58), 1970 * 12 + 1);
        assert_eq!(month(59), 1970 * 12 + 2);
        assert_eq!(month(-1), 1969 * 12 + 11);
        // 2024-02-29 and the day after.
        assert_eq!(month(19_782), 2024 * 12 + 1);
        assert_eq!(month(19_783), 2024 * 12 + 2);
    }
}
