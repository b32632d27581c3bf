//! Order flow of zero intelligence on a price-level book: limit arrivals near the touch, cancels, market orders, and
//! quotes pulled when the fundamental moves against them.
//!
//! The mid follows the fundamental because every draw of a side leans towards it. A limit order never crosses, so
//! neither does the book. Sizes are whole lots; no wire format here.

use super::Params;
use super::random::Random;
use super::regime::Weather;
use alipes_market::book::L2;
use alipes_market::types::{Level, Ns, Side, Size, Tick};

/// Fewer levels than this are never left on a side.
const FEWEST_LEVELS: usize = 8;
/// A side that holds less than this part of the most levels is filled up again, behind the touch.
const THIN: usize = 8;
/// A market order gives up after this many levels.
const MOST_SWEPT: usize = 6;

/// Part of a market order filled at one price.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trade {
    pub(super) price: i64,
    pub(super) lots: i64,
    pub(super) taker: Side,
}

/// Price and new size in lots.
pub(super) type Changes = Vec<(i64, i64)>;

/// The book and those who trade on it.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) book: L2,
    pub(super) weather: Weather,
    /// Venue time.
    pub(super) now: Ns,
    /// Prices whose size changed since they were last taken.
    pub(super) changed: Vec<(Side, i64)>,
    /// Trades of the last step.
    pub(super) trades: Vec<Trade>,
    /// Whether the last order changed the book.
    pub(super) has_changed: bool,
    random: Random,
    rate: f64,
    mean_lots: f64,
    most_levels: usize,
    /// Usual distance between levels behind the touch, in ticks.
    gap: f64,
    furthest: f64,
}

impl Flow {
    pub(super) fn new(params: &Params) -> Self {
        let mut random = Random::new(params.seed);
        let price = params.price_ticks as f64;
        let weather = Weather::new(price, params.regime, params.regime_seconds, &mut random);
        let mut flow = Self {
            book: L2::new(),
            weather,
            now: params.start_ns,
            changed: Vec::new(),
            trades: Vec::new(),
            has_changed: false,
            random,
            rate: params.rate,
            mean_lots: params.mean_lots,
            most_levels: params.levels,
            gap: (price * 1.5e-5).max(1.0),
            furthest: (price * 0.01).max(params.levels as f64 * 2.0),
        };
        flow.build_book(params.price_ticks);
        flow
    }

    fn build_book(&mut self, mid: i64) {
        for (side, best) in [(Side::Buy, mid), (Side::Sell, mid + 1)] {
            self.rest(side, best, 8.0);
            while self.book.len(side) < self.most_levels / 2 {
                let price = best - side.sign() * self.distance();
                self.rest(side, price.max(1), 2.0);
            }
        }
        self.changed.clear();
    }

    /// Lets time pass until the next order.
    pub(super) fn advance(&mut self) {
        let seconds = self.random.exponential() / (self.rate * self.weather.regime.activity());
        self.now += ((seconds * 1e9) as Ns).max(1);
        self.weather.advance(seconds, &mut self.random);
    }

    /// Lets the order arrive.
    pub(super) fn act(&mut self) {
        self.trades.clear();
        self.has_changed = false;
        let lean = self.lean();
        let kind = self.random.uniform();
        if kind < 0.47 {
            let side = self.side(0.35 * lean);
            self.arrive(side);
        } else if kind < 0.80 {
            let side = self.side(-0.25 * lean);
            self.cancel(side);
        } else if kind < 0.90 {
            let side = self.side(0.4 * lean);
            self.take(side);
        } else if self.random.chance(lean.abs()) {
            self.requote(if lean > 0.0 { Side::Sell } else { Side::Buy });
        }
        self.refill(Side::Buy);
        self.refill(Side::Sell);
    }

    /// A trend eats one side up faster than orders arrive there; somebody always steps in behind.
    fn refill(&mut self, side: Side) {
        if self.book.len(side) < self.most_levels / THIN {
            let price = self.best(side) - side.sign() * self.distance();
            self.rest(side, price.max(1), 1.5);
        }
    }

    pub(super) fn best(&self, side: Side) -> i64 {
        self.book.best(side).map_or(self.weather.value as i64, |level| level.price.0)
    }

    /// How far the fundamental is from the mid: -1 far below, +1 far above.
    fn lean(&self) -> f64 {
        let mid = (self.best(Side::Buy) + self.best(Side::Sell)) as f64 / 2.0;
        let x = (self.weather.value - mid) / (2.0 * self.gap);
        x / (1.0 + x.abs())
    }

    fn side(&mut self, lean: f64) -> Side {
        if self.random.chance(0.5 + lean) { Side::Buy } else { Side::Sell }
    }

