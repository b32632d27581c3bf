"""Bars of one perpetual by minute, and longer ones made of them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alipes.mockvenue.listing import Listing

MINUTE_MS: Final = 60_000
DAY_MS: Final = 24 * 60 * MINUTE_MS
WEEK_ANCHOR_MS: Final = 4 * DAY_MS
"""Weeks begin on Monday; day 4 of 1970 is the first."""
INTERVALS_MS: Final[dict[str, int]] = {
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": 60 * MINUTE_MS,
    "2h": 120 * MINUTE_MS,
    "4h": 240 * MINUTE_MS,
    "6h": 360 * MINUTE_MS,
    "8h": 480 * MINUTE_MS,
    "12h": 720 * MINUTE_MS,
    "1d": DAY_MS,
    "3d": 3 * DAY_MS,
    "1w": 7 * DAY_MS,
}
KEPT: Final = 20_000
"""Minutes of history."""


@dataclass(slots=True)
class Candle:
    """A bar. Prices in ticks, sizes in size steps, value in ticks times size steps, times in ms."""

    start_ms: int
    open: int
    high: int
    low: int
    close: int
    volume: int = 0
    value: int = 0
    buy_volume: int = 0
    buy_value: int = 0
    trades: int = 0
    first_id: int = -1
    last_id: int = -1

    def add_trade(self, trade_id: int, price: int, size: int, *, is_buy: bool) -> None:
        """Takes a trade in."""
        self.high, self.low, self.close = max(self.high, price), min(self.low, price), price
        self.volume += size
        self.value += price * size
        if is_buy:
            self.buy_volume += size
            self.buy_value += price * size
        self.trades += 1
        self.first_id = trade_id if self.first_id < 0 else self.first_id
        self.last_id = trade_id

    def add(self, later: Candle) -> None:
        """Takes the next shorter bar in."""
        self.high, self.low = max(self.high, later.high), min(self.low, later.low)
        self.close = later.close
        self.volume += later.volume
        self.value += later.value
        self.buy_volume += later.buy_volume
        self.buy_value += later.buy_value
        self.trades += later.trades
        if later.trades:
            self.first_id = later.first_id if self.first_id < 0 else self.first_id
            self.last_id = later.last_id

    def refine(self, price_factor: int, size_factor: int) -> None:
        """Counts on finer grids: prices and sizes become so many times as large."""
        self.open *= price_factor
        self.high *= price_factor
        self.low *= price_factor
        self.close *= price_factor
        self.volume *= size_factor
        self.buy_volume *= size_factor
        self.value *= price_factor * size_factor
        self.buy_value *= price_factor * size_factor


def start_of(interval: str, time_ms: int) -> int:
    """Start of the bar that holds a time, both in ms."""
    length = INTERVALS_MS[interval]
    anchor = WEEK_ANCHOR_MS if interval == "1w" else 0
    return (time_ms - anchor) // length * length + anchor


class Candles:
    """Minutes in which there were trades; minutes without any hold the last price."""

    def __init__(self) -> None:
        self._minutes: deque[Candle] = deque(maxlen=KEPT)
        self._before: tuple[tuple[int, int], Candle | None] = ((0, 0), None)

    def add_trade(self, time_ms: int, trade_id: int, price: int, size: int, *, is_buy: bool) -> None:
        """Takes a trade in; times never run backwards."""
        start = time_ms // MINUTE_MS * MINUTE_MS
        self._fill_up_to(start)
        if not self._minutes or self._minutes[-1].start_ms < start:
            self._minutes.append(Candle(start, price, price, price, price))
        self._minutes[-1].add_trade(trade_id, price, size, is_buy=is_buy)

    def _fill_up_to(self, start: int) -> None:
        while self._minutes and self._minutes[-1].start_ms + MINUTE_MS < start:
            last = self._minutes[-1]
            self._minutes.append(Candle(last.start_ms + MINUTE_MS, *([last.close] * 4)))

    def refine(self, price_factor: int, size_factor: int) -> None:
        """Counts every minute on finer grids: prices and sizes become so many times as large."""
        for minute in self._minutes:
            minute.refine(price_factor, size_factor)

    def bars(self, interval: str, *, from_ms: int = 0, to_ms: int | None = None) -> list[Candle]:
        """Bars of an interval whose start lies between two times (ms, both included)."""
        return _joined(interval, self._minutes, from_ms, to_ms)

    def last(self, interval: str) -> Candle | None:
        """The bar in which the last trade was; `None` before any."""
        if not self._minutes:
            return None
        start = start_of(interval, self._minutes[-1].start_ms)
        count = (self._minutes[-1].start_ms - start) // MINUTE_MS + 1
        tail = list(islice(reversed(self._minutes), count))
        return _joined(interval, reversed(tail), 0, None)[-1]

    def day(self, now_ms: int) -> Candle | None:
        """The last 24 hours as one bar; `None` before any trade."""
        self._fill_up_to(now_ms // MINUTE_MS * MINUTE_MS)
        if not self._minutes:
            return None
        last = self._minutes[-1]
        stretch = ((now_ms - DAY_MS) // MINUTE_MS * MINUTE_MS + MINUTE_MS, last.start_ms)
        if self._before[0] != stretch:
            self._before = (stretch, self._day_before_last(stretch[0]))
        before = self._before[1]
        whole = Candle(last.start_ms, *_prices(last)) if before is None else replace(before)
        whole.add(last)
        return whole

    def _day_before_last(self, first_ms: int) -> Candle | None:
        """Minutes from a start on but the last one, which still changes, as one bar: made once a minute."""
        whole: Candle | None = None
        for minute in reversed(list(islice(reversed(self._minutes), 1, DAY_MS // MINUTE_MS))):
            if minute.start_ms < first_ms:
                continue
            if whole is None:
                whole = Candle(minute.start_ms, *_prices(minute))
            whole.add(minute)
        return whole


def _prices(bar: Candle) -> tuple[int, int, int, int]:
    return bar.open, bar.high, bar.low, bar.close


def _joined(interval: str, minutes: Iterable[Candle], from_ms: int, to_ms: int | None) -> list[Candle]:
    bars: list[Candle] = []
    for minute in minutes:
        start = start_of(interval, minute.start_ms)
        if start < from_ms or (to_ms is not None and start > to_ms):
            continue
        if not bars or bars[-1].start_ms != start:
            bars.append(Candle(start, *_prices(minute)))
        bars[-1].add(minute)
    return bars


def kline_row(listing: Listing, interval: str, bar: Candle) -> list[object]:
    """A bar as REST gives it."""
    price, size, money = listing.price_text, listing.size_text, listing.value_text
    return [
        bar.start_ms,
        price(bar.open),
        price(bar.high),
        price(bar.low),
        price(bar.close),
        size(bar.volume),
        bar.start_ms + INTERVALS_MS[interval] - 1,
        money(1, bar.value),
        bar.trades,
        size(bar.buy_volume),
        money(1, bar.buy_value),
        "0",
    ]
