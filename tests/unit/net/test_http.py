"""Requests to a real server on loopback: once each, over kept connections, and errors that know what left."""

import asyncio
import socket

import pytest
from tests.unit.net.http_servers import CHUNKED, OK, Server, ask

from alipes.errors import ConnectivityError, DataError, InputError, LostAnswerError
from alipes.net.http import Answer, HttpPool


def test_an_answer_is_status_headers_and_body(run):
    assert run(Server(), ask()) == Answer(200, {"content-length": "2", "x-used": "7"}, b"{}")


@pytest.mark.parametrize("status", ["302 Found", "404 Not Found", "429 Too Many Requests", "500 Internal"])
def test_a_status_is_an_answer_and_no_error(run, status):
    answer = f"HTTP/1.1 {status}\r\nLocation: /other\r\nContent-Length: 1\r\n\r\nx".encode()
    server = Server(lambda *_: answer)
    found = run(server, ask("POST"))
    assert (found.status, found.body) == (int(status[:3]), b"x")
    assert len(server.requests) == 1


def test_an_answer_in_chunks_is_whole(run):
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"
    assert run(Server(lambda *_: chunked), ask()).body == b"[1,2]"


def test_what_is_sent_is_what_was_given_to_the_byte(run):
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


def test_connections_are_opened_before_they_are_needed_and_kept(run):
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
def test_an_order_is_never_sent_twice_though_its_connection_breaks(run, method):
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


def test_a_server_that_does_not_answer_leaves_the_fate_unknown(run):
    with pytest.raises(LostAnswerError, match=r"no answer within 0.05 s; the request may have arrived"):
        run(Server(lambda *_: b""), ask("POST", timeout_s=0.05))


def test_an_answer_that_breaks_off_leaves_the_fate_unknown(run):
    class Half(Server):
        async def connected(self, reader, writer):
            await self.head(reader)
            writer.write(OK[:-1])
            writer.close()

    with pytest.raises(LostAnswerError, match=r"the connection ended"):
        run(Half(), ask("POST"))


def test_a_request_that_waits_for_a_connection_in_vain_was_not_sent(run):
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
            f"POST http://127.0.0.1:{port}/order: ConnectionRefusedError; nothing was sent"
        )

    asyncio.run(main())


def test_a_pool_that_is_not_open_sends_nothing():
    with pytest.raises(ConnectivityError, match="not sent: the pool is not open"):
        asyncio.run(HttpPool("http://localhost").request("GET", "/", timeout_s=1))


def test_an_answer_larger_than_allowed_is_refused(run):
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001
    with pytest.raises(DataError, match=r"GET http://localhost:\d+/: the answer has more than 1000 bytes"):
        run(Server(lambda *_: body), ask(), max_body=1_000)


# Connections


def test_a_kept_connection_that_the_server_closed_is_not_used(run):
    class Once(Server):
        async def connected(self, reader, writer):
            self.connections += 1
            self.requests.append(await self.head(reader))
            writer.write(OK)
            writer.close()

    server = Once()

    async def use(pool):
        await pool.request("GET", "/", timeout_s=10)
        while pool._idle[0].is_usable:  # noqa: ASYNC110 - nothing tells that a connection has ended
            await asyncio.sleep(0)
        return await pool.request("POST", "/order", timeout_s=10)

    assert run(server, use).status == 200
    assert server.connections == 2


def test_a_connection_that_was_idle_for_too_long_is_not_used(run):
    server = Server()

    async def use(pool):
        await pool.request("GET", "/", timeout_s=10)
        pool._idle[0].used_at -= 31
        await pool.request("POST", "/order", timeout_s=10)

    run(server, use, idle_s=30)
    assert server.connections == 2


def test_a_request_that_is_given_up_takes_its_connection_with_it(run):
    arrived = asyncio.Event()

    def answer(number, request):
        arrived.set()
        return b"" if number == 1 else OK

    server = Server(answer)

    async def use(pool):
        first = asyncio.ensure_future(pool.request("POST", "/first", timeout_s=20))
        await arrived.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        return await pool.request("POST", "/second", timeout_s=20)

    assert run(server, use, connections=1).body == b"{}"
    assert server.connections == 2


