"""What a connector reports about an order. Each request gets exactly one answer.

Prices are ticks and sizes are size steps of the order's instrument. `ts_event` is the venue's time, `ts_recv`
ours, both int ns UTC.
"""

from decimal import Decimal

import msgspec

from alipes.model.enums import RequestKind

_NO_FEE = Decimal(0)


class OrderEvent(msgspec.Struct, frozen=True, gc=False, tag_field="event", tag=str.lower):
    """What every order event has.

    Attributes:
        client_order_id: Our id of the order.
        ts_event: Venue time.
        ts_recv: Our time of receipt.
    """

    client_order_id: str
    ts_event: int
    ts_recv: int


class Accepted(OrderEvent, frozen=True, gc=False):
    """The venue has the order."""

    venue_order_id: str | None = None


class Rejected(OrderEvent, frozen=True, gc=False):
    """The venue refused the order; `is_inferred` when its absence was proven instead."""

    reason: str = ""
    is_inferred: bool = False


class NotSent(OrderEvent, frozen=True, gc=False):
    """The request provably never left."""

    reason: str = ""
    request: RequestKind = RequestKind.SUBMIT


class Unknown(OrderEvent, frozen=True, gc=False):
    """The request left and its answer is lost: a timeout, a dropped connection, an unreadable reply."""

    reason: str = ""
    request: RequestKind = RequestKind.SUBMIT


class Triggered(OrderEvent, frozen=True, gc=False):
    """The condition of a conditional order was met."""

    venue_order_id: str | None = None


class Filled(OrderEvent, frozen=True, gc=False):
    """A trade of the order, partial or complete.

    Attributes:
        trade_id: The venue's id of the trade, unique within account, instrument and side.
        price_ticks: Trade price.
        size_steps: Trade size.
        is_maker: Whether the order was resting.
        fee: Paid, in `fee_asset`; negative for a rebate.
        fee_asset: Currency of the fee; None when the venue did not say.
        venue_order_id: The venue's id of the order.
    """

    trade_id: str
    price_ticks: int
    size_steps: int
    is_maker: bool = False
    fee: Decimal = _NO_FEE
    fee_asset: str | None = None
    venue_order_id: str | None = None


class Cancelled(OrderEvent, frozen=True, gc=False):
    """The rest of the order was taken off the market."""

    reason: str = ""


class Expired(OrderEvent, frozen=True, gc=False):
    """The venue ended the order by its own rules."""

    reason: str = ""


class Amended(OrderEvent, frozen=True, gc=False):
    """The venue changed the order; both values are those that now hold.

    Attributes:
        price_ticks: Price; None leaves it as it was.
        size_steps: Total size, what is filled included; None leaves it as it was.
        venue_order_id: New id, where the venue gives one.
    """

    price_ticks: int | None = None
    size_steps: int | None = None
    venue_order_id: str | None = None


class AmendRejected(OrderEvent, frozen=True, gc=False):
    """The venue refused the amend; the order stands as it was."""

    reason: str = ""


class CancelRejected(OrderEvent, frozen=True, gc=False):
    """The venue refused the cancel."""

    reason: str = ""
