"""The order: what was asked, what is known of its fate. Only the order lifecycle changes it."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

import msgspec

from alipes.model.enums import (
    TERMINAL,
    OrderState,
    OrderType,
    PendingRequest,
    Purpose,
    Side,
    TimeInForce,
)
from alipes.model.instrument import Instrument

AMEND_IN_FLIGHT = 1
"""Bit of `Order.in_flight`: an amend awaits its answer."""
CANCEL_IN_FLIGHT = 2
"""Bit of `Order.in_flight`: a cancel awaits its answer."""

_PENDING = (PendingRequest.NONE, PendingRequest.AMEND, PendingRequest.CANCEL, PendingRequest.CANCEL)
_AVERAGE = Context(prec=34, rounding=ROUND_HALF_EVEN)


class Order(msgspec.Struct, frozen=True, eq=False, gc=False):
    """An order of a strategy, which reads it and asks `ctx` to change it: setting an attribute raises.

    Compares by identity: it is the same object from first to last, and moves on with the news of it.

    Attributes:
        client_order_id: Our id, 18 characters of ``[a-z0-9]``.
        instrument: What is traded, in which account.
        strategy: Name of the strategy that asked.
        side: Buy or sell.
        type: Limit, market or conditional.
        size_steps: Total size, in size steps; includes what is filled.
        price_ticks: Limit price in ticks; None for a market order.
        stop_ticks: Stop price in ticks of a conditional order.
        tif: Time in force.
        post_only: Whether the order must not take.
        reduce_only: Whether the order may only make the position smaller.
        tag: Free text of the strategy.
        purpose: Which call owns it.
        ts_created: When it was asked for, int ns UTC.
        state: Execution state.
        venue_order_id: The venue's id, once known.
        denied: Code and detail of a refusal on our side, such as ``("max_order_size", "...")``.
        reason: Last explanation received: of a reject, an expiry, an unknown fate.
        filled_steps: Filled so far, in size steps.
        cost: Sum of price ticks times size steps over the fills, exact.
        amend_price_ticks: Price of the amend in flight.
        amend_size_steps: Total size of the amend in flight.
        asked_steps: Open size asked for by the submit or the amend now in force, in size steps.
        amend_asked_steps: Open size asked for by the amend in flight, in size steps.
        open_steps: Size counted as open, in size steps: the larger of both sizes while an amend is in flight.
        in_flight: Bits of `AMEND_IN_FLIGHT` and `CANCEL_IN_FLIGHT`.
        ts_updated: When it last changed, int ns UTC.
        ts_amended: Venue time of the newest amend, int ns UTC; an older one changes nothing.
        end: The end the venue reported, cancelled or expired; it holds although fills and amends come later.
    """

    client_order_id: str
    instrument: Instrument
    strategy: str
    side: Side
    type: OrderType
    size_steps: int
    price_ticks: int | None = None
    stop_ticks: int | None = None
    tif: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    reduce_only: bool = False
    tag: str | None = None
    purpose: Purpose = Purpose.ORDER
    ts_created: int = 0
    state: OrderState = OrderState.PENDING
    venue_order_id: str | None = None
    denied: tuple[str, str] | None = None
    reason: str | None = None
    filled_steps: int = 0
    cost: int = 0
    amend_price_ticks: int | None = None
    amend_size_steps: int | None = None
    asked_steps: int = 0
    amend_asked_steps: int = 0
    open_steps: int = 0
    in_flight: int = 0
    ts_updated: int = 0
    ts_amended: int = 0
    end: OrderState | None = None

    @property
    def account(self) -> str:
        """Name of the account."""
        return self.instrument.account

    @property
    def pending(self) -> PendingRequest:
        """The request that awaits its answer."""
        return _PENDING[self.in_flight]

    @property
    def is_open(self) -> bool:
        """Whether the order may still trade as far as is known; an unknown order is open."""
        return self.state not in TERMINAL

    @property
    def leaves_steps(self) -> int:
        """What may still trade, in size steps; 0 once the order is closed."""
        return max(self.size_steps - self.filled_steps, 0) if self.is_open else 0

    @property
    def price(self) -> Decimal | None:
        """Limit price; None for a market order."""
        return None if self.price_ticks is None else self.instrument.spec.price(self.price_ticks)

    @property
    def stop_price(self) -> Decimal | None:
        """Stop price of a conditional order."""
        return None if self.stop_ticks is None else self.instrument.spec.price(self.stop_ticks)

    @property
    def size(self) -> Decimal:
        """Total size, in base units."""
        return self.instrument.spec.size(self.size_steps)

    @property
    def filled(self) -> Decimal:
        """Filled so far, in base units."""
        return self.instrument.spec.size(self.filled_steps)

    @property
    def leaves(self) -> Decimal:
        """What may still trade, in base units; 0 once the order is closed."""
        return self.instrument.spec.size(self.leaves_steps)

    @property
    def average_price(self) -> Decimal | None:
        """Size-weighted price of the fills, to 34 digits; None before the first. `cost` holds it exactly."""
        if not self.filled_steps:
            return None
        value = _AVERAGE.multiply(self.instrument.spec.tick_size, Decimal(self.cost))
        return _AVERAGE.divide(value, Decimal(self.filled_steps))

    def __repr__(self) -> str:
        price = "market" if self.price_ticks is None else self.price
        return (
            f"Order({self.client_order_id} {self.instrument} {self.side} {self.size} @ {price} "
            f"{self.state}, filled {self.filled})"
        )
