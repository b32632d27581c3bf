"""Requests to a real server on loopback: once each, over kept connections, and errors that know what left."""

import asyncio
import socket

import pytest
from tests.unit.net.servers import answering

from alipes.errors import ConnectivityError, DataError, LostAnswerError
from alipes.net.http import Answer, HttpPool

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Used: 7\r\n\r\n{}"


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


def run(server, use, **options):
    async def main():
        async with (
            answering(server.connected) as port,
            asyncio.timeout(30),
            HttpPool(f"http://localhost:{port}", **options) as pool,
        ):
            return await use(pool)

    return asyncio.run(main())


def ask(method="GET", target="/", **options):
    return lambda pool: pool.request(method, target, **{"timeout_s": 10, **options})


def test_an_answer_is_status_headers_and_body():
    assert run(Server(), ask()) == Answer(200, {"content-length": "2", "x-used": "7"}, b"{}")


@pytest.mark.parametrize("status", ["302 Found", "404 Not Found", "429 Too Many Requests", "500 Internal"])
def test_a_status_is_an_answer_and_no_error(status):
    answer = f"HTTP/1.1 {status}\r\nLocation: /other\r\nContent-Length: 1\r\n\r\nx".encode()
    server = Server(lambda *_: answer)
    found = run(server, ask("POST"))
    assert (found.status, found.body) == (int(status[:3]), b"x")
    assert len(server.requests) == 1


def test_an_answer_in_chunks_is_whole():
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"
    assert run(Server(lambda *_: chunked), ask()).body == b"[1,2]"


def test_what_is_sent_is_what_was_given_to_the_byte():
    """Signatures are over the text of the query: nothing may be encoded again or put in another order."""
    server = Server()
    target = "/api/v3/order?b=2&a=1%2B1&c=%7B%22x%22%3A1%7D&signature=ab%2Fc%3D"
    run(server, ask("POST", target, headers={"X-KEY": "k"}, body=b"side=BUY&price=1%2E0"))
    head, body = server.requests[0].split(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST " + target.encode() + b" HTTP/1.1"
    assert body == b"side=BUY&price=1%2E0"
    names = {line.split(b":")[0] for line in lines[1:]}
    assert names == {b"Host", b"Accept", b"Accept-Encoding", b"X-KEY", b"Content-Length"}
    assert b"Accept-Encoding: identity" in lines


def test_connections_are_opened_before_they_are_needed_and_kept():
    server = Server()

    async def use(pool):
        await pool.warm("/ping")
        opened = server.connections
        for _ in range(10):
            await pool.request("POST", "/order", timeout_s=10)
        return opened

    assert run(server, use, connections=3) == 3
    assert server.connections == 3
    assert len(server.requests) == 13


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_an_order_is_never_sent_twice_though_its_connection_breaks(method):
    server = Server(lambda number, request: OK if number == 1 else None)

    async def use(pool):
        await pool.request("GET", "/ping", timeout_s=10)
        with pytest.raises(LostAnswerError) as caught:
            await pool.request(method, "/order?signature=SECRET", timeout_s=10)
        return str(caught.value)

    told = run(server, use)
    assert len(server.requests) == 2
    assert told.endswith("the request may have arrived")
    assert "/order: " in told
    assert "SECRET" not in told


def test_a_server_that_does_not_answer_leaves_the_fate_unknown():
    with pytest.raises(LostAnswerError, match=r"no answer within 0.05 s; the request may have arrived"):
        run(Server(lambda *_: b""), ask("POST", timeout_s=0.05))


def test_an_answer_that_breaks_off_leaves_the_fate_unknown():
    class Half(Server):
        async def connected(self, reader, writer):
            await self.head(reader)
            writer.write(OK[:-1])
            writer.close()

    with pytest.raises(LostAnswerError, match=r"ClientPayloadError"):
        run(Half(), ask("POST"))


def test_a_request_that_waits_for_a_connection_in_vain_was_not_sent():
    arrived = asyncio.Event()

    def is_silent(*_):
        arrived.set()
        return b""

    async def use(pool):
        first = asyncio.ensure_future(pool.request("POST", "/first", timeout_s=20))
        await arrived.wait()
        with pytest.raises(ConnectivityError, match="nothing was sent") as caught:
            await pool.request("POST", "/second", timeout_s=0.05)
        assert type(caught.value) is ConnectivityError
        first.cancel()

    server = Server(is_silent)
    run(server, use, connections=1)
    assert [request[:11] for request in server.requests] == [b"POST /first"]


def test_a_port_where_nobody_listens_means_that_nothing_was_sent():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def main():
        async with HttpPool(f"http://127.0.0.1:{port}") as pool:
            with pytest.raises(ConnectivityError) as caught:
                await pool.request("POST", "/order?signature=SECRET", timeout_s=10)
        assert type(caught.value) is ConnectivityError
        assert str(caught.value) == (
            f"POST http://127.0.0.1:{port}/order: ClientConnectorError; nothing was sent"
        )

    asyncio.run(main())


def test_a_pool_that_is_not_open_sends_nothing():
    with pytest.raises(ConnectivityError, match="not sent: the pool is not open"):
        asyncio.run(HttpPool("http://localhost").request("GET", "/", timeout_s=1))


def test_an_answer_larger_than_allowed_is_refused():
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001
    with pytest.raises(DataError, match=r"GET http://localhost:\d+/: the answer has more than 1000 bytes"):
        run(Server(lambda *_: body), ask(), max_body=1_000)
