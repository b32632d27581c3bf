"""Clients whose perpetual goes over to other grids: a decoder, ccxt, our connector."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from decimal import Decimal

import ccxt.pro
import pytest
from tests.integration.venue.clients import (
    BTC,
    own_instrument,
    own_session,
    raw,
    run,
    soon,
    stream,
    traded,
    venue,
)
from tests.support.rigs import Rig

from alipes._core import FeedDecoder
from alipes.connectors.ccxt import CcxtConnector
from alipes.connectors.ccxt_checks import AccountTerms
from alipes.connectors.fates import TABLE
from alipes.model import Accepted, Expired, OrderState

SECOND = 1_000_000_000


def test_a_decoder_loses_the_chain_and_a_snapshot_brings_it_back():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            decoder = FeedDecoder("binanceusdm")
            decoder.add(BTC, 0, server.exchange.listings[0].spec)

            async def snapshot():
                _, _, body = await client.public("GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=1000")
                decoder.on_snapshot(0, body, server.exchange.now)

            async with stream(server, "/public/stream?streams=btcusdt@depth@100ms") as socket:

                async def hear():
                    server.step(SECOND // 10)
                    decoder.on_frame((await soon(socket.receive())).data, server.exchange.now)
                    return decoder.state(0)

                await hear()
                await snapshot()
                assert await hear() == "synced"
                server.exchange.set_instrument(server.exchange.markets[0], tick_size="0.5")
                assert await hear() == "stale"
                assert "gap" in decoder.reason(0)
                await snapshot()
                assert [await hear() for _ in range(3)] == ["synced"] * 3
                bid, bid_size, ask, ask_size = decoder.touch(0)
                _, _, body = await client.public("GET", "/fapi/v1/ticker/bookTicker?symbol=BTCUSDT")
                told = json.loads(body)
                names = ("bidPrice", "bidQty", "askPrice", "askQty")
                assert [float(told[name]) for name in names] == [bid, bid_size, ask, ask_size]
                assert Decimal(told["bidPrice"]) % Decimal("0.5") == 0

    run(check())


def test_ccxt_reads_the_new_grids_and_takes_a_new_snapshot():
    async def check():
        async with traded(speed=0, symbols=(BTC,)) as (server, client):
            book = await soon(client.watch_order_book(BTC))
            await client.create_order(BTC, "limit", "buy", 0.01, 57500.1)
            await client.create_order(BTC, "limit", "buy", 0.01, 57500.5)
            orders = asyncio.ensure_future(client.watch_orders(BTC))
            while not server.exchange.users.has_listeners(1):
                await client.fetch_time()
            server.exchange.set_instrument(server.exchange.markets[0], tick_size="0.5", lot_size="0.01")
            (order,) = await soon(orders)
            assert (order["status"], order["price"], order["id"]) == ("expired", 57500.1, "1")
            await client.load_markets(reload=True)
            market = client.market(BTC)
            assert (market["precision"]["price"], market["precision"]["amount"]) == (0.5, 0.01)
            with pytest.raises(ccxt.ChecksumError):
                await _watched(server, client, 20)
            book = await _watched(server, client, 3)
            listing = server.exchange.listings[0]
            bids, asks = server.exchange.live.depth(0, 20)
            for side, levels in (("bids", bids), ("asks", asks)):
                expected = [[float(price), float(size)] for price, size in listing.levels(levels)]
                assert [list(level[:2]) for level in book[side][:20]] == expected
            assert [each["id"] for each in await client.fetch_open_orders(BTC)] == ["2"]

    run(check())


async def _watched(server, client, updates):
    """The book after some updates."""
    book = None
    for _ in range(updates):
        waiting = asyncio.ensure_future(client.watch_order_book(BTC))
        await asyncio.sleep(0)
        server.step(SECOND // 10)
        book = await soon(waiting)
        while book["nonce"] < server.exchange.markets[0].depth.update_id:
            book = await soon(client.watch_order_book(BTC))
    return book


@asynccontextmanager
async def _connected(server):
    """Our connector on the venue, opened as an engine opens it."""
    session = own_session(server.addresses())
    woken = asyncio.Event()
    try:
        await session.open()
        instrument = own_instrument(session, BTC)
        connector = CcxtConnector(
            session=session,
            instruments=[instrument],
            spawn=asyncio.get_running_loop().create_task,
            wake=woken.set,
            table=TABLE,
            terms=AccountTerms(),
            reconcile_every_s=0.0,
        )
        await connector.open()
        yield Rig(server, session, connector, instrument, woken)
        await connector.close()
    finally:
        await session.close()


def test_our_connector_tells_of_orders_off_the_new_grids_as_expired():
    async def check():
        async with venue(symbols=(BTC,)) as server, _connected(server) as rig:
            await rig.until(lambda: server.exchange.users.has_listeners(1))
            on, off = rig.submit(price="57500.5"), rig.submit(price="57500.1")
            assert [type(await rig.event()) for _ in range(2)] == [Accepted, Accepted]
            server.exchange.set_instrument(server.exchange.markets[0], tick_size="0.5")
            event = await rig.event()
            assert (type(event), event.client_order_id) == (Expired, off.client_order_id)
            assert (off.state, on.state) == (OrderState.EXPIRED, OrderState.ACCEPTED)

    run(check())
