"""What each reported event does to an order: the table's move, and the numbers around it.

Fills are the truth: each counts once per account, instrument, trade id and side, in whatever order news
arrives. Both sides of one trade are ours where an account trades with itself.
"""

from typing import TYPE_CHECKING, Any

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
from alipes.model.enums import TERMINAL
from alipes.model.order import AMEND_IN_FLIGHT
from alipes.orders.open_orders import OpenIndex
from alipes.orders.transitions import IN_FLIGHT, TABLE, Cause, Row, Rows
from alipes.orders.writer import write

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


class Input:
    """The input of the engine that is being processed.

    Attributes:
        seq: Its number, engine-wide.
        now: The engine's time of it, int ns UTC.
    """

    __slots__ = ("now", "seq")

    def __init__(self) -> None:
        self.seq = 0
        self.now = 0


class Applied(msgspec.Struct, frozen=True, gc=False):
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


# Bound once: looking up an enum's member costs more than the move it selects.
_ACCEPTED = TABLE[Cause.ACCEPTED]
_TRIGGERED = TABLE[Cause.TRIGGERED]
_PARTIAL_FILL = TABLE[Cause.PARTIAL_FILL]
_FULL_FILL = TABLE[Cause.FULL_FILL]
_CANCELLED = TABLE[Cause.CANCELLED]
_EXPIRED = TABLE[Cause.EXPIRED]
_UNKNOWN = {
    RequestKind.SUBMIT: TABLE[Cause.UNKNOWN],
    RequestKind.AMEND: TABLE[Cause.AMEND_UNKNOWN],
    RequestKind.CANCEL: TABLE[Cause.CANCEL_UNKNOWN],
}
_SUBMITTED = OrderState.SUBMITTED
_ACCEPTED_STATE = OrderState.ACCEPTED
_FILLED = OrderState.FILLED
_NO_ALARMS: tuple[Alarm, ...] = ()