    fn lots(&mut self, scale: f64) -> i64 {
        let lots = self.mean_lots * scale * (0.1 + 0.9 * self.random.exponential());
        (lots as i64).max(1)
    }

    /// Ticks behind the touch: most near, some very far.
    fn distance(&mut self) -> i64 {
        let u = self.random.uniform();
        (self.gap * (1.0 / u - 1.0)).min(self.furthest * self.random.uniform()) as i64 + 1
    }

    fn set(&mut self, side: Side, price: i64, lots: i64) {
        self.book.set(side, Level::new(price, lots));
        self.changed.push((side, price));
        self.has_changed = true;
    }

    /// Prices and sizes that changed since the last call, bids from low to high and asks from low to high.
    pub(super) fn take_changes(&mut self) -> (Changes, Changes) {
        self.changed.sort_unstable();
        self.changed.dedup();
        let of = |side| {
            let changed = self.changed.iter().filter(move |&&(its, _)| its == side);
            changed.map(|&(_, price)| (price, self.size_at(side, price))).collect()
        };
        let changes = (of(Side::Buy), of(Side::Sell));
        self.changed.clear();
        changes
    }

    fn size_at(&self, side: Side, price: i64) -> i64 {
        let Size(lots) = self.book.size_at(side, Tick(price));
        lots
    }

    fn rest(&mut self, side: Side, price: i64, scale: f64) {
        let lots = self.size_at(side, price) + self.lots(scale);
        self.set(side, price, lots);
    }

    /// A limit order: joins the touch, improves it where the spread allows, or rests behind it.
    fn arrive(&mut self, side: Side) {
        let (own, other) = (self.best(side), self.best(side.opposite()));
        let room = (other - own).abs() - 1;
        let kind = self.random.uniform();
        if room > 0 && kind < 0.5 {
            let ahead =
                if self.random.chance(0.6) { room } else { 1 + self.random.below(room as u64) as i64 };
            self.rest(side, own + side.sign() * ahead, 1.5);
        } else if kind < 0.75 {
            self.rest(side, own, 1.0);
        } else {
            let price = own - side.sign() * self.distance();
            if price > 0 {
                self.rest(side, price, 1.5);
                self.bound(side);
            }
        }
    }

    /// Keeps a side within its number of levels: an order behind the touch leaves for the one that came.
    fn bound(&mut self, side: Side) {
        let levels = self.book.len(side);
        if levels > self.most_levels {
            let back = 1 + self.random.below(levels as u64 - 1) as usize;
            self.remove_nth(side, back);
        }
    }

    fn remove_nth(&mut self, side: Side, rank: usize) {
        let level = self.book.levels(side).nth(rank);
        if let Some(level) = level {
            self.set(side, level.price.0, 0);
        }
    }

    /// A cancel: part of a level, mostly near the touch.
    fn cancel(&mut self, side: Side) {
        let rank = (0.7 * (1.0 / self.random.uniform() - 1.0)).min(30.0) as usize;
        let level = self.book.levels(side).nth(rank);
        let Some(level) = level else { return };
        let lots = self.lots(0.7) + level.size.0 / 16;
        let left = (level.size.0 - lots).max(0);
        if left > 0 || self.book.len(side) > FEWEST_LEVELS {
            self.set(side, level.price.0, left);
        }
    }

    /// A market order of heavy-tailed size.
    fn take(&mut self, taker: Side) {
        let resting = taker.opposite();
        let size = self.mean_lots * 0.35 / self.random.uniform().sqrt();
        let mut lots = (size as i64).max(1);
        for _ in 0..MOST_SWEPT {
            let Some(best) = self.book.best(resting) else { return };
            let traded = lots.min(best.size.0);
            if lots == 0 || (traded == best.size.0 && self.book.len(resting) <= FEWEST_LEVELS) {
                return;
            }
            self.set(resting, best.price.0, best.size.0 - traded);
            self.trades.push(Trade { price: best.price.0, lots: traded, taker });
            lots -= traded;
        }
    }

    /// Quotes that the fundamental has left behind are pulled, and the other side steps forward.
    fn requote(&mut self, side: Side) {
        if self.book.len(side) <= FEWEST_LEVELS {
            return;
        }
        self.remove_nth(side, 0);
        let (own, other) = (self.best(side), self.best(side.opposite()));
        let room = (other - own).abs() - 1;
        if room > 0 {
            let ahead = 1 + self.random.below(room as u64) as i64;
            self.rest(side.opposite(), other + side.opposite().sign() * ahead, 1.5);
        }
    }
}
