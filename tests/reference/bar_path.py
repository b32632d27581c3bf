"""The way a price takes inside a bar, and what one leg of it triggers (B5, B6, B7, B14)."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.reference.bar_prices import to_nearest_tick
from tests.reference.bar_terms import Bars, Terms, Value

Prices = tuple[float, float, float, float]


@dataclass
class Exits:
    """The levels of an open position: two prices, and a trail's distance with the extreme it hangs from."""

    side: int
    tick: float
    stop: Value = None
    target: Value = None
    distance: Value = None
    extreme: float = 0.0

    def trail(self) -> Value:
        """B7: extreme ∓ distance, on the nearest tick; a level ≤ 0 is never reached."""
        if self.distance is None:
            return None
        level = self.extreme - self.side * self.distance
        level = to_nearest_tick(level, self.tick, is_tie_up=self.side < 0)
        return level if level > 0 else None

    def see(self, price: float) -> None:
        """B7: the trail's extreme follows the price in the position's favour, never back."""
        self.extreme = max(self.extreme, price) if self.side > 0 else min(self.extreme, price)

    def is_hit(self, price: float, level: float) -> bool:
        """B6: touch triggers a stop; price at or beyond the level, against the position."""
        return price <= level if self.side > 0 else price >= level

    def is_target_hit(self, price: float, path: str) -> bool:
        """B6: `pessimistic` and `detail` require strictly through, the others touch."""
        if self.target is None:
            return False
        if path in {"pessimistic", "detail"}:
            return price > self.target if self.side > 0 else price < self.target
        return price >= self.target if self.side > 0 else price <= self.target

    def against(self, liquidation: Value) -> list[tuple[float, str]]:
        """B14: stops and liquidation, the nearest first; equal levels in the order written here."""
        listed = [(self.stop, "stop_loss"), (self.trail(), "trailing"), (liquidation, "liquidation")]
        found = [(level, kind) for level, kind in listed if level is not None]
        return sorted(found, key=lambda pair: -self.side * pair[0])


def at_open(exits: Exits, price: float, liquidation: Value, path: str) -> str | None:
    """Step 3: what an open beyond a level does: liquidation, else the nearer stop, else the target."""
    exits.see(price)
    if liquidation is not None and exits.is_hit(price, liquidation):
        return "liquidation"
    for level, kind in exits.against(None):
        if exits.is_hit(price, level):
            return kind
    return "take_profit" if exits.is_target_hit(price, path) else None


def on_leg(exits: Exits, start: float, end: float, liquidation: Value, path: str) -> tuple[str, float] | None:
    """Path: (kind, level) of what the leg triggers; in our favour it moves the trail before the target."""
    if (end - start) * exits.side < 0:
        for level, kind in exits.against(liquidation):
            if exits.is_hit(end, level):
                return kind, level
    if (end - start) * exits.side > 0:
        exits.see(end)
        if exits.is_target_hit(end, path):
            assert exits.target is not None
            return "take_profit", exits.target
    return None


def points(bar: Prices, side: int, path: str) -> list[float]:
    """B5: the points of one bar in the order the path visits them."""
    open_, high, low, close = bar
    against, favour = (low, high) if side > 0 else (high, low)
    if path == "nearest":
        is_adverse_first = abs(open_ - against) <= abs(open_ - favour)
    else:
        is_adverse_first = path != "optimistic"
    return [open_, against, favour, close] if is_adverse_first else [open_, favour, against, close]


def pieces(bars: Bars, index: int, terms: Terms) -> Iterator[Prices]:
    """B5: the bars whose paths make this bar's: itself, with `detail` the finer ones in [ts, ts+Δ)."""
    own = (bars.open[index], bars.high[index], bars.low[index], bars.close[index])
    fine = terms.detail
    if terms.path != "detail" or fine is None:
        yield own
        return
    start, end = bars.ts[index], bars.ts[index] + bars.step
    inside = [k for k in range(len(fine)) if start <= fine.ts[k] < end]
    if not inside:
        yield own
    for k in inside:
        yield fine.open[k], fine.high[k], fine.low[k], fine.close[k]