class Reactions:
    """Applies events to orders.

    Attributes:
        handlers: What applies an event to its order, by the event's type.
        index: The open orders, kept up to date.
    """

    __slots__ = ("_input", "_trade_ids", "handlers", "index")

    def __init__(self, current: Input) -> None:
        self.index = OpenIndex()
        self._input = current
        self._trade_ids: dict[int, set[str]] = {}
        self.handlers: dict[type[OrderEvent], Callable[[Order, Any], Applied]] = {
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

    def move(self, order: Order, rows: Rows) -> Row:
        """Move the order as the table says."""
        row = rows[order.state]
        state = row.next
        if state is not None:
            if order.in_flight and state in TERMINAL:
                _set_in_flight(order, 0)
            write(order, "ts_updated", self._input.now)
            self.index.enter(order, state)
        return row

    def _on_accepted(self, order: Order, event: Accepted) -> Applied:
        if event.venue_order_id is not None:
            _learn_id(order, event.venue_order_id)
        if order.state is _SUBMITTED:  # the usual case: open before and after
            write(order, "state", _ACCEPTED_STATE)
            write(order, "ts_updated", self._input.now)
            return Applied(order, None, True)  # noqa: FBT003 - positional: this is the hot path
        return self._moved(order, _ACCEPTED)

    def _on_rejected(self, order: Order, event: Rejected) -> Applied:
        cause = Cause.REJECTED_INFERRED if event.is_inferred else Cause.REJECTED
        return self._moved(order, TABLE[cause], event.reason)

    def _on_not_sent(self, order: Order, event: NotSent) -> Applied:
        if event.request is RequestKind.AMEND:
            return self._amend_refused(order, event.reason)
        if event.request is RequestKind.CANCEL:
            return self._answered(order, TABLE[Cause.CANCEL_REJECTED], event.reason)
        applied = self._moved(order, TABLE[Cause.NOT_SENT], event.reason)
        if applied.is_changed:
            write(order, "denied", ("not_sent", event.reason))
        return applied

    def _on_unknown(self, order: Order, event: Unknown) -> Applied:
        rows = _UNKNOWN[event.request]
        if event.request is RequestKind.SUBMIT:
            return self._moved(order, rows, event.reason)
        return self._answered(order, rows, event.reason)

    def _on_triggered(self, order: Order, event: Triggered) -> Applied:
        _learn_id(order, event.venue_order_id)
        return self._moved(order, _TRIGGERED)

    def _on_filled(self, order: Order, event: Filled) -> Applied:
        key = 2 * order.instrument.index + order.side.code
        seen = self._trade_ids.get(key)
        if seen is None:
            seen = self._trade_ids[key] = set()
        if event.trade_id in seen:
            return Applied(order)
        if event.size_steps <= 0:
            alarm = _alarm("bad_fill", order, f"trade of {event.size_steps} size steps")
            return Applied(order, alarms=(alarm,))
        if event.size_steps == order.open_steps and order.state is _ACCEPTED_STATE and not order.in_flight:
            alarms = _NO_ALARMS  # the usual case: all of it, at once
            write(order, "filled_steps", order.size_steps)
            write(order, "cost", order.cost + event.price_ticks * event.size_steps)
            write(order, "ts_updated", self._input.now)
            if order.reason is not None:
                write(order, "reason", None)
            if event.venue_order_id is not None:
                _learn_id(order, event.venue_order_id)
            self.index.fill(order)
        else:
            alarms = self._add_fill(order, event)
        seen.add(event.trade_id)
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

    def _add_fill(self, order: Order, event: Filled) -> tuple[Alarm, ...]:
        if event.venue_order_id is not None:
            _learn_id(order, event.venue_order_id)
        before = order.state
        filled = order.filled_steps + event.size_steps
        write(order, "filled_steps", filled)
        write(order, "cost", order.cost + event.price_ticks * event.size_steps)
        bound = order.size_steps
        if order.amend_size_steps is not None:  # an amend in flight may hold already
            bound = max(bound, order.amend_size_steps)
        rows = _FULL_FILL if filled >= bound else _PARTIAL_FILL
        row = self.move(order, rows)
        if order.reason is not None and order.state is _FILLED:
            write(order, "reason", None)  # of a request that was refused because of this very fill
        if row.next is None or order.open_steps:
            write(order, "ts_updated", self._input.now)
            self.index.recount(order)
        alarms = (_impossible(order, rows, before),) if row.is_alarm else _NO_ALARMS
        if filled > bound:
            alarms += (_alarm("overfill", order, f"{filled} size steps traded of {bound}"),)
        return alarms

    def _on_cancelled(self, order: Order, event: Cancelled) -> Applied:
        write(order, "end", order.end or OrderState.CANCELLED)
        return self._moved(order, _CANCELLED, event.reason)

    def _on_expired(self, order: Order, event: Expired) -> Applied:
        write(order, "end", order.end or OrderState.EXPIRED)
        return self._moved(order, _EXPIRED, event.reason)

    def _on_amended(self, order: Order, event: Amended) -> Applied:
        before = order.price_ticks, order.size_steps
        after = (
            before[0] if event.price_ticks is None else event.price_ticks,
            before[1] if event.size_steps is None else event.size_steps,
        )
        if event.ts_event < order.ts_amended or (event.ts_event == order.ts_amended and after == before):
            return Applied(order)
        write(order, "ts_amended", event.ts_event)
        if after[1] > 0:
            write(order, "price_ticks", after[0])
            write(order, "size_steps", after[1])
        if event.venue_order_id is not None:
            write(order, "venue_order_id", event.venue_order_id)
        is_ours = order.in_flight & AMEND_IN_FLIGHT
        asked = order.amend_asked_steps if is_ours else order.size_steps - order.filled_steps
        write(order, "asked_steps", asked)
        is_open = after[1] > order.filled_steps
        applied = self._answered(order, TABLE[Cause.AMENDED if is_open else Cause.AMENDED_DONE], None)
        if order.end is not None and order.is_open:  # its end came before this amend, which preceded it
            self.index.enter(order, order.end)
        return Applied(order, None, is_changed=applied.is_changed or after != before, alarms=applied.alarms)

    def _on_amend_rejected(self, order: Order, event: AmendRejected) -> Applied:
        return self._amend_refused(order, event.reason)

    def _amend_refused(self, order: Order, reason: str) -> Applied:
        applied = self._answered(order, TABLE[Cause.AMEND_REJECTED], reason)
        if order.is_open and order.filled_steps >= order.size_steps:  # only the amend could have kept it open
            self.move(order, _FULL_FILL)
        return applied

    def _on_cancel_rejected(self, order: Order, event: CancelRejected) -> Applied:
        return self._answered(order, TABLE[Cause.CANCEL_REJECTED], event.reason)

    def _moved(self, order: Order, rows: Rows, reason: str | None = None) -> Applied:
        before = order.state
        row = self.move(order, rows)
        is_changed = row.next is not None
        alarms = (_impossible(order, rows, before),) if row.is_alarm else _NO_ALARMS
        if is_changed and reason is not None:
            write(order, "reason", reason)
        return Applied(order, None, is_changed, alarms)

    def _answered(self, order: Order, rows: Rows, reason: str | None) -> Applied:
        """Apply the answer to an amend or a cancel: the request has landed, then the order may move."""
        before = order.in_flight
        _set_in_flight(order, IN_FLIGHT[rows.cause][before] or 0)
        is_landed = order.in_flight != before
        applied = self._moved(order, rows)
        if order.is_open and (is_landed or rows.cause in _LOST):  # else its end has the reason, or none
            write(order, "reason", reason)
        write(order, "ts_updated", self._input.now)
        self.index.recount(order)
        return Applied(order, None, is_landed or applied.is_changed, applied.alarms)


_LOST = {Cause.AMEND_UNKNOWN, Cause.CANCEL_UNKNOWN}


def _set_in_flight(order: Order, bits: int) -> None:
    write(order, "in_flight", bits)
    if not bits & AMEND_IN_FLIGHT:
        write(order, "amend_price_ticks", None)
        write(order, "amend_size_steps", None)
        write(order, "amend_asked_steps", 0)


def _learn_id(order: Order, venue_order_id: str | None) -> None:
    if venue_order_id is not None and order.venue_order_id is None:
        write(order, "venue_order_id", venue_order_id)


def _impossible(order: Order, rows: Rows, before: OrderState) -> Alarm:
    return _alarm("impossible_event", order, f"{rows.cause} while {before}")


def _alarm(code: str, order: Order, what: str) -> Alarm:
    return Alarm(code, f"{what}: {order!r}", order.client_order_id)
