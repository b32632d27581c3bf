"""What is published about the market: trades, touches, depth, bars, tickers, mark prices.

Messages are put together here, and only for streams that somebody wants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from alipes.mockvenue.candles import DAY_MS, INTERVALS_MS
from alipes.mockvenue.clock import NS_PER_MS
from alipes.mockvenue.depth import SPEEDS_MS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alipes.mockvenue.depth import Diff
    from alipes.mockvenue.market import Market
    from alipes.mockvenue.streams.hub import Hub
    from alipes.mockvenue.tape import Aggregate

DEFAULT_SPEED_MS: Final = 250
PARTIAL_LEVELS: Final = (5, 10, 20)
TICKER_MS: Final = 1000
KLINE_MS: Final = 250
MARK_SLOW_MS: Final = 3000


class MarketStreams:
    """Publishes on the market streams.

    Args:
        hub: Where to.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def trades(self, market: Market, now: int, trades: Iterable[tuple[int, int, int, bool]]) -> None:
        """Public trades as the tape counts them: trade id, price, size, whether the taker bought."""
        listing, stream, ms = market.printed, f"{market.stream_id}@trade", now // NS_PER_MS
        if not self._hub.wants(stream):
            return
        for trade_id, price, size, is_buy in trades:
            message = {
                "e": "trade",
                "E": ms,
                "T": ms,
                "s": listing.id,
                "t": trade_id,
                "p": listing.price_text(price),
                "q": listing.size_text(size),
                "X": "MARKET",
                "m": not is_buy,
            }
            self._send(stream, message)

    def aggregates(self, market: Market, found: Iterable[Aggregate]) -> None:
        """Aggregated trades."""
        listing, stream = market.printed, f"{market.stream_id}@aggTrade"
        if not self._hub.wants(stream):
            return
        for each in found:
            message = {
                "e": "aggTrade",
                "E": each.time_ms,
                "s": listing.id,
                "a": each.id,
                "p": listing.price_text(each.price),
                "q": listing.size_text(each.size),
                "f": each.first_id,
                "l": each.last_id,
                "T": each.time_ms,
                "m": not each.is_buy,
            }
            self._send(stream, message)

    def touch(self, market: Market, now: int) -> None:
        """The best prices, where they changed."""
        single = f"{market.stream_id}@bookTicker"
        if not (self._hub.wants(single) or self._hub.wants("!bookTicker")):
            return
        best = market.best()
        if best == market.last_touch or best[0] is None or best[2] is None:
            return
        market.last_touch = best
        market.depth.collect()
        listing, ms = market.listing, now // NS_PER_MS
        message = {
            "e": "bookTicker",
            "u": market.depth.update_id,
            "s": listing.id,
            "b": listing.price_text(best[0]),
            "B": listing.size_text(best[1] or 0),
            "a": listing.price_text(best[2]),
            "A": listing.size_text(best[3] or 0),
            "T": ms,
            "E": ms,
        }
        self._send(single, message)
        if self._hub.wants("!bookTicker"):
            self._send("!bookTicker", message)

    def depth(self, market: Market, now: int, speed_ms: int) -> None:
        """The depth updates that are due at a speed."""
        diff = market.depth.flush(speed_ms)
        if diff is None:
            return
        names = [f"@{speed_ms}ms"] + ([""] if speed_ms == DEFAULT_SPEED_MS else [])
        for suffix in names:
            stream = f"{market.stream_id}@depth{suffix}"
            if self._hub.wants(stream):
                self._send(stream, self._depth_message(market, now, diff, diff.bids, diff.asks))
            for levels in PARTIAL_LEVELS:
                stream = f"{market.stream_id}@depth{levels}{suffix}"
                if self._hub.wants(stream):
                    self._send(stream, self._depth_message(market, now, diff, *market.depth.top(levels)))

    @staticmethod
    def _depth_message(market: Market, now: int, diff: Diff, bids: Any, asks: Any) -> dict[str, Any]:
        ms = now // NS_PER_MS
        return {
            "e": "depthUpdate",
            "E": ms,
            "T": ms,
            "s": market.listing.id,
            "U": diff.first_id,
            "u": diff.last_id,
            "pu": diff.previous_id,
            "b": market.listing.levels(bids),
            "a": market.listing.levels(asks),
        }

    def klines(self, market: Market, now: int) -> None:
        """Bars that changed, and bars that ended."""
        for interval in INTERVALS_MS:
            stream = f"{market.stream_id}@kline_{interval}"
            if self._hub.wants(stream):
                for message in market.kline_messages(interval, now):
                    self._send(stream, message)

    def tickers(self, markets: list[Market], now: int) -> None:
        """The last 24 hours: each symbol every two seconds, all of them every second."""
        is_even = now // NS_PER_MS // TICKER_MS % 2 == 0
        for kind, build in (("ticker", ticker_message), ("miniTicker", mini_ticker_message)):
            wanted_all = self._hub.wants(f"!{kind}@arr")
            messages = []
            for market in markets:
                stream = f"{market.stream_id}@{kind}"
                if not (wanted_all or (is_even and self._hub.wants(stream))):
                    continue
                message = build(market, now)
                if message is None:
                    continue
                messages.append(message)
                if is_even:
                    self._send(stream, message)
            if messages and wanted_all:
                self._send(f"!{kind}@arr", messages)

    def marks(self, markets: list[Market], now: int) -> None:
        """Mark prices: every second on ``@1s``, every three on the others."""
        messages = [market.mark_message(now) for market in markets if market.mark_ticks]
        suffixes = ["@1s"] + ([""] if now // NS_PER_MS % MARK_SLOW_MS == 0 else [])
        for suffix in suffixes:
            for message in messages:
                self._send(f"{message['s'].lower()}@markPrice{suffix}", message)
            if messages:
                self._send(f"!markPrice@arr{suffix}", messages)

    def _send(self, stream: str, message: object) -> None:
        self._hub.publish(stream, lambda: orjson.dumps(message))


def ticker_message(market: Market, now: int) -> dict[str, Any] | None:
    """A 24 hour ticker; `None` before any trade."""
    mini = mini_ticker_message(market, now)
    day = market.tape.candles.day(now // NS_PER_MS)
    if mini is None or day is None:
        return None
    listing, ms = market.printed, now // NS_PER_MS
    change, percent, average = market.day_change(day)
    return {
        **mini,
        "e": "24hrTicker",
        "p": change,
        "P": percent,
        "w": average,
        "Q": listing.size_text(market.tape.trades[-1].size),
        "O": max(ms - DAY_MS, day.start_ms),
        "C": ms,
        "F": day.first_id,
        "L": day.last_id,
        "n": day.trades,
    }


def mini_ticker_message(market: Market, now: int) -> dict[str, Any] | None:
    """A 24 hour mini ticker; `None` before any trade."""
    day = market.tape.candles.day(now // NS_PER_MS)
    if day is None:
        return None
    listing = market.printed
    return {
        "e": "24hrMiniTicker",
        "E": now // NS_PER_MS,
        "s": listing.id,
        "c": listing.price_text(day.close),
        "o": listing.price_text(day.open),
        "h": listing.price_text(day.high),
        "l": listing.price_text(day.low),
        "v": listing.size_text(day.volume),
        "q": listing.value_text(1, day.value),
    }


SPEEDS: Final = SPEEDS_MS
"""Speeds of the depth streams, ms."""
