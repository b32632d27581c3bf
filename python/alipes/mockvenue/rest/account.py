"""Accounts: balances, margin and positions, in the versions of the API that clients use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from alipes.mockvenue.clock import NS_PER_MS
from alipes.mockvenue.core import Margin, Position
from alipes.mockvenue.listing import plain
from alipes.mockvenue.routing import Route
from alipes.mockvenue.views import ZERO, asset_view, balance_view, break_even, notional_of

if TYPE_CHECKING:
    from alipes.mockvenue.market import Market
    from alipes.mockvenue.routing import Context

MOST_NOTIONAL: Final = "100000000"
"""Largest position value at any leverage: the venue has one bracket."""


def account_v3(context: Context) -> object:
    """Balances, and the positions of symbols that have any or orders."""
    return {
        **_totals(context),
        "assets": _assets(context),
        "positions": [_position_v3(context, market, position) for market, position in _busy(context)],
    }


def account_v2(context: Context) -> object:
    """Balances and all positions, with the account's permissions."""
    held = context.exchange.accounts.positions(context.account)
    return {
        "feeTier": 0,
        "feeBurn": False,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "updateTime": 0,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
        **_totals(context),
        "assets": _assets(context),
        "positions": [
            _position_v2(context, market, held.get(market.listing.index) or _flat(context, market))
            for market in context.exchange.markets
        ],
    }


def balance(context: Context) -> object:
    """Balances alone."""
    accounts, account = context.exchange.accounts, context.account
    updated = accounts.updated_ms(account)
    return [
        balance_view(asset, accounts.margin(account, asset), updated, f"alipes{account}")
        for asset in accounts.held(account)
    ]


def position_risk_v3(context: Context) -> object:
    """Positions of symbols that have any or open orders."""
    symbol = context.call.params.get("symbol")
    wanted = context.exchange.market(symbol) if symbol else None
    return [
        _risk_v3(context, market, position)
        for market, position in _busy(context)
        if wanted is None or market is wanted
    ]


def position_risk_v2(context: Context) -> object:
    """Positions of all symbols, flat ones too."""
    symbol, exchange = context.call.params.get("symbol"), context.exchange
    held = exchange.accounts.positions(context.account)
    return [
        _risk_v2(context, market, held.get(market.listing.index) or _flat(context, market))
        for market in ([exchange.market(symbol)] if symbol else exchange.markets)
    ]


def _flat(context: Context, market: Market) -> Position:
    index = market.listing.index
    return Position.flat(index, context.exchange.accounts.leverage(context.account, index))


def _busy(context: Context) -> list[tuple[Market, Position]]:
    """Perpetuals with a position or open orders."""
    exchange = context.exchange
    held = exchange.accounts.positions(context.account)
    ordered = {order.instrument for order in context.desk.open(context.account)}
    return [
        (market, held.get(market.listing.index) or _flat(context, market))
        for market in exchange.markets
        if market.listing.index in held or market.listing.index in ordered
    ]


def _assets(context: Context) -> list[dict[str, Any]]:
    accounts, account = context.exchange.accounts, context.account
    updated = accounts.updated_ms(account)
    return [asset_view(asset, accounts.margin(account, asset), updated) for asset in accounts.held(account)]


def _totals(context: Context) -> dict[str, str]:
    """Sums over the settlement assets, which count alike: the venue settles in dollars only."""
    accounts, account = context.exchange.accounts, context.account
    margins = [accounts.margin(account, asset) for asset in accounts.assets()]
    total = Margin(*(sum(column, ZERO) for column in zip(*margins, strict=True)))
    return {
        "totalInitialMargin": plain(total.initial + total.open_orders),
        "totalMaintMargin": plain(total.maintenance),
        "totalWalletBalance": plain(total.wallet),
        "totalUnrealizedProfit": plain(total.unrealised),
        "totalMarginBalance": plain(total.wallet + total.unrealised),
        "totalPositionInitialMargin": plain(total.initial),
        "totalOpenOrderInitialMargin": plain(total.open_orders),
        "totalCrossWalletBalance": plain(total.wallet),
        "totalCrossUnPnl": plain(total.unrealised),
        "availableBalance": plain(total.available),
        "maxWithdrawAmount": plain(max(ZERO, min(total.available, total.wallet))),
    }


