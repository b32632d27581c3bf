//! The same account, stepped bar by bar by somebody who decides for himself: strategies on bars, paper on bars.

use crate::data::{Bar, Ns};
use crate::dataset::Prices;
use crate::metrics::{Convention, Metric};
use crate::portfolio::{Account, BarError, Event, Holdings, OrderLog, Request, Terms};
use crate::sweep::Scores;
use crate::walk::{EquityTrack, Finished, Market};

/// What happened, per bar, in arrays that grow.
#[derive(Debug, Default)]
struct Seen {
    ts: Vec<Ns>,
    close: Vec<f64>,
    cash: Vec<f64>,
    units: Vec<f64>,
}

/// A run that is over, with its bars.
#[derive(Debug)]
pub struct Ended {
    /// What it left.
    pub done: Finished<OrderLog>,
    /// Open times of its bars.
    pub ts: Vec<Ns>,
    /// Closes of its bars.
    pub close: Vec<f64>,
    /// Its statistics.
    pub scores: Scores,
}

/// An account with what it needs of each bar.
#[derive(Debug)]
pub struct Stepped {
    account: Account<OrderLog>,
    funding: Vec<(Ns, f64)>,
    next_funding: usize,
    detail: Vec<Bar>,
    bar: Option<Bar>,
    seen: Seen,
}

impl Stepped {
    /// An account before the first bar.
    ///
    /// # Errors
    /// A term out of range.
    pub fn new(terms: Terms, funding: Vec<(Ns, f64)>, detail: Vec<Bar>) -> Result<Self, BarError> {
        let mut account = Account::new(terms, OrderLog::default())?;
        account.hear_events();
        Ok(Self { account, funding, next_funding: 0, detail, bar: None, seen: Seen::default() })
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> &Account<OrderLog> {
        &self.account
    }

    /// The bar that is being worked on.
    #[must_use]
    pub const fn bar(&self) -> Option<&Bar> {
        self.bar.as_ref()
    }

    /// Steps 1 to 5 of the next bar.
    pub fn begin(&mut self, bar: Bar) -> Vec<Event> {
        let i = self.seen.ts.len();
        while let Some(&(ts, rate)) = self.funding.get(self.next_funding).filter(|due| due.0 <= bar.ts) {
            // What was due before the first bar found nothing held.
            if i > 0 && ts > self.seen.ts[i - 1] {
                self.account.funding(bar.mark, rate);
            }
            self.next_funding += 1;
        }
        let step = self.account.terms().step;
        let place = |ts: Ns| self.detail.partition_point(|finer| finer.ts < ts);
        let inside = &self.detail[place(bar.ts)..place(bar.ts + step)];
        self.account.begin(i, &bar, inside);
        self.bar = Some(bar);
        self.account.take_events()
    }

    /// Takes an order decided at the close of the bar.
    ///
    /// # Errors
    /// A negative size, a distance or a limit that is not positive.
    pub fn submit(&mut self, request: Request) -> Result<(), BarError> {
        let Some(bar) = self.bar else { return Ok(()) };
        self.account.submit(self.seen.ts.len(), &bar, request).map(|_| ())
    }

    /// Takes an order back.
    pub fn cancel(&mut self, client: u64) -> bool {
        self.account.cancel(client)
    }

    /// Ends the bar: fills at its close what is to fill there, and marks equity; with `is_last`, ends the run (B4).
    pub fn settle(&mut self, is_last: bool) -> Vec<Event> {
        let Some(bar) = self.bar.take() else { return Vec::new() };
        let i = self.seen.ts.len();
        self.account.settle(i, &bar);
        if is_last {
            self.account.finish(i, &bar);
        }
        self.seen.ts.push(bar.ts);
        self.seen.close.push(bar.close);
        self.seen.cash.push(self.account.cash());
        self.seen.units.push(self.account.units());
        self.account.take_events()
    }

    /// What the run left, after the last bar; nothing without bars.
    #[must_use]
    pub fn finish(self, convention: Convention) -> Option<Ended> {
        let Seen { ts, close, cash, units } = self.seen;
        let step = self.account.terms().step;
        let prices = Prices {
            ts: &ts,
            open: &close,
            high: &close,
            low: &close,
            close: &close,
            spread: None,
            mark: None,
            step,
            regular: 0,
        };
        let scores = Scores { convention, metrics: Metric::ALL.to_vec() };
        let market = Market::new(prices, &[], Vec::new(), 0);
        let start = *ts.first()?;
        let mut track = EquityTrack::new(scores.wants(), self.account.terms().cash, start);
        let mut holdings = Holdings::new(self.account.terms().cash);
        for (i, (&cash, &units)) in cash.iter().zip(&units).enumerate() {
            track.bar(&market, i, cash, units);
            holdings.push(i, cash, units);
        }
        let track = track.into_track(&market, &self.account);
        let done = Finished { track, account: self.account, holdings: Some(holdings) };
        Some(Ended { done, ts, close, scores })
    }
}
