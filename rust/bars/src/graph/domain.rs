//! Where an expression is evaluated: on the bars themselves, on a higher timeframe, on another instrument.

use super::GraphError;

/// Whose bars.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The traded instrument.
    Own,
    /// Another one, by name.
    Other(String),
}

/// A series of bars that expressions are evaluated on. Domain 0 is the bars themselves.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Domain {
    /// Whose bars.
    pub source: Source,
    /// Bars of so many ns built from them (B16); `None` for the bars as they are.
    pub timeframe: Option<i64>,
    /// Values older than so many of the reader's bars are undefined (B17); 0 for no limit.
    pub max_age: u32,
}

impl Domain {
    /// The bars themselves.
    pub const OWN: Self = Self { source: Source::Own, timeframe: None, max_age: 0 };

    /// The domain of `tf` inside this one.
    ///
    /// # Errors
    /// The text is no positive number.
    pub fn timeframe(&self, text: &str) -> Result<Self, GraphError> {
        match text.parse::<i64>() {
            Ok(ns) if ns > 0 => Ok(Self { source: self.source.clone(), timeframe: Some(ns), max_age: 0 }),
            _ => Err(GraphError::Constant {
                op: "tf",
                what: "timeframe",
                expected: "a positive number of ns",
                got: format!("{text:?}"),
            }),
        }
    }

    /// The domain of `other`: `NAME|max_age_bars`.
    ///
    /// # Errors
    /// The text is not of that form.
    pub fn other(text: &str) -> Result<Self, GraphError> {
        let wrong = || GraphError::Constant {
            op: "other",
            what: "instrument",
            expected: "NAME|max_age_bars",
            got: format!("{text:?}"),
        };
        let (name, age) = text.rsplit_once('|').ok_or_else(wrong)?;
        let max_age = age.parse().map_err(|_| wrong())?;
        Ok(Self { source: Source::Other(name.to_owned()), timeframe: None, max_age })
    }
}
