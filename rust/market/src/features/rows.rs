//! When a row is written: at each message, or at each step of time.
//!
//! * **At each message**: one row per message of the instrument, as of its receive time. A flow is what that message
//!   added.
//! * **At each step**: a row at every multiple of the step since 1970 (`t = k × step`), as of all messages received
//!   before `t`; a message received exactly at `t` belongs to the next row. A flow is what came in `[t − step, t)`. The
//!   first row follows the first message; an unfinished last step gives no row.
//!
//! A receive time that lies before an earlier one counts as that earlier one.

use super::market::{MarketFeatures, Value, View};
use super::name::Feature;
use crate::grids::Grids;
use crate::mutants;
use crate::types::Ns;
use thiserror::Error;

/// More rows than this between two messages are refused: the step is too short for the gap.
pub const MOST_ROWS_AT_ONCE: i64 = 10_000_000;

/// One value per column.
pub type Row = [Value];

/// A step of time that cannot be followed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RowsError {
    /// Not positive.
    #[error("a time step must be positive, not {0} ns")]
    BadStep(Ns),
    /// A gap holds too many steps.
    #[error(
        "between two messages lie {rows} steps of {step} ns (most: {MOST_ROWS_AT_ONCE}); use a longer step"
    )]
    TooMany {
        /// Steps in the gap.
        rows: i64,
        /// The step.
        step: Ns,
    },
}

/// Features of one instrument, written row by row.
#[derive(Clone, Debug)]
pub struct Rows {
    market: MarketFeatures,
    every: Option<Ns>,
    /// Time of the next row, once a message came.
    next: Option<Ns>,
    now: Ns,
    row: Vec<Value>,
    written: u64,
}

impl Rows {
    /// Rows of some features at each message, or at each `every` nanoseconds.
    ///
    /// # Errors
    /// [`RowsError::BadStep`].
    pub fn new(features: &[Feature], grids: Grids, every: Option<Ns>) -> Result<Self, RowsError> {
        match every {
            Some(step) if step <= 0 => Err(RowsError::BadStep(step)),
            _ => Ok(Self {
                market: MarketFeatures::new(features, grids),
                every,
                next: None,
                now: 0,
                row: Vec::with_capacity(features.len()),
                written: 0,
            }),
        }
    }

    /// Takes in a frame that held a message of the instrument and hands each row that is due to `out`.
    ///
    /// # Errors
    /// [`RowsError::TooMany`].
    pub fn on_frame(&mut self, view: View<'_>, mut out: impl FnMut(&Row)) -> Result<(), RowsError> {
        self.now = self.now.max(view.frame.ts_recv);
        let Some(step) = self.every else {
            self.market.update(self.now, view);
            self.write(self.now, &mut out);
            return Ok(());
        };
        self.write_due(step, &mut out)?;
        self.market.update(self.now, view);
        Ok(())
    }

    fn write_due(&mut self, step: Ns, out: &mut impl FnMut(&Row)) -> Result<(), RowsError> {
        let after_now = (self.now.div_euclid(step) + 1).saturating_mul(step);
        let Some(mut at) = self.next.replace(after_now) else { return Ok(()) };
        let is_due = |at: Ns, now: Ns| if mutants::is_on("step_boundary") { at < now } else { at <= now };
        let rows = (self.now - at) / step + 1;
        if rows > MOST_ROWS_AT_ONCE {
            return Err(RowsError::TooMany { rows, step });
        }
        while is_due(at, self.now) {
            self.write(at, out);
            at += step;
        }
        Ok(())
    }

    fn write(&mut self, at: Ns, out: &mut impl FnMut(&Row)) {
        self.market.write_row(at, &mut self.row);
        self.written += 1;
        out(&self.row);
    }

    /// The last row written; empty before the first.
    #[must_use]
    pub fn last(&self) -> &Row {
        &self.row
    }

    /// Number of rows written.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.written
    }
}
