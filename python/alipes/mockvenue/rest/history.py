"""What became of orders: queries of orders, fills and the ledger."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from alipes.mockvenue.clock import NS_PER_MS
from alipes.mockvenue.core import Entry, Fill, Order, is_recorded
from alipes.mockvenue.errors import ApiError
from alipes.mockvenue.routing import Route
from alipes.mockvenue.views import INCOME, entry_view, queried, trade_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from alipes.mockvenue.call import Call, Parameters
    from alipes.mockvenue.routing import Context

Row = TypeVar("Row")
EVERYTHING: Final = 1_000_000
"""More rows than the core keeps."""
WEEK_MS: Final = 7 * 24 * 3600 * 1000
"""Longest stretch of orders and of fills that a request may name."""
OPEN: Final = frozenset({"new", "partially_filled"})


def order(context: Context) -> object:
    """One order, open or not."""
    params = context.call.params
    market = context.exchange.market(params.text("symbol"))
    return queried(context.desk.named(context.account, params, market, missing=-2013), market.listing)


def open_order(context: Context) -> object:
    """One open order."""
    params = context.call.params
    market = context.exchange.market(params.text("symbol"))
    found = context.desk.named(context.account, params, market, missing=-2013)
    if found.status not in OPEN:
        raise ApiError(-2013)
    return queried(found, market.listing)


def open_orders(context: Context) -> object:
    """All open orders, of a symbol or of all."""
    symbol = context.call.params.get("symbol")
    market = context.exchange.market(symbol) if symbol else None
    listings = context.exchange.listings
    return [queried(each, listings[each.instrument]) for each in context.desk.open(context.account, market)]


def all_orders(context: Context) -> object:
    """Orders of a symbol in any state: from an id, from a time, or the last ones."""
    params = context.call.params
    market = context.exchange.market(params.text("symbol"))
    first, limit = params.whole("orderId"), params.limit(500, 1000)
    within = _within(params, longest_ms=WEEK_MS)

    def read(from_id: int, limit: int) -> list[Order]:
        rows = context.exchange.live.orders(
            context.account, market.listing.index, from_id=from_id, limit=limit
        )
        return [Order(*row) for row in rows]

    found = _found(read, limit, params, first, lambda each: is_recorded(each) and within(each.ts_created))
    return [queried(each, market.listing) for each in found]


def user_trades(context: Context) -> object:
    """Fills of a symbol: from an id, from a time, of an order, or the last ones."""
    params = context.call.params
    market = context.exchange.market(params.text("symbol"))
    first, limit, order_id = params.whole("fromId"), params.limit(500, 1000), params.whole("orderId")
    within = _within(params, longest_ms=WEEK_MS)

    def read(from_id: int, limit: int) -> list[Fill]:
        rows = context.exchange.live.fills(
            context.account, market.listing.index, from_id=from_id, limit=limit
        )
        return [Fill(*row) for row in rows]

    def is_asked(fill: Fill) -> bool:
        return within(fill.now) and (order_id is None or fill.order_id == order_id)

    return [trade_view(each, market.listing) for each in _found(read, limit, params, first, is_asked)]


def income(context: Context) -> object:
    """The ledger: transfers, realised profit, funding, fees."""
    params, exchange = context.call.params, context.exchange
    symbol, kind, limit = params.get("symbol"), params.get("incomeType"), params.limit(100, 1000)
    if kind and kind not in INCOME.values():
        raise ApiError(-1130, "incomeType")
    index = exchange.market(symbol).listing.index if symbol else None
    within = _within(params)

    def read(from_id: int, limit: int) -> list[Entry]:
        return [Entry(*row) for row in exchange.live.ledger(context.account, from_id=from_id, limit=limit)]

    def is_asked(entry: Entry) -> bool:
        is_of_kind = not kind or INCOME[entry.kind] == kind
        return is_of_kind and within(entry.now) and (index is None or entry.instrument == index)

    return [entry_view(each, exchange.listings) for each in _found(read, limit, params, None, is_asked)]


def _within(params: Parameters, *, longest_ms: int | None = None) -> Callable[[int], bool]:
    """Whether a time in ns lies in the stretch that a request names in ms.

    Raises:
        ApiError: -4165, a stretch longer than the venue reads.
    """
    start, end = params.whole("startTime"), params.whole("endTime")
    if longest_ms is not None and start is not None and end is not None and end - start > longest_ms:
        raise ApiError(-4165)
    return lambda now: (
        (start is None or now // NS_PER_MS >= start) and (end is None or now // NS_PER_MS <= end)
    )


def _found(
    read: Callable[[int, int], list[Row]],
    limit: int,
    params: Parameters,
    first: int | None,
    is_asked: Callable[[Row], bool],
) -> list[Row]:
    """The first rows that are asked for from an id or a start time on, without either the last ones.

    Args:
        read: Rows from an id on, by id, at most as many as the second argument says.
        limit: The most rows.
        params: Of the request.
        first: The id, if the request names one.
        is_asked: Whether a row is asked for.
    """
    if first is None and params.whole("startTime") is None:
        return newest(read, limit, is_asked)
    return list(islice(filter(is_asked, read(first or 0, EVERYTHING)), limit))


def newest(read: Callable[[int, int], list[Row]], limit: int, is_asked: Callable[[Row], bool]) -> list[Row]:
    """The last rows that are asked for; of a long history only its end is read, in steps that double."""
    end = 1
    while read(end, 1):
        end *= 2
    step, start = limit, end
    found: list[Row] = []
    while start > 0:
        start = max(0, end - step)
        found = list(filter(is_asked, read(start, EVERYTHING)))
        if len(found) >= limit:
            break
        step *= 2
    return found[-limit:]


def _open_weight(call: Call) -> int:
    return 1 if call.params.get("symbol") else 40


ROUTES: Final = (
    Route("GET", "/fapi/v1/order", order),
    Route("GET", "/fapi/v1/openOrder", open_order),
    Route("GET", "/fapi/v1/openOrders", open_orders, _open_weight),
    Route("GET", "/fapi/v1/allOrders", all_orders, 5),
    Route("GET", "/fapi/v1/userTrades", user_trades, 5),
    Route("GET", "/fapi/v1/income", income, 30),
)
