//! A venue whose true book is known at every update id, and a link that loses, repeats, delays and breaks.
//!
//! Whatever the link does, a book that says it is synced must equal the venue's as of its last update.
#![allow(clippy::unwrap_used, reason = "a model of tests")]

use alipes_market::feed::Feed;
use alipes_market::grids::Grids;
use alipes_market::sync::State;
use alipes_market::types::Side;
use alipes_market::venue::Venue;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What the link does next.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Delivers the venue's next event.
    Deliver,
    /// Loses the venue's next event.
    Lose,
    /// Delivers once more an event of so many events ago.
    Repeat(u8),
    /// Delivers the snapshot as of so many updates ago.
    Snapshot(u8),
    /// Loses the connection.
    Disconnect,
}

impl Step {
    /// A step from two bytes; most of them deliver.
    #[must_use]
    pub const fn of(choice: u8, amount: u8) -> Self {
        match choice % 16 {
            0 => Self::Lose,
            1 => Self::Repeat(amount),
            2 | 3 => Self::Snapshot(amount),
            4 => Self::Disconnect,
            _ => Self::Deliver,
        }
    }
}

type Book = BTreeMap<(bool, i64), i64>;

/// One update of the venue: side, price, size.
type Update = (bool, i64, i64);

/// The venue and one reader of it.
pub struct World {
    is_future: bool,
    random: u64,
    /// Updates by id, the first one at id 1.
    updates: Vec<Update>,
    /// Text of each event, in order.
    events: Vec<String>,
    /// Last id of the latest event.
    last: u64,
    feed: Feed,
}

impl World {
    /// # Panics
    /// Where the venue is unknown.
    #[must_use]
    pub fn new(venue: &str, seed: u64) -> Self {
        let mut feed = Feed::new(Venue::of(venue).unwrap());
        feed.add("BTCUSDT", 0, Grids::parse("1", "1").unwrap()).unwrap();
        let is_future = venue == "binanceusdm";
        Self { is_future, random: seed, updates: Vec::new(), events: Vec::new(), last: 0, feed }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % bound
    }

    /// Makes the next event: some updates, of which the last one of a level counts.
    fn happen(&mut self) {
        // Futures number updates of other kinds too, so that ids between events are missing.
        let quiet = if self.is_future { self.below(3) } else { 0 };
        for _ in 0..quiet {
            self.updates.push((true, 1, 1));
        }
        let first = self.updates.len() as u64 + 1;
        let mut changed = Book::new();
        for _ in 0..=self.below(5) {
            let is_bid = self.below(2) == 0;
            let away = self.below(12) as i64;
            let price = if is_bid { 100 - away } else { 101 + away };
            let size = self.below(3) as i64;
            self.updates.push((is_bid, price, size));
            changed.insert((is_bid, price), size);
        }
        let (last, previous) = (self.updates.len() as u64, self.last);
        let link = if self.is_future { format!(",\"pu\":{previous}") } else { String::new() };
        let (bids, asks) = (list(&changed, true), list(&changed, false));
        self.events.push(format!(
            "{{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"U\":{first},\"u\":{last}{link},\"b\":{bids},\"a\":{asks}}}"
        ));
        self.last = last;
    }

    /// The venue's book after update `id`.
    fn truth(&self, id: u64) -> Book {
        let mut book = Book::from([((true, 1), 1)]);
        for &(is_bid, price, size) in &self.updates[..id as usize] {
            book.insert((is_bid, price), size);
        }
        book.retain(|_, size| *size > 0);
        book
    }

    fn give(&mut self, text: &str) {
        self.feed.on_frame(text.as_bytes(), 0).unwrap();
    }

    /// Takes a step and checks what the reader then says.
    pub fn step(&mut self, step: Step) {
        match step {
            Step::Deliver => {
                self.happen();
                let event = self.events.last().cloned().unwrap_or_default();
                self.give(&event);
            }
            Step::Lose => self.happen(),
            Step::Repeat(ago) => {
                let at = self.events.len().checked_sub(1 + usize::from(ago) % 8);
                if let Some(event) = at.map(|at| self.events[at].clone()) {
                    self.give(&event);
                }
            }
            Step::Snapshot(ago) => {
                let id = (self.updates.len() as u64).saturating_sub(u64::from(ago) % 40);
                let book = self.truth(id);
                let (bids, asks) = (list(&book, true), list(&book, false));
                self.give(&format!("{{\"lastUpdateId\":{id},\"bids\":{bids},\"asks\":{asks}}}"));
            }
            Step::Disconnect => self.feed.on_disconnect(0),
        }
        self.check();
    }

    fn check(&self) {
        let reader = &self.feed.instruments()[0];
        if reader.sync.state() != State::Synced {
            return;
        }
        let side = |side: Side| {
            reader
                .book
                .levels(side)
                .map(move |level| ((side == Side::Buy, level.price.0), level.size.0 / 1_000))
        };
        let book: Book = side(Side::Buy).chain(side(Side::Sell)).collect();
        assert_eq!(book, self.truth(reader.sync.last()), "synced at {} and wrong", reader.sync.last());
    }

    /// After any history, events and one fresh snapshot bring the book back.
    ///
    /// # Panics
    /// Where they do not.
    pub fn must_recover(&mut self) {
        for step in [Step::Deliver, Step::Deliver, Step::Snapshot(0), Step::Deliver] {
            self.step(step);
        }
        let sync = &self.feed.instruments()[0].sync;
        assert_eq!(sync.state(), State::Synced, "{}", sync.reason());
        assert_eq!(sync.last(), self.last);
    }
}

fn list(book: &Book, is_bid: bool) -> String {
    let mut text = String::from("[");
    for ((_, price), size) in book.iter().filter(|((side, _), _)| *side == is_bid) {
        let separator = if text.len() > 1 { "," } else { "" };
        let _ = write!(text, "{separator}[\"{price}\",\"{size}\"]");
    }
    text + "]"
}
