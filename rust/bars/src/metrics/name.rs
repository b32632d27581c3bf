//! The names of statistics and of conventions, as a caller writes them.

use thiserror::Error;

/// A name that is none of those known.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown {what} {given:?}; did you mean {nearest:?}? Known: {known}")]
pub struct UnknownName {
    /// What was looked for: `metric` or `convention`.
    pub what: &'static str,
    /// The name as given.
    pub given: String,
    /// The known name nearest to it.
    pub nearest: &'static str,
    /// All known names.
    pub known: String,
}

impl UnknownName {
    fn among(what: &'static str, given: &str, names: &[&'static str]) -> Self {
        let nearest = names.iter().min_by_key(|name| edits(given, name)).copied().unwrap_or_default();
        Self { what, given: given.to_owned(), nearest, known: names.join(", ") }
    }
}

/// Single-character edits that make one word of another.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, letter) in from.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, other) in to.iter().enumerate() {
            let kept = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = kept.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Whose definitions a statistic follows; docs/metrics.md lists what differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Convention {
    /// Our own: daily returns at UTC midnights, calendar time, no infinities.
    Alipes,
    /// vectorbt: per-bar returns, annualised by the bar's length.
    Vectorbt,
    /// backtesting.py: geometric daily returns, without the day the data begins with.
    BacktestingPy,
    /// quantstats: daily returns, annualised by 252.
    Quantstats,
}

impl Convention {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Alipes, Self::Vectorbt, Self::BacktestingPy, Self::Quantstats];
    /// Their names, in the same order.
    pub const NAMES: [&'static str; 4] = ["alipes", "vectorbt", "backtesting.py", "quantstats"];

    /// The convention of that name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`], naming the nearest.
    pub fn parse(name: &str) -> Result<Self, UnknownName> {
        let found = Self::NAMES.iter().zip(Self::ALL).find(|(known, _)| **known == name);
        found
            .map(|(_, convention)| convention)
            .ok_or_else(|| UnknownName::among("convention", name, &Self::NAMES))
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Whether the peak that drawdowns are measured from starts at the first bar's equity instead of the initial cash.
    #[must_use]
    pub const fn peak_from_first_bar(self) -> bool {
        matches!(self, Self::Vectorbt | Self::BacktestingPy)
    }
}

macro_rules! metrics {
    ($($(#[$doc:meta])+ $variant:ident = $name:literal,)+) => {
        /// A statistic of a run. Ratios are ratios (0.01 is one per cent), never percentages.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Metric {
            $($(#[$doc])+ $variant,)+
        }

        impl Metric {
            /// All of them, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// Their names, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($name,)+];
        }
    };
}

metrics! {
    /// Final equity over initial cash, less one.
    TotalReturn = "total_return",
    /// Compound annual growth.
    Cagr = "cagr",
    /// Annualised standard deviation of returns.
    Volatility = "volatility",
    /// Mean over standard deviation of returns, annualised.
    Sharpe = "sharpe",
    /// Mean over downside deviation of returns, annualised.
    Sortino = "sortino",
    /// Annual growth over the largest drawdown.
    Calmar = "calmar",
    /// Sum of gains over sum of losses of returns.
    Omega = "omega",
    /// Largest fall from a peak, a positive ratio.
    MaxDrawdown = "max_drawdown",
    /// Longest time below a peak, in days.
    MaxDrawdownDays = "max_drawdown_days",
    /// Round trips.
    Trades = "trades",
    /// Share of them that made money.
    WinRate = "win_rate",
    /// Money won over money lost.
    ProfitFactor = "profit_factor",
    /// Mean profit of a trade.
    Expectancy = "expectancy",
    /// System quality number.
    Sqn = "sqn",
    /// Share of time with a position.
    Exposure = "exposure",
    /// Fees paid.
    Fees = "fees",
    /// Traded value over initial cash.
    Turnover = "turnover",
    /// Highest return of a trade.
    BestTrade = "best_trade",
    /// Lowest return of a trade.
    WorstTrade = "worst_trade",
    /// Mean return of a trade.
    AvgTrade = "avg_trade",
    /// Fifth percentile of returns: a loss is negative.
    Var95 = "var_95",
    /// Skewness of returns.
    Skew = "skew",
    /// Excess kurtosis of returns.
    Kurtosis = "kurtosis",
}

impl Metric {
    /// The statistic of that name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`], naming the nearest.
    pub fn parse(name: &str) -> Result<Self, UnknownName> {
        let found = Self::NAMES.iter().zip(Self::ALL).find(|(known, _)| **known == name);
        found.map(|(_, metric)| *metric).ok_or_else(|| UnknownName::among("metric", name, Self::NAMES))
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_parses_to_its_own_metric() {
        for (name, metric) in Metric::NAMES.iter().zip(Metric::ALL) {
            assert_eq!(Metric::parse(name), Ok(*metric));
            assert_eq!(metric.name(), *name);
        }
        for (name, convention) in Convention::NAMES.iter().zip(Convention::ALL) {
            assert_eq!(Convention::parse(name), Ok(convention));
            assert_eq!(convention.name(), *name);
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        assert_eq!(Metric::parse("sharp").unwrap_err().nearest, "sharpe");
        assert_eq!(Metric::parse("max_dradown").unwrap_err().nearest, "max_drawdown");
        let error = Convention::parse("backtesting").unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown convention \"backtesting\"; did you mean \"backtesting.py\"? \
             Known: alipes, vectorbt, backtesting.py, quantstats"
        );
    }
}
