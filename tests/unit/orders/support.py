"""Orders brought into each state by a path a venue could take."""

from collections.abc import Callable

from alipes._core import InstrumentSpec
from alipes.model import (
    Accepted,
    Amended,
    AmendRejected,
    Cancelled,
    CancelRejected,
    Expired,
    Filled,
    Instrument,
    NotSent,
    Order,
    OrderEvent,
    OrderState,
    OrderType,
    Rejected,
    RequestKind,
    Side,
    Triggered,
    Unknown,
)
from alipes.orders import Applied, Lifecycle
from alipes.orders.transitions import Cause

SPEC = InstrumentSpec(symbol="BTC/USDT:USDT", base="BTC", quote="USDT", tick_size="0.1", lot_size="0.001")
BTC = Instrument("main", "BTC/USDT:USDT", 0, SPEC)
ETH = Instrument("main", "ETH/USDT:USDT", 1, SPEC)
IS_INFERRED = True
SIZE = 10_000
"""Size of every order here: 0.01 BTC in size steps."""


class Desk:
    """A lifecycle with an order on it, and events that need no ids."""

    def __init__(
        self, *, size: int = SIZE, instrument: Instrument = BTC, side: Side = Side.BUY, **options: object
    ):
        self.lifecycle = Lifecycle()
        self.lifecycle.stamp(1, 1_000)
        self._trades = 0
        self.order = self.new(size=size, instrument=instrument, side=side, **options)

    def new(
        self, *, size=SIZE, instrument=BTC, side=Side.BUY, strategy="maker", price=1_000, **options
    ) -> Order:
        return self.lifecycle.create(
            instrument, strategy, side, OrderType.LIMIT, size, price_ticks=price, **options
        )

    def submitted(self, **options) -> Order:
        order = self.new(**options)
        self.lifecycle.submit(order)
        return order

    def trade_id(self) -> str:
        self._trades += 1
        return f"t{self._trades}"

    def apply(
        self, event: type[OrderEvent], *values: object, order: Order | None = None, at: int = 0
    ) -> Applied:
        return self.lifecycle.apply(event((order or self.order).client_order_id, at, at, *values))

    def fill(
        self, steps: int, price: int = 1_000, trade_id: str | None = None, order: Order | None = None
    ) -> Applied:
        return self.apply(Filled, trade_id or self.trade_id(), price, steps, order=order)

    def submit(self) -> None:
        self.lifecycle.submit(self.order)


def in_state(state: OrderState) -> Desk:
    """An order that got into a state by the shortest way."""
    desk = Desk()
    if state is OrderState.DENIED:
        desk.lifecycle.deny(desk.order, "price_collar", "too far")
    elif state is OrderState.EMULATED:
        desk.lifecycle.emulate(desk.order)
    elif state is not OrderState.PENDING:
        desk.submit()
        for event, *values in PATHS[state]:
            desk.apply(event, *values)
    assert desk.order.state is state
    return desk


PATHS: dict[OrderState, list[tuple]] = {
    OrderState.SUBMITTED: [],
    OrderState.UNKNOWN: [(Unknown, "timeout")],
    OrderState.ACCEPTED: [(Accepted, "v1")],
    OrderState.TRIGGERED: [(Accepted, "v1"), (Triggered,)],
    OrderState.PARTIALLY_FILLED: [(Accepted, "v1"), (Filled, "p1", 1_000, 4_000)],
    OrderState.FILLED: [(Accepted, "v1"), (Filled, "p1", 1_000, SIZE)],
    OrderState.CANCELLED: [(Accepted, "v1"), (Filled, "p1", 1_000, 4_000), (Cancelled,)],
    OrderState.REJECTED: [(Rejected, "no funds")],
    OrderState.EXPIRED: [(Accepted, "v1"), (Filled, "p1", 1_000, 4_000), (Expired, "ioc")],
}

CAUSES: dict[Cause, Callable[[Desk], object]] = {
    Cause.SUBMIT: lambda desk: desk.lifecycle.submit(desk.order),
    Cause.DENY: lambda desk: desk.lifecycle.deny(desk.order, "code", "detail"),
    Cause.EMULATE: lambda desk: desk.lifecycle.emulate(desk.order),
    Cause.AMEND: lambda desk: desk.lifecycle.request_amend(desk.order, price_ticks=999) is None,
    Cause.CANCEL: lambda desk: desk.lifecycle.request_cancel(desk.order) is None,
    Cause.ACCEPTED: lambda desk: desk.apply(Accepted, "v1"),
    Cause.REJECTED: lambda desk: desk.apply(Rejected, "no"),
    Cause.REJECTED_INFERRED: lambda desk: desk.apply(Rejected, "no trace", IS_INFERRED),
    Cause.NOT_SENT: lambda desk: desk.apply(NotSent, "no route"),
    Cause.UNKNOWN: lambda desk: desk.apply(Unknown, "timeout"),
    Cause.TRIGGERED: lambda desk: desk.apply(Triggered),
    Cause.PARTIAL_FILL: lambda desk: desk.fill(1),
    Cause.FULL_FILL: lambda desk: desk.fill(SIZE - min(desk.order.filled_steps, SIZE - 1)),
    Cause.CANCELLED: lambda desk: desk.apply(Cancelled),
    Cause.EXPIRED: lambda desk: desk.apply(Expired, "ioc"),
    Cause.AMENDED: lambda desk: desk.apply(Amended, 999, SIZE + 1_000),
    Cause.AMENDED_DONE: lambda desk: desk.apply(Amended, 999, desk.order.filled_steps),
    Cause.AMEND_REJECTED: lambda desk: desk.apply(AmendRejected, "no"),
    Cause.AMEND_UNKNOWN: lambda desk: desk.apply(Unknown, "timeout", RequestKind.AMEND),
    Cause.CANCEL_REJECTED: lambda desk: desk.apply(CancelRejected, "no"),
    Cause.CANCEL_UNKNOWN: lambda desk: desk.apply(Unknown, "timeout", RequestKind.CANCEL),
}
