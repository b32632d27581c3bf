"""A two-sided quoter with inventory skew: the smallest market maker that stays near flat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alipes.strategy.base import Strategy
from alipes.strategy.library.parameters import amount, fraction

if TYPE_CHECKING:
    from alipes._core import BookView
    from alipes.model import Fill
    from alipes.strategy.context import Context


class Quoter(Strategy):
    """Quotes around the microprice, moved against its own position.

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
        self.size = amount("size", size)
        self.max_position = amount("max_position", max_position)
        self.half_spread = fraction("half_spread_bps", half_spread_bps)
        self.skew = fraction("skew_bps", skew_bps) / float(self.max_position)
        self.step = fraction("step_bps", step_bps)
        self.center = 0.0  # the fair price that is quoted around

    def on_start(self, ctx: Context, resumed: bool) -> None:
        self.market = ctx.subscribe_book(self.instrument or ctx.instruments[0])
        self.position = ctx.position(self.market).size

    def on_book(self, ctx: Context, book: BookView) -> None:
        fair = book.microprice * (1 - self.skew * float(self.position))
        if (
            not abs(fair - self.center) >= self.step * fair
        ):  # near enough, or nan: a side of the book is empty
            return
        self.center = fair
        # At best join the touch: these quotes are meant to rest.
        bid = min(fair * (1 - self.half_spread), book.best_bid)
        ask = max(fair * (1 + self.half_spread), book.best_ask)
        ctx.quote(
            self.market,
            bid=(bid, self.size) if self.position + self.size <= self.max_position else None,
            ask=(ask, self.size) if self.position - self.size >= -self.max_position else None,
        )

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        self.position = ctx.position(self.market).size
        self.center = 0.0  # quote anew at the next update
