"""Public trades of one perpetual: the last ones, aggregated ones, and bars."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from alipes.mockvenue.candles import Candles
from alipes.mockvenue.clock import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Iterable

KEPT: Final = 10_000
"""Trades of history."""


class Print(NamedTuple):
    """A public trade: ms, ticks, size steps; `is_buy` is the taker's side."""

    id: int
    time_ms: int
    price: int
    size: int
    is_buy: bool


class Aggregate(NamedTuple):
    """Trades of one taker at one price."""

    id: int
    time_ms: int
    price: int
    size: int
    is_buy: bool
    first_id: int
    last_id: int


class Tape:
    """What has been traded."""

    def __init__(self) -> None:
        self.trades: deque[Print] = deque(maxlen=KEPT)
        self.aggregates: deque[Aggregate] = deque(maxlen=KEPT)
        self.candles = Candles()
        self._aggregated = 0

    def add(self, now: int, trades: Iterable[tuple[int, int, int, bool]]) -> list[Aggregate]:
        """Takes in the trades of one turn.

        Args:
            now: Venue time, ns.
            trades: Trade id, ticks, size steps, whether the taker bought.

        Returns:
            The aggregated trades that they make.
        """
        time_ms = now // NS_PER_MS
        found: list[Aggregate] = []
        for trade_id, price, size, is_buy in trades:
            self.trades.append(Print(trade_id, time_ms, price, size, is_buy))
            self.candles.add_trade(time_ms, trade_id, price, size, is_buy=is_buy)
            if found and (found[-1].price, found[-1].is_buy) == (price, is_buy):
                found[-1] = found[-1]._replace(size=found[-1].size + size, last_id=trade_id)
                continue
            self._aggregated += 1
            found.append(Aggregate(self._aggregated, time_ms, price, size, is_buy, trade_id, trade_id))
        self.aggregates.extend(found)
        return found

    def refine(self, price_factor: int, size_factor: int) -> None:
        """Counts everything so far on finer grids: prices and sizes become so many times as large."""
        for at, row in enumerate(self.trades):
            self.trades[at] = row._replace(price=row.price * price_factor, size=row.size * size_factor)
        for at, each in enumerate(self.aggregates):
            self.aggregates[at] = each._replace(price=each.price * price_factor, size=each.size * size_factor)
        self.candles.refine(price_factor, size_factor)
