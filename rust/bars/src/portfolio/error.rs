//! What makes a run stop: values that no rule may produce.

use thiserror::Error;

/// An exit whose distance was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// `stop_loss`.
    StopLoss,
    /// `take_profit`.
    TakeProfit,
    /// `trailing`.
    Trailing,
    /// `max_bars`.
    MaxBars,
}

impl Exit {
    /// Its name in rules.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StopLoss => "stop_loss",
            Self::TakeProfit => "take_profit",
            Self::Trailing => "trailing",
            Self::MaxBars => "max_bars",
        }
    }
}

/// A value that a rule, a strategy or the terms of a run may not have.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum BarError {
    /// A size below 0.
    #[error("size must be >= 0, but it is {value} at bar {bar}")]
    NegativeSize {
        /// Decision bar.
        bar: usize,
        /// The refused value.
        value: f64,
    },
    /// An exit's distance, or `max_bars`, that is not above 0.
    #[error("{} must be > 0, but it is {value} at bar {bar}", exit.name())]
    Distance {
        /// Which exit.
        exit: Exit,
        /// Decision bar.
        bar: usize,
        /// The refused value.
        value: f64,
    },
    /// A limit price that is not a positive number.
    #[error("a limit price must be a positive number, but it is {value} at bar {bar}")]
    LimitPrice {
        /// Decision bar.
        bar: usize,
        /// The refused value.
        value: f64,
    },
    /// A term of the account outside its range.
    #[error("{name} must be {expected}, but it is {value}")]
    Term {
        /// Name of the term.
        name: &'static str,
        /// Its range, in words.
        expected: &'static str,
        /// The refused value.
        value: f64,
    },
}
