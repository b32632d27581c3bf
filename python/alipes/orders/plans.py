"""What `ctx.quote` and `ctx.target` have to do, as pure functions of the open orders.

Both are idempotent: asked again while nothing changed, they plan nothing. Neither ever has more open than was
asked: where an order must go before another may come, the plan takes the first step and says that it is not
settled; it is made again when the next event of the instrument arrives. Orders of other purposes are left
alone.
"""

from typing import NamedTuple

import msgspec

from alipes.model import Order, OrderState, Purpose, Side
from alipes.model.order import AMEND_IN_FLIGHT, CANCEL_IN_FLIGHT
from alipes.orders.open_orders import OpenOrders


class Quote(NamedTuple):
    """One side of a quote: price in ticks, open size in size steps (both > 0)."""

    price_ticks: int
    size_steps: int


class Place(msgspec.Struct, frozen=True):
    """Submit a new order; a market order where `price_ticks` is None."""

    side: Side
    price_ticks: int | None
    size_steps: int
    reduce_only: bool = False


class Amend(msgspec.Struct, frozen=True):
    """Change an order to a price and a total size."""

    order: Order
    price_ticks: int
    size_steps: int


class Cancel(msgspec.Struct, frozen=True):
    """Take an order off the market."""

    order: Order


Action = Place | Amend | Cancel


class Plan(NamedTuple):
    """What to do now, in order, and whether that is all; if not, plan again at the next event."""

    actions: tuple[Action, ...]
    is_settled: bool


# Bound once: looking up an enum's member costs as much as the comparison it is for.
_QUOTE = Purpose.QUOTE
_TARGET = Purpose.TARGET
_BUY, _SELL = Side
_UNKNOWN = OrderState.UNKNOWN
_IN_FLIGHT = frozenset({OrderState.SUBMITTED, OrderState.PENDING})
_NOTHING = Plan((), is_settled=True)
_WAIT = Plan((), is_settled=False)


def plan_quote(
    open_orders: OpenOrders, bid: Quote | None, ask: Quote | None, *, can_amend: bool = True
) -> Plan:
    """Keep, amend or replace the quotes of a strategy so that they are as asked.

    A quote that was partly filled at its price keeps its place in the queue; it is topped up only when it
    moves.

    Args:
        open_orders: The strategy's open orders in the instrument.
        bid: The bid wanted; None pulls it.
        ask: The ask wanted; None pulls it.
        can_amend: Whether the venue changes live orders; if not, a quote moves by cancel, then place.

    Returns:
        The plan; the side that moves away from the other comes first, so that our own quotes never cross.
    """
    bids: list[Order] = []
    asks: list[Order] = []
    for order in open_orders.orders.values():
        if order.purpose is _QUOTE:
            (bids if order.side is _BUY else asks).append(order)
    if _is_kept(bids, bid) and _is_kept(asks, ask):
        return _NOTHING
    buy = _plan_side(bids, _BUY, bid, can_amend=can_amend)
    sell = _plan_side(asks, _SELL, ask, can_amend=can_amend)
    is_rising = bid is not None and any(bid.price_ticks >= (order.price_ticks or 0) for order in asks)
    first, second = (sell, buy) if is_rising else (buy, sell)
    return Plan(first.actions + second.actions, buy.is_settled and sell.is_settled)


def _is_kept(orders: list[Order], quote: Quote | None) -> bool:
    if quote is None:
        return not orders
    return len(orders) == 1 and _is_as_asked(orders[0], quote)


def _plan_side(orders: list[Order], side: Side, quote: Quote | None, *, can_amend: bool) -> Plan:
    if not orders:
        return _NOTHING if quote is None else Plan((Place(side, *quote),), is_settled=True)
    if quote is None:
        return Plan(_cancels(orders), is_settled=True)
    if len(orders) == 1 and not orders[0].in_flight & CANCEL_IN_FLIGHT:
        return _plan_order(orders[0], quote, can_amend=can_amend)
    keep = next((order for order in orders if _is_as_asked(order, quote)), None)
    return Plan(_cancels([order for order in orders if order is not keep]), is_settled=keep is not None)


def _plan_order(order: Order, quote: Quote, *, can_amend: bool) -> Plan:
    if _is_as_asked(order, quote):
        return _NOTHING
    if order.state is _UNKNOWN or not can_amend:
        return Plan(_cancels([order]), is_settled=False)
    if order.in_flight & AMEND_IN_FLIGHT or order.state in _IN_FLIGHT:
        return _WAIT
    return Plan((Amend(order, quote.price_ticks, order.filled_steps + quote.size_steps),), is_settled=True)


def _is_as_asked(order: Order, quote: Quote) -> bool:
    price_ticks, size_steps = quote
    if not order.in_flight:
        return order.price_ticks == price_ticks and order.asked_steps == size_steps
    if order.in_flight & CANCEL_IN_FLIGHT:
        return False
    return order.amend_price_ticks == price_ticks and order.amend_asked_steps == size_steps


def _cancels(orders: list[Order]) -> tuple[Cancel, ...]:
    return tuple(Cancel(order) for order in orders if not order.in_flight & CANCEL_IN_FLIGHT)


def plan_target(
    open_orders: OpenOrders, *, position_steps: int, target_steps: int, must_reduce: bool = False
) -> Plan:
    """Bring a position to a size, counting what is already on its way.

    Nothing is sent while the fate of an entry is unknown. An exit whose fate is unknown does not count:
    another may go, reduce-only and up to the confirmed position. Own target orders against the direction
    needed are cancelled before anything is sent.

    Args:
        open_orders: The strategy's open orders in the instrument.
        position_steps: Confirmed position, in size steps; negative is short.
        target_steps: Position wanted, in size steps.
        must_reduce: Send only what makes the position smaller, marked reduce-only.

    Returns:
        The plan: at most one new order, at market.
    """
    if open_orders.unknown_entries:
        return _WAIT
    orders = open_orders.orders.values()
    unknown = [order for order in orders if order.state is _UNKNOWN]
    lost = sum(order.side.sign * order.open_steps for order in unknown)
    delta = target_steps - position_steps - open_orders.buy_steps + open_orders.sell_steps + lost
    if delta == 0:
        return _NOTHING
    side = _BUY if delta > 0 else _SELL
    against = [
        order
        for order in orders
        if order.purpose is _TARGET and order.side is not side and order not in unknown
    ]
    if against:
        return Plan(_cancels(against), is_settled=False)
    reducible = max(-position_steps * side.sign, 0)
    if unknown or must_reduce:
        size = min(abs(delta), reducible)
        actions = (Place(side, None, size, reduce_only=True),) if size else ()
        return Plan(actions, is_settled=not unknown)
    return Plan((Place(side, None, abs(delta)),), is_settled=True)
