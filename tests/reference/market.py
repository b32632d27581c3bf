"""Reference of the simulated exchange, part 1: what the book shows and what is left to take (rules B and M).

Written from docs/simulated-exchange.md, to be obvious and slow: every question is answered from scratch.
"""

from dataclasses import dataclass, field
from fractions import Fraction

BUY, SELL = 0, 1
Level = tuple[int, int]


@dataclass(frozen=True)
class Terms:
    """An instrument: exact value of a tick, a size step and a contract; the lot in size steps."""

    kind: str
    tick: Fraction
    step: Fraction
    lot: int
    contract: Fraction = Fraction(1)
    base: str = "BTC"
    quote: str = "USDT"
    min_notional: Fraction | None = None

    def value_in_quote(self, price: int, size: int) -> Fraction:
        """Price times size, or contracts times their size."""
        if self.kind == "inverse":
            return size * self.step * self.contract
        return price * self.tick * size * self.step

    def value_in_base(self, price: int, size: int) -> Fraction:
        """Size, or what the contracts are worth in base."""
        if self.kind == "inverse":
            return size * self.step * self.contract / (price * self.tick)
        return size * self.step


@dataclass(frozen=True)
class Fees:
    """F1 to F3."""

    maker: Fraction
    taker: Fraction
    asset: str
    price: Fraction | None = None

    def of(self, terms: Terms, price: int, size: int, *, is_maker: bool) -> Fraction:
        """Fee of a fill, rounded to 8 decimals, halves up."""
        value = terms.value_in_quote(price, size)
        if self.asset == terms.base:
            value = terms.value_in_base(price, size)
        elif self.asset != terms.quote:
            assert self.price is not None
            value /= self.price
        exact = value * (self.maker if is_maker else self.taker) * 10**8
        return Fraction((exact + Fraction(1, 2)).__floor__(), 10**8)


@dataclass
class Book:
    """B1 to B3, M2, M3."""

    lot: int
    sizes: dict[int, dict[int, int]] = field(default_factory=lambda: {BUY: {}, SELL: {}})
    is_known: bool = False
    update_id: int = 0
    touch: tuple[Level, Level, int] | None = None
    taken: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)  # -> (taken, shown then)

    def reset(self, bids: list[Level], asks: list[Level], update_id: int) -> None:
        """B1."""
        self.sizes = {BUY: {}, SELL: {}}
        self.is_known = True
        self.depth(bids, asks, update_id)

    def depth(self, bids: list[Level], asks: list[Level], update_id: int) -> None:
        """B1, B2."""
        if not self.is_known:
            return
        for side, levels in ((BUY, bids), (SELL, asks)):
            for price, size in levels:
                self.sizes[side][price] = size
        self.update_id = update_id
        if self.touch is not None and self.touch[2] <= update_id:
            self.touch = None
        self.bring_back()

    def refine(self, bid: Level, ask: Level, update_id: int) -> None:
        """B2."""
        newest = self.update_id if self.touch is None else max(self.update_id, self.touch[2])
        if self.is_known and update_id > newest:
            self.touch = (bid, ask, update_id)
            self.bring_back()

    def stale(self) -> None:
        """B1, B3."""
        self.sizes = {BUY: {}, SELL: {}}
        self.is_known, self.touch, self.taken = False, None, {}

    def shown(self, side: int, price: int) -> int:
        """What a level shows."""
        if self.touch is not None and self.touch[side][1] > 0:
            best, size = self.touch[side]
            if price == best:
                return size
            if (price > best) if side == BUY else (price < best):
                return 0
        return self.sizes[side].get(price, 0)

    def queue(self, side: int, price: int) -> int:
        """What a level shows, rounded up to whole lots (Q1, Q4)."""
        return -(-self.shown(side, price) // self.lot) * self.lot

    def takeable(self, taker: int, limit: int | None) -> list[Level]:
        """M1, M2: levels a taker of a side can have, best first, each with what is left of it."""
        side = SELL if taker == BUY else BUY
        prices = set(self.sizes[side])
        if self.touch is not None:
            prices.add(self.touch[side][0])
        if limit is not None:
            prices = {price for price in prices if (price <= limit if taker == BUY else price >= limit)}
        levels = []
        for price in sorted(prices, reverse=side == BUY):
            left = self.shown(side, price) - self.taken.get((side, price), (0, 0))[0]
            if left // self.lot > 0:
                levels.append((price, left // self.lot * self.lot))
        return levels

    def take(self, taker: int, price: int, size: int) -> None:
        """M3."""
        side = SELL if taker == BUY else BUY
        before, shown = self.taken.get((side, price), (0, self.shown(side, price)))
        self.taken[side, price] = (before + size, shown)

    def bring_back(self) -> None:
        """M3."""
        self.taken = {
            (side, price): (size, shown)
            for (side, price), (size, shown) in self.taken.items()
            if self.shown(side, price) == shown
        }
