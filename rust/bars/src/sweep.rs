//! Many parameter sets over the same bars, on all cores, with nothing kept but their scores.

use crate::metrics::{self, Convention, Metric, TradeFact};
use crate::portfolio::{Journal, NoJournal, Records};
use crate::session::{Mode, RunError, Session};
use crate::walk::{Finished, Wants};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Sets that share one evaluation, at most.
const BATCH: usize = 256;
/// How often the caller hears of progress.
const REPORT_EVERY: Duration = Duration::from_millis(100);

/// What to compute of every set.
#[derive(Clone, Debug)]
pub struct Scores {
    /// Whose definitions.
    pub convention: Convention,
    /// Which ones.
    pub metrics: Vec<Metric>,
}

impl Scores {
    /// What a run must keep for them.
    #[must_use]
    pub fn wants(&self) -> Wants {
        let is_wanted = |metric: Metric| self.metrics.contains(&metric);
        let drawdown_time = is_wanted(Metric::MaxDrawdownDays);
        Wants {
            drawdown: drawdown_time || is_wanted(Metric::MaxDrawdown) || is_wanted(Metric::Calmar),
            drawdown_time,
            days: self.metrics.iter().any(|&metric| metrics::needs_days(self.convention, metric)),
            moments: self.metrics.iter().any(|&metric| metrics::needs_moments(self.convention, metric)),
            peak_from_first_bar: self.convention.peak_from_first_bar(),
        }
    }

    /// Whether one of them needs the equity of every bar.
    #[must_use]
    pub fn need_equity(&self) -> bool {
        self.metrics.iter().any(|&metric| metrics::needs_equity(self.convention, metric))
    }

    /// The scores of a run.
    ///
    /// Args: `ts`, `closes`: (n,) open times and closes of the bars; `trades`: needed only with [`Self::need_equity`].
    pub fn of<J: Journal>(
        &self,
        done: &Finished<J>,
        ts: &[i64],
        closes: &[f64],
        trades: &[TradeFact],
    ) -> Vec<f64> {
        let holdings = done.holdings.as_ref().filter(|_| self.need_equity());
        let equity = &holdings.map_or_else(Vec::new, |holdings| holdings.by_bar(closes).0);
        let score = |&metric: &Metric| {
            if metrics::needs_equity(self.convention, metric) {
                metrics::from_equity(self.convention, metric, &done.track, equity, ts, trades)
            } else {
                metrics::streaming(self.convention, metric, &done.track).unwrap_or(f64::NAN)
            }
        };
        self.metrics.iter().map(score).collect()
    }
}

/// Scores of the sets that were run.
#[derive(Debug)]
pub struct Scored {
    /// Per set its scores, NaN where it was not run.
    pub rows: Vec<Vec<f64>>,
    /// Whether a set was run.
    pub is_done: Vec<bool>,
}

struct Shared<'s> {
    session: &'s Session<'s>,
    scores: &'s Scores,
    sets: &'s [&'s [f64]],
    batch: usize,
    next: AtomicUsize,
    /// Bars · sets done.
    work: AtomicUsize,
    is_stopped: AtomicBool,
    /// The first batch known to fail; those before it go on, as one of them may be the first to.
    failed: AtomicUsize,
    scored: Mutex<Result<Scored, RunError>>,
    running: Mutex<usize>,
    changed: Condvar,
}

