"""Public endpoints of figures: tickers, mark price, funding."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from alipes.mockvenue.clock import NS_PER_MS
from alipes.mockvenue.listing import plain
from alipes.mockvenue.market import FUNDING_MS
from alipes.mockvenue.routing import Route, Security
from alipes.mockvenue.streams.market import ticker_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from alipes.mockvenue.call import Call
    from alipes.mockvenue.market import Market
    from alipes.mockvenue.routing import Context

INTEREST_RATE: Final = "0.00010000"


def _each(context: Context, view: Callable[[Market, int], dict[str, Any] | None]) -> object:
    """One symbol's figures, or a list of all symbols'."""
    exchange, symbol = context.exchange, context.call.params.get("symbol")
    if symbol:
        return view(exchange.market(symbol), exchange.now) or {}
    return [row for market in exchange.markets if (row := view(market, exchange.now)) is not None]


def ticker_24h(context: Context) -> object:
    """The last 24 hours."""
    return _each(context, _ticker)


def _ticker(market: Market, now: int) -> dict[str, Any] | None:
    told = ticker_message(market, now)
    if told is None:
        return None
    return {
        "symbol": told["s"],
        "priceChange": told["p"],
        "priceChangePercent": told["P"],
        "weightedAvgPrice": told["w"],
        "lastPrice": told["c"],
        "lastQty": told["Q"],
        "openPrice": told["o"],
        "highPrice": told["h"],
        "lowPrice": told["l"],
        "volume": told["v"],
        "quoteVolume": told["q"],
        "openTime": told["O"],
        "closeTime": told["C"],
        "firstId": told["F"],
        "lastId": told["L"],
        "count": told["n"],
    }


def ticker_price(context: Context) -> object:
    """Price of the last trade."""
    return _each(context, _price)


def _price(market: Market, now: int) -> dict[str, Any] | None:
    del now
    if not market.tape.trades:
        return None
    last = market.tape.trades[-1]
    return {
        "symbol": market.listing.id,
        "price": market.printed.price_text(last.price),
        "time": last.time_ms,
    }


def book_ticker(context: Context) -> object:
    """Best prices and sizes."""
    return _each(context, _touch)


def _touch(market: Market, now: int) -> dict[str, Any]:
    listing, (bid, bid_size, ask, ask_size) = market.listing, market.best()
    market.depth.collect()
    return {
        "symbol": listing.id,
        "bidPrice": listing.price_text(bid or 0),
        "bidQty": listing.size_text(bid_size or 0),
        "askPrice": listing.price_text(ask or 0),
        "askQty": listing.size_text(ask_size or 0),
        "time": now // NS_PER_MS,
        "lastUpdateId": market.depth.update_id,
    }


def premium_index(context: Context) -> object:
    """Mark price and the next funding."""
    return _each(context, _premium)


def _premium(market: Market, now: int) -> dict[str, Any]:
    told = market.mark_message(now)
    return {
        "symbol": told["s"],
        "markPrice": told["p"],
        "indexPrice": told["i"],
        "estimatedSettlePrice": told["P"],
        "lastFundingRate": told["r"],
        "interestRate": INTEREST_RATE,
        "nextFundingTime": told["T"],
        "time": told["E"],
    }


def funding_rates(context: Context) -> object:
    """Funding rates of the past, the newest last."""
    params, exchange = context.call.params, context.exchange
    symbol = params.get("symbol")
    markets = [exchange.market(symbol)] if symbol else exchange.markets
    limit = params.limit(100, 1000)
    start, end = params.whole("startTime"), params.whole("endTime")
    now_ms = exchange.now // NS_PER_MS
    last = min(now_ms, now_ms if end is None else end) // FUNDING_MS
    first = last - limit + 1 if start is None else -(-start // FUNDING_MS)
    times = range(first, min(first + limit, last + 1))
    return [
        {
            "symbol": market.listing.id,
            "fundingRate": plain(Decimal(market.funding_rate)),
            "fundingTime": number * FUNDING_MS,
            "markPrice": plain(market.listing.spec.price(market.mark_ticks)),
        }
        for market in markets
        for number in times
    ]


def funding_info(context: Context) -> object:
    """Funding terms that were adjusted: none."""
    del context
    return []


def _by_symbol(one: int, every: int) -> Callable[[Call], int]:
    return lambda call: one if call.params.get("symbol") else every


def _public(path: str, handler: Any, weight: Any = 1, version: int = 1) -> Route:
    return Route("GET", f"/fapi/v{version}/{path}", handler, weight, Security.NONE)


ROUTES: Final = (
    _public("ticker/24hr", ticker_24h, _by_symbol(1, 40)),
    _public("ticker/price", ticker_price, _by_symbol(1, 2)),
    _public("ticker/price", ticker_price, _by_symbol(1, 2), 2),
    _public("ticker/bookTicker", book_ticker, _by_symbol(2, 5)),
    _public("premiumIndex", premium_index, _by_symbol(1, 10)),
    _public("fundingRate", funding_rates),
    _public("fundingInfo", funding_info, 0),
)
