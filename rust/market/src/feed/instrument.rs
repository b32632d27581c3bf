//! One instrument of a connection: its book, kept in step by its sequence machine.

use crate::book::L2;
use crate::decode::Ids;
use crate::frame::{Body, Frame};
use crate::grids::Grids;
use crate::mutants;
use crate::sync::{Advice, Kept, State, Sync, Verdict};
use crate::types::{Level, Side};

use super::outcome::Counters;

/// Best bid and best ask.
pub type Best = (Option<Level>, Option<Level>);

/// One instrument of a connection.
#[derive(Clone, Debug)]
pub struct InstrumentFeed {
    /// Unified symbol.
    pub symbol: String,
    /// The venue's symbol.
    pub wire: String,
    /// Index in frames and packed outcomes.
    pub index: u16,
    /// Units of prices and sizes.
    pub grids: Grids,
    /// The sequence machine.
    pub sync: Sync,
    /// The local book. Trust it only while the machine is [`State::Synced`].
    pub book: L2,
    /// Best levels after the last applied message.
    best: Best,
}

impl InstrumentFeed {
    pub(super) fn new(symbol: String, wire: String, index: u16, grids: Grids, sync: Sync) -> Self {
        Self { symbol, wire, index, grids, sync, book: L2::new(), best: (None, None) }
    }

    /// Best levels after the last applied message.
    #[must_use]
    pub const fn best(&self) -> Best {
        self.best
    }

    /// A depth event of levels `[..bids]` and `[bids..]`; gives the event for the frame, if there is one.
    #[inline]
    pub(super) fn depth(
        &mut self,
        ids: Ids,
        levels: &[Level],
        bids: usize,
        counters: &mut Counters,
    ) -> Option<Body> {
        match self.sync.event(ids) {
            Verdict::Apply => {
                let (bid_levels, ask_levels) = levels.split_at(bids);
                self.book.apply(bid_levels, ask_levels);
                counters.depths += 1;
                if self.look() {
                    return Some(self.crossed(ids, levels, bids, counters));
                }
                let (bids, all) = (bids as u32, levels.len() as u32);
                Some(Body::Depth { bids: 0..bids, asks: bids..all, update_id: ids.last })
            }
            Verdict::Repeat => {
                counters.repeats += 1;
                None
            }
            Verdict::Wait => {
                counters.dropped += self.sync.keep(Kept { ids, levels, bids }) as u64;
                None
            }
            Verdict::Gap => {
                counters.gaps += 1;
                counters.stales += 1;
                self.sync.keep(Kept { ids, levels, bids });
                Some(Body::Stale)
            }
        }
    }

    /// Refreshes the best levels; says whether they cross.
    #[inline]
    fn look(&mut self) -> bool {
        self.best = (self.book.best(Side::Buy), self.book.best(Side::Sell));
        matches!(self.best, (Some(bid), Some(ask)) if bid.price >= ask.price)
            && !mutants::is_on("feed_crossed")
    }

    #[cold]
    fn crossed(&mut self, ids: Ids, levels: &[Level], bids: usize, counters: &mut Counters) -> Body {
        let reason = self.crossed_reason(&format!("update {}", ids.last));
        let body = self.fail(reason, counters);
        // A snapshot older than this event still needs it.
        self.sync.keep(Kept { ids, levels, bids });
        body
    }

    fn crossed_reason(&self, after: &str) -> String {
        let price = |level: Option<Level>| {
            level.map_or_else(String::new, |level| self.grids.price.text(level.price.0))
        };
        format!(
            "crossed after {after}: best bid {} at or above best ask {}",
            price(self.best.0),
            price(self.best.1)
        )
    }

    /// Makes the book stale. Waiting events are dropped: what broke is not in the chain of ids.
    #[cold]
    pub(super) fn fail(&mut self, reason: String, counters: &mut Counters) -> Body {
        counters.stales += u64::from(self.sync.state() != State::Stale);
        self.sync.fail(reason, true);
        Body::Stale
    }

    /// A snapshot of levels `[..bids]` and `[bids..]`: replaces the book and replays what waited, all or nothing.
    /// Gives whether it was taken.
    pub(super) fn snapshot(
        &mut self,
        id: u64,
        levels: &[Level],
        bids: usize,
        counters: &mut Counters,
    ) -> bool {
        let (bid_levels, ask_levels) = levels.split_at(bids);
        let is_usable = self.is_sane(id, bid_levels, ask_levels);
        let (true, Advice::Replace { from }) = (is_usable, self.sync.snapshot(id)) else {
            counters.snapshots_refused += 1;
            return false;
        };
        self.book.replace(bid_levels, ask_levels);
        let replayed = self.replay(from);
        let was_stale = self.sync.state() == State::Stale;
        self.sync.replaced(id, from);
        counters.snapshots += 1;
        counters.replayed += replayed;
        counters.resyncs += u64::from(was_stale);
        true
    }

    /// Whether a snapshot does not cross itself; one that does is refused before it replaces anything.
    fn is_sane(&mut self, id: u64, bids: &[Level], asks: &[Level]) -> bool {
        let is_live = |level: &&Level| level.size.0 > 0;
        let bid = bids.iter().filter(is_live).map(|level| level.price).max();
        let ask = asks.iter().filter(is_live).map(|level| level.price).min();
        match (bid, ask) {
            (Some(bid), Some(ask)) if bid >= ask => {
                let (bid, ask) = (self.grids.price.text(bid.0), self.grids.price.text(ask.0));
                self.sync
                    .refuse(format!("snapshot {id} is crossed: best bid {bid} at or above best ask {ask}"));
                false
            }
            _ => true,
        }
    }

    fn replay(&mut self, from: usize) -> u64 {
        let Self { sync, book, .. } = self;
        let mut replayed = 0;
        let mut apply = |(bids, asks): (&[Level], &[Level])| {
            book.apply(bids, asks);
            replayed += 1;
        };
        if mutants::is_on("feed_replay_order") {
            sync.buffer().replay(from).rev().for_each(apply);
        } else if !mutants::is_on("feed_replay") {
            sync.buffer().replay(from).for_each(&mut apply);
        }
        replayed
    }

    /// Whether the book crosses after a snapshot; it is stale then.
    pub(super) fn is_crossed_by(&mut self, id: u64, counters: &mut Counters) -> bool {
        if !self.look() {
            return false;
        }
        let reason = self.crossed_reason(&format!("snapshot {id}"));
        self.fail(reason, counters);
        true
    }

    /// The whole book, best first, for the readers of the frame.
    pub(super) fn describe(&self, frame: &mut Frame) -> Body {
        frame.levels.clear();
        frame.levels.extend(self.book.levels(Side::Buy));
        let bids = frame.levels.len() as u32;
        frame.levels.extend(self.book.levels(Side::Sell));
        Body::Reset { bids: 0..bids, asks: bids..frame.levels.len() as u32, update_id: self.sync.last() }
    }
}
