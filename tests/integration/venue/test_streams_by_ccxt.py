"""ccxt.pro's streams, unmodified, follow the venue."""

from __future__ import annotations

import asyncio

from tests.integration.venue.clients import BTC, ETH, run, soon, traded


def _book_of(server, index=0, levels=1000):
    """Both sides of the venue's book as a client reads them."""
    listing = server.exchange.listings[index]
    bids, asks = server.exchange.live.depth(index, levels)
    return [[[float(price), float(size)] for price, size in listing.levels(side)] for side in (bids, asks)]


def test_a_watched_book_is_the_venues_book_at_every_update():
    async def check():
        async with traded(speed=0, symbols=(BTC,)) as (server, client):
            await soon(client.watch_order_book(BTC))
            for _ in range(50):
                waiting = asyncio.ensure_future(client.watch_order_book(BTC))
                server.step(100_000_000)
                book = await soon(waiting)
                while book["nonce"] < server.exchange.markets[0].depth.update_id:
                    book = await soon(client.watch_order_book(BTC))
                bids, asks = _book_of(server)
                assert [list(level[:2]) for level in book["bids"]][:200] == bids[:200]
                assert [list(level[:2]) for level in book["asks"]][:200] == asks[:200]

    run(check())


def test_an_own_order_is_in_the_watched_book():
    async def check():
        async with traded(speed=0, symbols=(BTC,)) as (server, client):
            book = await soon(client.watch_order_book(BTC))
            price = round(book["bids"][0][0] - 5, 1)
            await client.create_order(BTC, "limit", "buy", 1, price)
            waiting = asyncio.ensure_future(client.watch_order_book(BTC))
            listing = server.exchange.listings[0]
            server.step(100_000_000)
            book = await soon(waiting)
            bids = dict(server.exchange.live.depth(0, 1000)[0])
            size = float(listing.size_text(bids[listing.spec.ticks(price)]))
            assert {level[0]: level[1] for level in book["bids"]}[price] == size
            assert size >= 1

    run(check())


