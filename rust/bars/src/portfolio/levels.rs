//! The price levels that end a trade, in signed prices.
//!
//! A signed price is side · price: a short is a long in a mirrored market, so every comparison is written once, for a
//! long. Stops lie below, the target above; a level that does not exist is infinitely far.

use super::{Grid, Terms};

/// Levels in force, as prices; none where there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ActiveLevels {
    /// Stop loss.
    pub stop: Option<f64>,
    /// Trailing stop, at its present place.
    pub trail: Option<f64>,
    /// Take profit.
    pub target: Option<f64>,
    /// Liquidation price.
    pub liquidation: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Levels {
    /// +1 long, −1 short, 0 flat.
    pub(crate) side: f64,
    pub(crate) stop: f64,
    pub(crate) target: f64,
    pub(crate) liquidation: f64,
    /// The most favourable price since the entry.
    extreme: f64,
    /// Distance of the trail from the extreme; infinite without one.
    distance: f64,
    pub(crate) trail: f64,
}

impl Levels {
    /// No position.
    pub(crate) const FLAT: Self = Self {
        side: 0.0,
        stop: f64::NEG_INFINITY,
        target: f64::INFINITY,
        liquidation: f64::NEG_INFINITY,
        extreme: f64::NEG_INFINITY,
        distance: f64::INFINITY,
        trail: f64::NEG_INFINITY,
    };

    /// A position without exits.
    pub(crate) const fn of(side: f64) -> Self {
        Self { side, ..Self::FLAT }
    }

    /// Adverse and favourable end of a range, signed.
    #[inline]
    pub(crate) fn range(&self, low: f64, high: f64) -> (f64, f64) {
        if self.side < 0.0 { (-high, -low) } else { (low, high) }
    }

    /// The nearer of the stops.
    #[inline]
    pub(crate) fn nearest_stop(&self) -> f64 {
        if self.stop >= self.trail { self.stop } else { self.trail }
    }

    /// Where the trail stands when the extreme is `extreme`.
    #[inline]
    fn trail_from(&self, extreme: f64, grid: Option<&Grid>) -> f64 {
        let level = extreme - self.distance;
        match grid {
            Some(grid) if level.is_finite() => on_grid(level, self.side, false, grid),
            _ => level,
        }
    }

    /// Moves the extreme to `price` if that is more favourable.
    #[inline]
    pub(crate) fn raise(&mut self, price: f64, grid: Option<&Grid>) {
        if price > self.extreme {
            self.extreme = price;
            self.trail = self.trail_from(price, grid);
        }
    }

    /// Levels at these distances from an entry at `price` (unsigned); an exit without distance stays as it was.
    pub(crate) fn set(&mut self, price: f64, distances: [Option<f64>; 3], grid: Option<&Grid>) {
        let entry = self.side * price;
        let [stop, target, trail] = distances;
        let placed = |level: f64, up| grid.map_or(level, |grid| on_grid(level, self.side, up, grid));
        if let Some(distance) = stop {
            self.stop = placed(entry - distance, false);
        }
        if let Some(distance) = target {
            self.target = placed(entry + distance, true);
        }
        if let Some(distance) = trail {
            self.distance = distance;
            self.extreme = entry;
            self.trail = self.trail_from(entry, grid);
        }
    }

    /// Liquidation price of `units` beside `cash` (B14).
    #[inline]
    pub(crate) fn set_liquidation(&mut self, cash: f64, units: f64, margin: f64) {
        self.liquidation = if units < 0.0 {
            cash / (units * (1.0 + margin))
        } else if cash < 0.0 {
            -cash / (units * (1.0 - margin))
        } else {
            f64::NEG_INFINITY
        };
    }

    /// Whether `price` reaches the target.
    #[inline]
    pub(crate) fn reaches_target(&self, price: f64, terms: &Terms) -> bool {
        price > self.target || (price == self.target && !terms.must_trade_through())
    }

    /// Whether prices within [low, high] (unsigned), in any order, leave everything as it is but the extreme.
    #[inline]
    pub(crate) fn are_quiet(&self, low: f64, high: f64, terms: &Terms) -> bool {
        let (adverse, favourable) = self.range(low, high);
        let trail = self.trail_from(self.extreme.max(favourable), terms.grid.as_ref());
        adverse > self.stop
            && adverse > self.liquidation
            && adverse > trail
            && !self.reaches_target(favourable, terms)
    }

    /// Whether no price can trigger anything.
    #[inline]
    pub(crate) fn are_bare(&self) -> bool {
        let highest = self.nearest_stop().max(self.liquidation);
        highest == f64::NEG_INFINITY && self.target == f64::INFINITY && self.distance == f64::INFINITY
    }

    pub(crate) fn active(&self) -> ActiveLevels {
        let price = |level: f64| level.is_finite().then_some(self.side * level);
        ActiveLevels {
            stop: price(self.stop),
            trail: price(self.trail),
            target: price(self.target),
            liquidation: price(self.liquidation),
        }
    }
}

/// The tick nearest to a signed level; a half goes up or down in signed prices, that is, away from the entry.
fn on_grid(level: f64, side: f64, half_up: bool, grid: &Grid) -> f64 {
    side * grid.nearest(side * level, half_up == (side > 0.0))
}
