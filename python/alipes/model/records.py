"""Rows of the journal: what was asked, what happened, what was commanded; enough to rebuild every order.

`seq` is the number of the input the row belongs to, `ts` the engine's time of that input, int ns UTC. Rows
hold text and integers only, so they can be written and read without the engine.
"""

import msgspec

from alipes.model.enums import OrderType, Purpose, Side, TimeInForce
from alipes.model.events import (
    Accepted,
    Amended,
    AmendRejected,
    Cancelled,
    CancelRejected,
    Expired,
    Filled,
    NotSent,
    Rejected,
    Triggered,
    Unknown,
)

AnyOrderEvent = (
    Accepted
    | Rejected
    | NotSent
    | Unknown
    | Triggered
    | Filled
    | Cancelled
    | Expired
    | Amended
    | AmendRejected
    | CancelRejected
)
"""Every concrete order event, for typed decoding."""


class Record(msgspec.Struct, frozen=True, gc=False, tag_field="record", tag=str.lower):
    """What every row has."""

    seq: int
    ts: int


class OrderIntent(Record, frozen=True, gc=False):
    """An order was asked for: written before the request leaves, or with `denied` when it never will.

    An order that is held here writes one row when it is taken in and one when it is sent.
    """

    client_order_id: str
    instrument: str
    strategy: str
    side: Side
    type: OrderType
    size_steps: int
    price_ticks: int | None
    stop_ticks: int | None
    tif: TimeInForce
    post_only: bool
    reduce_only: bool
    tag: str | None
    purpose: Purpose
    denied: tuple[str, str] | None = None
    is_emulated: bool = False


class AmendIntent(Record, frozen=True, gc=False):
    """A change of a live order was asked for."""

    client_order_id: str
    price_ticks: int | None
    size_steps: int


class CancelIntent(Record, frozen=True, gc=False):
    """A cancel was asked for."""

    client_order_id: str


class EventRecord(Record, frozen=True, gc=False):
    """An order event was applied, or found to be a repetition."""

    event: AnyOrderEvent


class StateRecord(Record, frozen=True):
    """A named state changed: ``ctx.state`` of a strategy, a risk latch."""

    name: str
    state: dict[str, object]


class Control(Record, frozen=True):
    """A command from outside: halt, resume, flatten, reload."""

    command: str
    arguments: dict[str, object]


AnyRecord = OrderIntent | AmendIntent | CancelIntent | EventRecord | StateRecord | Control
"""Every concrete row, for typed decoding."""
