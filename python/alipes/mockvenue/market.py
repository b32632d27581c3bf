"""One perpetual at the venue: its listing, tape, depth and mark price."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from alipes.mockvenue.candles import INTERVALS_MS, Candle
from alipes.mockvenue.clock import NS_PER_MS
from alipes.mockvenue.depth import DepthFeed
from alipes.mockvenue.listing import plain
from alipes.mockvenue.tape import Tape

if TYPE_CHECKING:
    from alipes._core import InstrumentSpec, LiveExchange
    from alipes.mockvenue.listing import Listing, Terms

FUNDING_MS: Final = 8 * 3600 * 1000
Touch = tuple[int | None, int | None, int | None, int | None]
"""Best bid, its size, best ask, its size, in ticks and size steps."""
NO_TOUCH: Final[Touch] = (None, None, None, None)


def _factors(of: InstrumentSpec, to: InstrumentSpec) -> tuple[int, int]:
    """A tick and a size step in those of grids that hold them."""
    return int(of.price(1) / to.price(1)), int(of.size(1) / to.size(1))


class Market:
    """What the venue knows of one perpetual.

    Args:
        listing: Its terms.
        live: The matching core that holds its book.
        first_id: Update id to begin after.
        funding_rate: Share of the value paid every eight hours.

    Attributes:
        printed: The perpetual on the grids that the tape counts on. They hold all grids so far, as a bar goes
            over a change of grids.
    """

    def __init__(self, listing: Listing, live: LiveExchange, *, first_id: int, funding_rate: str) -> None:
        self.listing = listing
        self.stream_id = listing.id.lower()
        self.printed = listing
        self.tape = Tape()
        self.depth = DepthFeed(
            lambda: live.take_depth(listing.index),
            lambda levels: live.depth(listing.index, levels),
            first_id=first_id,
        )
        self.funding_rate = funding_rate
        self.mark_ticks = 0
        self.last_touch = NO_TOUCH
        self._factors = (1, 1)
        self._live = live
        self._klines: dict[str, tuple[int, int]] = {}  # the open bar last told of: its start, its trades

    def change_grids(self, terms: Terms, until: int) -> None:
        """Goes on under other terms, which the core is on already.

        Args:
            terms: The new ones.
            until: Last time of the old ones, int ns UTC.
        """
        old, decimals = self.printed.spec, self.printed.lot_decimals
        self.listing.change(terms, until)
        decimals = max(decimals, self.listing.lot_decimals)
        finest = [f"{Decimal(1).scaleb(-each):f}" for each in (terms.price_decimals, decimals)]
        self.printed = replace(self.listing, terms=replace(terms, tick=finest[0], lot=finest[1]), past=[])
        self.tape.refine(*_factors(old, self.printed.spec))
        self._factors = _factors(self.listing.spec, self.printed.spec)
        self.depth.restart()
        self.last_touch = NO_TOUCH
        self.mark_ticks = self._live.mark_price(self.listing.index) or 0

    def on_tape(self, price: int, size: int) -> tuple[int, int]:
        """Ticks and size steps of a trade as the tape counts them."""
        return price * self._factors[0], size * self._factors[1]

    def best(self) -> Touch:
        """The best prices and their sizes."""
        return self._live.best(self.listing.index)

    def mid_ticks(self) -> int | None:
        """The middle of the book, rounded down to a tick; `None` unless both sides have levels."""
        bid, _, ask, _ = self.best()
        return None if bid is None or ask is None else (bid + ask) // 2

    def next_funding_ms(self, now: int) -> int:
        """When funding is next paid, ms."""
        return (now // NS_PER_MS // FUNDING_MS + 1) * FUNDING_MS

    def mark_message(self, now: int) -> dict[str, Any]:
        """The mark price as its stream tells it; the index price is the same."""
        price = plain(self.listing.spec.price(self.mark_ticks))
        return {
            "e": "markPriceUpdate",
            "E": now // NS_PER_MS,
            "s": self.listing.id,
            "p": price,
            "P": price,
            "i": price,
            "r": plain(Decimal(self.funding_rate)),
            "T": self.next_funding_ms(now),
        }

    def day_change(self, day: Candle) -> tuple[str, str, str]:
        """Price change, the same in percent, and the average price, of the last 24 hours."""
        price = self.printed.spec.price
        change = price(day.close) - price(day.open)
        percent = change * 100 / price(day.open)
        decimals = self.printed.terms.price_decimals
        average = price(day.close)
        if day.volume:
            average = price(1) * day.value / day.volume
        return plain(change, decimals), plain(percent, 3), plain(average, decimals)

    def kline_messages(self, interval: str, now: int) -> list[dict[str, Any]]:
        """Bars of an interval that changed since the last call, an ended one with ``x``."""
        ms, length = now // NS_PER_MS, INTERVALS_MS[interval]
        told, messages = self._klines.get(interval), []
        if told is not None and told[0] + length <= ms:
            ended = self.tape.candles.bars(interval, from_ms=told[0], to_ms=told[0])
            messages += [self._kline(interval, bar, ms, is_closed=True) for bar in ended]
            del self._klines[interval]
            told = None
        last = self.tape.candles.last(interval)
        if last is not None and last.start_ms + length > ms and told != (last.start_ms, last.trades):
            messages.append(self._kline(interval, last, ms, is_closed=False))
            self._klines[interval] = (last.start_ms, last.trades)
        return messages

    def _kline(self, interval: str, bar: Candle, ms: int, *, is_closed: bool) -> dict[str, Any]:
        listing = self.printed
        price, size = listing.price_text, listing.size_text
        return {
            "e": "kline",
            "E": ms,
            "s": listing.id,
            "k": {
                "t": bar.start_ms,
                "T": bar.start_ms + INTERVALS_MS[interval] - 1,
                "s": listing.id,
                "i": interval,
                "f": bar.first_id,
                "L": bar.last_id,
                "o": price(bar.open),
                "c": price(bar.close),
                "h": price(bar.high),
                "l": price(bar.low),
                "v": size(bar.volume),
                "n": bar.trades,
                "x": is_closed,
                "q": listing.value_text(1, bar.value),
                "V": size(bar.buy_volume),
                "Q": listing.value_text(1, bar.buy_value),
                "B": "0",
            },
        }
