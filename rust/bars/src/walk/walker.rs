//! Drives an account through a block: to the next signal, level, funding payment or time stop, whichever comes first.

use super::equity::{EquityTrack, Holding, Wants};
use super::market::{CHUNK, Market};
use super::returns::Returns;
use super::slots::Ready;
use crate::eval::mask::next_set;
use crate::portfolio::{Account, BarError, Fill, Holdings, Journal, Opposite, Signals};
use crate::track::Track;

/// One run.
#[derive(Debug)]
pub struct Walker<J: Journal> {
    account: Account<J>,
    equity: EquityTrack,
    holdings: Option<Holdings>,
    next_funding: usize,
    /// The time stop's due time and the bar it falls on.
    due: Option<(i64, usize)>,
    /// Every bar is stepped, as a check of the jumps.
    steps_all: bool,
}

impl<J: Journal> Walker<J> {
    /// A run that starts at the market's first bar.
    #[must_use]
    pub fn new(account: Account<J>, wants: Wants, market: &Market<'_>, records: bool) -> Self {
        let start = market.prices.ts.get(market.first).copied().unwrap_or(0);
        let holdings = records.then(|| Holdings::new(account.cash()));
        let equity = EquityTrack::new(wants, account.cash(), start);
        Self { account, equity, holdings, next_funding: 0, due: None, steps_all: false }
    }

    /// Steps through every bar instead of jumping; for tests.
    pub fn step_all(&mut self) {
        self.steps_all = true;
    }

    /// Takes bars `from..to`.
    ///
    /// # Errors
    /// A rule gave a negative size or a distance that is not positive.
    pub fn block(
        &mut self,
        market: &Market<'_>,
        ready: &Ready<'_>,
        returns: &Returns,
        (from, to): (usize, usize),
    ) -> Result<(), BarError> {
        let mut i = from.max(market.first);
        while i < to {
            let event = self.next_event(market, ready, i, to, from);
            self.run(market, i, event, returns);
            if event < to {
                self.step(market, ready, event, returns)?;
            }
            i = event + 1;
        }
        Ok(())
    }

    /// The first bar in `i..to` that must be stepped.
    fn next_event(
        &mut self,
        market: &Market<'_>,
        ready: &Ready<'_>,
        i: usize,
        to: usize,
        from: usize,
    ) -> usize {
        let account = &self.account;
        if account.ruined().is_some() {
            return if to == market.len() { to - 1 } else { to };
        }
        if account.has_pending() || self.steps_all {
            return i;
        }
        // The last bar is stepped, as the run ends in it.
        let to = if to == market.len() { to - 1 } else { to };
        if i >= to {
            return i;
        }
        let [el, xl, es, xs] = ready.signals;
        let units = account.units();
        if units == 0.0 {
            return from + next_set(|word| el[word] | es[word], i - from, to - from);
        }
        let terms = account.terms();
        let adds = account.additions() < terms.pyramid;
        let turns = terms.opposite != Opposite::Ignore;
        let (enter, exit, opposite) = if units > 0.0 { (el, xl, es) } else { (es, xs, el) };
        let wakes = |word: usize| {
            let turn = if turns { opposite[word] } else { 0 };
            let add = if adds { enter[word] } else { 0 };
            exit[word] | turn | add | (enter[word] & opposite[word])
        };
        let mut limit = from + next_set(wakes, i - from, to - from);
        limit = limit.min(self.funding_bar(market, i)).min(self.due_bar(market, i)).max(i);
        self.first_loud(market, i, limit)
    }

    /// The next bar with a payment.
    fn funding_bar(&mut self, market: &Market<'_>, i: usize) -> usize {
        let funding = market.funding();
        while funding.get(self.next_funding).is_some_and(|due| due.bar < i) {
            self.next_funding += 1;
        }
        funding.get(self.next_funding).map_or(usize::MAX, |due| due.bar)
    }

    /// The bar in which the time stop is due.
    fn due_bar(&mut self, market: &Market<'_>, i: usize) -> usize {
        let Some(due) = self.account.next_time_due() else { return usize::MAX };
        match self.due {
            Some((known, bar)) if known == due => bar,
            _ => {
                let bar = market.bar_at(i, due);
                self.due = Some((due, bar));
                bar
            }
        }
    }

