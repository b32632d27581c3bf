//! Backtests on bars: the Python side of `alipes_bars`.

mod account;
mod checks;
mod evaluate;
mod input;
mod output;
mod program;
mod run;
mod signals;
mod stream;
mod terms;

pub use account::BarAccount;
pub use checks::{bar_fault, bar_gaps, bar_steps};
pub use evaluate::{bar_evaluate, bar_metrics};
pub use output::BarRecords;
pub use program::BarProgram;
pub use run::{bar_equity, bar_run, bar_sweep};
pub use signals::bar_signals;
pub use stream::BarStream;

use crate::error::{DataError, InputError, IntoPyErr};
use alipes_bars::graph::GraphError;
use alipes_bars::metrics::UnknownName;
use alipes_bars::portfolio::BarError;
use alipes_bars::session::RunError;
use pyo3::PyErr;

impl IntoPyErr for GraphError {
    fn into_py_err(self) -> PyErr {
        InputError::new_err(self.to_string())
    }
}

impl IntoPyErr for BarError {
    fn into_py_err(self) -> PyErr {
        match self {
            Self::Term { .. } => InputError::new_err(self.to_string()),
            _ => DataError::new_err(self.to_string()),
        }
    }
}

impl IntoPyErr for RunError {
    fn into_py_err(self) -> PyErr {
        let text = self.to_string();
        match self {
            Self::Graph(error) => error.into_py_err(),
            Self::Bar(error) => error.into_py_err(),
            Self::Empty => DataError::new_err(text),
            Self::Set { error, .. } => match *error {
                Self::Graph(_) => InputError::new_err(text),
                _ => DataError::new_err(text),
            },
        }
    }
}

impl IntoPyErr for UnknownName {
    fn into_py_err(self) -> PyErr {
        InputError::new_err(self.to_string())
    }
}
