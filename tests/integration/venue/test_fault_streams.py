"""Every fault of stream frames and of the port is seen by a plain client on a real socket."""

import asyncio
import json
from contextlib import asynccontextmanager
from itertools import pairwise

import aiohttp
import pytest
from tests.integration.venue.clients import run, soon, stream
from tests.integration.venue.faulty import MARKS, MS, S, faulty, place, until

from alipes.mockvenue.faults import TABLE


async def shows_frame_latency():
    late = {"name": "frame_latency", "stream": "btcusdt@markPrice@1s", "nth": 2, "ms": 1500}
    assert await seconds_by_step(late) == [[1], [], [], [2, 3, 4], [5]]


# Streams


async def received(socket, number=[0]):  # noqa: B006 - a number of its own for each request
    """The frames that were written before this request was answered."""
    number[0] += 1
    await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": number[0]})
    found = []
    while True:
        message = await soon(socket.receive())
        if message.type is not aiohttp.WSMsgType.TEXT:
            return [*found, message]
        if f'"id":{number[0]}' in message.data:
            return found
        found.append(message.data)


async def by_step(*given, path=MARKS, steps=5):
    """The frames of each step of a second, and the venue's start in ms."""
    async with faulty(*given) as (server, _), stream(server, path) as socket:
        start, found = server.exchange.now // MS, []
        await received(socket)
        for _ in range(steps):
            server.step(1 * S)
            found.append(await received(socket))
        return start, found


async def seconds_by_step(*given):
    start, found = await by_step(*given)
    return [[(json.loads(each)["E"] - start + 999) // 1000 for each in step] for step in found]


async def shows_frame_drop():
    assert await seconds_by_step() == [[1], [2], [3], [4], [5]]
    assert await seconds_by_step({"name": "frame_drop", "nth": 2, "count": 2}) == [[1], [], [], [4], [5]]


async def shows_frame_duplicate():
    assert await seconds_by_step({"name": "frame_duplicate", "nth": 2}) == [[1], [2, 2], [3], [4], [5]]


async def shows_frame_reorder():
    assert await seconds_by_step({"name": "frame_reorder", "nth": 2}) == [[1], [], [3, 2], [4], [5]]


async def second_frame(*given):
    _, found = await by_step(*given, steps=2)
    return found[1][0]


async def shows_frame_corrupt():
    honest = await second_frame()
    spoilt = await second_frame({"name": "frame_corrupt", "nth": 2, "size": 3})
    assert len(spoilt) == len(honest)
    assert sum(a != b for a, b in zip(spoilt, honest, strict=True)) == 3
    assert spoilt == await second_frame({"name": "frame_corrupt", "nth": 2, "size": 3})


async def shows_frame_truncate():
    honest = await second_frame()
    assert (
        await second_frame({"name": "frame_truncate", "nth": 2, "keep": 0.25}) == honest[: len(honest) // 4]
    )


async def shows_sequence_gap():
    _, found = await by_step(
        {"name": "sequence_gap", "nth": 3}, path="/public/ws/btcusdt@depth@100ms", steps=1
    )
    updates = [json.loads(each) for each in found[0]]
    joins = [after["pu"] == before["u"] for before, after in pairwise(updates)]
    assert joins == [True, False] + [True] * 6


async def shows_stall():
    assert await seconds_by_step({"name": "stall", "nth": 2, "ms": 2000}) == [[1], [], [], [4], [5]]
    async with faulty({"name": "stall"}) as (server, _), aiohttp.ClientSession() as session:
        address = server.addresses()["stream"] + MARKS
        async with session.ws_connect(address, autoping=False) as socket:
            await received(socket)
            server.step(60 * S)
            await socket.ping(b"there?")
            answer = await soon(socket.receive())
            assert (answer.type, answer.data) == (aiohttp.WSMsgType.PONG, b"there?")
            assert await received(socket) == []


async def shows_disconnect():
    for given, kind, code in (
        ({}, aiohttp.WSMsgType.CLOSED, 1006),
        ({"clean": True}, aiohttp.WSMsgType.CLOSE, 1001),
    ):
        async with faulty({"name": "disconnect", "nth": 2, **given}) as (server, _):
            async with stream(server, MARKS) as socket:
                await received(socket)
                server.step(3 * S)
                assert (await soon(socket.receive())).type is aiohttp.WSMsgType.TEXT
                assert (await soon(socket.receive())).type is kind
                assert socket.close_code == code
            async with stream(server, MARKS) as socket:  # and a new one is served
                await received(socket)
                server.step(1 * S)
                assert len(await received(socket)) == 1


async def shows_refuse():
    async with faulty() as (server, client), stream(server, MARKS) as socket:
        assert (await client.public("GET", "/fapi/v1/ping"))[0] == 200
        switch = server.faults.add("refuse", ms=2000)
        await until(lambda: switch.trigger.fired)
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.public("GET", "/fapi/v1/ping")
        server.step(2 * S)
        assert len(await received(socket)) == 2  # a stream that was there goes on
        await until(lambda: not server._shut)
        assert (await client.public("GET", "/fapi/v1/ping"))[0] == 200


# Private events


@asynccontextmanager
async def private(*given):
    async with faulty(*given) as (server, client):
        key = json.loads((await client.send("POST", "/fapi/v1/listenKey"))[2])["listenKey"]
        async with stream(server, f"/private/ws?listenKey={key}") as socket:
            await received(socket)
            yield server, client, socket


async def private_events(given):
    """Execution of each order event after an order that is filled at once, and again a second later."""
    async with private(given) as (server, client, socket):
        await place(client, price="62000")
        found = [await received(socket)]
        server.step(1 * S)
        found.append(await received(socket))
        return [[json.loads(each).get("o", {}).get("x", "account") for each in part] for part in found]


HONEST = ["NEW", "TRADE", "account"]
TRADE = {"event": "ORDER_TRADE_UPDATE", "where": {"x": "TRADE", "c": "mine"}}


async def shows_private_lost():
    assert await private_events({"name": "frame_drop", "path": "/public/*"}) == [HONEST, []]
    assert await private_events({"name": "private_lost", **TRADE}) == [["NEW", "account"], []]


async def shows_private_late():
    found = await private_events({"name": "private_late", "ms": 900, **TRADE})
    assert found == [["NEW", "account"], ["TRADE"]]


async def shows_private_double():
    assert await private_events({"name": "private_double", **TRADE}) == [
        ["NEW", "TRADE", "TRADE", "account"],
        [],
    ]


async def shows_event_before_ack():
    async with private({"name": "event_before_ack", "ms": 50}) as (server, client, socket):
        answer = asyncio.ensure_future(place(client))
        assert json.loads((await soon(socket.receive())).data)["o"]["x"] == "NEW"
        assert not answer.done()
        server.step(50 * MS)
        assert (await soon(answer))[0] == 200


@pytest.mark.parametrize("fault", [kind.name for kind in TABLE.values() if kind.scope != "request"])
def test_a_client_sees_the_fault(fault):
    run(globals()[f"shows_{fault}"]())


def test_the_events_of_an_order_come_before_its_answer():
    run(shows_event_before_ack())
