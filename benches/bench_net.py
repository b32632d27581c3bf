"""Messages and requests, in and out: ours beside the clients of aiohttp and `websockets`.

The server is another process on the same machine. Receiving is a burst of small messages, as in a busy
market; a round trip is one order-like message and its echo.
"""

import asyncio
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from websockets.asyncio.client import connect

from alipes.net.dial import connect_websocket
from alipes.net.http import HttpPool

MESSAGES = 5_000
TRIPS = 200
ORDER = b'{"id":"1","method":"order.place","params":{"symbol":"BTCUSDT","side":"BUY"}}'


class Ours:
    """Messages as a receiver of the engine gets them: in a call, without a task."""

    async def open(self, url):
        self.left, self.done = 0, None
        self.socket = await connect_websocket(url, on_frames=self.read, on_close=lambda _: None)

    def read(self, _, messages):
        self.left -= len(messages)
        if not self.left:
            self.done.set_result(None)

    async def ask(self, message, count):
        self.left, self.done = count, asyncio.get_running_loop().create_future()
        self.socket.send(message)
        await self.done

    async def close(self):
        self.socket.close()
        await self.socket.wait_closed()


class Aiohttp:
    async def open(self, url):
        self.session = aiohttp.ClientSession()
        self.socket = await self.session.ws_connect(url, compress=0, max_msg_size=16 << 20)

    async def ask(self, message, count):
        await self.socket.send_str(message.decode())
        for _ in range(count):
            await self.socket.receive()

    async def close(self):
        await self.socket.close()
        await self.session.close()


class Websockets:
    async def open(self, url):
        self.socket = await connect(url, compression=None)

    async def ask(self, message, count):
        await self.socket.send(message, text=True)
        for _ in range(count):
            await self.socket.recv(decode=False)

    async def close(self):
        await self.socket.close()


class OurHttp:
    async def open(self, url):
        self.pool = await HttpPool(url, connections=1).__aenter__()

    async def ask(self, target, _):
        await self.pool.request("POST", target, timeout_s=10)

    async def close(self):
        await self.pool.__aexit__(None, None, None)


class AiohttpHttp:
    """As it is usually used."""

    async def open(self, url):
        self.session = aiohttp.ClientSession(url, timeout=aiohttp.ClientTimeout(total=10))

    async def ask(self, target, _):
        async with self.session.post(target) as response:
            await response.read()

    async def close(self):
        await self.session.close()


@contextmanager
def served(scheme):
    command = [sys.executable, str(Path(__file__).with_name("net_server.py")), scheme]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        yield f"{scheme}://127.0.0.1:{server.stdout.readline().strip()}/"
        server.terminate()


@pytest.fixture(scope="module")
def url():
    with served("ws") as found:
        yield found


@pytest.fixture(scope="module")
def http_url():
    with served("http") as found:
        yield found


def measured(benchmark, url, kind, asks, *, unit, times):
    client = kind()
    with asyncio.Runner() as runner:
        runner.run(client.open(url))
        benchmark.extra_info.update(unit=unit, per_round=times)
        benchmark.pedantic(lambda: runner.run(asks(client)), rounds=30, warmup_rounds=3)
        runner.run(client.close())


clients = pytest.mark.parametrize("kind", [Ours, Aiohttp, Websockets], ids=["ours", "aiohttp", "websockets"])


@clients
def test_ws_receive(benchmark, url, kind):
    async def asks(client):
        await client.ask(str(MESSAGES).encode(), MESSAGES)

    measured(benchmark, url, kind, asks, unit="message", times=MESSAGES)


@clients
def test_ws_round_trip(benchmark, url, kind):
    async def asks(client):
        for _ in range(TRIPS):
            await client.ask(ORDER, 1)

    measured(benchmark, url, kind, asks, unit="round trip", times=TRIPS)


@pytest.mark.parametrize("kind", [OurHttp, AiohttpHttp], ids=["ours", "aiohttp"])
def test_http_round_trip(benchmark, http_url, kind):
    async def asks(client):
        for _ in range(TRIPS):
            await client.ask("/api/v3/order?symbol=BTCUSDT&side=BUY&signature=0123456789abcdef", 1)

    measured(benchmark, http_url, kind, asks, unit="round trip", times=TRIPS)