def _position_v3(context: Context, market: Market, position: Position) -> dict[str, Any]:
    return {
        "symbol": market.listing.id,
        "positionSide": "BOTH",
        "positionAmt": market.listing.size_text(position.size),
        "unrealizedProfit": plain(position.unrealised),
        "isolatedMargin": "0",
        "notional": plain(notional_of(position, market)),
        "isolatedWallet": "0",
        "initialMargin": plain(position.initial_margin),
        "maintMargin": plain(position.maintenance_margin),
        "updateTime": context.exchange.now // NS_PER_MS,
    }


def _position_v2(context: Context, market: Market, position: Position) -> dict[str, Any]:
    prices = _prices(context, market, position)
    return {
        **_position_v3(context, market, position),
        "positionInitialMargin": plain(position.initial_margin),
        "openOrderInitialMargin": "0",
        "leverage": str(position.leverage),
        "isolated": False,
        "entryPrice": prices["entryPrice"],
        "breakEvenPrice": prices["breakEvenPrice"],
        "maxNotional": MOST_NOTIONAL,
        "bidNotional": "0",
        "askNotional": "0",
    }


def _prices(context: Context, market: Market, position: Position) -> dict[str, str]:
    fee, entry, liquidation = context.exchange.config.taker_fee, position.entry_price or ZERO, ZERO
    if position.size:
        liquidation = context.exchange.accounts.liquidation_price(context.account, position)
    return {
        "entryPrice": plain(entry),
        "breakEvenPrice": plain(break_even(entry, position.size, fee)),
        "markPrice": plain(market.listing.spec.price(market.mark_ticks)),
        "liquidationPrice": plain(liquidation),
    }


def _risk_v3(context: Context, market: Market, position: Position) -> dict[str, Any]:
    return {
        "symbol": market.listing.id,
        "positionSide": "BOTH",
        "positionAmt": market.listing.size_text(position.size),
        **_prices(context, market, position),
        "unRealizedProfit": plain(position.unrealised),
        "isolatedMargin": "0",
        "notional": plain(notional_of(position, market)),
        "marginAsset": market.listing.quote,
        "isolatedWallet": "0",
        "initialMargin": plain(position.initial_margin),
        "maintMargin": plain(position.maintenance_margin),
        "positionInitialMargin": plain(position.initial_margin),
        "openOrderInitialMargin": "0",
        "adl": 0,
        "bidNotional": "0",
        "askNotional": "0",
        "updateTime": context.exchange.now // NS_PER_MS,
    }


def _risk_v2(context: Context, market: Market, position: Position) -> dict[str, Any]:
    return {
        "symbol": market.listing.id,
        "positionAmt": market.listing.size_text(position.size),
        **_prices(context, market, position),
        "unRealizedProfit": plain(position.unrealised),
        "leverage": str(position.leverage),
        "maxNotionalValue": MOST_NOTIONAL,
        "marginType": "cross",
        "isolatedMargin": "0.00000000",
        "isAutoAddMargin": "false",
        "positionSide": "BOTH",
        "notional": plain(notional_of(position, market)),
        "isolatedWallet": "0",
        "updateTime": context.exchange.now // NS_PER_MS,
    }


ROUTES: Final = (
    Route("GET", "/fapi/v2/account", account_v2, 5),
    Route("GET", "/fapi/v3/account", account_v3, 5),
    Route("GET", "/fapi/v2/balance", balance, 5),
    Route("GET", "/fapi/v3/balance", balance, 5),
    Route("GET", "/fapi/v2/positionRisk", position_risk_v2, 5),
    Route("GET", "/fapi/v3/positionRisk", position_risk_v3, 5),
)
