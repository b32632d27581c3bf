"""Random orders of one account and the traffic of others around them: who trades is who calls."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

MS = 1_000_000
TRADED = 2
"""How many of the venue's first symbols are traded."""
PLAIN = (False, False)
"""Neither post-only nor reduce-only."""
_KINDS = {
    "market": (0.14, {}),
    "market reduce-only": (0.06, {"reduce_only": True}),
    "limit": (0.28, {}),
    "limit reduce-only": (0.06, {"reduce_only": True}),
    "post-only": (0.1, {"post_only": True}),
    "ioc": (0.28, {"tif": "IOC"}),
    "fok": (0.08, {"tif": "FOK"}),
}
_SIZES = ((1, 40), (40, 800), (1000, 7000))
"""Sizes in lots, from a fraction of a level to many."""


class Wish(NamedTuple):
    """An order that is wanted: size in size steps, price in ticks, none for a market order."""

    index: int
    kind: str
    side: str
    size: int
    price: int | None
    tif: str = "GTC"
    post_only: bool = False
    reduce_only: bool = False


class Street:
    """Draws what happens next at a stepped venue, and plays everyone but the account under test."""

    def __init__(self, server, random):
        self.server, self.random = server, random
        self.exchange = server.exchange
        self.rivals = [self.exchange.accounts.open().account for _ in range(2)]

    def _near(self, index, side, reach):
        market = self.exchange.markets[index]
        bid, _, ask, _ = market.best()
        return ((ask if side == "buy" else bid) or market.mark_ticks) + self.random.randint(-reach, reach)

    def _size(self, spec, price, sizes=_SIZES):
        lots = self.random.randint(*self.random.choice(sizes))
        least = -(-int(spec.min_notional) // (spec.price(price) * spec.lot_size))
        return max(lots, int(least) + 1) * spec.lot_steps

    def wish(self):
        """A random order near the touch."""
        random, index = self.random, self.random.randrange(TRADED)
        kinds = list(_KINDS)
        (kind,) = random.choices(kinds, [_KINDS[each][0] for each in kinds])
        side = random.choice(("buy", "sell"))
        price = self._near(index, side, 5 if kind == "ioc" else 12)
        sizes = _SIZES[-1:] if kind == "ioc" else _SIZES
        size = self._size(self.exchange.markets[index].listing.spec, price, sizes)
        return Wish(index, kind, side, size, None if "market" in kind else price, **_KINDS[kind][1])

    def change(self, index, side):
        """Another price and size of a resting order."""
        price = self._near(index, side, 15)
        return price, self._size(self.exchange.markets[index].listing.spec, price)

    def others(self):
        """Lets other accounts trade, and time pass."""
        random, exchange = self.random, self.exchange
        for rival in self.rivals:
            if random.random() < 0.5:
                index, side = random.randrange(TRADED), random.choice((0, 1))
                price = self._near(index, ("buy", "sell")[side], 6)
                size = random.randint(1, 2000) * exchange.markets[index].listing.spec.lot_steps
                name, tif = exchange.accounts.next_client_id(), random.choice((0, 0, 1))
                exchange.apply(
                    exchange.live.submit(exchange.now, rival, name, index, side, 0, tif, *PLAIN, price, size)
                )
            for order in exchange.live.open_orders(rival)[8:]:
                exchange.apply(exchange.live.cancel(exchange.now, rival, order[0]))
        self.server.step(random.choice((1, 10, 40, 150)) * MS)


def shares(orders):
    """Shares of orders that were filled whole and in part, by (size, filled)."""
    found = Counter("whole" if filled == size else "part" if filled else "not" for size, filled in orders)
    return found["whole"] / len(orders), found["part"] / len(orders)
