"""Orders as calls of ccxt: which method, with which arguments. Nothing is sent here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from alipes.connectors.sizes import wire_amount, wire_price
from alipes.errors import InputError
from alipes.model import OrderType, RequestKind, TimeInForce

if TYPE_CHECKING:
    from alipes.connectors.client_ids import IdRules
    from alipes.model import Order

_MARKETS = frozenset({OrderType.MARKET, OrderType.STOP_MARKET})


class Call(NamedTuple):
    """A method of ccxt and its arguments."""

    method: str
    args: tuple[Any, ...]


def call_of(
    kind: RequestKind, order: Order, *, exchange: Any, rules: IdRules, venue_order_id: str | None
) -> Call:
    """The call for a request.

    Args:
        kind: What is asked for.
        order: About which order.
        exchange: The ccxt object, for the venue's grids.
        rules: How the venue treats our client ids.
        venue_order_id: The venue's id of the order, where it is known.

    Raises:
        InputError: It cannot be said in the venue's terms.
    """
    if kind is RequestKind.SUBMIT:
        return _submit(order, exchange, rules)
    if rules.on_change is None and venue_order_id is None:
        raise InputError("the venue's id of the order is not known, and the venue finds it by no other")
    if kind is RequestKind.CANCEL:
        params = rules.change(order.client_order_id)
        if order.stop_ticks is not None:
            params["trigger"] = True
        named = None if rules.on_change is not None else venue_order_id
        return Call("cancel_order", (named, order.instrument.symbol, params))
    return _amend(order, exchange, rules, venue_order_id)


def _submit(order: Order, exchange: Any, rules: IdRules) -> Call:
    spec, params = order.instrument.spec, rules.create(order.client_order_id)
    is_market = order.type in _MARKETS
    if order.post_only:
        params["postOnly"] = True
    elif not is_market:
        params["timeInForce"] = order.tif.value
    elif order.tif is TimeInForce.FOK:
        raise InputError("a market order has no fill-or-kill")
    if order.reduce_only:
        if spec.kind == "spot":
            raise InputError("a spot order has no reduce-only")
        params["reduceOnly"] = True
    if order.stop_ticks is not None:
        if not rules.takes_conditional:
            raise InputError("conditional orders are not sent to this venue: they could not be found again")
        params["stopLossPrice"] = wire_price(exchange, spec, order.stop_ticks)
    price = None if order.price_ticks is None else wire_price(exchange, spec, order.price_ticks)
    amount = wire_amount(exchange, spec, order.size_steps)
    kind = "market" if is_market else "limit"
    return Call("create_order", (spec.symbol, kind, order.side.value, amount, price, params))


def _amend(order: Order, exchange: Any, rules: IdRules, venue_order_id: str | None) -> Call:
    if not rules.can_amend:
        raise InputError("the venue does not change a live order and keep its id")
    spec, price, size = order.instrument.spec, order.amend_price_ticks, order.amend_size_steps
    if price is None:
        raise InputError("an order without a price is not amended")
    if venue_order_id is None:
        raise InputError("the venue's id of the order is not known yet")
    return Call(
        "edit_order",
        (
            venue_order_id, spec.symbol, "limit", order.side.value,
            wire_amount(exchange, spec, order.size_steps if size is None else size),
            wire_price(exchange, spec, price), rules.amend(order.client_order_id),
        ),
    )  # fmt: skip
