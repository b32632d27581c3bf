"""The table of client ids, held to what ccxt really writes: a server keeps each request."""

import asyncio
import json
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from tests.support.markets import market

from alipes.connectors.ccxt_requests import call_of
from alipes.connectors.client_ids import RULES, KnownIds, rules_of
from alipes.connectors.sizes import instrument_spec
from alipes.model import Instrument, OrderType, RequestKind, Side
from alipes.net.ccxt_session import CcxtSession
from alipes.net.secrets import Credentials
from alipes.net.wire import Wire
from alipes.orders import Lifecycle

# A key of coinbase is an EC key; this one was made for this test and opens nothing.
EC_KEY = """-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIOV3Znz7D/6f5Qtnlr2r5Y+mivb7/ilaEyHMaRHJ5vmFoAoGCCqGSM49
AwEHoUQDQgAEy2R90NPHerwYu4HUq96g0QX5+uVUCYJ2IfSC1PvJaGoeL02Uy9D+
KuDfdxfQMBboMn8u3CCYkcCP6l6O5lKOLQ==
-----END EC PRIVATE KEY-----
"""
SPOT = {"binance", "kraken", "coinbase"}


@asynccontextmanager
async def listening():
    requests = []

    async def keep(request):
        text = await request.text()
        body = json.loads(text) if text[:1] in {"{", "["} else dict(parse_qsl(text))
        requests.append((request.path, json.dumps([dict(request.query), body])))
        return web.json_response({"retCode": 0, "result": {}})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", keep)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}", requests
    finally:
        await runner.cleanup()


def placed(venue):
    """An order of a venue, and its session towards a server."""
    symbol = "BTC/USDT" if venue in SPOT else "BTC/USDT:USDT"
    return market(symbol, tick=0.1, lot=0.001)


async def written(venue, kind, url, requests):
    secret = EC_KEY if venue == "coinbase" else "c2VjcmV0LWNhbmFyeS05ODc2NTQzMjEwLXBhZGRlZA=="
    described = placed(venue)
    session = CcxtSession(
        account="main", venue=venue, credentials=Credentials("key", secret, "pass"),
        endpoints={"https": url, "wss": url}, markets={described["symbol"]: described},
    )  # fmt: skip
    exchange = session.exchange
    exchange.has["fetchTime"] = False
    await session.open()
    spec = instrument_spec(exchange.market(described["symbol"]), exchange.precisionMode)
    lifecycle = Lifecycle()
    order = lifecycle.create(
        Instrument("main", spec.symbol, 0, spec), "test", Side.BUY, OrderType.LIMIT, spec.steps("0.01"),
        price_ticks=spec.ticks("50000"),
    )  # fmt: skip
    lifecycle.submit(order)
    rules = rules_of(venue)
    if kind == "fetch":
        call = ("fetch_order", (None, spec.symbol, {rules.on_fetch: order.client_order_id}))
    elif kind == "list":
        call = ("fetch_open_orders", (spec.symbol, None, None, {rules.on_list: order.client_order_id}))
    else:
        call = call_of(RequestKind(kind), order, exchange=exchange, rules=rules, venue_order_id=None)
    del requests[:]
    await session.once(Wire(is_order=False), *[call[0], *call[1]])
    await session.close()
    return order.client_order_id, list(requests)


CASES = [
    (venue, kind)
    for venue, rules in RULES.items()
    for kind, is_used in (
        ("submit", True),
        ("cancel", rules.on_change is not None),
        ("fetch", rules.on_fetch is not None),
        ("list", rules.on_list is not None),
    )
    if is_used
]


@pytest.mark.parametrize(("venue", "kind"), CASES)
def test_ccxt_writes_our_id_on_the_wire(venue, kind):
    async def main():
        async with listening() as (url, requests):
            return await written(venue, kind, url, requests)

    client_order_id, requests = asyncio.run(main())
    assert len(requests) == 1
    path, text = requests[0]
    assert f'"{client_order_id}"' in text, (path, text)
    assert "None" not in text


def test_of_two_ids_the_oldest_is_forgotten():
    ids = KnownIds(capacity=2)
    for number in range(3):
        ids.learn("BTC/USDT", f"ours{number}", f"theirs{number}")
    assert [ids.client_of("BTC/USDT", f"theirs{number}") for number in range(3)] == [None, "ours1", "ours2"]
    assert [ids.venue_of(f"ours{number}") for number in range(3)] == [None, "theirs1", "theirs2"]
    ids.learn("BTC/USDT", None, "theirs9")
    assert ids.client_of("BTC/USDT", "theirs9") is None


def test_a_venue_that_nobody_looked_at_keeps_no_ids():
    rules = rules_of("bitmart")
    assert not rules.is_kept
    assert not rules.can_amend
    assert rules.change("a" * 18) == {}
