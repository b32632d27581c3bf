"""A venue on real sockets and the clients that tests put on it: ccxt as it is, and plain signed requests."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import aiohttp
import ccxt.pro

from alipes.connectors.sizes import instrument_spec
from alipes.mockvenue import VenueConfig, VenueServer, point
from alipes.model import Instrument
from alipes.net.ccxt_session import CcxtSession
from alipes.net.secrets import Credentials

BTC = "BTC/USDT:USDT"
ETH = "ETH/USDT:USDT"
LIMIT = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
"""A limit order that lacks its price."""
PATIENCE_S = 20.0
"""Longest wait for what must come."""


def run(coroutine):
    """Runs a test's coroutine; nothing in it may wait for ever."""
    return asyncio.run(asyncio.wait_for(coroutine, 120))


async def soon(awaitable):
    """What must come."""
    return await asyncio.wait_for(awaitable, PATIENCE_S)


def ccxt_client(addresses, **options):
    """An unmodified ccxt.pro client with only its addresses replaced."""
    client = ccxt.pro.binanceusdm({"apiKey": addresses["key"], "secret": addresses["secret"], **options})
    client.urls["api"] = point(client.urls["api"], rest=addresses["rest"], stream=addresses["stream"])
    client.exceptions["exact"].update(client.exceptions["linear"]["exact"])
    return client


def own_session(addresses):
    """Our session of the account whose key and secret the addresses hold; not open yet."""
    return CcxtSession(
        account="main",
        venue="binanceusdm",
        credentials=Credentials(addresses["key"], addresses["secret"]),
        endpoints={"https": addresses["rest"], "wss": addresses["stream"]},
    )


def own_instrument(session, symbol, index=0):
    """An instrument on the grid that an open session has read."""
    exchange = session.exchange
    return Instrument("main", symbol, index, instrument_spec(exchange.market(symbol), exchange.precisionMode))


@asynccontextmanager
async def venue(*, symbols=(BTC, ETH), speed=1.0, hooks=None, history_s=3, **config):
    """A venue that listens on free ports."""
    async with VenueServer(
        VenueConfig(symbols=symbols, speed=speed, history_s=history_s, **config), hooks
    ) as server:
        yield server


@asynccontextmanager
async def traded(*, options=None, **config):
    """A venue and a ccxt client on it with its markets loaded."""
    async with venue(**config) as server:
        client = ccxt_client(server.addresses(), **(options or {}))
        client.enableRateLimit = False
        try:
            await client.load_markets()
            yield server, client
        finally:
            await client.close()


def signed(text, secret):
    """Signature of a text."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class Raw:
    """Plain HTTP with signatures made here."""

    def __init__(self, server, session):
        self._session = session
        self._addresses = server.addresses()

    async def send(self, method, path, params=None, *, key=None, secret=None, stamp=None, signature=None):
        """Sends a signed request; gives status, headers and body."""
        stamp = time.time_ns() // 1_000_000 if stamp is None else stamp
        text = urlencode({**(params or {}), "timestamp": stamp})
        made = signature or signed(text, secret or self._addresses["secret"])
        return await self.public(
            method,
            f"{path}?{text}&signature={made}",
            headers={"X-MBX-APIKEY": self._addresses["key"] if key is None else key},
        )

    async def public(self, method, path, **more):
        """Sends a request as it is."""
        async with self._session.request(method, self._addresses["rest"] + path, **more) as answer:
            return answer.status, dict(answer.headers), await answer.read()

    async def control(self, method, path, body=None):
        """Asks the control endpoint."""
        async with self._session.request(method, self._addresses["control"] + path, json=body) as answer:
            return answer.status, await answer.json()


@asynccontextmanager
async def raw(server):
    """A plain HTTP client."""
    async with aiohttp.ClientSession() as session:
        yield Raw(server, session)


@asynccontextmanager
async def stream(server, path):
    """A plain WebSocket client."""
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(server.addresses()["stream"] + path)
        async with socket:
            yield socket
