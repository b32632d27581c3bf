"""One account as the venue's own books have it and as ccxt tells it, in the same exact terms."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from alipes.mockvenue.core import Entry, Fill, Margin, Order, Position, is_recorded
from alipes.mockvenue.listing import plain

STATES = {
    "new": "open",
    "partially_filled": "open",
    "filled": "closed",
    "canceled": "canceled",
    "expired": "expired",
}
KINDS = {"TRANSFER": "transfer", "REALIZED_PNL": "realized_pnl", "COMMISSION": "commission"}
KINDS |= {"FUNDING_FEE": "funding", "INSURANCE_CLEAR": "insurance_clear"}
MS = 1_000_000
HOUR_MS = 3_600_000


class View(NamedTuple):
    """An account: orders by symbol and id, fills, positions by symbol, wallets by asset, the ledger.

    Fills are by symbol, trade and order: an account that trades with itself has two of one trade.
    """

    orders: dict
    fills: dict
    positions: dict
    wallets: dict
    ledger: list


def exact(number):
    """The number that a float's shortest text stands for."""
    return None if number is None else Decimal(str(number))


def told(number, decimals=8):
    """A number as the wire has it."""
    return Decimal(plain(number, decimals))


def fills_of(exchange, account, index):
    """Every fill of an account at a perpetual."""
    return [Fill(*row) for row in exchange.live.fills(account, index, limit=10**6)]


def at_the_venue(server, account):
    """The account in the venue's books."""
    exchange = server.exchange
    fills = {
        (listing.symbol, fill.trade_id, fill.order_id): (
            ("buy", "sell")[fill.side], listing.spec.price(fill.price),
            listing.spec.size(fill.size), fill.is_maker, fill.fee, fill.fee_asset, fill.realised,
            fill.now // MS,
        )
        for listing in exchange.listings
        for fill in fills_of(exchange, account, listing.index)
    }  # fmt: skip
    orders = {
        (listing.symbol, order.order_id): _order(order, listing, fills)
        for listing in exchange.listings
        for order in (Order(*row) for row in exchange.live.orders(account, listing.index, limit=10**6))
        if is_recorded(order)
    }
    positions = {
        exchange.listings[each.instrument].symbol: (
            exchange.listings[each.instrument].spec.size(each.size), told(each.entry_price),
            each.unrealised, each.leverage,
        )
        for each in (Position(*row) for row in exchange.live.positions(account))
        if each.size
    }  # fmt: skip
    wallets = {}
    for asset, wallet in exchange.live.balances(account).items():
        margin = Margin(*exchange.live.margin(account, asset))
        assert margin.wallet == wallet
        worth, used = wallet + margin.unrealised, margin.initial + margin.open_orders
        wallets[asset] = (wallet, worth, margin.available, used)
    entries = (Entry(*row) for row in exchange.live.ledger(account, limit=10**6))
    return View(orders, fills, positions, wallets, [_entry(exchange, each) for each in entries])


def _order(order, listing, fills):
    spec = listing.spec
    own = [row[1:3] for (symbol, _, number), row in fills.items() if number == order.order_id]
    filled, cost = sum(size for _, size in own), sum(price * size for price, size in own)
    assert filled == spec.size(order.filled)
    return (
        order.client_id, STATES[order.status], ("buy", "sell")[order.side], ("limit", "market")[order.type],
        None if order.type else spec.price(order.price), spec.size(order.size), filled,
        told(cost / filled, listing.terms.price_decimals + 3) if filled else None, told(cost, 5),
        order.is_reduce_only, order.is_post_only, order.ts_created // MS,
    )  # fmt: skip


def _entry(exchange, entry):
    symbol = None if entry.instrument is None else exchange.listings[entry.instrument].symbol
    return str(entry.id), entry.kind, entry.asset, entry.amount, symbol, entry.now // MS


async def by_ccxt(client, symbols):
    """The account as an unmodified ccxt client reads it."""
    orders, fills = {}, {}
    for symbol in symbols:
        for each in await _all(client.fetch_orders, symbol):
            orders[symbol, int(each["id"])] = (
                each["clientOrderId"], each["status"], each["side"], each["type"],
                None if each["type"] == "market" else exact(each["price"]), exact(each["amount"]),
                exact(each["filled"]), exact(each["average"]), exact(each["cost"]), each["reduceOnly"],
                each["postOnly"], each["timestamp"],
            )  # fmt: skip
            assert exact(each["remaining"]) == exact(each["amount"]) - exact(each["filled"])
        for each in await _all(client.fetch_my_trades, symbol):
            fills[symbol, int(each["id"]), int(each["order"])] = (
                each["side"], exact(each["price"]), exact(each["amount"]),
                each["takerOrMaker"] == "maker", exact(each["fee"]["cost"]), each["fee"]["currency"],
                Decimal(each["info"]["realizedPnl"]), each["timestamp"],
            )  # fmt: skip
            assert exact(each["cost"]) == exact(each["price"]) * exact(each["amount"])
    positions = {
        each["symbol"]: (
            exact(each["contracts"]) * (-1 if each["side"] == "short" else 1), exact(each["entryPrice"]),
            exact(each["unrealizedPnl"]), int(each["leverage"]),
        )
        for each in await client.fetch_positions(list(symbols), {"useV2": True})
    }  # fmt: skip
    balance = await client.fetch_balance()
    wallets = {
        row["asset"]: (
            Decimal(row["walletBalance"]),
            *(exact(balance[row["asset"]][name]) for name in ("total", "free", "used")),
        )
        for row in balance["info"]["assets"]
    }
    assert set(wallets) == set(balance["total"])
    entries = await _all(client.fetch_ledger, None)
    return View(orders, fills, positions, wallets, [_told_entry(client, each) for each in entries])


def _told_entry(client, each):
    row = each["info"]
    symbol = client.safe_symbol(row["symbol"]) if row["symbol"] else None
    amount = exact(each["amount"]) * (-1 if each["direction"] == "out" else 1)
    return each["id"], KINDS[row["incomeType"]], each["currency"], amount, symbol, each["timestamp"]


async def _all(read, symbol):
    """Every row of the last hour, page after page."""
    found, since = {}, await read.__self__.fetch_time() - HOUR_MS
    while True:
        page = await read(symbol, since, 1000)
        known = len(found)
        found.update({(each["id"], each.get("order")): each for each in page})
        if len(found) == known:
            return list(found.values())
        since = page[-1]["timestamp"]


def check_money_is_conserved(server, accounts, deposits):
    """Wallets, unrealised profit at the marks and fees, of all accounts, add up to what was deposited."""
    live = server.exchange.live
    everyone = range(max(accounts) + 1)
    for asset, deposited in deposits.items():
        wallets = sum(live.balances(account).get(asset, Decimal(0)) for account in everyone)
        unrealised = Decimal(0)
        if asset in server.exchange.accounts.assets():
            unrealised = sum(Position(*row).unrealised for each in everyone for row in live.positions(each))
        earned = live.fee_account().get(asset, Decimal(0))
        assert wallets + unrealised + earned == deposited == live.total(asset)
