"""Orders, fills, positions and balances as the wire writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from alipes.mockvenue.clock import NS_PER_MS
from alipes.mockvenue.listing import plain

if TYPE_CHECKING:
    from alipes.mockvenue.core import Entry, Fill, Margin, Order, Position
    from alipes.mockvenue.listing import Listing
    from alipes.mockvenue.market import Market

SIDES: Final = ("BUY", "SELL")
TYPES: Final = ("LIMIT", "MARKET")
TIFS: Final = ("GTC", "IOC", "FOK")
STP: Final = ("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH")
STATUSES: Final = {
    "new": "NEW",
    "partially_filled": "PARTIALLY_FILLED",
    "filled": "FILLED",
    "canceled": "CANCELED",
    "expired": "EXPIRED",
    "rejected": "REJECTED",
}
INCOME: Final = {
    "transfer": "TRANSFER",
    "realized_pnl": "REALIZED_PNL",
    "funding": "FUNDING_FEE",
    "commission": "COMMISSION",
    "insurance_clear": "INSURANCE_CLEAR",
}
AVERAGE_DECIMALS: Final = 3
"""Decimals of an average price beyond those of a price."""
ZERO: Final = Decimal(0)


def time_in_force(order: Order) -> str:
    """Time in force as the wire names it; market orders say GTC."""
    if order.is_post_only:
        return "GTX"
    return "GTC" if order.type else TIFS[order.tif]


def listing_of(order: Order, listing: Listing) -> Listing:
    """The perpetual on the grids that an order counts on: today's, or those it was closed on."""
    return listing if order.is_open else listing.at(order.ts_updated)


def average_text(order: Order, listing: Listing) -> str:
    """Average price of an order, 0 without fills."""
    return plain(order.average_price or ZERO, listing.terms.price_decimals + AVERAGE_DECIMALS)


def order_view(order: Order, listing: Listing, **extra: object) -> dict[str, Any]:
    """An order as REST gives it.

    Args:
        order: The order.
        listing: Its perpetual.
        **extra: Fields of some answers only.
    """
    listing = listing_of(order, listing)
    kind, filled = TYPES[order.type], listing.spec.size(order.filled)
    return {
        "orderId": order.order_id,
        "symbol": listing.id,
        "status": STATUSES[order.status],
        "clientOrderId": order.client_id,
        "price": listing.price_text(0 if order.type else order.price),
        "avgPrice": average_text(order, listing),
        "origQty": listing.size_text(order.size),
        "executedQty": listing.size_text(order.filled),
        "cumQuote": plain(filled * (order.average_price or ZERO), 5),
        "timeInForce": time_in_force(order),
        "type": kind,
        "reduceOnly": order.is_reduce_only,
        "closePosition": False,
        "side": SIDES[order.side],
        "positionSide": "BOTH",
        "stopPrice": listing.price_text(0),
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": kind,
        "priceMatch": "NONE",
        "selfTradePreventionMode": STP[order.stp],
        "goodTillDate": 0,
        "updateTime": order.ts_updated // NS_PER_MS,
        **extra,
    }


def queried(order: Order, listing: Listing) -> dict[str, Any]:
    """An order as queries give it."""
    return order_view(order, listing, time=order.ts_created // NS_PER_MS)


def placed(order: Order, listing: Listing) -> dict[str, Any]:
    """An order as placing, changing and cancelling answer it."""
    return order_view(order, listing, cumQty=listing_of(order, listing).size_text(order.filled))


def trade_view(fill: Fill, listing: Listing) -> dict[str, Any]:
    """A fill as ``userTrades`` gives it."""
    listing = listing.at(fill.now)
    return {
        "symbol": listing.id,
        "id": fill.trade_id,
        "orderId": fill.order_id,
        "side": SIDES[fill.side],
        "price": listing.price_text(fill.price),
        "qty": listing.size_text(fill.size),
        "realizedPnl": plain(fill.realised),
        "quoteQty": listing.value_text(fill.price, fill.size),
        "commission": plain(fill.fee),
        "commissionAsset": fill.fee_asset,
        "time": fill.now // NS_PER_MS,
        "positionSide": "BOTH",
        "buyer": fill.side == 0,
        "maker": fill.is_maker,
    }


def entry_view(entry: Entry, listings: list[Listing]) -> dict[str, Any]:
    """A row of the ledger as ``income`` gives it."""
    return {
        "symbol": "" if entry.instrument is None else listings[entry.instrument].id,
        "incomeType": INCOME[entry.kind],
        "income": plain(entry.amount),
        "asset": entry.asset,
        "info": "" if entry.trade_id is None else str(entry.trade_id),
        "time": entry.now // NS_PER_MS,
        "tranId": entry.id,
        "tradeId": "" if entry.trade_id is None else str(entry.trade_id),
    }


def notional_of(position: Position, market: Market) -> Decimal:
    """Signed value of a position at the mark price."""
    spec = market.listing.spec
    return spec.size(position.size) * spec.price(market.mark_ticks)


def break_even(entry_price: Decimal, size: int, taker_fee: str) -> Decimal:
    """Entry price with the taker's fee of both ways: where a position of a signed size pays for itself."""
    sign = (size > 0) - (size < 0)
    return entry_price * (1 + sign * 2 * Decimal(taker_fee)) if sign else ZERO


def asset_view(asset: str, margin: Margin, updated_ms: int) -> dict[str, Any]:
    """A balance as ``account`` gives it."""
    initial = margin.initial + margin.open_orders
    return {
        "asset": asset,
        "walletBalance": plain(margin.wallet),
        "unrealizedProfit": plain(margin.unrealised),
        "marginBalance": plain(margin.wallet + margin.unrealised),
        "maintMargin": plain(margin.maintenance),
        "initialMargin": plain(initial),
        "positionInitialMargin": plain(margin.initial),
        "openOrderInitialMargin": plain(margin.open_orders),
        "crossWalletBalance": plain(margin.wallet),
        "crossUnPnl": plain(margin.unrealised),
        "availableBalance": plain(margin.available),
        "maxWithdrawAmount": plain(max(ZERO, min(margin.available, margin.wallet))),
        "marginAvailable": True,
        "updateTime": updated_ms,
    }


def balance_view(asset: str, margin: Margin, updated_ms: int, alias: str) -> dict[str, Any]:
    """A balance as ``balance`` gives it."""
    return {
        "accountAlias": alias,
        "asset": asset,
        "balance": plain(margin.wallet),
        "crossWalletBalance": plain(margin.wallet),
        "crossUnPnl": plain(margin.unrealised),
        "availableBalance": plain(margin.available),
        "maxWithdrawAmount": plain(max(ZERO, min(margin.available, margin.wallet))),
        "marginAvailable": True,
        "updateTime": updated_ms,
    }
