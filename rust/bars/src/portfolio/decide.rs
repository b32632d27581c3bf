//! Step 7: what the rules decide at a close (B9).

use alipes_market::mutants::is_on;

use crate::data::Bar;

use super::fills::{Moment, Ticket};
use super::size::{self, Means};
use super::{Account, BarError, Fill, Journal, Kind, Opposite, Plan, Side};

/// The four signals of a bar; an undefined one is false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signals {
    /// Enter long.
    pub enter_long: bool,
    /// Exit long.
    pub exit_long: bool,
    /// Enter short.
    pub enter_short: bool,
    /// Exit short.
    pub exit_short: bool,
}

/// An increase that waits for its fill.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Increase {
    pub(crate) ticket: Ticket,
    pub(crate) plan: Plan,
    /// Units wanted, where they were fixed at the decision.
    pub(crate) units: Option<f64>,
}

/// What signals mean for a position: whether it is closed, and what is opened or added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Verdict {
    closes: bool,
    increase: Option<(Kind, Side)>,
}

impl Verdict {
    const NOTHING: Self = Self { closes: false, increase: None };
}

impl<J: Journal> Account<J> {
    /// Step 7 of bar `i`: judges the signals; `plan` is evaluated only if something is bought or sold to open or add.
    ///
    /// # Errors
    ///
    /// What `plan` returns, and a [`BarError`] if it holds a negative size or a distance that is not above 0.
    #[inline]
    pub fn decide<E: From<BarError>>(
        &mut self,
        i: usize,
        bar: &Bar,
        signals: Signals,
        plan: impl FnOnce() -> Result<Plan, E>,
    ) -> Result<(), E> {
        if self.ruined.is_some() {
            return Ok(());
        }
        let verdict = self.judge(signals);
        if verdict == Verdict::NOTHING {
            return Ok(());
        }
        let at = Moment::close(i, bar, self.terms.step);
        let fills_now = self.terms.fill == Fill::SameClose;
        let side = Side::of(self.units).other();
        let close = verdict.closes.then(|| self.ticket(Kind::Close, side, at));
        let Some((kind, side)) = verdict.increase else {
            match close {
                Some(ticket) if fills_now => self.fill_close(ticket, bar.close, at),
                _ => (self.close, self.decided_close) = (close, bar.close),
            }
            return Ok(());
        };
        let plan = plan()?;
        plan.check(i)?;
        let units = self.terms.size_at_decision.then(|| self.units_at(bar.close, &plan, verdict.closes));
        let order = Increase { ticket: self.ticket(kind, side, at), plan, units };
        if fills_now {
            if let Some(ticket) = close {
                self.fill_close(ticket, bar.close, at);
            }
            self.fill_open(&order, bar.close, at);
        } else {
            (self.close, self.open, self.decided_close) = (close, Some(order), bar.close);
        }
        Ok(())
    }

    /// A new order of rules.
    #[inline]
    fn ticket(&mut self, kind: Kind, side: Side, at: Moment) -> Ticket {
        Ticket { id: self.new_id(), bar: at.bar, ts: at.ts, kind, side, client: None }
    }

    #[inline]
    fn judge(&mut self, signals: Signals) -> Verdict {
        let Signals { enter_long, exit_long, enter_short, exit_short } = signals;
        let is_conflict = enter_long && enter_short;
        self.conflicts += u64::from(is_conflict);
        let (enter_long, enter_short) = (enter_long && !is_conflict, enter_short && !is_conflict);
        let side = Side::of(self.units);
        if self.units == 0.0 {
            let opens = |side| Verdict { closes: false, increase: Some((Kind::Open, side)) };
            return match (enter_long, enter_short) {
                (true, _) => opens(Side::Buy),
                (_, true) => opens(Side::Sell),
                _ => Verdict::NOTHING,
            };
        }
        let (adds, exits, turns) = match side {
            Side::Buy => (enter_long, exit_long, enter_short),
            Side::Sell => (enter_short, exit_short, enter_long),
        };
        let reverses = turns && self.terms.opposite == Opposite::Reverse;
        if exits || (turns && self.terms.opposite != Opposite::Ignore) {
            let opens = reverses && !is_on("bars_reversal_one_leg");
            Verdict { closes: true, increase: opens.then(|| (Kind::Open, side.other())) }
        } else if adds && self.trade.additions < self.terms.pyramid {
            Verdict { closes: false, increase: Some((Kind::Add, side)) }
        } else {
            Verdict::NOTHING
        }
    }

    /// Units wanted at an unslipped `close`, after a close leg there if one comes first.
    fn units_at(&self, close: f64, plan: &Plan, closes: bool) -> f64 {
        let means = if closes {
            let fee = self.terms.fee(self.units.abs() * close, false);
            Means { cash: self.cash + self.units * close - fee, units: 0.0 }
        } else {
            Means { cash: self.cash, units: self.units }
        };
        size::wanted(plan, close, means, &self.terms)
    }
}
