"""Microprice momentum: follows a fast move of the microprice with market orders, then leaves."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from alipes.strategy.base import Strategy
from alipes.strategy.library.parameters import amount, fraction, length_ns

if TYPE_CHECKING:
    from alipes._core import BookView
    from alipes.strategy.context import Context


class Momentum(Strategy):
    """Holds `size` in the direction of a move of `entry_bps` within `window`; flat `hold` after the last one.

    Args:
        instrument: What to trade; the engine's only instrument if None.
        size: Size of the position, base units.
        window: Over which the move is measured.
        entry_bps: Move that opens or turns the position, basis points.
        hold: How long a position is held after the last such move.
    """

    def __init__(
        self,
        instrument: str | None = None,
        *,
        size: str | float = "0.01",
        window: str = "1s",
        entry_bps: float = 2.0,
        hold: str = "5s",
    ) -> None:
        self.instrument = instrument
        self.size = amount("size", size)
        self.window = length_ns("window", window)
        self.entry = fraction("entry_bps", entry_bps)
        self.hold = length_ns("hold", hold) / 1e9
        self.past: deque[tuple[int, float]] = deque()

    def on_start(self, ctx: Context, resumed: bool) -> None:
        self.market = ctx.subscribe_book(self.instrument or ctx.instruments[0])

    def on_book(self, ctx: Context, book: BookView) -> None:
        now, price = ctx.now, book.microprice
        self.past.append((now, price))
        while self.past[0][0] < now - self.window:
            self.past.popleft()
        move = price / self.past[0][1] - 1
        if abs(move) >= self.entry:
            ctx.target(self.market, self.size if move > 0 else -self.size)
            ctx.timer("leave", after=self.hold)

    def on_timer(self, ctx: Context, name: str) -> None:
        ctx.target(self.market, 0)
