"""Placing, changing and cancelling orders, one at a time and in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from alipes.mockvenue.call import Parameters
from alipes.mockvenue.errors import ApiError
from alipes.mockvenue.orders import SIDES, check_band, read_order, read_price, read_size
from alipes.mockvenue.routing import Route
from alipes.mockvenue.views import placed

if TYPE_CHECKING:
    from collections.abc import Callable

    from alipes.mockvenue.routing import Context

MOST_BATCH: Final = 5
MOST_CANCELS: Final = 10
DONE: Final = {"code": 200, "msg": "The operation of cancel all open order is done."}
MOST_COUNTDOWN_MS: Final = 24 * 3600 * 1000


def place(context: Context) -> object:
    """A new order."""
    context.charge_orders(1)
    return _place(context, context.call.params)


def _place(context: Context, params: Parameters) -> dict[str, Any]:
    market = context.exchange.market(params.text("symbol"))
    if market.listing.status != "TRADING":
        raise ApiError(-4108)
    order = context.desk.submit(context.account, market, read_order(params, market))
    return placed(order, market.listing)


def test_order(context: Context) -> object:
    """A new order that is checked and not placed."""
    params = context.call.params
    read_order(params, context.exchange.market(params.text("symbol")))
    return {}


def modify(context: Context) -> object:
    """Another price and size of an open order."""
    context.charge_orders(1)
    return _modify(context, context.call.params)


def _modify(context: Context, params: Parameters) -> dict[str, Any]:
    market = context.exchange.market(params.text("symbol"))
    side = SIDES.get(params.text("side"))
    if side is None:
        raise ApiError(-1117)
    order = context.desk.named(context.account, params, market, missing=-2013)
    size = read_size(params.number("quantity"), market.listing, is_market=False)
    price = read_price(params.number("price"), market)
    if side != order.side:
        raise ApiError(-1117)
    check_band(side, price, market)
    if (price, size) == (order.price, order.size):
        raise ApiError(-5027)
    return placed(context.desk.amend(context.account, order, price, size), market.listing)


def cancel(context: Context) -> object:
    """Cancels one order."""
    return _cancel(context, context.call.params)


def _cancel(context: Context, params: Parameters) -> dict[str, Any]:
    market = context.exchange.market(params.text("symbol"))
    order = context.desk.named(context.account, params, market, missing=-2011)
    return placed(context.desk.cancel(context.account, order), market.listing)


def cancel_all(context: Context) -> object:
    """Cancels all open orders of a symbol."""
    market = context.exchange.market(context.call.params.text("symbol"))
    context.desk.cancel_all(context.account, market)
    return DONE


def countdown_cancel_all(context: Context) -> object:
    """Cancels all open orders of a symbol after a time, unless called again; 0 takes it back."""
    params = context.call.params
    market = context.exchange.market(params.text("symbol"))
    params.text("countdownTime")
    countdown = params.whole("countdownTime") or 0
    if countdown > MOST_COUNTDOWN_MS:
        raise ApiError(-1130, "countdownTime")
    context.exchange.accounts.set_switch(context.account, market.listing.index, countdown)
    return {"symbol": market.listing.id, "countdownTime": str(countdown)}


def place_batch(context: Context) -> object:
    """Up to five new orders; each is answered with the order or its error."""
    return _batch(context, _place)


def modify_batch(context: Context) -> object:
    """Up to five changes; see `place_batch`."""
    return _batch(context, _modify)


def _batch(context: Context, one: Callable[[Context, Parameters], dict[str, Any]]) -> list[dict[str, Any]]:
    rows = _rows(context.call.params.text("batchOrders"))
    if not 0 < len(rows) <= MOST_BATCH:
        raise ApiError(-4082)
    context.charge_orders(len(rows))
    return [_try(context, one, params) for params in rows]


def _try(
    context: Context, one: Callable[[Context, Parameters], dict[str, Any]], params: Parameters
) -> dict[str, Any]:
    try:
        return one(context, params)
    except ApiError as error:
        return error.body()


def _rows(text: str) -> list[Parameters]:
    try:
        rows = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ApiError(-1130, "batchOrders") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ApiError(-1130, "batchOrders")
    return [Parameters({name: as_text(value) for name, value in row.items()}) for row in rows]


def as_text(value: object) -> str:
    """A JSON value as a query string would carry it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def cancel_batch(context: Context) -> object:
    """Cancels up to ten orders of a symbol, named by either id."""
    params = context.call.params
    symbol = params.text("symbol")
    by_id = _list(params, "orderIdList") or _list(params, "orderidlist")
    by_client = _list(params, "origClientOrderIdList") or _list(params, "origclientorderidlist")
    named = [("orderId", each) for each in by_id] or [("origClientOrderId", each) for each in by_client]
    if not named:
        raise ApiError(-1102, "orderIdList")
    if len(named) > MOST_CANCELS:
        raise ApiError(-4032)
    return [
        _try(context, _cancel, Parameters({"symbol": symbol, name: as_text(value)})) for name, value in named
    ]


def _list(params: Parameters, name: str) -> list[object]:
    text = params.get(name)
    if not text:
        return []
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ApiError(-1130, name) from None
    if not isinstance(found, list):
        raise ApiError(-1130, name)
    return found


ROUTES: Final = (
    Route("POST", "/fapi/v1/order", place, 0),
    Route("POST", "/fapi/v1/order/test", test_order, 0),
    Route("PUT", "/fapi/v1/order", modify),
    Route("DELETE", "/fapi/v1/order", cancel),
    Route("POST", "/fapi/v1/batchOrders", place_batch, 5),
    Route("PUT", "/fapi/v1/batchOrders", modify_batch, 5),
    Route("DELETE", "/fapi/v1/batchOrders", cancel_batch),
    Route("DELETE", "/fapi/v1/allOpenOrders", cancel_all),
    Route("POST", "/fapi/v1/countdownCancelAll", countdown_cancel_all, 10),
)
