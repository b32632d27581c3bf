//! Keeping a local book in step with its venue: `empty → buffering → synced → stale`, and back by a new snapshot.
//!
//! The machine sees only ids. It says what to do with an event and which buffered events a snapshot needs replayed; the
//! book itself belongs to [`crate::feed`]. What differs between venues is data: see [`Rules`].

mod buffer;
mod rules;

pub use buffer::{Buffer, MAX_EVENTS, MAX_LEVELS};
pub use rules::{Chain, Rules};

use crate::decode::Ids;
use crate::mutants;
use std::fmt::Write;

/// How far a book can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum State {
    /// Nothing has arrived.
    #[default]
    Empty = 0,
    /// Events wait for a snapshot.
    Buffering = 1,
    /// The book equals the venue's as of its last event.
    Synced = 2,
    /// The book was in step and is not any more; events wait for a snapshot.
    Stale = 3,
}

impl State {
    /// The name used in Python and in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Buffering => "buffering",
            Self::Synced => "synced",
            Self::Stale => "stale",
        }
    }
}

/// What to do with a depth event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It follows: apply it.
    Apply,
    /// Its updates are in the book already.
    Repeat,
    /// Keep it until a snapshot comes.
    Wait,
    /// Updates are missing before it: the book is stale from now on, and the event waits for a snapshot.
    Gap,
}

/// What to do with a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Replace the book, then replay the buffered events from this one on.
    Replace {
        /// Place of the first event to replay in [`Sync::buffer`].
        from: usize,
    },
    /// The book is already newer.
    Older,
    /// Updates between the snapshot and the first buffered event are missing.
    TooOld,
}

/// The sequence state machine of one book.
#[derive(Clone, Debug)]
pub struct Sync {
    rules: Rules,
    state: State,
    reason: String,
    /// Last update in the book.
    last: u64,
    /// Whether the first event after the snapshot is still to come.
    is_first: bool,
    buffer: Buffer,
}

impl Sync {
    /// A machine that has seen nothing.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            state: State::Empty,
            reason: String::new(),
            last: 0,
            is_first: false,
            buffer: Buffer::default(),
        }
    }

    /// How far the book can be trusted.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Why the book is stale or a snapshot was refused; empty otherwise.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Last update in the book.
    #[must_use]
    pub const fn last(&self) -> u64 {
        self.last
    }

    /// Events that wait for a snapshot.
    #[must_use]
    pub const fn buffer(&self) -> &Buffer {
        &self.buffer
    }

    /// Whether a snapshot would help now: events wait for one.
    #[must_use]
    pub fn wants_snapshot(&self) -> bool {
        matches!(self.state, State::Buffering | State::Stale) && !self.buffer.is_empty()
    }

    /// The lowest id of a snapshot that the waiting events can follow, `None` where none waits.
    #[must_use]
    pub fn snapshot_from(&self) -> Option<u64> {
        self.buffer.first().map(|ids| ids.first.saturating_sub(self.rules.offset))
    }

    /// Judges a depth event. A machine in step moves to it; the caller applies its levels.
    #[inline]
    pub fn event(&mut self, ids: Ids) -> Verdict {
        match self.state {
            State::Synced => self.follow(ids),
            State::Empty => {
                self.state = State::Buffering;
                Verdict::Wait
            }
            State::Buffering | State::Stale => Verdict::Wait,
        }
    }

    #[inline]
    fn follow(&mut self, ids: Ids) -> Verdict {
        let is_in_chain = if self.is_first {
            if self.rules.is_in_snapshot(ids, self.last) {
                return Verdict::Repeat;
            }
            self.rules.is_first(ids, self.last) || mutants::is_on("feed_first_event")
        } else {
            if ids.last <= self.last && !mutants::is_on("feed_repeat") {
                return Verdict::Repeat;
            }
            self.rules.is_next(ids, self.last) || mutants::is_on("feed_sequence")
        };
        if !is_in_chain {
            self.tell_gap(ids);
            return Verdict::Gap;
        }
        self.is_first = false;
        self.last = ids.last;
        Verdict::Apply
    }

    #[cold]
    fn tell_gap(&mut self, ids: Ids) {
        self.reason.clear();
        let Ids { first, last, previous } = ids;
        let after = if self.is_first { "snapshot" } else { "update" };
        let _ = write!(self.reason, "gap: event {first}..{last} does not follow {after} {}", self.last);
        if previous != 0 {
            let _ = write!(self.reason, " (it follows {previous})");
        }
        self.state = State::Stale;
    }

    /// Keeps an event until a snapshot comes; gives how many older events had to go, because the chain broke or the
    /// buffer was full.
    pub fn keep(&mut self, kept: Kept<'_>) -> usize {
        let follows = self.buffer.last().is_none_or(|previous| self.rules.is_next(kept.ids, previous.last));
        let is_repeat = self.buffer.last().is_some_and(|previous| kept.ids.last <= previous.last);
        if is_repeat {
            return 0;
        }
        let mut lost = 0;
        if !follows || self.buffer.is_full(kept.levels.len()) {
            lost = self.buffer.len();
            self.buffer.clear();
        }
        self.buffer.push(kept);
        lost
    }

    /// Judges a snapshot by its id.
    #[must_use]
    pub fn snapshot(&mut self, id: u64) -> Advice {
        if self.state == State::Synced && id <= self.last && !mutants::is_on("feed_older_snapshot") {
            return Advice::Older;
        }
        let from = self.buffer.position(|ids| !self.rules.is_in_snapshot(ids, id));
        let first = self.buffer.get(from);
        if first.is_none_or(|ids| self.rules.is_first(ids, id)) || mutants::is_on("feed_first_event") {
            return Advice::Replace { from };
        }
        self.reason = format!(
            "snapshot {id} is too old: the first waiting event starts at {}",
            first.map_or(0, |ids| ids.first)
        );
        Advice::TooOld
    }

    /// The book was replaced by a snapshot and the buffered events replayed.
    pub fn replaced(&mut self, id: u64, from: usize) {
        let last = self.buffer.last().filter(|_| from < self.buffer.len());
        self.last = last.map_or(id, |ids| ids.last);
        self.is_first = last.is_none();
        self.state = State::Synced;
        self.reason.clear();
        self.buffer.clear();
    }

    /// A snapshot was refused for a reason that ids do not show. A synced book stays as it is.
    pub fn refuse(&mut self, reason: String) {
        self.reason = reason;
    }

    /// The book is out of step for a reason that ids do not show. Waiting events stay unless `drop_events`.
    #[cold]
    pub fn fail(&mut self, reason: String, drop_events: bool) {
        self.state = State::Stale;
        self.reason = reason;
        if drop_events {
            self.buffer.clear();
        }
    }
}

/// An event that waits for a snapshot.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// Its place in the chain.
    pub ids: Ids,
    /// Changed levels, bids first.
    pub levels: &'a [crate::types::Level],
    /// How many of the levels are bids.
    pub bids: usize,
}
