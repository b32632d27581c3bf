//! What the statistics of one run are computed from.

use crate::data::Ns;
use crate::portfolio::TradeRow;
use crate::track::Track;

/// A day.
pub(crate) const DAY: Ns = 86_400_000_000_000;
/// A year of 365 days.
pub(crate) const YEAR: Ns = 365 * DAY;

/// A trade from flat to flat, as far as statistics look at it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TradeFact {
    /// Profit after fees and funding, in money; of an open trade, marked at the last close.
    pub pnl: f64,
    /// pnl over the entry value.
    pub ratio: f64,
    /// Time of the entry fill.
    pub entry_ts: Ns,
    /// Time of the exit fill; of an open trade, the end of the data.
    pub exit_ts: Ns,
    /// Bar of the entry fill.
    pub entry_bar: usize,
    /// Bar of the exit fill; of an open trade, the last bar.
    pub exit_bar: usize,
    /// Fees of its fills, in money.
    pub fees: f64,
    /// Value of its fills, in money: of the entries, and of the exits that have happened.
    pub value: f64,
    /// Whether the position was still held at the end.
    pub is_open: bool,
}

impl From<&TradeRow> for TradeFact {
    fn from(row: &TradeRow) -> Self {
        let prices = row.entry_price + if row.is_open { 0.0 } else { row.exit_price };
        Self {
            pnl: row.pnl,
            ratio: row.ratio,
            entry_ts: row.entry_ts,
            exit_ts: row.exit_ts,
            entry_bar: row.entry_bar,
            exit_bar: row.exit_bar,
            fees: row.fees,
            value: prices * row.size,
            is_open: row.is_open,
        }
    }
}

/// A run with the equity of every bar at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    pub(crate) track: &'a Track,
    /// Equity at the close of each bar.
    pub(crate) equity: &'a [f64],
    /// Open times of the bars.
    pub(crate) ts: &'a [Ns],
    pub(crate) trades: &'a [TradeFact],
}

impl<'a> Run<'a> {
    pub(crate) fn closed(&self) -> impl Iterator<Item = &'a TradeFact> {
        self.trades.iter().filter(|trade| !trade.is_open)
    }
}

/// A time span as a number of days.
#[expect(clippy::cast_precision_loss, reason = "a statistic needs no more than f64")]
pub(crate) const fn days(span: Ns) -> f64 {
    span as f64 / DAY as f64
}

/// One span over another.
#[expect(clippy::cast_precision_loss, reason = "a statistic needs no more than f64")]
pub(crate) const fn over(span: Ns, whole: Ns) -> f64 {
    span as f64 / whole as f64
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) const fn number(count: u64) -> f64 {
    count as f64
}

/// A quotient that is undefined rather than infinite: NaN where nothing divides.
pub(crate) fn ratio(above: f64, below: f64) -> f64 {
    if below == 0.0 { f64::NAN } else { above / below }
}
