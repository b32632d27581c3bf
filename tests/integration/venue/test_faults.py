"""Faults fit in at one place and the handlers never know."""

from __future__ import annotations

import json
import time

import aiohttp
import pytest
from tests.integration.venue.clients import BTC, LIMIT, raw, run, signed, soon, stream, venue

from alipes.mockvenue import DropConnection, Hooks
from alipes.mockvenue.auth import sorted_payload
from alipes.mockvenue.call import Parameters, Reply


class _Lossy(Hooks):
    """Accepts every order and answers none of them; answers one path itself; cuts off another."""

    def __init__(self):
        self.frames = 0

    async def before(self, call):
        return Reply(503, b"") if call.path.endswith("/time") else None

    async def accepted(self, call, reply):
        if (call.method, call.path) == ("POST", "/fapi/v1/order"):
            raise DropConnection
        return reply

    async def on_reply(self, call, reply):
        if call.path.endswith("/exchangeInfo"):
            reply.body = reply.body[:10]
        return reply

    async def on_connect(self, address, path):
        if path == "/public/ws":
            raise DropConnection

    def on_frame(self, subscriber, stream, frame):
        self.frames += 1
        return (frame, frame) if self.frames == 1 else ()


def test_faults_fit_in_at_one_place():
    async def check():
        hooks = _Lossy()
        async with venue(speed=0, symbols=(BTC,), hooks=hooks) as server, raw(server) as client:
            status, _, body = await client.public("GET", "/fapi/v1/time")
            assert (status, body) == (503, b"")
            _, _, body = await client.public("GET", "/fapi/v1/exchangeInfo")
            assert len(body) == 10
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await client.send("POST", "/fapi/v1/order", {**LIMIT, "price": "59000"})
            _, _, body = await client.send("GET", "/fapi/v1/openOrders", {"symbol": "BTCUSDT"})
            assert len(json.loads(body)) == 1
            with pytest.raises(aiohttp.ServerDisconnectedError):
                async with stream(server, "/public/ws"):
                    pass
            async with stream(server, "/market/ws/btcusdt@markPrice@1s") as socket:
                await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
                await soon(socket.receive())
                server.step(2_000_000_000)
                first, second = await soon(socket.receive()), await soon(socket.receive())
                assert first.data == second.data
                await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 2})
                assert (await soon(socket.receive_json()))["id"] == 2

    run(check())


def test_an_order_over_the_websocket_api_stands_though_its_connection_ends():
    async def check():
        async with venue(speed=0, symbols=(BTC,), hooks=_Lossy()) as server, raw(server) as client:
            async with stream(server, "/ws-fapi/v1") as socket:
                stamp = str(time.time_ns() // 1_000_000)
                params = Parameters({**LIMIT, "price": "59000", "apiKey": server.key.key, "timestamp": stamp})
                params["signature"] = signed(sorted_payload(params), server.key.secret)
                await socket.send_json({"id": 1, "method": "order.place", "params": params})
                ended = await soon(socket.receive())
                assert ended.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE)
            _, _, body = await client.send("GET", "/fapi/v1/openOrders", {"symbol": "BTCUSDT"})
            assert [each["price"] for each in json.loads(body)] == ["59000.00"]

    run(check())


def test_what_is_no_request_is_answered_and_the_connection_goes_on():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            async with stream(server, "/public/ws") as socket:
                for text in (
                    "not json",
                    "[]",
                    '{"method":"SUBSCRIBE","params":5,"id":1}',
                    '{"method":[],"id":1}',
                ):
                    await socket.send_str(text)
                    assert "error" in await soon(socket.receive_json())
                for text in (
                    '{"method":"UNSUBSCRIBE","params":[[1]],"id":2}',
                    '{"method":"SUBSCRIBE","id":2}',
                ):
                    await socket.send_str(text)
                    assert await soon(socket.receive_json()) == {"result": None, "id": 2}
            async with stream(server, "/ws-fapi/v1") as socket:
                for text in ("x", "{}", "7", '{"id":1,"method":"order.place","params":[]}'):
                    await socket.send_str(text)
                    told = await soon(socket.receive_json())
                    assert (told["status"], "code" in told["error"]) == (400, True) or told["status"] == 401
                await socket.send_str('{"id":1,"method":5}')
                assert (await soon(socket.receive_json()))["status"] == 404
            status, _, body = await client.public("POST", "/fapi/v1/order", data=b"\xff\xfe=1&x=%zz")
            assert (status, json.loads(body)["code"]) == (401, -2014)
            status, _, body = await client.public("DELETE", "/ws-fapi/v1")
            assert (status, json.loads(body)["code"]) == (404, -5000)

    run(check())
