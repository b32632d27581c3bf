//! The trade in progress: sums from its first entry to its last exit.

use crate::data::Ns;

use super::{Kind, Side, TradeRow};

/// A time that does not come.
pub(crate) const NEVER: Ns = Ns::MAX;

#[derive(Clone, Copy, Debug)]
pub struct Trade {
    pub(crate) id: u64,
    pub(crate) side: f64,
    pub(crate) entry_ts: Ns,
    pub(crate) entry_bar: usize,
    pub(crate) entry_value: f64,
    pub(crate) size: f64,
    pub(crate) exit_value: f64,
    pub(crate) fees: f64,
    pub(crate) funding: f64,
    pub(crate) additions: u32,
    /// Time from which the time stop is due, [`NEVER`] without one.
    pub(crate) due: Ns,
}

/// The end of a trade, or of the data.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    pub(crate) ts: Ns,
    pub(crate) bar: usize,
    pub(crate) price: f64,
    pub(crate) reason: Option<Kind>,
}

impl Trade {
    pub(crate) const fn new(id: u64, side: f64, entry_ts: Ns, entry_bar: usize, due: Ns) -> Self {
        Self {
            id,
            side,
            entry_ts,
            entry_bar,
            entry_value: 0.0,
            size: 0.0,
            exit_value: 0.0,
            fees: 0.0,
            funding: 0.0,
            additions: 0,
            due,
        }
    }

    /// Takes in a fill that opens or adds.
    pub(crate) fn enter(&mut self, units: f64, value: f64, fee: f64) {
        self.entry_value += value;
        self.size += units;
        self.fees += fee;
    }

    /// Takes in a fill that reduces.
    pub(crate) fn leave(&mut self, value: f64, fee: f64) {
        self.exit_value += value;
        self.fees += fee;
    }

    /// Profit after costs, if what is held is worth `held`.
    pub(crate) fn pnl(&self, held: f64) -> f64 {
        self.side * (self.exit_value + held - self.entry_value) - self.fees - self.funding
    }

    pub(crate) fn row(&self, pnl: f64, ending: Ending) -> TradeRow {
        TradeRow {
            id: self.id,
            side: Side::of(self.side),
            entry_ts: self.entry_ts,
            entry_bar: self.entry_bar,
            entry_price: self.entry_value / self.size,
            size: self.size,
            exit_ts: ending.ts,
            exit_bar: ending.bar,
            exit_price: ending.price,
            fees: self.fees,
            funding: self.funding,
            pnl,
            ratio: pnl / self.entry_value,
            reason: ending.reason,
            is_open: ending.reason.is_none(),
        }
    }
}