def test_market_streams_reach_their_watchers():
    async def check():
        async with traded(speed=0) as (server, client):
            waits = {
                "trades": client.watch_trades(BTC),
                "aggregated": client.watch_trades(ETH, params={"name": "aggTrade"}),
                "ticker": client.watch_ticker(BTC),
                "tickers": client.watch_tickers(),
                "touch": client.watch_bids_asks([BTC, ETH]),
                "bars": client.watch_ohlcv(BTC, "1m"),
                "mark": client.watch_mark_price(BTC),
                "marks": client.watch_mark_prices(),
            }
            tasks = {name: asyncio.ensure_future(wait) for name, wait in waits.items()}
            while not all(task.done() for task in tasks.values()):
                server.step(100_000_000)
                await soon(asyncio.wait(tasks.values(), timeout=0.02))
            got = {name: task.result() for name, task in tasks.items()}
            exchange = server.exchange
            day = exchange.markets[0].tape.candles.day(exchange.now // 10**6)
            low, high = day.low / 10, day.high / 10
            assert low <= got["trades"][-1]["price"] <= high
            assert got["trades"][-1]["symbol"] == BTC
            assert got["aggregated"][-1]["symbol"] == ETH
            assert low <= got["ticker"]["last"] <= high
            assert set(got["tickers"]) == set(got["marks"]) == {BTC, ETH}
            (touch,) = got["touch"].values()
            assert touch["bid"] < touch["ask"]
            assert low <= got["bars"][-1][4] <= high
            assert low - 10 <= got["mark"]["markPrice"] <= high + 10

    run(check())


def test_an_accounts_own_stream_tells_order_fill_position_and_balance():
    async def check():
        async with traded(speed=0, symbols=(BTC,)) as (server, client):
            names = ("watch_orders", "watch_my_trades", "watch_balance", "watch_positions")
            tasks = {name: asyncio.ensure_future(getattr(client, name)()) for name in names}
            listener = server.exchange.users
            while not listener.has_listeners(server.key.account):
                await client.fetch_time()
            order = await client.create_order(BTC, "market", "buy", 0.02)
            got = {name: await soon(task) for name, task in tasks.items()}
            while got["watch_orders"][-1]["status"] != "closed":
                got["watch_orders"] = await soon(client.watch_orders())
            told = got["watch_orders"][-1]
            assert (told["id"], told["clientOrderId"]) == (order["id"], order["clientOrderId"])
            assert (told["filled"], told["average"]) == (0.02, order["average"])
            trade = got["watch_my_trades"][-1]
            assert (trade["order"], trade["side"], trade["takerOrMaker"]) == (order["id"], "buy", "taker")
            fees = sum(each["fee"]["cost"] for each in client.myTrades)
            account = await client.fetch_balance()
            assert got["watch_balance"]["USDT"]["total"] == 100_000 - fees
            assert account["info"]["totalWalletBalance"] == f"{100_000 - fees:.8f}"
            waiting = asyncio.ensure_future(client.watch_positions([BTC]))
            await client.create_order(BTC, "market", "buy", 0.01)
            (position,) = await soon(waiting)
            assert (position["contracts"], position["side"]) == (0.03, "long")
            (held,) = await client.fetch_positions([BTC])
            assert held["contracts"] == 0.03
            assert position["entryPrice"] == round(held["entryPrice"], 5)

    run(check())


def test_a_resting_order_is_filled_by_the_market_and_the_stream_says_so():
    async def check():
        async with traded(speed=0, symbols=(BTC,)) as (server, client):
            orders = asyncio.ensure_future(client.watch_orders())
            while not server.exchange.users.has_listeners(server.key.account):
                await client.fetch_time()
            bid = server.exchange.markets[0].best()[0]
            order = await client.create_order(BTC, "limit", "buy", 0.01, bid / 10, {"postOnly": True})
            told = (await soon(orders))[-1]
            assert (told["id"], told["status"]) == (order["id"], "open")
            while (await client.fetch_order(order["id"], BTC))["status"] == "open":
                server.step(1_000_000_000)
            while told["status"] == "open":
                told = (await soon(client.watch_orders()))[-1]
            assert (told["status"], told["filled"], told["average"]) == ("closed", 0.01, bid / 10)
            (fill,) = await client.fetch_my_trades(BTC)
            assert (fill["takerOrMaker"], fill["price"]) == ("maker", bid / 10)

    run(check())


def test_the_websocket_api_trades_as_rest_does():
    async def check():
        async with traded(symbols=(BTC,)) as (_, client):
            book = await client.fetch_order_book_ws(BTC)
            bid = book["bids"][0][0]
            order = await client.create_order_ws(BTC, "limit", "buy", 0.01, bid - 100)
            edited = await client.edit_order_ws(order["id"], BTC, "limit", "buy", 0.02, bid - 90)
            assert (edited["id"], edited["amount"], edited["status"]) == (order["id"], 0.02, "open")
            fetched = await client.fetch_order_ws(order["id"], BTC)
            assert fetched["price"] == bid - 90
            cancelled = await client.cancel_order_ws(order["id"], BTC)
            assert cancelled["status"] == "canceled"
            assert (await client.fetch_ticker_ws(BTC))["bid"] > 0
            for method in ("account.status", "v2/account.status"):
                assert (await client.fetch_balance_ws({"method": method}))["USDT"]["total"] == 100_000
            await client.create_order_ws(BTC, "market", "buy", 0.01)
            (position,) = await client.fetch_positions_ws([BTC])
            assert position["contracts"] == 0.01

    run(check())


def test_what_is_unwatched_is_sent_no_more():
    async def check():
        async with traded(speed=0, symbols=(BTC,)) as (server, client):
            waiting = asyncio.ensure_future(client.watch_trades(BTC))
            while not waiting.done():
                server.step(100_000_000)
                await asyncio.wait([waiting], timeout=0.02)
            assert server.hub.wants("btcusdt@trade")
            await soon(client.un_watch_trades(BTC))
            assert not server.hub.wants("btcusdt@trade")

    run(check())
