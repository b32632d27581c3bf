"""What each reported event does to an order: the table's move, and the numbers around it.

Fills are the truth: each trade counts once per account, instrument and trade id, in whatever order news
arrives.
"""

from typing import Any, TYPE_CHECKING

import msgspec

from alipes.model import (
    Accepted,
    Amended,
    AmendRejected,
    Cancelled,
    CancelRejected,
    Expired,
    Fill,
    Filled,
    NotSent,
    Order,
    OrderEvent,
    OrderState,
    Rejected,
    RequestKind,
    Triggered,
    Unknown,
)
from alipes.model.order import AMEND_IN_FLIGHT
from alipes.orders.open_orders import OpenIndex
from alipes.orders.transitions import IN_FLIGHT, SURVIVES, TABLE, Cause, Row

if TYPE_CHECKING:
    from collections.abc import Callable


class Alarm(msgspec.Struct, frozen=True):
    """Something that cannot happen while everyone keeps the rules.

    Attributes:
        code: ``impossible_event``, ``overfill``, ``bad_fill`` or ``foreign_order``.
        detail: What happened, to which order, in which state.
        client_order_id: The order's id.
    """

    code: str
    detail: str
    client_order_id: str


class Applied(msgspec.Struct, frozen=True):
    """What an event did.

    Attributes:
        order: The order it was about; None when it is none of ours.
        fill: The trade, if it was not known yet: account for it, then tell the strategy.
        is_changed: Whether the order looks different now: tell the strategy, after the fill.
        alarms: What must not happen, for the log and the monitor.
    """

    order: Order | None
    fill: Fill | None = None
    is_changed: bool = False
    alarms: tuple[Alarm, ...] = ()


_NOT_SENT = {
    RequestKind.SUBMIT: Cause.NOT_SENT,
    RequestKind.AMEND: Cause.AMEND_REJECTED,
    RequestKind.CANCEL: Cause.CANCEL_REJECTED,
}
_UNKNOWN = {
    RequestKind.SUBMIT: Cause.UNKNOWN,
    RequestKind.AMEND: Cause.AMEND_UNKNOWN,
    RequestKind.CANCEL: Cause.CANCEL_UNKNOWN,
}


