"""The clients that `bench_net.py` measures, each behind `open`, `ask` and `close`."""

import asyncio

import aiohttp
from websockets.asyncio.client import connect

from alipes.net.connection import Deadlines
from alipes.net.dial import connect_websocket
from alipes.net.http import HttpPool

NO_PINGS = Deadlines(ping_every_s=3_600.0)
TARGET = "/api/v3/order?symbol=BTCUSDT&side=BUY&signature=0123456789abcdef"


class Ours:
    """Messages as a receiver of the engine gets them: in a call, without a task."""

    transport = "websockets"

    async def open(self, url):
        self.left, self.done = 0, None
        self.socket = await connect_websocket(
            url,
            on_frames=self.read,
            on_close=lambda _: None,
            deadlines=NO_PINGS,
            transport=self.transport,
        )

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


class OursPicows(Ours):
    transport = "picows"


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
        self.socket = await connect(url, compression=None, ping_interval=None)

    async def ask(self, message, count):
        await self.socket.send(message, text=True)
        for _ in range(count):
            await self.socket.recv(decode=False)

    async def close(self):
        await self.socket.close()


class OurHttp:
    async def open(self, url):
        self.pool = await HttpPool(url, connections=1).__aenter__()

    async def ask(self):
        await self.pool.request("POST", TARGET, timeout_s=10)

    async def close(self):
        await self.pool.__aexit__(None, None, None)


class AiohttpHttp:
    """As it is usually used."""

    async def open(self, url):
        self.session = aiohttp.ClientSession(url, timeout=aiohttp.ClientTimeout(total=10))

    async def ask(self):
        async with self.session.post(TARGET) as response:
            await response.read()

    async def close(self):
        await self.session.close()


class Cold:
    """A connection, and all that belongs to it, for each request."""

    def __init__(self, kind):
        self.kind = kind

    async def open(self, url):
        self.url = url

    async def ask(self):
        client = self.kind()
        await client.open(self.url)
        await client.ask()
        await client.close()

    async def close(self):
        pass