    /// The first bar in `i..limit` in which prices may reach a level; the trail follows over those before it.
    fn first_loud(&mut self, market: &Market<'_>, i: usize, limit: usize) -> usize {
        let account = &mut self.account;
        if account.quiet(f64::MIN_POSITIVE, f64::MAX) {
            return limit;
        }
        let mut at = i;
        while at < limit {
            if at.is_multiple_of(CHUNK) && at + CHUNK <= limit {
                let (low, high) = market.chunk(at / CHUNK);
                if account.quiet(low, high) {
                    account.skip(low, high);
                    at += CHUNK;
                    continue;
                }
            }
            let end = (at + CHUNK - at % CHUNK).min(limit);
            while at < end {
                let (low, high) = market.reach(at);
                if !account.quiet(low, high) {
                    return at;
                }
                account.skip(low, high);
                at += 1;
            }
        }
        limit
    }

    /// One whole bar.
    fn step(
        &mut self,
        market: &Market<'_>,
        ready: &Ready<'_>,
        i: usize,
        returns: &Returns,
    ) -> Result<(), BarError> {
        let is_idle = !self.steps_all && self.is_idle(market, i);
        let bar = if is_idle { market.prices.at_close(i) } else { market.prices.bar(i) };
        let mut is_paid = false;
        if !is_idle {
            is_paid = self.pay_funding(market, i, bar.mark);
            self.account.begin(i, &bar, market.detail(i));
        }
        let signals = ready.at(i);
        if signals != Signals::default() {
            self.account.decide(i, &bar, signals, || Ok::<_, BarError>(ready.plan(i)))?;
        }
        if i + 1 == market.len() {
            self.account.finish(i, &bar);
        }
        if self.account.terms().fill != Fill::NextOpen {
            self.due = None;
        }
        let now = self.holding();
        self.equity.event(market, i, now, returns);
        self.record(i, now, is_paid);
        Ok(())
    }

    fn run(&mut self, market: &Market<'_>, from: usize, to: usize, returns: &Returns) {
        let now = self.holding();
        self.equity.run(market, from, to, now, returns);
    }

    /// Whether nothing can happen in bar `i` before its close: no order waits, no level is there to be reached, nothing
    /// is due.
    #[inline]
    fn is_idle(&mut self, market: &Market<'_>, i: usize) -> bool {
        !self.account.has_pending()
            && (self.account.units() == 0.0
                || (self.account.quiet(f64::MIN_POSITIVE, f64::MAX)
                    && self.funding_bar(market, i) > i
                    && self.due_bar(market, i) > i))
    }

    /// Whether something was due.
    fn pay_funding(&mut self, market: &Market<'_>, i: usize, mark: f64) -> bool {
        if self.funding_bar(market, i) > i {
            return false;
        }
        while let Some(due) = market.funding().get(self.next_funding).filter(|due| due.bar == i) {
            self.account.funding(mark, due.rate);
            self.next_funding += 1;
        }
        true
    }

    #[inline]
    fn record(&mut self, i: usize, now: Holding, is_paid: bool) {
        match &mut self.holdings {
            Some(holdings) if !J::REPLAYS => holdings.note(i, now.cash, now.units),
            Some(holdings) if is_paid => holdings.push(i, now.cash, now.units),
            _ => {}
        }
    }

    fn holding(&self) -> Holding {
        Holding { cash: self.account.cash(), units: self.account.units() }
    }

    /// What the run left, after the last block.
    pub fn finish(mut self, market: &Market<'_>, returns: &Returns) -> Finished<J> {
        self.equity.end_stretch(returns.before(market.len()));
        let track = self.equity.into_track(market, &self.account);
        Finished { track, account: self.account, holdings: self.holdings }
    }
}

/// What a run left.
#[derive(Debug)]
pub struct Finished<J: Journal> {
    /// What the statistics are computed from.
    pub track: Track,
    /// The account, with its journal.
    pub account: Account<J>,
    /// Money and position over time, if they were recorded; after funding alone where the journal
    /// [replays](Journal::REPLAYS) the rest.
    pub holdings: Option<Holdings>,
}
