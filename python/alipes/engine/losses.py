"""Account-wide loss limits: drawdown from the highest equity, and loss since UTC midnight.

They are judged where equity is sampled, on equity that includes unrealised profit. A breach halts the
account; the latch is risk's. Knows nothing of orders.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alipes.report import EquityPoint

DAY_NS = 86_400_000_000_000


class Breach(NamedTuple):
    """An account beyond a limit, and how far."""

    account: str
    reason: str


class LossLimits:
    """Watches equity.

    Args:
        daily_loss: Loss since UTC midnight (or the first sample) that halts, in the account's asset; None for
            none.
        drawdown: Fraction of equity below its highest that halts; None for none.
    """

    __slots__ = ("_daily_loss", "_drawdown", "_opening", "_peak")

    def __init__(self, *, daily_loss: Decimal | None, drawdown: float | None) -> None:
        self._daily_loss = daily_loss
        self._drawdown = None if drawdown is None else Decimal(str(drawdown))
        self._peak: dict[tuple[str, str], Decimal] = {}
        self._opening: dict[tuple[str, str], tuple[int, Decimal]] = {}

    def check(self, points: Iterable[EquityPoint]) -> list[Breach]:
        """The accounts that are beyond a limit at these points."""
        if self._daily_loss is None and self._drawdown is None:
            return []
        found = (self._drawn_down(point) or self._lost_today(point) for point in points)
        return [breach for breach in found if breach is not None]

    def _drawn_down(self, point: EquityPoint) -> Breach | None:
        key = point.account, point.asset
        peak = self._peak[key] = max(self._peak.get(key, point.equity), point.equity)
        if self._drawdown is None or point.equity > peak * (1 - self._drawdown) or not peak > 0:
            return None
        below = f"{self._drawdown:.2%} or more below its highest, {peak}"
        return Breach(point.account, f"drawdown: equity {point.equity} {point.asset} is {below}")

    def _lost_today(self, point: EquityPoint) -> Breach | None:
        key, day = (point.account, point.asset), point.ts // DAY_NS
        since, opening = self._opening.setdefault(key, (day, point.equity))
        if day != since:
            opening = point.equity
            self._opening[key] = day, opening
        lost = opening - point.equity
        if self._daily_loss is None or lost < self._daily_loss or not lost:
            return None
        return Breach(
            point.account, f"daily loss: {lost} {point.asset} lost today, the limit is {self._daily_loss}"
        )
