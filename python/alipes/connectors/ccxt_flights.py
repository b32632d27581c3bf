"""A request on its way: exactly one answer, whatever happens to the task that carries it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alipes.connectors.fates import Fate
from alipes.model import (
    AmendRejected,
    CancelRejected,
    NotSent,
    Rejected,
    RequestKind,
    Unknown,
)
from alipes.net.pacing import Urgency
from alipes.net.wire import Wire

if TYPE_CHECKING:
    import asyncio

    from alipes.model import Instrument, Order, OrderEvent

_REFUSALS: dict[RequestKind, type[Rejected | AmendRejected | CancelRejected]] = {
    RequestKind.SUBMIT: Rejected,
    RequestKind.AMEND: AmendRejected,
    RequestKind.CANCEL: CancelRejected,
}


FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 5.0
"""Pauses before an order is cancelled that earlier cancels have not ended, seconds; each twice the last."""
REMEMBERED = 1000
"""Orders whose cancels are remembered."""


class CancelPauses:
    """Keeps whoever answers a failed cancel with the next one from doing so as fast as the network goes."""

    def __init__(self) -> None:
        self._failed: dict[str, tuple[int, float]] = {}

    def failed(self, client_order_id: str, now_s: float) -> int:
        """Takes note that a cancel did not end its order; returns how many have not."""
        times = self._failed.pop(client_order_id, (0, 0.0))[0] + 1
        self._failed[client_order_id] = times, now_s
        if len(self._failed) > REMEMBERED:
            del self._failed[next(iter(self._failed))]
        return times

    def wait_s(self, client_order_id: str, now_s: float) -> float:
        """How long the next cancel of the order waits, seconds; the first does not."""
        times, at = self._failed.get(client_order_id, (0, 0.0))
        if not times:
            return 0.0
        return max(0.0, at + min(FIRST_PAUSE_S * 2.0 ** min(times - 1, 10), LONGEST_PAUSE_S) - now_s)


class Flight:
    """One request about one order, as it was when it was made.

    Args:
        kind: What is asked for.
        order: About which order.

    Attributes:
        kind: As given.
        order: As given.
        client_order_id: The order's id.
        instrument: What is traded.
        price_ticks: Price of the amend, in ticks.
        size_steps: Total size of the amend, in size steps.
        wire: What left and what came back.
        is_answered: Whether the engine has been told.
        seen_as: The venue's id of the order, if a stream showed it while the request was on its way.
        task: What carries it.
        ahead: The submit of the same order, if it was on its way when this cancel left and may arrive later.
    """

    __slots__ = (
        "ahead", "client_order_id", "instrument", "is_answered", "kind", "order", "price_ticks", "seen_as",
        "size_steps", "task", "wire",
    )  # fmt: skip

    def __init__(self, kind: RequestKind, order: Order) -> None:
        self.kind = kind
        self.order = order
        self.client_order_id = order.client_order_id
        self.instrument: Instrument = order.instrument
        self.price_ticks = order.amend_price_ticks
        self.size_steps = order.amend_size_steps
        self.wire = self.new_wire()
        self.is_answered = False
        self.seen_as: str | None = None
        self.task: asyncio.Task[None] | None = None
        self.ahead: Flight | None = None

    def new_wire(self) -> Wire:
        """What notes a request of this kind."""
        urgency = Urgency.CANCEL if self.kind is RequestKind.CANCEL else Urgency.ORDER
        return Wire(is_order=True, urgency=urgency)

    def failed(self, fate: Fate, reason: str, now: int) -> OrderEvent:
        """The event of a failure, at `now` (int ns UTC)."""
        name = self.client_order_id
        if fate is Fate.REJECTED:
            return _REFUSALS[self.kind](name, now, now, reason)
        if fate is Fate.NOT_SENT:
            return NotSent(name, now, now, reason, self.kind)
        return Unknown(name, now, now, reason, self.kind)
