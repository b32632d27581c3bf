"""Settings of an account: leverage, margin and position mode, fees, listen keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from alipes.mockvenue.accounts import MAINTENANCE_RATE, MOST_LEVERAGE
from alipes.mockvenue.clock import NS_PER_MS
from alipes.mockvenue.errors import ApiError
from alipes.mockvenue.rest.account import MOST_NOTIONAL
from alipes.mockvenue.routing import Route, Security

if TYPE_CHECKING:
    from alipes.mockvenue.market import Market
    from alipes.mockvenue.routing import Context


def set_leverage(context: Context) -> object:
    """Sets the leverage of a symbol."""
    params, exchange = context.call.params, context.exchange
    market = exchange.market(params.text("symbol"))
    params.text("leverage")
    leverage = params.whole("leverage") or 0
    exchange.accounts.set_leverage(context.account, market.listing.index, leverage)
    ms = exchange.now // NS_PER_MS
    config = {"s": market.listing.id, "l": leverage}
    message = {"e": "ACCOUNT_CONFIG_UPDATE", "E": ms, "T": ms, "ac": config}
    exchange.users.tell(context.account, message)
    return {"leverage": leverage, "maxNotionalValue": MOST_NOTIONAL, "symbol": market.listing.id}


def set_margin_type(context: Context) -> object:
    """Margin is shared between positions and stays so."""
    params = context.call.params
    context.exchange.market(params.text("symbol"))
    kind = params.text("marginType")
    if kind not in ("CROSSED", "ISOLATED"):
        raise ApiError(-1130, "marginType")
    raise ApiError(-4046 if kind == "CROSSED" else -4084)


def position_mode(context: Context) -> object:
    """One position a symbol."""
    del context
    return {"dualSidePosition": False}


def set_position_mode(context: Context) -> object:
    """The position mode stays one-way."""
    params = context.call.params
    params.text("dualSidePosition")
    raise ApiError(-4084 if params.flag("dualSidePosition") else -4059)


def multi_assets_mode(context: Context) -> object:
    """Each asset is margin for its own positions."""
    del context
    return {"multiAssetsMargin": False}


def leverage_bracket(context: Context) -> object:
    """One bracket a symbol, whatever the size."""
    exchange, symbol = context.exchange, context.call.params.get("symbol")
    markets = [exchange.market(symbol)] if symbol else exchange.markets
    return [_bracket(market) for market in markets]


def _bracket(market: Market) -> dict[str, Any]:
    only = {
        "bracket": 1,
        "initialLeverage": MOST_LEVERAGE,
        "notionalCap": int(MOST_NOTIONAL),
        "notionalFloor": 0,
        "maintMarginRatio": float(MAINTENANCE_RATE),
        "cum": 0.0,
    }
    return {"symbol": market.listing.id, "notionalCoef": 1.0, "brackets": [only]}


def commission_rate(context: Context) -> object:
    """Fees of a symbol."""
    exchange = context.exchange
    market = exchange.market(context.call.params.text("symbol"))
    return {
        "symbol": market.listing.id,
        "makerCommissionRate": exchange.config.maker_fee,
        "takerCommissionRate": exchange.config.taker_fee,
        "rpiCommissionRate": exchange.config.maker_fee,
    }


def account_config(context: Context) -> object:
    """Permissions and modes of the account."""
    del context
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "dualSidePosition": False,
        "updateTime": 0,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
    }


def symbol_config(context: Context) -> object:
    """Margin type and leverage of symbols."""
    exchange, symbol = context.exchange, context.call.params.get("symbol")
    markets = [exchange.market(symbol)] if symbol else exchange.markets
    return [
        {
            "symbol": market.listing.id,
            "marginType": "CROSSED",
            "isAutoAddMargin": False,
            "leverage": exchange.accounts.leverage(context.account, market.listing.index),
            "maxNotionalValue": MOST_NOTIONAL,
        }
        for market in markets
    ]


def open_listen_key(context: Context) -> object:
    """The listen key of the API key."""
    exchange = context.exchange
    return {"listenKey": exchange.users.open(context.key.key, context.account, exchange.now)}


def keep_listen_key(context: Context) -> object:
    """Keeps the listen key for another hour."""
    return {"listenKey": context.exchange.users.keep_alive(context.key.key, context.exchange.now)}


def close_listen_key(context: Context) -> object:
    """Takes the listen key away."""
    context.exchange.users.close(context.key.key)
    return {}


ROUTES: Final = (
    Route("POST", "/fapi/v1/leverage", set_leverage),
    Route("POST", "/fapi/v1/marginType", set_margin_type),
    Route("GET", "/fapi/v1/positionSide/dual", position_mode, 30),
    Route("POST", "/fapi/v1/positionSide/dual", set_position_mode),
    Route("GET", "/fapi/v1/multiAssetsMargin", multi_assets_mode, 30),
    Route("GET", "/fapi/v1/leverageBracket", leverage_bracket),
    Route("GET", "/fapi/v1/commissionRate", commission_rate, 20),
    Route("GET", "/fapi/v1/accountConfig", account_config, 5),
    Route("GET", "/fapi/v1/symbolConfig", symbol_config, 5),
    Route("POST", "/fapi/v1/listenKey", open_listen_key, 1, Security.KEY),
    Route("PUT", "/fapi/v1/listenKey", keep_listen_key, 1, Security.KEY),
    Route("DELETE", "/fapi/v1/listenKey", close_listen_key, 1, Security.KEY),
)
