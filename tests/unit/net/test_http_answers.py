"""What a server may answer: interim answers, chunks, no length; and answers that are cut, or none at all."""

import asyncio

import pytest
from tests.unit.net.http_servers import OK, Script, Server, ask

from alipes.errors import DataError, LostAnswerError
from alipes.net.http import Answer

# Answers that are no plain ones


def test_an_interim_answer_is_followed_by_the_answer(run):
    answer = b"HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n" + OK
    assert run(Server(lambda *_: answer), ask("POST")) == Answer(
        200, {"content-length": "2", "x-used": "7"}, b"{}"
    )


def test_an_answer_without_a_body_is_complete_with_its_head(run):
    server = Server(lambda *_: b"HTTP/1.1 204 No Content\r\n\r\n")

    async def use(pool):
        return [await pool.request("DELETE", "/", timeout_s=10) for _ in range(2)]

    assert run(server, use) == [Answer(204, {}, b"")] * 2
    assert server.connections == 1


def test_values_of_one_header_are_joined(run):
    answer = b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n"
    assert run(Server(lambda *_: answer), ask()).headers["x-a"] == "1, 2"


def test_an_answer_whose_end_is_that_of_the_connection_is_whole(run):
    assert run(Script(b"HTTP/1.1 200 OK\r\n\r\n{}"), ask()).body == b"{}"


def test_an_answer_in_many_pieces_is_whole(run):
    body = bytes(range(256)) * 40

    class Pieces(Server):
        async def connected(self, reader, writer):
            await self.head(reader)
            whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            for at in range(0, len(whole), 97):
                writer.write(whole[at : at + 97])
                await asyncio.sleep(0)
            await reader.read()
            writer.close()

    assert run(Pieces(), ask()).body == body


def test_a_server_that_closes_after_its_answer_gets_the_next_request_on_a_new_connection(run):
    closing = OK.replace(b"X-Used: 7", b"Connection: close")
    server = Server(lambda *_: closing)

    async def use(pool):
        for _ in range(3):
            await pool.request("POST", "/order", timeout_s=10)

    run(server, use, connections=1)
    assert (len(server.requests), server.connections) == (3, 3)


def test_a_chunked_answer_keeps_its_connection(run):
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    server = Server(lambda *_: chunked)

    async def use(pool):
        for _ in range(3):
            await pool.request("POST", "/order", timeout_s=10)

    run(server, use, connections=1)
    assert server.connections == 1


# Answers that break


@pytest.mark.parametrize("is_reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 20",
        OK[:-1],
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ],
    ids=["nothing", "half a head", "half a body", "interim only", "half a chunk", "no last chunk"],
)
def test_an_answer_that_is_cut_leaves_the_fate_unknown_and_the_request_is_not_repeated(run, answer, is_reset):
    server = Script(answer, is_reset=is_reset)
    with pytest.raises(LostAnswerError, match="the request may have arrived"):
        run(server, ask("GET"))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    ],
    ids=["another protocol", "two lengths", "two content lengths", "an upgrade"],
)
def test_an_answer_that_is_no_http_leaves_the_fate_unknown(run, answer):
    with pytest.raises(LostAnswerError, match=r"the answer is no HTTP/1\.1; the request may have arrived"):
        run(Server(lambda *_: answer), ask("POST"))


def test_what_follows_an_answer_is_no_answer_to_the_next_request(run):
    server = Server(lambda number, _: OK + OK.replace(b"{}", b"[]") if number == 1 else OK)

    async def use(pool):
        return [(await pool.request("GET", "/", timeout_s=10)).body for _ in range(2)]

    assert run(server, use, connections=1) == [b"{}", b"{}"]
    assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + b"x" * 1000 + b"\r\n1\r\nx\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001,
    ],
    ids=["chunks", "announced", "to the end"],
)
def test_a_body_larger_than_allowed_is_refused_as_soon_as_that_is_known(run, answer):
    with pytest.raises(DataError, match="the answer has more than 1000 bytes"):
        run(Server(lambda *_: answer), ask(), max_body=1_000)


@pytest.mark.parametrize("line", [b"X-A: b\r\n", b"x"], ids=["many lines", "one line"])
def test_a_head_without_end_is_refused(run, line):
    answer = b"HTTP/1.1 200 OK\r\n" + line * 70_000
    with pytest.raises((DataError, LostAnswerError)):
        run(Server(lambda *_: answer), ask())
