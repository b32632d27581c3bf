"""Reference of the live exchange, part 1: queues and the outside market in them (rules M2, X1 to X3).

Written from docs/exchange-rules.md, to be obvious and slow: a queue is a list with one item per lot, 0 for
the outside market, else the id of the order that the lot belongs to.
"""

from collections import defaultdict

from tests.reference.market import BUY, SELL, Level

MOST = 10**15


class Queues:
    """One book."""

    def __init__(self, lot: int) -> None:
        self.lot = lot
        self.lots: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.depth: dict[tuple[int, int], int] = {}
        self.base: dict[tuple[int, int], int] = {}
        self.taken: dict[tuple[int, int], int] = {}
        self.touch: tuple[Level, Level, int] | None = None
        self.update_id = 0

    def prices(self, side: int, limit: int | None = None) -> list[int]:
        """Prices with anything at them that reach a limit of the other side, best first."""
        prices = [price for (at, price), lots in self.lots.items() if at == side and lots]
        if limit is not None:
            prices = [price for price in prices if (price >= limit if side == BUY else price <= limit)]
        return sorted(prices, reverse=side == BUY)

    def shown(self, side: int, price: int) -> int:
        """X1, X2: whole lots that depth and touch show."""
        size = self.depth.get((side, price), 0)
        if self.touch is not None and self.touch[side][1] > 0:
            best, best_size = self.touch[side]
            if price == best:
                size = best_size
            elif (price > best) if side == BUY else (price < best):
                size = 0
        return min(size, MOST) // self.lot

    def speak(self, side: int, price: int) -> None:
        """X3: depth or touch say something about a level."""
        level = (side, price)
        shown = self.shown(side, price)
        if shown != self.base.get(level, 0):
            self.base[level], self.taken[level] = shown, 0
        wanted = max(0, shown - self.taken.get(level, 0))
        lots = self.lots[level]
        while lots.count(0) < wanted:
            lots.append(0)
        while lots.count(0) > wanted:
            del lots[len(lots) - 1 - lots[::-1].index(0)]

    def speak_of_touch(self, touch: tuple[Level, Level, int]) -> None:
        """X3: its own prices and all better ones."""
        for side in (BUY, SELL):
            best, size = touch[side]
            if size > 0:
                known = [price for at, price in [*self.lots] if at == side]
                better = [price for price in known if (price > best if side == BUY else price < best)]
                for price in {*better, best}:
                    self.speak(side, price)

    def update(self, bids: list[Level], asks: list[Level], update_id: int, *, is_reset: bool) -> None:
        """X2."""
        ended = None
        if self.touch is not None and self.touch[2] <= update_id:
            ended, self.touch = self.touch, None
        said = [(BUY, *level) for level in bids] + [(SELL, *level) for level in asks]
        if is_reset:
            named = {(side, price): size for side, price, size in said}
            gone = [(side, price, 0) for side, price in [*self.lots] if (side, price) not in named]
            said = gone + [(side, price, size) for (side, price), size in named.items()]
        for side, price, size in said:
            self.depth[side, price] = size
            self.speak(side, price)
        if ended is not None:
            self.speak_of_touch(ended)
        self.update_id = update_id

    def refine(self, bid: Level, ask: Level, update_id: int) -> None:
        """X2."""
        newest = self.update_id if self.touch is None else max(self.update_id, self.touch[2])
        if update_id <= newest:
            return
        ended, self.touch = self.touch, (bid, ask, update_id)
        self.speak_of_touch(self.touch)
        if ended is not None:
            self.speak_of_touch(ended)

    def stale(self) -> None:
        """X2."""
        self.touch = None
        self.update([], [], self.update_id, is_reset=True)

    def remove(self, side: int, price: int, owner: int, count: int, *, is_taken: bool = False) -> None:
        """The first lots of an owner leave; what our takers took of the outside is remembered."""
        for _ in range(count):
            self.lots[side, price].remove(owner)
        if is_taken:
            self.taken[side, price] = self.taken.get((side, price), 0) + count

    def levels(self, side: int) -> list[Level]:
        """Price and size of every level, best first."""
        return [(price, len(self.lots[side, price]) * self.lot) for price in self.prices(side)]
