//! A run's statistics from arrays: the way in for those who have an equity curve and no engine.

use crate::data::Ns;
use crate::track::{Track, TradeTally};

use super::drawdown::Drawdown;
use super::run::{DAY, TradeFact};
use super::{Convention, Metric, from_equity, vectorbt};

/// Every statistic of an equity curve, in the order of [`Metric::ALL`].
///
/// `equity` and `ts` are of equal length: the equity at the close of each bar and the open time of each bar; `step` is
/// Δ. The trades come in order of entry, an open one with the end of the data as its exit.
#[must_use]
pub fn measure(
    convention: Convention,
    initial: f64,
    ts: &[Ns],
    step: Ns,
    equity: &[f64],
    trades: &[TradeFact],
) -> Vec<(Metric, f64)> {
    let track = track_of(convention, initial, ts, step, equity, trades);
    let value = |metric: &Metric| (*metric, from_equity(convention, *metric, &track, equity, ts, trades));
    Metric::ALL.iter().map(value).collect()
}

/// What a streaming run with that equity and those trades leaves.
#[must_use]
pub fn track_of(
    convention: Convention,
    initial: f64,
    ts: &[Ns],
    step: Ns,
    equity: &[f64],
    trades: &[TradeFact],
) -> Track {
    let start = ts.first().copied().unwrap_or_default();
    let end = ts.last().map_or(start, |last| last + step);
    let origin = equity.first().copied().filter(|_| convention.peak_from_first_bar()).unwrap_or(initial);
    let mut drawdown = Drawdown::new(origin, start);
    for (at, value) in ts.iter().zip(equity) {
        drawdown.push(*value, at + step);
    }
    Track {
        initial,
        equity: equity.last().copied().unwrap_or(initial),
        start,
        end,
        step,
        bars: u64::try_from(equity.len()).unwrap_or(u64::MAX),
        max_drawdown: drawdown.depth(),
        max_drawdown_time: drawdown.longest(end),
        exposure: trades.iter().map(|trade| trade.exit_ts - trade.entry_ts).sum(),
        days: midnights(ts, step, equity),
        trades: tally(trades),
        open_trades: trades.iter().map(|trade| u64::from(trade.is_open)).sum(),
        moments: Some(vectorbt::moments(initial, equity)),
    }
}

/// Equity at each 00:00 UTC from the first close up to the last: that of the last close at or before it.
fn midnights(ts: &[Ns], step: Ns, equity: &[f64]) -> Vec<f64> {
    let (Some(first), Some(last)) = (ts.first(), ts.last()) else { return Vec::new() };
    let mut days = Vec::new();
    // The midnight at or after the first close.
    let mut midnight = -(-(first + step)).div_euclid(DAY) * DAY;
    let mut next = 0;
    while midnight <= last + step {
        next += ts[next..].partition_point(|at| at + step <= midnight);
        days.push(equity[next - 1]);
        midnight += DAY;
    }
    days
}

fn tally(trades: &[TradeFact]) -> TradeTally {
    let mut tally = TradeTally::default();
    for trade in trades {
        tally.fees += trade.fees;
        tally.turnover += trade.value;
        if !trade.is_open {
            tally.close(trade.pnl, trade.ratio, trade.exit_ts - trade.entry_ts);
        }
    }
    tally
}
