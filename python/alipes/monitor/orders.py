"""Counts of orders, requests and their answers, from the rows of the journal.

Everything is counted from what happened, so that a counter never goes back. An order counts once, with the
end that is known when it is first seen to have one; what a venue says after that changes the order and its
fills, not this count.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from alipes.model import (
    Accepted,
    Amended,
    AmendIntent,
    AmendRejected,
    CancelIntent,
    Cancelled,
    CancelRejected,
    EventRecord,
    Expired,
    Filled,
    NotSent,
    OrderIntent,
    Rejected,
    RequestKind,
    Triggered,
    Unknown,
)
from alipes.monitor.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from alipes.model import Order, OrderEvent, Record

_SUBMIT, _AMEND, _CANCEL = RequestKind.SUBMIT, RequestKind.AMEND, RequestKind.CANCEL
_OK = "ok"
_PROOFS = frozenset({Accepted, Filled, Triggered, Cancelled, Expired, Amended})
"""Events of an order that the venue has: any of them answers the submit."""
_ANSWERS: dict[type[OrderEvent], tuple[RequestKind, str]] = {
    Rejected: (_SUBMIT, "rejected"),
    Amended: (_AMEND, _OK),
    AmendRejected: (_AMEND, "rejected"),
    Cancelled: (_CANCEL, _OK),
    CancelRejected: (_CANCEL, "rejected"),
}


class OrderKey(NamedTuple):
    """What orders are counted by."""

    account: str
    symbol: str
    strategy: str
    side: str
    outcome: str


class RequestKey(NamedTuple):
    """What requests are counted by."""

    account: str
    op: str
    outcome: str


class OrderCounts:
    """Counts.

    Args:
        find: The order of a client order id.

    Attributes:
        orders: Orders that ended.
        requests: Requests that were answered, or whose answer is known to be lost.
        round_trips: From a request to its answer, by account and kind of request. Lost answers are not in it.
    """

    __slots__ = ("_awaited", "_find", "_open", "orders", "requests", "round_trips")

    def __init__(self, find: Callable[[str], Order | None]) -> None:
        self._find = find
        self._open: dict[str, Order] = {}
        self._awaited: dict[tuple[str, RequestKind], int] = {}
        self.orders: Counter[OrderKey] = Counter()
        self.requests: Counter[RequestKey] = Counter()
        self.round_trips: dict[tuple[str, str], Histogram] = {}

    def take(self, records: Iterable[Record]) -> None:
        """Counts rows that follow those taken before."""
        touched: dict[str, None] = {}
        for record in records:
            if isinstance(record, EventRecord):
                event = record.event
                touched[event.client_order_id] = None
                self._answered(event, record.ts)
            elif isinstance(record, OrderIntent):
                touched[record.client_order_id] = None
                self._asked(record)
            elif isinstance(record, (AmendIntent, CancelIntent)):
                kind = _AMEND if isinstance(record, AmendIntent) else _CANCEL
                self._awaited[record.client_order_id, kind] = record.ts
        for client_order_id in touched:
            self._end(client_order_id)

    def _asked(self, intent: OrderIntent) -> None:
        order = self._find(intent.client_order_id)
        if order is not None:
            self._open[intent.client_order_id] = order
        if intent.denied is None and not intent.is_emulated:
            self._awaited[intent.client_order_id, _SUBMIT] = intent.ts

    def _answered(self, event: OrderEvent, ts: int) -> None:
        kind = type(event)
        if kind in _PROOFS:
            self._close(event.client_order_id, _SUBMIT, _OK, ts)
        if isinstance(event, (NotSent, Unknown)):
            outcome = "not_sent" if isinstance(event, NotSent) else "unknown"
            self._close(event.client_order_id, event.request, outcome, ts)
        elif kind in _ANSWERS:
            self._close(event.client_order_id, *_ANSWERS[kind], ts)

    def _close(self, client_order_id: str, kind: RequestKind, outcome: str, ts: int) -> None:
        asked = self._awaited.pop((client_order_id, kind), None)
        order = self._find(client_order_id)
        if asked is None or order is None:
            return
        self.requests[RequestKey(order.account, kind.value, outcome)] += 1
        if outcome in {_OK, "rejected"}:
            key = order.account, kind.value
            if key not in self.round_trips:
                self.round_trips[key] = Histogram()
            self.round_trips[key].add(ts - asked)

    def _end(self, client_order_id: str) -> None:
        order = self._open.get(client_order_id)
        if order is None or not order.state.is_terminal:
            return
        del self._open[client_order_id]
        instrument = order.instrument
        key = OrderKey(
            instrument.account, instrument.symbol, order.strategy, order.side.value, order.state.value
        )
        self.orders[key] += 1
