"""What the panel shows at one moment, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class OwnQuote:
    """One of our resting orders.

    Attributes:
        side: ``buy`` or ``sell``.
        price: quote units.
        leaves: open size, base units.
        ahead: size before us in the queue, base units; None while the venue does not have the order.
    """

    side: str
    price: float
    leaves: float
    ahead: float | None


@dataclass(frozen=True, slots=True)
class FillLine:
    """One of our fills.

    Attributes:
        at_s: seconds since the start.
        side: ``buy`` or ``sell``.
        size: base units.
        price: quote units.
        is_maker: whether our order rested.
        fee: quote units.
    """

    at_s: float
    side: str
    size: Decimal
    price: Decimal
    is_maker: bool
    fee: Decimal


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of a run.

    Attributes:
        title: instrument.
        place: where it is traded.
        mode: mode of the run.
        elapsed_s: seconds since the start.
        total_s: planned seconds; None for a run without end.
        digits: decimals of a price.
        base: base asset.
        quote: quote asset.
        state: state of the book.
        asks: (price, size), best first.
        bids: (price, size), best first.
        own: our resting orders.
        position: base units.
        average_price: entry price, None when flat.
        realized: quote units, before fees.
        unrealized: quote units; None without a mark.
        fees: paid, quote units.
        equity: profit over time, quote units, oldest first.
        fills: our last fills, newest first.
        counts: numbers worth seeing, by name.
        latency: (p50, p99) in ns by name.
        warnings: what someone should know at once: faults, halts.
    """

    title: str
    place: str
    mode: str
    elapsed_s: float
    total_s: float | None
    digits: int
    base: str
    quote: str
    state: str
    asks: list[tuple[float, float]]
    bids: list[tuple[float, float]]
    own: list[OwnQuote]
    position: Decimal
    average_price: Decimal | None
    realized: Decimal
    unrealized: Decimal | None
    fees: Decimal
    equity: list[float] = field(default_factory=list)
    fills: list[FillLine] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    latency: dict[str, tuple[float, float]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def net(self) -> Decimal:
        """Profit after fees, at the mark."""
        open_part = self.unrealized if self.unrealized is not None else 0
        return self.realized + open_part - self.fees
