"""The matching core's tuples by name.

Prices are ticks, sizes size steps, times int ns UTC, money `Decimal`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, NamedTuple

ACCEPTED: Final = 0
REJECTED: Final = 1
FILL: Final = 2
CANCELLED: Final = 3
EXPIRED: Final = 4
AMENDED: Final = 5
AMEND_REJECTED: Final = 6
CANCEL_REJECTED: Final = 7
TRADE: Final = 8
BALANCE: Final = 9
POSITION: Final = 10
ORDER_EVENTS: Final = frozenset({ACCEPTED, REJECTED, CANCELLED, EXPIRED, AMENDED})
_FOK: Final = 2

Event = tuple[Any, ...]
OUTSIDE: Final = 0
"""The account of the market itself."""


class Order(NamedTuple):
    """An order."""

    order_id: int
    client_id: str
    instrument: int
    side: int
    type: int
    tif: int
    is_post_only: bool
    is_reduce_only: bool
    price: int
    size: int
    filled: int
    average_price: Decimal | None
    status: str
    ts_created: int
    ts_updated: int
    stp: int

    @property
    def is_open(self) -> bool:
        """Whether it can still trade."""
        return self.status in ("new", "partially_filled")


class Fill(NamedTuple):
    """A fill."""

    trade_id: int
    order_id: int
    now: int
    side: int
    price: int
    size: int
    is_maker: bool
    fee: Decimal
    fee_asset: str
    realised: Decimal


class Position(NamedTuple):
    """A position; `size` is signed, `entry_price` `None` where it is flat."""

    instrument: int
    size: int
    entry_price: Decimal | None
    unrealised: Decimal
    realised: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    leverage: int

    @classmethod
    def flat(cls, instrument: int, leverage: int) -> Position:
        """None at all."""
        zero = Decimal(0)
        return cls(instrument, 0, None, zero, zero, zero, zero, leverage)


class Margin(NamedTuple):
    """The margin of an account in one asset."""

    wallet: Decimal
    unrealised: Decimal
    initial: Decimal
    open_orders: Decimal
    maintenance: Decimal
    available: Decimal


class Entry(NamedTuple):
    """A row of the ledger."""

    id: int
    now: int
    asset: str
    amount: Decimal
    kind: str
    instrument: int | None
    trade_id: int | None


def order_of(event: Event) -> Order:
    """The order of an order event or a fill."""
    return Order(*event[2])


def fill_of(event: Event) -> Fill:
    """The fill of a fill event."""
    order = order_of(event)
    _, _, _, now, trade_id, price, size, is_maker, fee, fee_asset, realised = event
    return Fill(trade_id, order.order_id, now, order.side, price, size, is_maker, fee, fee_asset, realised)


def is_recorded(order: Order) -> bool:
    """Whether the venue keeps an order: not one that was to be filled at once and could not."""
    return not (order.tif == _FOK and order.status == "expired" and order.filled == 0)
