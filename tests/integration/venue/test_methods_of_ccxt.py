"""Every method of ccxt that docs/venue.md lists gives what it says; every other one says what is missing."""

from __future__ import annotations

import asyncio
import inspect
import re
from pathlib import Path

import ccxt
import pytest
from tests.integration.venue.clients import BTC, ETH, run, soon, traded

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "venue.md").read_text()
TABLE = {
    name: (tuple(filter(None, arguments.split(", "))), given)
    for name, arguments, given in re.findall(r"\| `((?:fetch|watch)_\w+)\(([^)]*)\)` \| ([^|]+) \|", PAGE)
}
"""Arguments and what it gives, by method, as on the page."""
READS = [name for name in TABLE if name.startswith("fetch")]
WATCHES = [name for name in TABLE if name.startswith("watch")]
SILENT = {
    "watchLiquidations", "watchLiquidationsForSymbols", "watchMyLiquidations",
    "watchMyLiquidationsForSymbols", "watchOrdersForSymbols",
}  # fmt: skip
"""Streams that do not exist here, and the last one not in ccxt either, which says that it has it."""


def is_row(each, **kinds):
    return all(isinstance(each[name], kind) for name, kind in kinds.items())


def every(test):
    """Whether something is a list that is not empty, all of it such."""
    return lambda rows: len(rows) > 0 and all(test(each) for each in rows)


def by_symbol(test):
    """Whether something is a mapping by symbol with such values."""
    return lambda found: len(found) > 0 and set(found) <= {BTC, ETH} and all(map(test, found.values()))


def a_book(book):
    (bid, *_), (ask, *_) = book["bids"][0], book["asks"][0]
    return 0 < bid < ask


def a_bar(bar):
    return len(bar) == 6 and bar[3] <= bar[4] <= bar[2]


def an_order(order):
    return order["symbol"] == BTC and is_row(order, id=str, clientOrderId=str, status=str, amount=float)


def a_trade(trade):
    return trade["symbol"] in (BTC, ETH) and is_row(trade, id=str, price=float, amount=float, timestamp=int)


def an_own_trade(trade):
    return a_trade(trade) and trade["fee"]["currency"] == "USDT" and trade["takerOrMaker"] == "taker"


def a_position(position):
    return position["symbol"] == BTC and position["side"] == "long" and position["contracts"] >= 0.02


def a_ticker(ticker):
    return ticker["low"] <= ticker["last"] <= ticker["high"]


def a_mark(ticker):
    return ticker["markPrice"] > 0


def a_touch(ticker):
    return 0 < ticker["bid"] < ticker["ask"]


def a_tier(tier):
    return tier["maxLeverage"] == 125


def a_fee(fee):
    return (fee["maker"], fee["taker"]) == (0.0002, 0.0005)


def a_leverage(leverage):
    return leverage["longLeverage"] == 20


