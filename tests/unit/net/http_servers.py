"""HTTP servers on loopback that answer as a test tells them to."""

import asyncio

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Used: 7\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Server:
    """Answers each request by what `answer(number, request)` gives; None hangs up."""

    def __init__(self, answer=lambda number, request: OK):
        self.answer = answer
        self.requests = []
        self.connections = 0

    async def connected(self, reader, writer):
        self.connections += 1
        try:
            while head := await self.head(reader):
                length = next(
                    (int(line[15:]) for line in head.split(b"\r\n") if line[:15] == b"Content-Length:"), 0
                )
                self.requests.append(head + await reader.readexactly(length))
                answer = self.answer(len(self.requests), self.requests[-1])
                if answer is None:
                    break
                writer.write(answer)
        finally:
            writer.transport.abort()

    async def head(self, reader):
        try:
            return await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return b""


class Script(Server):
    """Sends these bytes for every request and then hangs up: orderly, or not."""

    def __init__(self, answer, *, is_reset=False):
        super().__init__(lambda *_: answer)
        self.is_reset = is_reset

    async def connected(self, reader, writer):
        self.connections += 1
        self.requests.append(await self.head(reader))
        writer.write(self.answer())
        await writer.drain()
        if self.is_reset:
            writer.transport.abort()
        writer.close()


def ask(method="GET", target="/", **options):
    return lambda pool: pool.request(method, target, **{"timeout_s": 10, **options})
