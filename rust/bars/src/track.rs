//! What a run leaves for the statistics: sums that are kept while it goes, never a series over bars.

use crate::data::Ns;

/// Sums over closed trades; `fees` and `turnover` count open ones too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TradeTally {
    /// Closed trades.
    pub count: u64,
    /// Trades whose pnl is above 0.
    pub wins: u64,
    /// Sum of the pnl above 0.
    pub gross_profit: f64,
    /// Sum of the pnl below 0, as a positive number.
    pub gross_loss: f64,
    /// Sum of pnl.
    pub pnl: f64,
    /// Pnl of the first trade: what the spread is measured from.
    pub pnl_origin: f64,
    /// Sum of (pnl − origin)²; squares around a member of the sample do not cancel as plain squares do.
    pub pnl_spread: f64,
    /// Sum of trade returns (pnl / entry value).
    pub returns: f64,
    /// Sum of the returns above 0.
    pub returns_gain: f64,
    /// Sum of the returns below 0, as a positive number.
    pub returns_loss: f64,
    /// Highest pnl; NaN without trades.
    pub best_pnl: f64,
    /// Lowest pnl; NaN without trades.
    pub worst_pnl: f64,
    /// Highest return; NaN without trades.
    pub best_return: f64,
    /// Lowest return; NaN without trades.
    pub worst_return: f64,
    /// Fees of all fills.
    pub fees: f64,
    /// Traded value of all fills.
    pub turnover: f64,
    /// Time from the entry to the exit of closed trades.
    pub held: Ns,
}

impl Default for TradeTally {
    fn default() -> Self {
        Self {
            count: 0,
            wins: 0,
            gross_profit: 0.0,
            gross_loss: 0.0,
            pnl: 0.0,
            pnl_origin: 0.0,
            pnl_spread: 0.0,
            returns: 0.0,
            returns_gain: 0.0,
            returns_loss: 0.0,
            best_pnl: f64::NAN,
            worst_pnl: f64::NAN,
            best_return: f64::NAN,
            worst_return: f64::NAN,
            fees: 0.0,
            turnover: 0.0,
            held: 0,
        }
    }
}

impl TradeTally {
    /// Takes in a closed trade.
    #[inline]
    pub fn close(&mut self, pnl: f64, ratio: f64, held: Ns) {
        if self.count == 0 {
            self.pnl_origin = pnl;
        }
        self.count += 1;
        self.wins += u64::from(pnl > 0.0);
        let gain = if pnl > 0.0 { pnl } else { 0.0 };
        self.gross_profit += gain;
        self.gross_loss += gain - pnl;
        self.pnl += pnl;
        let offset = pnl - self.pnl_origin;
        self.pnl_spread += offset * offset;
        self.returns += ratio;
        let gain = if ratio > 0.0 { ratio } else { 0.0 };
        self.returns_gain += gain;
        self.returns_loss += gain - ratio;
        // A comparison with the NaN that stands for no trade yet is false.
        let rises = |best: f64, value: f64| if best >= value { best } else { value };
        let falls = |worst: f64, value: f64| if worst <= value { worst } else { value };
        self.best_pnl = rises(self.best_pnl, pnl);
        self.worst_pnl = falls(self.worst_pnl, pnl);
        self.best_return = rises(self.best_return, ratio);
        self.worst_return = falls(self.worst_return, ratio);
        self.held += held;
    }
}

/// Sums of per-bar returns, r = equity / previous equity − 1, the first from the initial cash.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Returns.
    pub count: u64,
    /// Sum of r.
    pub sum: f64,
    /// Sum of r².
    pub squares: f64,
}

/// Everything the statistics of one run are computed from, except what needs the equity of every bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// Initial cash.
    pub initial: f64,
    /// Equity after the last bar.
    pub equity: f64,
    /// Open time of the first bar.
    pub start: Ns,
    /// Close time of the last bar, its open time + Δ.
    pub end: Ns,
    /// Δ.
    pub step: Ns,
    /// Bars.
    pub bars: u64,
    /// Largest (peak − equity) / peak over bars; a positive ratio. The peak starts at the initial cash, or, where
    /// [`Convention::peak_from_first_bar`](crate::metrics::Convention::peak_from_first_bar), at the first bar's equity.
    pub max_drawdown: f64,
    /// Longest time from the last bar at a peak until equity is back at it, or until the end; 0 without a drawdown.
    pub max_drawdown_time: Ns,
    /// Time during which a position was held, from fill time to fill time.
    pub exposure: Ns,
    /// Equity at each 00:00 UTC from the first bar's close to `end`.
    pub days: Vec<f64>,
    /// Closed trades.
    pub trades: TradeTally,
    /// Trades that are open at the end: 0 or 1.
    pub open_trades: u64,
    /// Sums of bar returns, where they were asked for.
    pub moments: Option<Moments>,
}
