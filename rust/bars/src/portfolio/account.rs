//! One run's money, position and waiting orders, stepped bar by bar.

use alipes_market::mutants::is_on;

use crate::data::{Bar, Ns};
use crate::track::TradeTally;

use super::decide::Increase;
use super::fills::{Moment, Ticket};
use super::levels::Levels;
use super::orders::Waiting;
use super::trade::{Ending, NEVER, Trade};
use super::{ActiveLevels, BarError, Event, Fill, Journal, Kind, Reason, Side, Terms};

/// The bar fill model. See docs/bar-engine.md for the order of things inside a bar.
#[derive(Clone, Debug)]
pub struct Account<J: Journal> {
    pub(crate) terms: Terms,
    pub(crate) cash: f64,
    /// Signed.
    pub(crate) units: f64,
    pub(crate) levels: Levels,
    pub(crate) trade: Trade,
    /// The reduction that rules decided.
    pub(crate) close: Option<Ticket>,
    /// The increase that rules decided; its id is above the reduction's.
    pub(crate) open: Option<Increase>,
    /// Orders of a strategy, in order of submission.
    pub(crate) waiting: Vec<Waiting>,
    pub(crate) next_order: u64,
    pub(crate) next_trade: u64,
    pub(crate) tally: TradeTally,
    pub(crate) conflicts: u64,
    pub(crate) undefined_exits: u64,
    pub(crate) ruined: Option<usize>,
    pub(crate) journal: J,
    pub(crate) events: Vec<Event>,
    pub(crate) hears_events: bool,
    /// What a funding payment, put off by a mutant, costs a unit.
    pub(crate) put_off: f64,
    /// Close of the latest bar that decided, for a mutant.
    pub(crate) decided_close: f64,
}

impl<J: Journal> Account<J> {
    /// A flat account.
    ///
    /// # Errors
    ///
    /// [`BarError::Term`] if a term is outside its range.
    pub fn new(terms: Terms, journal: J) -> Result<Self, BarError> {
        terms.check()?;
        Ok(Self {
            cash: terms.cash,
            terms,
            units: 0.0,
            levels: Levels::FLAT,
            trade: Trade::new(0, 0.0, 0, 0, NEVER),
            close: None,
            open: None,
            waiting: Vec::new(),
            next_order: 0,
            next_trade: 0,
            tally: TradeTally::default(),
            conflicts: 0,
            undefined_exits: 0,
            ruined: None,
            journal,
            events: Vec::new(),
            hears_events: false,
            put_off: 0.0,
            decided_close: f64::NAN,
        })
    }

    /// Keeps what happens to orders for [`Account::take_events`].
    pub fn hear_events(&mut self) {
        self.hears_events = true;
    }

    /// What happened to orders since the last call, in order.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Pays funding that is due (step 1): `rate` of the position's value at `mark`.
    pub fn funding(&mut self, mark: f64, rate: f64) {
        if self.units == 0.0 && !is_on("bars_funding_after_fills") {
            return;
        }
        if is_on("bars_funding_after_fills") {
            self.put_off += mark * rate;
            return;
        }
        self.pay_funding(mark * rate);
    }

    fn pay_funding(&mut self, per_unit: f64) {
        let paid = self.units * per_unit;
        self.cash -= paid;
        self.trade.funding += paid;
        self.set_liquidation();
    }

    pub(crate) fn set_liquidation(&mut self) {
        self.levels.set_liquidation(self.cash, self.units, self.terms.maintenance_margin);
    }

    /// Steps 2 to 5 of bar `i`: fills at the open, exits at the open and on the path, fills at the close.
    ///
    /// `detail` holds the finer bars inside this one, for `Path::Detail` only.
    #[inline]
    pub fn begin(&mut self, i: usize, bar: &Bar, detail: &[Bar]) {
        if self.ruined.is_some() || (self.units == 0.0 && !self.has_pending()) {
            return;
        }
        let open = Moment::open(i, bar);
        if self.terms.fill == Fill::NextOpen {
            self.stop_in_time(bar.open, open);
            let price = if is_on("bars_fill_bar") { self.decided_close } else { bar.open };
            self.fill_waiting(price, open);
            self.fill_fresh(price, open);
        }
        if is_on("bars_funding_after_fills") && self.units != 0.0 {
            let per_unit = std::mem::take(&mut self.put_off);
            self.pay_funding(per_unit);
        }
        self.walk(bar, detail, open);
        if self.terms.fill != Fill::NextOpen {
            let close = Moment::close(i, bar, self.terms.step);
            self.stop_in_time(bar.close, close);
            if self.terms.fill == Fill::NextClose {
                self.fill_waiting(bar.close, close);
                self.fill_fresh(bar.close, close);
            }
        }
    }

