//! From a node to the code that evaluates it.

use super::mask::Delay;
use super::memory::{BarsSince, NewBucket, SumSince, ValueWhen};
use crate::graph::{GraphError, Key, Kind, Op};
use alipes_market::ops::series::{self, Operator, ParameterError};

/// What evaluates a node.
pub(super) enum Exec {
    /// Nothing: a column is read where it lies, a constant was written once.
    Leaf,
    /// A condition that is the same on every bar.
    Fixed(Option<bool>),
    /// Arithmetic, comparison, logic: no state.
    Elementwise,
    /// A series some bars ago.
    Shift(usize),
    /// An operator over one or more series.
    Series(Box<dyn Operator + Sync>),
    /// A condition some bars ago.
    Delay(Delay),
    SumSince(SumSince),
    BarsSince(BarsSince),
    ValueWhen(ValueWhen),
    NewBucket(NewBucket),
    TimeField,
    /// A node of another domain, as of the bar's close; with the truth that was last known, for conditions.
    Align(Option<bool>),
}

impl Exec {
    /// The code of a node.
    pub(super) fn new(key: &Key) -> Result<Self, GraphError> {
        Ok(match key.op {
            Op::Col | Op::Const => Self::Leaf,
            Op::True => Self::Fixed(Some(true)),
            Op::False => Self::Fixed(Some(false)),
            Op::Undefined => Self::Fixed(None),
            Op::Shift if key.kind == Kind::Num => Self::Shift(key.whole(0)),
            Op::Shift => Self::Delay(Delay::new(key.whole(0))),
            Op::SumSince => Self::SumSince(SumSince::default()),
            Op::BarsSince => Self::BarsSince(BarsSince::default()),
            Op::ValueWhen => Self::ValueWhen(ValueWhen::default()),
            #[allow(clippy::cast_possible_truncation, reason = "ns that were parsed from an i64")]
            Op::NewBucket => Self::NewBucket(NewBucket::new(key.number(0) as i64)),
            Op::Hour | Op::Minute | Op::Weekday => Self::TimeField,
            Op::Tf | Op::Other => Self::Align(None),
            _ => match operator(key) {
                Some(made) => Self::Series(made.map_err(|error| GraphError::Constant {
                    op: key.op.name(),
                    what: "an argument",
                    expected: "in range",
                    got: error.to_string(),
                })?),
                None => Self::Elementwise,
            },
        })
    }

    /// Earlier values that it needs of every numeric input.
    pub(super) fn lookback(&self) -> usize {
        match self {
            Self::Shift(by) => *by,
            Self::Series(operator) => operator.lookback(),
            Self::Align(_) => 1,
            _ => 0,
        }
    }
}

type Made = Result<Box<dyn Operator + Sync>, ParameterError>;

fn boxed<O: Operator + Sync + 'static>(operator: Result<O, ParameterError>) -> Made {
    Ok(Box::new(operator?))
}

fn operator(key: &Key) -> Option<Made> {
    let n = key.whole(0);
    Some(match key.op {
        Op::Sum => boxed(series::Sum::new(n)),
        Op::Mean => boxed(series::Mean::new(n)),
        Op::Std => boxed(series::Std::new(n, key.whole(1))),
        Op::Var => boxed(series::Var::new(n, key.whole(1))),
        Op::Min => boxed(series::Min::new(n)),
        Op::Max => boxed(series::Max::new(n)),
        Op::ArgMin => boxed(series::ArgMin::new(n)),
        Op::ArgMax => boxed(series::ArgMax::new(n)),
        Op::Median => boxed(series::Median::new(n)),
        Op::Rank => boxed(series::Rank::new(n)),
        Op::Mad => boxed(series::Mad::new(n)),
        Op::Wma => boxed(series::Wma::new(n)),
        Op::Slope => boxed(series::Slope::new(n)),
        Op::Quantile => boxed(series::Quantile::new(n, key.number(1))),
        Op::Corr => boxed(series::Corr::new(n)),
        Op::Ewm => boxed(series::Ewm::new(key.number(0), key.whole(1))),
        Op::EwmAdj => boxed(series::EwmAdjusted::new(key.number(0))),
        Op::EwmStd => boxed(series::EwmStd::new(key.number(0))),
        Op::CumSum => boxed(Ok(series::CumSum::new())),
        Op::CumProd => boxed(Ok(series::CumProd::new())),
        Op::CumMax => boxed(Ok(series::CumMax::new())),
        Op::CumMin => boxed(Ok(series::CumMin::new())),
        Op::Supertrend => boxed(Ok(series::Supertrend::new(series::Track::Line))),
        Op::SupertrendDir => boxed(Ok(series::Supertrend::new(series::Track::Direction))),
        _ => return None,
    })
}
