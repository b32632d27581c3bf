//! One book for everybody: our orders and the outside market's anonymous size, in price-time priority.

use super::super::depth::is_better;
use super::requests::{MAX_PRICE, MAX_SIZE};
use alipes_market::mutants::is_on;
use alipes_market::types::{Level as Quote, Side, Size, Tick};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// An order in the queue of its level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Outside size between the order in front and this one.
    pub ahead: i64,
    /// The order.
    pub order: u64,
    /// Its unfilled size.
    pub leaves: i64,
}

/// One price.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// Outside size by the depth stream.
    pub shown: i64,
    /// Outside size by depth and touch when the level was last refreshed.
    pub base: i64,
    /// What our takers took of `base`.
    pub taken: i64,
    /// Outside size behind the last order.
    pub back: i64,
    /// Our orders, earliest first.
    pub places: VecDeque<Place>,
}

impl Level {
    /// Outside size that is there.
    #[must_use]
    pub fn outside(&self) -> i64 {
        self.places.iter().map(|place| place.ahead).sum::<i64>() + self.back
    }

    /// Size that is there, ours included.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.places.iter().fold(self.back, |sum, place| sum.saturating_add(place.ahead + place.leaves))
    }

    fn is_gone(&self) -> bool {
        self.shown == 0 && self.base == 0 && self.back == 0 && self.places.is_empty()
    }

    /// New data: what our takers took comes back only with another size.
    fn refresh(&mut self, shown: i64) {
        if shown != self.base || is_on("live_depletion") {
            (self.base, self.taken) = (shown, 0);
        }
        let gain = (shown - self.taken).max(0) - self.outside();
        if gain >= 0 {
            self.back += gain;
        } else if is_on("live_leave_front") {
            self.serve(-gain);
        } else {
            self.leave(-gain);
        }
    }

    /// Outside size leaves from the end.
    fn leave(&mut self, mut size: i64) {
        let chunks = std::iter::once(&mut self.back);
        for chunk in chunks.chain(self.places.iter_mut().rev().map(|place| &mut place.ahead)) {
            let gone = size.min(*chunk);
            *chunk -= gone;
            size -= gone;
        }
    }

    /// Outside size trades from the front.
    fn serve(&mut self, mut size: i64) {
        for chunk in self.places.iter_mut().map(|place| &mut place.ahead).chain([&mut self.back]) {
            let gone = size.min(*chunk);
            *chunk -= gone;
            size -= gone;
        }
    }
}

/// The venue's own best prices, newer than its depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touch {
    /// Best bid.
    pub bid: Quote,
    /// Best ask.
    pub ask: Quote,
    /// Update id.
    pub update_id: u64,
}

impl Touch {
    const fn best(&self, side: Side) -> Quote {
        match side {
            Side::Buy => self.bid,
            Side::Sell => self.ask,
        }
    }
}

/// The book of one instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// Bids and asks by rank: the best has the lowest.
    pub sides: [BTreeMap<i64, Level>; 2],
    /// Ranks of levels that hold orders of ours.
    pub ours: [BTreeSet<i64>; 2],
    /// Touch that is newer than the depth.
    pub touch: Option<Touch>,
    /// Id of the last depth update.
    pub update_id: u64,
    /// Levels that changed since they were last published.
    pub changed: BTreeSet<(Side, i64)>,
    /// Size steps of a lot.
    pub lot: i64,
}

/// Rank of a price among the prices of a side, and back.
#[must_use]
pub const fn rank(side: Side, price: i64) -> i64 {
    match side {
        Side::Buy => price.saturating_neg(),
        Side::Sell => price,
    }
}

/// Whether the outside market may have a price.
fn is_price(price: i64) -> bool {
    (1..=MAX_PRICE).contains(&price)
}

impl Book {
    /// An empty book.
    #[must_use]
    pub fn new(lot: i64) -> Self {
        let (sides, ours, changed) = (Default::default(), Default::default(), BTreeSet::new());
        Self { sides, ours, touch: None, update_id: 0, changed, lot }
    }

    /// Replaces the outside market.
    pub fn reset(&mut self, bids: &[Quote], asks: &[Quote], update_id: u64) {
        let whole = |side: Side, quotes: &[Quote]| -> Vec<Quote> {
            let known = self.sides[side as usize].keys().map(|&at| (Tick(rank(side, at)), Size(0)));
            let mut sizes: BTreeMap<Tick, Size> = known.collect();
            sizes.extend(quotes.iter().map(|quote| (quote.price, quote.size)));
            sizes.into_iter().map(|(price, size)| Quote { price, size }).collect()
        };
        let (bids, asks) = (whole(Side::Buy, bids), whole(Side::Sell, asks));
        self.update(&bids, &asks, update_id);
    }

    /// Replaces outside sizes; a touch that is not newer ends.
    pub fn update(&mut self, bids: &[Quote], asks: &[Quote], update_id: u64) {
        let ended = self.touch.take_if(|touch| touch.update_id <= update_id);
        for (side, quotes) in [(Side::Buy, bids), (Side::Sell, asks)] {
            quotes.iter().for_each(|quote| self.show(side, quote.price.0, quote.size.0));
        }
        if let Some(touch) = ended {
            self.refresh_to(&touch);
        }
        self.update_id = update_id;
    }

