"""Public endpoints of the market: time, listings, depth, trades, bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from alipes.mockvenue.accounts import MOST_LEVERAGE
from alipes.mockvenue.candles import INTERVALS_MS, kline_row, start_of
from alipes.mockvenue.clock import NS_PER_MS
from alipes.mockvenue.errors import ApiError
from alipes.mockvenue.orders import MOST_PRICE, PRICE_BAND
from alipes.mockvenue.routing import Route, Security

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alipes.mockvenue.call import Call
    from alipes.mockvenue.listing import Listing
    from alipes.mockvenue.routing import Context
    from alipes.mockvenue.tape import Aggregate

DEPTH_LIMITS: Final = {5: 2, 10: 2, 20: 2, 50: 2, 100: 5, 500: 10, 1000: 20}
"""Weight by number of levels."""
PERPETUAL_MS: Final = 4_133_404_800_000
"""Delivery date of what is never delivered."""
ONBOARD_MS: Final = 1_569_398_400_000
ORDER_TYPES: Final = (
    "LIMIT",
    "MARKET",
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
)
TIMES_IN_FORCE: Final = ("GTC", "IOC", "FOK", "GTX")


def ping(context: Context) -> object:
    """Nothing."""
    del context
    return {}


def time(context: Context) -> object:
    """Venue time."""
    return {"serverTime": context.exchange.now // NS_PER_MS}


def exchange_info(context: Context) -> object:
    """Limits, assets and symbols."""
    exchange = context.exchange
    limits = exchange.config.limits
    return {
        "timezone": "UTC",
        "serverTime": exchange.now // NS_PER_MS,
        "futuresType": "U_MARGINED",
        "rateLimits": [
            _limit("REQUEST_WEIGHT", "MINUTE", 1, limits.weight_minute),
            _limit("ORDERS", "MINUTE", 1, limits.orders_minute),
            _limit("ORDERS", "SECOND", 10, limits.orders_10s),
        ],
        "exchangeFilters": [],
        "assets": [
            {"asset": asset, "marginAvailable": True, "autoAssetExchange": "-10000"}
            for asset in exchange.accounts.assets()
        ],
        "symbols": [symbol_view(listing) for listing in exchange.listings],
    }


def _limit(kind: str, interval: str, number: int, limit: int) -> dict[str, Any]:
    return {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}


def symbol_view(listing: Listing) -> dict[str, Any]:
    """A symbol as ``exchangeInfo`` gives it."""
    return {
        "symbol": listing.id,
        "pair": listing.id,
        "contractType": "PERPETUAL",
        "deliveryDate": PERPETUAL_MS,
        "onboardDate": ONBOARD_MS,
        "status": listing.status,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": listing.base,
        "quoteAsset": listing.quote,
        "marginAsset": listing.quote,
        "pricePrecision": listing.terms.price_decimals,
        "quantityPrecision": listing.lot_decimals,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": str(PRICE_BAND),
        "maxMoveOrderLimit": 10000,
        "filters": _filters(listing),
        "orderTypes": list(ORDER_TYPES),
        "timeInForce": list(TIMES_IN_FORCE),
        "permissionSets": ["GRID", "COPY"],
        "maxLeverage": MOST_LEVERAGE,
    }


def _filters(listing: Listing) -> list[dict[str, Any]]:
    terms, tick = listing.terms, listing.price_text(1)
    highest = int(listing.spec.ticks(terms.price)) * MOST_PRICE
    lot = listing.size_text(listing.spec.lot_steps)
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": tick,
            "maxPrice": listing.price_text(highest),
            "tickSize": tick,
        },
        {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": terms.most, "stepSize": lot},
        {"filterType": "MARKET_LOT_SIZE", "minQty": lot, "maxQty": terms.most_market, "stepSize": lot},
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "MIN_NOTIONAL", "notional": terms.min_notional},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": str(1 + PRICE_BAND),
            "multiplierDown": str(1 - PRICE_BAND),
            "multiplierDecimal": "4",
        },
    ]


def depth(context: Context) -> object:
    """A snapshot of the book, numbered as the depth streams are."""
    market = context.exchange.market(context.call.params.text("symbol"))
    limit = context.call.params.whole("limit") or 500
    if limit not in DEPTH_LIMITS:
        raise ApiError(-4021, limit)
    update_id, bids, asks = market.depth.snapshot(limit)
    ms = context.exchange.now // NS_PER_MS
    return {
        "lastUpdateId": update_id,
        "E": ms,
        "T": ms,
        "bids": market.listing.levels(bids),
        "asks": market.listing.levels(asks),
    }


def _depth_weight(call: Call) -> int:
    limit = call.params.get("limit", "500")
    return DEPTH_LIMITS.get(int(limit), 2) if limit.isdecimal() else 2


def trades(context: Context) -> object:
    """The last public trades."""
    params = context.call.params
    market = context.exchange.market(params.text("symbol"))
    limit = params.limit(500, 1000)
    first = params.whole("fromId")
    listing = market.printed
    found = [each for each in market.tape.trades if first is None or each.id >= first]
    return [
        {
            "id": each.id,
            "price": listing.price_text(each.price),
            "qty": listing.size_text(each.size),
            "quoteQty": listing.value_text(each.price, each.size),
            "time": each.time_ms,
            "isBuyerMaker": not each.is_buy,
        }
        for each in (found[-limit:] if first is None else found[:limit])
    ]


def aggregated_trades(context: Context) -> object:
    """The last aggregated trades, or those from an id or a time."""
    params = context.call.params
    market = context.exchange.market(params.text("symbol"))
    limit, first = params.limit(500, 1000), params.whole("fromId")
    start, end = params.whole("startTime"), params.whole("endTime")
    found = [
        each
        for each in market.tape.aggregates
        if (first is None or each.id >= first)
        and (start is None or each.time_ms >= start)
        and (end is None or each.time_ms <= end)
    ]
    is_last = first is None and start is None
    return _aggregates(market.printed, found[-limit:] if is_last else found[:limit])


def _aggregates(listing: Listing, found: Iterable[Aggregate]) -> list[dict[str, Any]]:
    return [
        {
            "a": each.id,
            "p": listing.price_text(each.price),
            "q": listing.size_text(each.size),
            "f": each.first_id,
            "l": each.last_id,
            "T": each.time_ms,
            "m": not each.is_buy,
        }
        for each in found
    ]


def klines(context: Context) -> object:
    """Bars: the last ones, or those of a stretch of time."""
    params = context.call.params
    market = context.exchange.market(params.text("symbol"))
    interval = params.text("interval")
    if interval not in INTERVALS_MS:
        raise ApiError(-1120)
    limit = params.limit(500, 1500)
    start, end = params.whole("startTime"), params.whole("endTime")
    last = market.tape.candles.bars(
        interval,
        from_ms=0 if start is None else start,
        to_ms=None if end is None else start_of(interval, end),
    )
    chosen = last[-limit:] if start is None else last[:limit]
    return [kline_row(market.printed, interval, bar) for bar in chosen]


def _kline_weight(call: Call) -> int:
    limit = call.params.get("limit", "500")
    asked = int(limit) if limit.isdecimal() else 500
    return next((weight for most, weight in ((99, 1), (499, 2), (1000, 5)) if asked <= most), 10)


def _public(path: str, handler: Any, weight: Any = 1) -> Route:
    return Route("GET", f"/fapi/v1/{path}", handler, weight, Security.NONE)


ROUTES: Final = (
    _public("ping", ping),
    _public("time", time),
    _public("exchangeInfo", exchange_info),
    _public("depth", depth, _depth_weight),
    _public("trades", trades, 5),
    Route("GET", "/fapi/v1/historicalTrades", trades, 20, Security.KEY),
    _public("aggTrades", aggregated_trades, 20),
    _public("klines", klines, _kline_weight),
)