/// Runs every set on `threads` threads. `report` hears, from the calling thread, how many sets' worth of work is done;
/// when it says no, what is done is returned.
///
/// # Errors
/// The first set that cannot be run.
pub fn sweep(
    session: &Session<'_>,
    sets: &[&[f64]],
    scores: &Scores,
    threads: usize,
    mut report: impl FnMut(usize) -> bool,
) -> Result<Scored, RunError> {
    let threads = threads.clamp(1, sets.len().max(1));
    let shared = Shared {
        session,
        scores,
        sets,
        batch: sets.len().div_ceil(threads).clamp(1, BATCH),
        next: AtomicUsize::new(0),
        work: AtomicUsize::new(0),
        is_stopped: AtomicBool::new(false),
        failed: AtomicUsize::new(usize::MAX),
        scored: Mutex::new(Ok(Scored {
            rows: vec![vec![f64::NAN; scores.metrics.len()]; sets.len()],
            is_done: vec![false; sets.len()],
        })),
        running: Mutex::new(threads),
        changed: Condvar::new(),
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| shared.work());
        }
        shared.watch(&mut report);
    });
    shared.scored.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl Shared<'_> {
    /// Takes batches until there is none.
    fn work(&self) {
        let _ends = Ends(self);
        loop {
            let from = self.next.fetch_add(self.batch, Ordering::Relaxed);
            if from >= self.sets.len() || !self.goes_on(from) {
                return;
            }
            let to = (from + self.batch).min(self.sets.len());
            match self.run(from, to) {
                Ok(Some(rows)) => self.keep(from, rows),
                Ok(None) => return,
                Err(error) => return self.fail(from, error),
            }
        }
    }

    /// Whether the batch that starts at set `from` is still wanted.
    fn goes_on(&self, from: usize) -> bool {
        !self.is_stopped.load(Ordering::Relaxed) && from <= self.failed.load(Ordering::Relaxed)
    }

    fn run(&self, from: usize, to: usize) -> Result<Option<Vec<Vec<f64>>>, RunError> {
        let sets = &self.sets[from..to];
        let records = self.scores.need_equity();
        let mode = Mode { wants: self.scores.wants(), records, ..Mode::default() };
        let mut reported = 0;
        let go_on = |bars: usize| {
            self.work.fetch_add((bars - reported) * sets.len(), Ordering::Relaxed);
            reported = bars;
            self.goes_on(from)
        };
        let (ts, closes) = (self.session.market().prices.ts, self.session.market().prices.close);
        if records {
            let done = self.session.run(sets, mode, Records::default, go_on)?;
            let score = |done: Finished<Records>| {
                let trades: Vec<TradeFact> =
                    done.account.journal().trades.iter().map(TradeFact::from).collect();
                self.scores.of(&done, ts, closes, &trades)
            };
            Ok(done.map(|done| done.into_iter().map(score).collect()))
        } else {
            let done = self.session.run(sets, mode, || NoJournal, go_on)?;
            Ok(done.map(|done| done.iter().map(|done| self.scores.of(done, ts, closes, &[])).collect()))
        }
    }

    fn keep(&self, from: usize, rows: Vec<Vec<f64>>) {
        if let Ok(scored) = &mut *self.scored.lock().unwrap_or_else(PoisonError::into_inner) {
            for (at, row) in rows.into_iter().enumerate() {
                scored.rows[from + at] = row;
                scored.is_done[from + at] = true;
            }
        }
    }

    fn fail(&self, from: usize, error: RunError) {
        let error = match error {
            RunError::Set { set, error } => RunError::Set { set: from + set, error },
            other => other,
        };
        let mut scored = self.scored.lock().unwrap_or_else(PoisonError::into_inner);
        if from < self.failed.fetch_min(from, Ordering::Relaxed) {
            *scored = Err(error);
        }
    }

    /// Reports until every worker has ended.
    fn watch(&self, report: &mut impl FnMut(usize) -> bool) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        while *running > 0 {
            let waited = self.changed.wait_timeout(running, REPORT_EVERY);
            running = waited.unwrap_or_else(PoisonError::into_inner).0;
            if *running == 0 {
                return;
            }
            drop(running);
            let done = self.work.load(Ordering::Relaxed) / self.session.market().len();
            if !self.is_stopped.load(Ordering::Relaxed) && !report(done) {
                self.is_stopped.store(true, Ordering::Relaxed);
            }
            running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Says that a worker has ended, however it did.
struct Ends<'s>(&'s Shared<'s>);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        *self.0.running.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.changed.notify_all();
    }
}