def test_a_pool_that_closes_ends_what_is_under_way(run):
    arrived = asyncio.Event()
    started = []

    def is_silent(*_):
        arrived.set()
        return b""

    async def use(pool):
        started.append(asyncio.ensure_future(pool.request("POST", "/", timeout_s=20)))
        await arrived.wait()
        await pool.__aexit__(None, None, None)
        with pytest.raises(LostAnswerError, match="the connection ended; the request may have arrived"):
            await started[0]

    run(Server(is_silent), use)


def test_a_request_that_waits_when_the_pool_closes_was_not_sent(run):
    arrived = asyncio.Event()

    def is_silent(*_):
        arrived.set()
        return b""

    async def use(pool):
        first = asyncio.ensure_future(pool.request("POST", "/first", timeout_s=20))
        await arrived.wait()
        second = asyncio.ensure_future(pool.request("POST", "/second", timeout_s=20))
        await asyncio.sleep(0)
        await pool.__aexit__(None, None, None)
        with pytest.raises(LostAnswerError):
            await first
        with pytest.raises(ConnectivityError, match="the pool was closed; nothing was sent") as caught:
            await second
        assert type(caught.value) is ConnectivityError

    server = Server(is_silent)
    run(server, use, connections=1)
    assert [request[:11] for request in server.requests] == [b"POST /first"]


def test_headers_behind_a_body_are_left_out(run):
    answer = CHUNKED + b"2\r\n{}\r\n0\r\nX-Late: 1\r\n\r\n"
    assert run(Server(lambda *_: answer), ask()) == Answer(200, {"transfer-encoding": "chunked"}, b"{}")


def test_when_a_request_leaves_it_is_told_once_and_before_its_answer(run):
    told = []

    async def use(pool):
        await pool.request("POST", "/", timeout_s=10, on_sent=lambda: told.append("sent"))
        told.append("answered")

    run(Server(), use)
    assert told == ["sent", "answered"]


def test_what_did_not_leave_is_not_told_as_sent():
    told = []

    async def main():
        async with HttpPool("http://127.0.0.1:1") as pool:
            with pytest.raises(ConnectivityError, match="nothing was sent"):
                await pool.request("POST", "/", timeout_s=10, on_sent=lambda: told.append("sent"))

    asyncio.run(main())
    assert told == []


# TLS


def test_requests_go_over_tls_and_keep_their_connection(run, client_tls, server_tls):
    server = Server()

    async def use(pool):
        return [(await pool.request("POST", "/", body=b"x", timeout_s=10)).body for _ in range(3)]

    assert run(server, use, server_tls=server_tls, tls=client_tls) == [b"{}"] * 3
    assert server.connections == 1


def test_a_certificate_that_nobody_vouches_for_means_that_nothing_was_sent(run, server_tls):
    async def use(pool):
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the server's side of it
        with pytest.raises(ConnectivityError, match="SSLCertVerificationError; nothing was sent"):
            await pool.request("POST", "/", timeout_s=10)

    server = Server()
    run(server, use, server_tls=server_tls)
    assert server.requests == []


# What cannot be sent


@pytest.mark.parametrize(
    ("method", "target", "headers", "told"),
    [
        ("HEAD", "/", {}, "method: expected one of DELETE, GET, PATCH, POST, PUT, got 'HEAD'"),
        ("GET", "order", {}, "target: expected a path"),
        ("GET", "/a b", {}, "target: expected a path"),
        ("GET", "/a\r\nX: 1", {}, "target: expected a path"),
        ("GET", "/\u00e4", {}, "target: expected a path"),
        ("GET", "/", {"X-Key": "SECRET\r\nX: 1"}, "header 'X-Key'"),
        ("GET", "/", {"X Key": "1"}, "header 'X Key'"),
        ("GET", "/", {"Content-Length": "3"}, "header 'Content-Length'"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_anything_is(run, method, target, headers, told):
    server = Server()
    with pytest.raises(InputError) as caught:
        run(server, ask(method, target, headers=headers))
    assert str(caught.value).startswith(told)
    assert "SECRET" not in str(caught.value)
    assert server.connections == 0


@pytest.mark.parametrize(
    "origin", ["localhost", "ftp://x", "http://", "http://x/path", "https://u:p@x", "http://x?q"]
)
def test_what_is_no_origin_is_refused(origin):
    with pytest.raises(InputError, match="origin: expected http:// or https://"):
        HttpPool(origin)
