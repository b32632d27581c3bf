"""A two-sided quoter with inventory skew: the smallest market maker that stays near flat."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from alipes.strategy.base import Strategy

if TYPE_CHECKING:
    from alipes._core import BookView
    from alipes.model import Fill
    from alipes.strategy.context import Context


class Quoter(Strategy):
    """Quotes around the microprice, further from it on the side that would grow the position.

    Args:
        instrument: What to quote; the engine's only instrument if None.
        size: Size of each quote, base units.
        half_spread_bps: Distance of each quote from the microprice, basis points.
        skew_bps: How far both quotes move against a position of `max_position`, basis points.
        max_position: Largest position, base units; the side that would pass it is not quoted.
        step_bps: A quote stays where it is until it is this far from where it should be, basis points.
    """

    def __init__(
        self,
        instrument: str | None = None,
        *,
        size: str | float = "0.01",
        half_spread_bps: float = 0.2,
        skew_bps: float = 0.4,
        max_position: str | float = "0.05",
        step_bps: float = 0.1,
    ) -> None:
        self.instrument = instrument
        self.size = Decimal(str(size))
        self.max_position = Decimal(str(max_position))
        self.half_spread = half_spread_bps / 1e4
        self.skew = skew_bps / 1e4 / float(self.max_position)
        self.step = step_bps / 1e4
        self.position = Decimal(0)
        self.center = 0.0

    def on_start(self, ctx: Context, resumed: bool) -> None:  # noqa: ARG002, FBT001, D102
        self.market = ctx.subscribe_book(self.instrument or ctx.instruments[0])
        self.position = ctx.position(self.market).size

    def on_book(self, ctx: Context, book: BookView) -> None:  # noqa: D102
        fair = book.microprice * (1 - self.skew * float(self.position))
        if abs(fair - self.center) < self.step * fair:
            return
        self.center = fair
        # Never better than the touch's other side: the quotes are meant to rest.
        bid = min(fair * (1 - self.half_spread), book.best_bid)
        ask = max(fair * (1 + self.half_spread), book.best_ask)
        ctx.quote(
            self.market,
            bid=(bid, self.size) if self.position + self.size <= self.max_position else None,
            ask=(ask, self.size) if self.position - self.size >= -self.max_position else None,
        )

    def on_fill(self, ctx: Context, fill: Fill) -> None:  # noqa: ARG002, D102
        self.position += fill.size if fill.side == "buy" else -fill.size
        self.center = 0.0  # quote anew at the next update