class Reactions:
    """Applies events to orders.

    Attributes:
        index: The open orders, kept up to date.
        now: Engine time of the current input, int ns UTC.
    """

    __slots__ = ("_ends", "_handlers", "_trade_ids", "index", "now")

    def __init__(self) -> None:
        self.index = OpenIndex()
        self.now = 0
        self._trade_ids: dict[int, set[str]] = {}
        self._ends: dict[str, Cause] = {}
        self._handlers: dict[type[OrderEvent], Callable[[Order, Any], Applied]] = {
            Accepted: self._on_accepted,
            Rejected: self._on_rejected,
            NotSent: self._on_not_sent,
            Unknown: self._on_unknown,
            Triggered: self._on_triggered,
            Filled: self._on_filled,
            Cancelled: self._on_cancelled,
            Expired: self._on_expired,
            Amended: self._on_amended,
            AmendRejected: self._on_amend_rejected,
            CancelRejected: self._on_cancel_rejected,
        }

    def apply(self, order: Order, event: OrderEvent) -> Applied:
        """Apply one event to its order."""
        return self._handlers[type(event)](order, event)

    def move(self, order: Order, cause: Cause) -> Row:
        """Move the order as the table says."""
        row = TABLE[cause][order.state]
        state = row.next
        if state is not None:
            if order.in_flight:
                self._set_in_flight(order, order.in_flight & SURVIVES[state])
            order.ts_updated = self.now
            self.index.enter(order, state)
        return row

    def _on_accepted(self, order: Order, event: Accepted) -> Applied:
        self._learn_id(order, event.venue_order_id)
        return self._moved(order, Cause.ACCEPTED)

    def _on_rejected(self, order: Order, event: Rejected) -> Applied:
        return self._moved(
            order, Cause.REJECTED_INFERRED if event.is_inferred else Cause.REJECTED, event.reason
        )

    def _on_not_sent(self, order: Order, event: NotSent) -> Applied:
        cause = _NOT_SENT[event.request]
        if cause is not Cause.NOT_SENT:
            return self._answered(order, cause, event.reason)
        applied = self._moved(order, cause, event.reason)
        if applied.is_changed:
            order.denied = ("not_sent", event.reason)
        return applied

    def _on_unknown(self, order: Order, event: Unknown) -> Applied:
        cause = _UNKNOWN[event.request]
        if cause is Cause.UNKNOWN:
            return self._moved(order, cause, event.reason)
        return self._answered(order, cause, event.reason)

    def _on_triggered(self, order: Order, event: Triggered) -> Applied:
        self._learn_id(order, event.venue_order_id)
        return self._moved(order, Cause.TRIGGERED)

    def _on_filled(self, order: Order, event: Filled) -> Applied:
        seen = self._trade_ids.get(order.instrument.index)
        if seen is None:
            seen = self._trade_ids[order.instrument.index] = set()
        if event.trade_id in seen:
            return Applied(order)
        if event.size_steps <= 0:
            alarm = self._alarm("bad_fill", order, f"trade of {event.size_steps} size steps")
            return Applied(order, alarms=(alarm,))
        self._learn_id(order, event.venue_order_id)
        fill = self._fill(order, event)
        seen.add(event.trade_id)
        return fill

    def _fill(self, order: Order, event: Filled) -> Applied:
        filled = order.filled_steps + event.size_steps
        bound = max(order.size_steps, order.amend_size_steps or 0)
        order.filled_steps = filled
        order.cost += event.price_ticks * event.size_steps
        moved = self._moved(order, Cause.FULL_FILL if filled >= order.size_steps else Cause.PARTIAL_FILL)
        order.ts_updated = self.now
        self.index.recount(order)
        alarms = moved.alarms
        if filled > bound:
            alarms += (self._alarm("overfill", order, f"{filled} size steps traded of {bound}"),)
        fill = Fill(
            order.client_order_id,
            event.trade_id,
            order.strategy,
            order.instrument,
            order.side,
            event.price_ticks,
            event.size_steps,
            event.is_maker,
            event.fee,
            event.fee_asset,
            event.ts_event,
            event.ts_recv,
        )
        return Applied(order, fill, True, alarms)  # noqa: FBT003 - positional: this is the hot path

    def _on_cancelled(self, order: Order, event: Cancelled) -> Applied:
        return self._ended(order, Cause.CANCELLED, event.reason)

    def _on_expired(self, order: Order, event: Expired) -> Applied:
        return self._ended(order, Cause.EXPIRED, event.reason)

    def _ended(self, order: Order, cause: Cause, reason: str) -> Applied:
        if order.state is OrderState.FILLED:
            self._ends[order.client_order_id] = cause
        return self._moved(order, cause, reason)

    def _on_amended(self, order: Order, event: Amended) -> Applied:
        if event.price_ticks is not None:
            order.price_ticks = event.price_ticks
        if event.size_steps is not None:
            order.size_steps = event.size_steps
        if event.venue_order_id is not None:
            order.venue_order_id = event.venue_order_id
        is_ours = order.in_flight & AMEND_IN_FLIGHT
        order.asked_steps = order.amend_asked_steps if is_ours else order.size_steps - order.filled_steps
        is_open = order.size_steps > order.filled_steps
        applied = self._answered(order, Cause.AMENDED if is_open else Cause.AMENDED_DONE, None)
        end = self._ends.pop(order.client_order_id, None) if order.is_open else None
        if end is not None:  # the end came before the amend that preceded it
            self.move(order, end)
        self.index.recount(order)
        return applied

    def _on_amend_rejected(self, order: Order, event: AmendRejected) -> Applied:
        return self._answered(order, Cause.AMEND_REJECTED, event.reason)

    def _on_cancel_rejected(self, order: Order, event: CancelRejected) -> Applied:
        return self._answered(order, Cause.CANCEL_REJECTED, event.reason)

    def _moved(self, order: Order, cause: Cause, reason: str | None = None) -> Applied:
        before = order.state
        row = self.move(order, cause)
        is_changed = row.next is not None
        if is_changed and reason is not None:
            order.reason = reason
        if not row.is_alarm:
            return Applied(order, None, is_changed)
        alarm = self._alarm("impossible_event", order, f"{cause} while {before}")
        return Applied(order, None, is_changed, (alarm,))

    def _answered(self, order: Order, cause: Cause, reason: str | None) -> Applied:
        """Apply the answer to an amend or a cancel: the request has landed, then the order may move."""
        bits = IN_FLIGHT[cause][order.in_flight]
        self._set_in_flight(order, 0 if bits is None else bits)
        applied = self._moved(order, cause, reason)
        if reason is not None:
            order.reason = reason
        order.ts_updated = self.now
        self.index.recount(order)
        return Applied(order, None, True, applied.alarms)  # noqa: FBT003 - positional: this is the hot path

    @staticmethod
    def _set_in_flight(order: Order, bits: int) -> None:
        order.in_flight = bits
        if not bits & AMEND_IN_FLIGHT:
            order.amend_price_ticks = order.amend_size_steps = None
            order.amend_asked_steps = 0

    @staticmethod
    def _learn_id(order: Order, venue_order_id: str | None) -> None:
        if venue_order_id is not None and order.venue_order_id is None:
            order.venue_order_id = venue_order_id

    @staticmethod
    def _alarm(code: str, order: Order, what: str) -> Alarm:
        return Alarm(code, f"{what}: {order!r}", order.client_order_id)