    /// Applies the venue's own best prices; older ones change nothing.
    pub fn refine(&mut self, touch: Touch) {
        let known = self.touch.map_or(self.update_id, |known| known.update_id.max(self.update_id));
        let is_sane = [touch.bid, touch.ask].iter().all(|best| best.size.0 == 0 || is_price(best.price.0));
        if touch.update_id <= known || !is_sane {
            return;
        }
        let ended = self.touch.replace(touch);
        self.refresh_to(&touch);
        if let Some(ended) = ended {
            self.refresh_to(&ended);
        }
    }

    /// The outside market leaves: its data is no longer trustworthy.
    pub fn lose(&mut self) {
        self.touch = None;
        self.reset(&[], &[], self.update_id);
    }

    /// Refreshes what a touch hides or shows.
    fn refresh_to(&mut self, touch: &Touch) {
        for side in [Side::Buy, Side::Sell] {
            let best = touch.best(side);
            if best.size.0 == 0 {
                continue;
            }
            let last = rank(side, best.price.0);
            let hidden: Vec<i64> = self.sides[side as usize].range(..last).map(|(&at, _)| at).collect();
            hidden.into_iter().chain([last]).for_each(|at| self.refresh(side, rank(side, at)));
        }
    }

    fn show(&mut self, side: Side, price: i64, size: i64) {
        if !is_price(price) {
            return;
        }
        let level = self.sides[side as usize].entry(rank(side, price)).or_default();
        let size = size.min(MAX_SIZE);
        level.shown = size - size % self.lot;
        self.refresh(side, price);
    }

    /// Brings a level to what depth and touch show.
    fn refresh(&mut self, side: Side, price: i64) {
        let best = self.touch.map(|touch| touch.best(side)).filter(|best| best.size.0 > 0);
        let level = self.sides[side as usize].entry(rank(side, price)).or_default();
        let shown = match best {
            Some(best) if is_better(side, Tick(price), best.price) => 0,
            Some(best) if best.price.0 == price => {
                let size = best.size.0.min(MAX_SIZE);
                size - size % self.lot
            }
            _ => level.shown,
        };
        let before = level.outside();
        level.refresh(shown);
        if level.outside() != before {
            self.changed.insert((side, price));
        }
        if level.is_gone() {
            self.sides[side as usize].remove(&rank(side, price));
        }
    }

    /// Outside size trades at a price, earliest first; `is_ours` where our taker took it.
    pub fn take_outside(&mut self, side: Side, price: i64, size: i64, is_ours: bool) {
        let Some(level) = self.sides[side as usize].get_mut(&rank(side, price)) else { return };
        level.serve(size);
        level.taken += if is_ours { size } else { 0 };
        self.changed.insert((side, price));
    }

    /// An order joins the end of its level.
    pub fn join(&mut self, side: Side, price: i64, order: u64, leaves: i64) {
        let at = rank(side, price);
        let level = self.sides[side as usize].entry(at).or_default();
        let place = Place { ahead: std::mem::take(&mut level.back), order, leaves };
        if is_on("live_time_priority") {
            level.places.push_front(place);
        } else {
            level.places.push_back(place);
        }
        self.ours[side as usize].insert(at);
        self.changed.insert((side, price));
    }

    /// An order's unfilled size becomes `leaves`; at zero it leaves the queue.
    pub fn resize(&mut self, side: Side, price: i64, order: u64, leaves: i64) {
        let at = rank(side, price);
        let Some(level) = self.sides[side as usize].get_mut(&at) else { return };
        let Some(n) = level.places.iter().position(|place| place.order == order) else { return };
        self.changed.insert((side, price));
        level.places[n].leaves = leaves;
        if leaves > 0 {
            return;
        }
        let ahead = level.places.remove(n).map_or(0, |place| place.ahead);
        match level.places.get_mut(n) {
            Some(next) => next.ahead += ahead,
            None => level.back += ahead,
        }
        if level.places.is_empty() {
            self.ours[side as usize].remove(&at);
        }
        if level.is_gone() {
            self.sides[side as usize].remove(&at);
        }
    }

    /// Whether an order rests at a price.
    #[must_use]
    pub fn holds(&self, side: Side, price: i64, order: u64) -> bool {
        let level = self.sides[side as usize].get(&rank(side, price));
        level.is_some_and(|level| level.places.iter().any(|place| place.order == order))
    }

    /// Levels that a taker of the other side reaches, best first.
    pub fn reached(&self, side: Side, limit: Option<Tick>) -> impl DoubleEndedIterator<Item = (i64, &Level)> {
        let last = limit.map_or(i64::MAX, |limit| rank(side, limit.0));
        self.sides[side as usize].range(..=last).map(move |(&at, level)| (rank(side, at), level))
    }

    /// Levels with size, best first.
    pub fn quotes(&self, side: Side) -> impl Iterator<Item = Quote> {
        let quote = |(price, level): (i64, &Level)| Quote { price: Tick(price), size: Size(level.total()) };
        self.reached(side, None).map(quote).filter(|quote| quote.size.0 > 0)
    }

    /// Sizes of the levels that changed since the last call: bids and asks.
    pub fn take_changed(&mut self) -> [Vec<Quote>; 2] {
        let mut changed = [Vec::new(), Vec::new()];
        for (side, price) in std::mem::take(&mut self.changed) {
            let size = self.sides[side as usize].get(&rank(side, price)).map_or(0, Level::total);
            changed[side as usize].push(Quote { price: Tick(price), size: Size(size) });
        }
        changed
    }
}
