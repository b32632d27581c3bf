"""Bars as `Context.subscribe_bars` gives them: who reads them, and which have closed.

A bar closes at the first trade at or after its end: an interval without trades has no bar.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from alipes.market import BarBuilder

if TYPE_CHECKING:
    from alipes.engine.runner import Runner
    from alipes.model import Bar, Trade

KEPT_BARS = 1000
"""Closed bars that a context can read back."""


class BarSeries:
    """The bars of one instrument and interval.

    Attributes:
        closed: The last closed bars, oldest first.
        count: How many have closed.
        readers: Runners that want `on_bar`, with the bars that must have closed before the first call.
    """

    __slots__ = ("_builder", "closed", "count", "readers")

    def __init__(self, interval_ns: int) -> None:
        self._builder = BarBuilder(interval_ns)
        self.closed: deque[Bar] = deque(maxlen=KEPT_BARS)
        self.count = 0
        self.readers: list[tuple[Runner, int]] = []

    def add(self, trade: Trade) -> Bar | None:
        """Takes a trade; returns the bar that it closes, if any."""
        bar = self._builder.add(trade)
        if bar is not None:
            self.closed.append(bar)
            self.count += 1
        return bar
