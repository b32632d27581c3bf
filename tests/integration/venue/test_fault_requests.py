"""Every fault of requests is seen by a plain client on a real socket, beside what the venue really did."""

import asyncio
import json

import aiohttp
import pytest
from tests.integration.venue.clients import run, soon
from tests.integration.venue.faulty import MS, ORDER, PATH, S, faulty, place, taken, until

from alipes.mockvenue.faults import TABLE

# Delays


async def shows_request_latency():
    async with faulty({"name": "request_latency", "method": "POST", "ms": 250}) as (server, client):
        answer = asyncio.ensure_future(place(client))
        await until(lambda: server.dispatcher.counts.of("POST", PATH))
        server.step(249 * MS)
        assert taken(server) == 0
        assert not answer.done()
        server.step(1 * MS)
        assert (await soon(answer))[0] == 200
        assert taken(server) == 1


async def shows_reply_latency():
    async with faulty({"name": "reply_latency", "path": PATH, "ms": 100, "jitter_ms": 50}) as (
        server,
        client,
    ):
        answer = asyncio.ensure_future(place(client))
        await until(lambda: taken(server))
        server.step(99 * MS)
        assert not answer.done()
        server.step(51 * MS)
        assert (await soon(answer))[0] == 200


# Orders: what the client hears, and what the venue did


async def shows_silence():
    for given, accepted in (({}, 1), ({"accepted": False}, 0)):
        async with faulty({"name": "silence", **given}) as (server, client):
            answer = asyncio.ensure_future(place(client))
            await until(lambda: server.dispatcher.counts.of("POST", PATH))
            server.step(59 * S)
            assert not answer.done()
            server.step(1 * S)
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await soon(answer)
            assert taken(server) == accepted


async def shows_socket_drop():
    for given, accepted in (({}, 1), ({"accepted": False}, 0)):
        async with faulty({"name": "socket_drop", **given}) as (server, client):
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await place(client)
            assert taken(server) == accepted
            assert server.dispatcher.counts.of("POST", PATH) == 1


async def shows_truncated_body():
    async with faulty({"name": "truncated_body"}) as (server, client):
        with pytest.raises(aiohttp.ClientPayloadError):
            await place(client)
        assert taken(server) == 1


async def told(given, **order):
    """Status, body and type of the answer, and how many orders were accepted."""
    async with faulty(given) as (server, client):
        status, headers, body = await place(client, **order)
        return status, body, headers["Content-Type"], taken(server)


async def shows_html_page():
    status, body, kind, accepted = await told({"name": "html_page"})
    assert (status, kind, accepted) == (200, "text/html", 1)
    assert body.startswith(b"<html>")
    assert (await told({"name": "html_page", "accepted": False}))[3] == 0


async def shows_empty_body():
    assert (await told({"name": "empty_body"}))[::3] == (200, 1)
    assert (await told({"name": "empty_body"}))[1] == b""


async def shows_bare_status():
    for status in (500, 502, 503, 504):
        assert (await told({"name": "bare_status", "status": status}))[:2] == (status, b"")
    assert (await told({"name": "bare_status", "accepted": False}))[3] == 0


async def coded(given, status, code):
    for accepted in (True, False):
        found, body, _, count = await told({**given, "accepted": accepted})
        assert (found, json.loads(body)["code"], count) == (status, code, accepted)


async def shows_unknown_error():
    await coded({"name": "unknown_error"}, 503, -1000)


async def shows_unexpected_response():
    await coded({"name": "unexpected_response"}, 400, -1006)


async def shows_backend_timeout():
    await coded({"name": "backend_timeout"}, 408, -1007)


async def shows_clock_refused():
    status, body, _, accepted = await told({"name": "clock_refused"})
    assert (status, json.loads(body)["code"], accepted) == (400, -1021, 0)


async def shows_duplicate_refused():
    await coded({"name": "duplicate_refused"}, 400, -2010)
    await coded({"name": "duplicate_refused", "code": -4116}, 400, -4116)
    _, body, _, accepted = await told({"name": "duplicate_refused"})
    assert (json.loads(body)["msg"], accepted) == ("Duplicate order sent.", 0)


async def shows_moved_endpoint():
    status, body, _, accepted = await told({"name": "moved_endpoint"})
    assert (status, json.loads(body)["code"], accepted) == (400, -4120, 0)


async def shows_invisible_order():
    async with faulty({"name": "invisible_order", "ms": 5000, "fills": True}) as (server, client):
        order_id = json.loads((await place(client, price="62000"))[2])["orderId"]  # it is filled at once

        async def seen():
            one = await client.send("GET", PATH, {"symbol": "BTCUSDT", "origClientOrderId": "mine"})
            lists = [
                json.loads((await client.send("GET", f"/fapi/v1/{name}", {"symbol": "BTCUSDT"}))[2])
                for name in ("allOrders", "userTrades")
            ]
            return json.loads(one[2]).get("code"), [{each["orderId"] for each in rows} for rows in lists]

        assert await seen() == (-2013, [set(), set()])
        server.step(5 * S)
        assert await seen() == (None, [{order_id}, {order_id}])


# The venue


async def shows_clock_skew():
    for skew in (2000, -2000):
        async with faulty({"name": "clock_skew", "ms": skew}) as (server, client):
            _, _, body = await client.public("GET", "/fapi/v1/time")
            assert json.loads(body)["serverTime"] == server.exchange.now // MS + skew
    for skew, code in ((10_000, -1021), (-10_000, -1021)):
        async with faulty({"name": "clock_skew", "ms": skew}) as (server, client):
            now = server.exchange.now // MS
            status, _, body = await client.send("POST", PATH, ORDER, stamp=now)
            assert (status, json.loads(body)["code"]) == (400, code)
            status, _, _ = await client.send("POST", PATH, ORDER, stamp=now + skew)
            assert status == 200


async def shows_maintenance():
    async with faulty({"name": "maintenance", "from_s": 1, "until_s": 2}) as (server, client):
        for status, word in ((200, 0), (503, 1), (200, 0)):
            assert (await client.public("GET", "/fapi/v1/ping"))[0] == status
            _, _, body = await client.public("GET", "/sapi/v1/system/status")
            assert json.loads(body)["status"] == word
            server.step(1 * S)


async def shows_rate_limited():
    async with faulty({"name": "rate_limited", "retry_after_s": 7, "count": 1}) as (_, client):
        status, headers, body = await client.public("GET", "/fapi/v1/ping")
        assert (status, headers["Retry-After"], json.loads(body)["code"]) == (429, "7", -1003)
        assert (await client.public("GET", "/fapi/v1/ping"))[0] == 200


async def shows_banned():
    async with faulty({"name": "banned", "path": PATH, "nth": 1, "retry_after_s": 9}) as (server, client):
        for path, left in ((PATH, "9"), ("/fapi/v1/ping", "9"), ("/fapi/v1/ping", "5")):
            status, headers, _ = await client.public("GET", path)
            assert (status, headers["Retry-After"]) == (418, left)
            server.step(4 * S if path.endswith("ping") else 0)
        server.step(1 * S)
        assert (await client.public("GET", "/fapi/v1/ping"))[0] == 200


@pytest.mark.parametrize(
    "fault",
    [kind.name for kind in TABLE.values() if kind.scope == "request" and kind.name != "event_before_ack"],
)
def test_a_client_sees_the_fault(fault):
    run(globals()[f"shows_{fault}"]())
