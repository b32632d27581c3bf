"""Frames of one turn share a write, and a client that does not read is cut off."""

from __future__ import annotations

import asyncio

from aiohttp import WSMsgType
from tests.integration.venue.clients import BTC, run, soon, stream, venue

STREAM = "btcusdt@trade"
PATH = f"/public/ws/{STREAM}"


def test_frames_of_one_turn_arrive_whole_in_order_and_before_the_end():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, stream(server, PATH) as socket:
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
            await soon(socket.receive())
            sent = [b'{"n":%d,"pad":"%b"}' % (number, b"x" * number) for number in range(0, 2000, 50)]
            for payload in sent:
                server.hub.publish(STREAM, lambda payload=payload: payload)
            (subscriber,) = server.hub.subscribers(STREAM)
            subscriber.drop()
            got = [(await soon(socket.receive())).data.encode() for _ in sent]
            assert got == sent
            assert (await soon(socket.receive())).type in (WSMsgType.CLOSED, WSMsgType.ERROR)

    run(check())


def test_a_client_that_does_not_read_is_cut_off_and_the_others_are_not():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, stream(server, PATH) as reading:
            host, port = server.address.split(":")
            unread, silent = await asyncio.open_connection(host, int(port), limit=1)
            head = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            silent.write(
                f"GET {PATH} HTTP/1.1\r\nHost: x\r\n{head}Sec-WebSocket-Key: {'A' * 22}==\r\n\r\n".encode()
            )
            assert await soon(unread.readexactly(12)) == b"HTTP/1.1 101"
            await reading.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
            await soon(reading.receive())
            assert len(server.hub.subscribers(STREAM)) == 2
            payload, sent = b"x" * (1 << 20), 0
            while len(server.hub.subscribers(STREAM)) == 2 and sent < 100:
                server.hub.publish(STREAM, lambda: payload)
                sent += 1
                assert len((await soon(reading.receive())).data) == len(payload)
            assert 8 <= sent < 100
            silent.close()

    run(check())
