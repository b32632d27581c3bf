"""Time bars from trades, as `Context.subscribe_bars` gives them.

A bar closes at the first trade at or after its end: an interval without trades has no bar.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from alipes.model import Bar

if TYPE_CHECKING:
    from alipes.engine.runner import Runner
    from alipes.model import Trade

KEPT_BARS = 1000
"""Closed bars that a context can read back."""


class BarSeries:
    """The bars of one instrument and interval.

    Attributes:
        interval_ns: Length of a bar, int ns; bars start at multiples of it since 1970.
        closed: The last closed bars, oldest first.
        readers: Runners that want `on_bar`, with the bars that must have closed before the first call.
    """

    __slots__ = ("_end", "_open", "closed", "count", "interval_ns", "readers")

    def __init__(self, interval_ns: int) -> None:
        self.interval_ns = interval_ns
        self.closed: deque[Bar] = deque(maxlen=KEPT_BARS)
        self.count = 0
        self.readers: list[tuple[Runner, int]] = []
        self._end = 0
        self._open: list[float] = []

    def add(self, trade: Trade) -> Bar | None:
        """Takes a trade; returns the bar that it closes, if any."""
        price, size = trade.price, trade.size
        bar = None
        if trade.ts_event >= self._end:
            bar = self._close(trade)
            self._end = trade.ts_event - trade.ts_event % self.interval_ns + self.interval_ns
            self._open = [price, price, price, price, 0.0]
        held = self._open
        held[1] = max(held[1], price)
        held[2] = min(held[2], price)
        held[3] = price
        held[4] += size
        return bar

    def _close(self, trade: Trade) -> Bar | None:
        if not self._open:
            return None
        bar = Bar(trade.instrument, self._end - self.interval_ns, self._end, *self._open)
        self.closed.append(bar)
        self.count += 1
        return bar