CHECKS = {
    "markets": every(lambda each: each["symbol"] in (BTC, ETH) and each["linear"]),
    "currencies": lambda found: {"BTC", "ETH", "USDT"} <= set(found),
    "a currency": lambda found: found["info"]["coin"] == "USDT",
    "withdrawal fees": lambda found: found["deposit"] == {},
    "a time": lambda ms: ms >= 1_750_000_000_000,
    "a status": lambda found: found["status"] == "ok",
    "a book": a_book,
    "trades": every(a_trade),
    "bars": every(a_bar),
    "bars by symbol": by_symbol(lambda frames: every(a_bar)(frames["1m"])),
    "a ticker": lambda found: a_ticker(found) if found.get("high") else found["symbol"] == BTC,
    "tickers": by_symbol(a_ticker),
    "touches": by_symbol(a_touch),
    "last prices": by_symbol(lambda each: each["price"] > 0),
    "a mark price": a_mark,
    "mark prices": by_symbol(a_mark),
    "a funding rate": lambda rate: rate["fundingRate"] == 0.0001,
    "funding rates": by_symbol(lambda rate: rate["fundingRate"] == 0.0001),
    "past funding rates": every(lambda rate: rate["fundingRate"] == 0.0001),
    "nothing: every symbol has eight hours": lambda found: found == {},
    "limits": by_symbol(lambda each: each["min"] == 0.001),
    "an order": an_order,
    "orders": every(an_order),
    "own trades": every(an_own_trade),
    "a balance": lambda found: 99_000 < found["USDT"]["total"] < 101_000,
    "positions": every(a_position),
    "ledger entries": every(lambda each: each["currency"] == "USDT" and each["amount"] > 0),
    "funding payments": every(lambda each: each["code"] == "USDT" and each["amount"] < 0),
    "a leverage": a_leverage,
    "leverages": by_symbol(a_leverage),
    "leverage tiers": every(a_tier),
    "leverage tiers by symbol": by_symbol(every(a_tier)),
    "a margin mode": lambda found: found["marginMode"] == "cross",
    "margin modes": by_symbol(lambda found: found["marginMode"] == "cross"),
    "a position mode": lambda found: found["hedged"] is False,
    "a fee": a_fee,
    "fees of the lowest tier, by ccxt's own table": by_symbol(lambda fee: fee["maker"] == 0.0002),
}
"""What each description on the page means."""
BEFORE_FUNDING_NS = ((1_750_000_000 // 28_800 + 1) * 28_800 - 1) * 10**9


async def an_account_with_history(server, client):
    """A position over a funding, an order that rests and a cancelled one; gives the resting one's id."""
    await client.create_order(BTC, "market", "buy", 0.02)
    price = server.exchange.markets[0].best()[0] / 10 - 100
    resting, gone = [await client.create_order(BTC, "limit", "buy", 0.01, price - each) for each in (0, 1)]
    await client.cancel_order(gone["id"], BTC)
    server.step(2_000_000_000)
    return resting["id"]


def given(names, order_id):
    values = {"symbol": BTC, "symbols": [BTC], "pairs": [[BTC, "1m"]], "code": "USDT", "order": order_id}
    return [values[name] for name in names]


def test_every_read_on_the_page_gives_what_the_page_says():
    async def check():
        async with traded(speed=0, start_ns=BEFORE_FUNDING_NS) as (server, client):
            order_id = await an_account_with_history(server, client)
            for name in READS:
                names, kind = TABLE[name]
                found = await soon(getattr(client, name)(*given(names, order_id)))
                assert CHECKS[kind](found), (name, found)

    run(check())


def test_every_watch_on_the_page_gives_what_the_page_says():
    async def check():
        async with traded(speed=0) as (server, client):
            tasks = {
                name: asyncio.ensure_future(getattr(client, name)(*given(TABLE[name][0], "")))
                for name in WATCHES
            }
            while not server.exchange.users.has_listeners(server.key.account):
                await client.fetch_time()
            while not all(task.done() for task in tasks.values()):
                await client.create_order(BTC, "market", "buy", 0.02)
                server.step(100_000_000)
                await asyncio.wait(tasks.values(), timeout=0.02)
            for name, task in tasks.items():
                assert CHECKS[TABLE[name][1]](task.result()), (name, task.result())

    run(check())


def methods_of(client, prefix):
    """Methods of ccxt by the name under which it says that it has them."""
    by_name = {name.replace("_", "").lower(): name for name in dir(client) if name.startswith(prefix)}
    found = {name: by_name.get(name.lower()) for name, has in client.has.items() if has}
    return {name: method for name, method in found.items() if method and name.startswith(prefix)}


def test_every_other_read_of_ccxt_names_the_path_that_is_not_served():
    async def check():
        refused = 0
        async with traded(speed=0) as (_, client):
            for method in methods_of(client, "fetch").values():
                if method in TABLE:
                    continue
                parameters = inspect.signature(getattr(client, method)).parameters.values()
                wanted = [each.name for each in parameters if each.default is inspect.Parameter.empty]
                values = {"symbol": BTC, "symbols": [BTC], "id": "1", "amount": 1.0}
                with pytest.raises(ccxt.BaseError) as caught:
                    await soon(getattr(client, method)(*(values.get(name, "USDT") for name in wanted)))
                is_missing = re.search(r'"code":-5000,"msg":"Path /\S+, Method', str(caught.value))
                own = (ccxt.NotSupported, ccxt.BadRequest, ccxt.ArgumentsRequired, ccxt.NullResponse)
                assert is_missing or isinstance(caught.value, own), (method, caught.value)
                refused += bool(is_missing)
            watched = {name for name in methods_of(client, "watch") if name not in SILENT}
            assert {name.lower() for name in watched} == {name.replace("_", "") for name in WATCHES}
        assert refused > 15

    run(check())