    /// Closes the position with a time stop that is due at this fill point (B19).
    #[inline]
    fn stop_in_time(&mut self, price: f64, at: Moment) {
        let is_due = self.units != 0.0
            && at.ts >= self.trade.due
            && (self.terms.fill == Fill::NextOpen || at.bar != self.trade.entry_bar);
        if is_due {
            self.take_out(Kind::Time, price, at);
        }
    }

    /// Ends the run after its last bar (B4): sells what is open if the terms say so, and writes what is left.
    pub fn finish(&mut self, i_last: usize, bar: &Bar) {
        let at = Moment::close(i_last, bar, self.terms.step);
        if self.units != 0.0 && self.terms.close_at_end {
            self.take_out(Kind::End, bar.close, at);
        }
        self.drop_waiting(super::Status::Pending, Reason::None);
        if self.units != 0.0 && J::KEEPS {
            let pnl = self.trade.pnl(self.units.abs() * bar.close);
            let ending = Ending { ts: at.ts, bar: i_last, price: bar.close, reason: None };
            self.journal.trade(&self.trade, pnl, ending);
        }
        self.journal.finish();
    }

    /// Whether prices within [low, high], over one bar or many, trigger no exit. A time stop, waiting orders and
    /// funding are not looked at; with `Path::Detail` the range must hold the finer bars as well.
    #[must_use]
    #[inline]
    pub fn quiet(&self, low: f64, high: f64) -> bool {
        self.levels.are_quiet(low, high, &self.terms)
    }

    /// Takes the extremes of bars that were [`Account::quiet`] and for which [`Account::begin`] is not called.
    #[inline]
    pub fn skip(&mut self, low: f64, high: f64) {
        let (_, favourable) = self.levels.range(low, high);
        self.levels.raise(favourable, self.terms.grid.as_ref());
    }

    /// Open time of the first bar in which the time stop is due (or the first bar after it); none without one.
    #[must_use]
    pub fn next_time_due(&self) -> Option<Ns> {
        let lag = if self.terms.fill == Fill::NextOpen { 0 } else { self.terms.step };
        (self.units != 0.0 && self.trade.due != NEVER).then(|| self.trade.due.saturating_sub(lag))
    }

    /// Whether orders wait.
    #[must_use]
    #[inline]
    pub fn has_pending(&self) -> bool {
        self.close.is_some() || self.open.is_some() || !self.waiting.is_empty()
    }

    /// Cash plus the position's value at `price`.
    #[must_use]
    pub fn equity_at(&self, price: f64) -> f64 {
        self.cash + self.units * price
    }

    /// Money account; a short sale adds to it.
    #[must_use]
    pub const fn cash(&self) -> f64 {
        self.cash
    }

    /// Signed position in base units.
    #[must_use]
    pub const fn units(&self) -> f64 {
        self.units
    }

    /// Side of the position; none when flat.
    #[must_use]
    pub fn side(&self) -> Option<Side> {
        (self.units != 0.0).then(|| Side::of(self.units))
    }

    /// Levels in force.
    #[must_use]
    pub fn levels(&self) -> ActiveLevels {
        self.levels.active()
    }

    /// Additions filled in the trade in progress.
    #[must_use]
    pub fn additions(&self) -> u32 {
        if self.units == 0.0 { 0 } else { self.trade.additions }
    }

    /// Sums over trades.
    #[must_use]
    pub const fn tally(&self) -> &TradeTally {
        &self.tally
    }

    /// Time during which a position was held, up to `end`.
    #[must_use]
    pub fn exposure(&self, end: Ns) -> Ns {
        self.tally.held + if self.units == 0.0 { 0 } else { end - self.trade.entry_ts }
    }

    /// Bars at which both entries were true.
    #[must_use]
    pub const fn conflicts(&self) -> u64 {
        self.conflicts
    }

    /// Exits whose distance was undefined.
    #[must_use]
    pub const fn undefined_exits(&self) -> u64 {
        self.undefined_exits
    }

    /// Bar in which the money was gone.
    #[must_use]
    pub const fn ruined(&self) -> Option<usize> {
        self.ruined
    }

    /// The terms it trades on.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The journal.
    #[must_use]
    pub const fn journal(&self) -> &J {
        &self.journal
    }

    /// The journal, when the run is over.
    #[must_use]
    pub fn into_journal(self) -> J {
        self.journal
    }
}
