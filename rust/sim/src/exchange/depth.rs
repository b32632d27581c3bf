//! What the exchange's book shows at a venue time, less what our own takers took from it.

use alipes_market::book::L2;
use alipes_market::mutants::is_on;
use alipes_market::types::{Level, Side, Size, Tick};

/// The venue's own best prices, newer than the book's last update.
#[derive(Clone, Copy, Debug)]
struct Touch {
    bid: Level,
    ask: Level,
    update_id: u64,
}

/// What our takers took from a level, and the size it showed then.
#[derive(Clone, Copy, Debug)]
struct Taken {
    side: Side,
    price: Tick,
    size: i64,
    shown: i64,
}

/// The visible book.
#[derive(Debug)]
pub struct Depth {
    book: L2,
    update_id: u64,
    touch: Option<Touch>,
    taken: Vec<Taken>,
    is_live: bool,
    lot: i64,
}

/// Whether a price is better than another for orders of a side: higher bids, lower asks.
#[must_use]
pub const fn is_better(side: Side, price: Tick, than: Tick) -> bool {
    match side {
        Side::Buy => price.0 > than.0,
        Side::Sell => price.0 < than.0,
    }
}

impl Depth {
    /// An unknown book of an instrument whose lot is `lot` size steps.
    #[must_use]
    pub fn new(lot: i64) -> Self {
        Self { book: L2::new(), update_id: 0, touch: None, taken: Vec::new(), is_live: false, lot }
    }

    /// Whether the book is known.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.is_live
    }

    /// Replaces the whole book.
    pub fn reset(&mut self, bids: &[Level], asks: &[Level], update_id: u64) {
        self.book.replace(bids, asks);
        self.is_live = true;
        self.settle(update_id);
    }

    /// Applies absolute sizes.
    pub fn update(&mut self, bids: &[Level], asks: &[Level], update_id: u64) {
        if self.is_live {
            self.book.apply(bids, asks);
            self.settle(update_id);
        }
    }

    /// Applies the venue's own best prices; older ones than what is known change nothing.
    pub fn refine(&mut self, bid: Level, ask: Level, update_id: u64) {
        let known = self.touch.map_or(self.update_id, |touch| touch.update_id.max(self.update_id));
        if self.is_live && update_id > known && !is_on("sim_touch_ignored") {
            self.touch = Some(Touch { bid, ask, update_id });
            self.forget_refreshed();
        }
    }

    /// Forgets everything: the data is no longer trustworthy.
    pub fn lose(&mut self) {
        self.book.clear();
        self.touch = None;
        self.taken.clear();
        self.is_live = false;
    }

    /// Size that the data shows at a price, ours not included.
    #[must_use]
    pub fn shown(&self, side: Side, price: Tick) -> i64 {
        match self.best_shown(side) {
            Some(best) if is_better(side, price, best.price) => 0,
            Some(best) if price == best.price => best.size.0,
            _ => self.book.size_at(side, price).0,
        }
    }

    /// Size in front of an order that joins a level now: what it shows, rounded up to whole lots.
    #[must_use]
    pub fn queue(&self, side: Side, price: Tick) -> i64 {
        let shown = self.shown(side, price);
        shown.saturating_add((self.lot - shown % self.lot) % self.lot)
    }

    /// What takers of the other side can still have of `side`, best first and in whole lots, down to a limit.
    pub fn offers(&self, side: Side, limit: Option<Tick>) -> impl Iterator<Item = Level> + '_ {
        let best = self.best_shown(side);
        let deeper = move |level: &Level| best.is_none_or(|best| is_better(side, best.price, level.price));
        let levels = best.into_iter().chain(self.book.levels(side).filter(deeper));
        levels
            .take_while(move |level| limit.is_none_or(|limit| !is_better(side, limit, level.price)))
            .map(move |level| Level { price: level.price, size: Size(self.left(side, level)) })
            .filter(|level| level.size.0 > 0)
    }

    /// Takes from a level.
    pub fn take(&mut self, side: Side, price: Tick, size: i64) {
        if is_on("sim_depletion") {
            return;
        }
        if let Some(taken) = self.taken.iter_mut().find(|taken| taken.side == side && taken.price == price) {
            taken.size = taken.size.saturating_add(size);
            return;
        }
        let shown = self.shown(side, price);
        self.taken.push(Taken { side, price, size, shown });
    }

    fn left(&self, side: Side, level: Level) -> i64 {
        let taken = self.taken.iter().find(|taken| taken.side == side && taken.price == level.price);
        let left = level.size.0 - taken.map_or(0, |taken| taken.size);
        left - left % self.lot
    }

    /// The best level of a side as the newest touch has it, where one is newer than the book.
    fn best_shown(&self, side: Side) -> Option<Level> {
        let touch = self.touch?;
        let best = if side == Side::Buy { touch.bid } else { touch.ask };
        (best.size.0 > 0).then_some(best)
    }

    fn settle(&mut self, update_id: u64) {
        self.update_id = update_id;
        self.touch = self.touch.filter(|touch| touch.update_id > update_id);
        self.forget_refreshed();
    }

    /// A level that shows another size than when we took from it holds new data: it is whole again.
    fn forget_refreshed(&mut self) {
        let mut taken = std::mem::take(&mut self.taken);
        taken.retain(|taken| self.shown(taken.side, taken.price) == taken.shown);
        self.taken = taken;
    }
}
