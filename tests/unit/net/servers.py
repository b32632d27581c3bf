"""Real servers on loopback: one that says exactly what a test tells it to, byte by byte."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from websockets.frames import Close, Frame, Opcode
from websockets.server import ServerProtocol

from alipes.net.dial import connect_websocket


def frame(opcode, data=b"", *, fin=True):
    """A frame as a server sends it."""
    return Frame(opcode, data, fin).serialize(mask=False)


def text(data):
    return frame(Opcode.TEXT, data)


def goodbye(code, reason=""):
    return frame(Opcode.CLOSE, Close(code, reason).serialize())


class Peer:
    """The server's side of one connection: the handshake is answered, the rest is the test's."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.protocol = ServerProtocol()
        self.request = None
        self.heard = []

    async def shake_hands(self):
        while self.request is None:
            self.protocol.receive_data(await self.reader.read(65_536))
            for event in self.protocol.events_received():
                self.request = event
        self.protocol.send_response(self.protocol.accept(self.request))
        self.say(b"".join(self.protocol.data_to_send()))

    def say(self, data):
        self.writer.write(data)

    async def hear(self):
        """The next frame of the client; None when it has hung up. Nothing is answered by itself."""
        while not self.heard:
            data = await self.reader.read(65_536)
            if not data:
                return None
            self.protocol.receive_data(data)
            self.heard += self.protocol.events_received()
        return self.heard.pop(0)

    async def hear_to_the_end(self):
        while await self.hear() is not None:
            pass

    async def hear_a_goodbye(self):
        """Reads up to a close frame, after which a server hangs up."""
        while (heard := await self.hear()) is not None and heard.opcode is not Opcode.CLOSE:
            pass

    def hang_up(self):
        self.writer.transport.abort()


@asynccontextmanager
async def serving(script, **options):
    """A server that runs `script(peer)` for each connection, and its URL."""

    async def connected(reader, writer):
        peer = Peer(reader, writer)
        await peer.shake_hands()
        await script(peer)

    async with answering(connected, **options) as port:
        yield f"{'wss' if options else 'ws'}://localhost:{port}/stream?key=SECRET"


@asynccontextmanager
async def answering(connected, **options):
    """A server that does what a test wants with each connection, and its port; all have ended afterwards."""
    tasks = set()

    async def to_the_end(reader, writer):
        tasks.add(asyncio.current_task())
        try:
            await connected(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async with await asyncio.start_server(to_the_end, "localhost", 0, **options) as server:
        yield server.sockets[0].getsockname()[1]
        server.close()
        if tasks:
            await asyncio.wait(tasks, timeout=10)


class Client:
    """A connection to a server, and what it heard."""

    def __init__(self, transport="auto"):
        self.transport = transport
        self.reads = []
        self.ends = []
        self.news = asyncio.Event()

    async def dial(self, url, **options):
        self.socket = await connect_websocket(
            url, on_frames=self.read, on_close=self.ends.append, transport=self.transport, **options
        )
        return self.socket

    def read(self, ts_recv, frames):
        self.reads.append((ts_recv, list(frames)))
        self.news.set()

    @property
    def messages(self):
        return [message for _, frames in self.reads for message in frames]

    async def wait_messages(self, count):
        while len(self.messages) < count:
            self.news.clear()
            await self.news.wait()
        return self.messages


@dataclass(frozen=True)
class Way:
    """Who speaks the protocol, and on which loop."""

    library: str
    loop_factory: object

    def client(self):
        return Client(self.library)

    def run_main(self, main):
        with asyncio.Runner(loop_factory=self.loop_factory) as runner:
            return runner.run(main)

    def run(self, script, use, **options):
        """Runs `use(client)` against a server that runs `script(peer)`: what `use` returns; the client."""

        async def main():
            client = self.client()
            async with serving(script) as url, asyncio.timeout(30):
                await client.dial(url, **options)
                try:
                    return await use(client), client
                finally:
                    client.socket.abort()
                    await client.socket.wait_closed()

        return self.run_main(main())


async def ended(client):
    return await client.socket.wait_closed()


async def silent(peer):
    await peer.hear_to_the_end()


def says(*data):
    async def script(peer):
        peer.say(b"".join(data))
        await peer.hear_a_goodbye()

    return script
