"""Opening a connection: what is refused, how it is said, and what is never said."""

import asyncio
import socket
import ssl

import pytest
from tests.unit.net.servers import answering, serving, text

from alipes.errors import AuthError, ConnectivityError, InputError, RateLimitedError
from alipes.net.closed import CloseCause, Closed
from alipes.net.connection import Deadlines
from alipes.net.dial import _opener
from alipes.net.pico import open_picows
from alipes.net.websocket import open_websocket


def error_of(way, answer, *, kind=ConnectivityError, **options):
    """The error of dialling a server that sends `answer` to a handshake, with the port left out."""

    async def connected(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async def main():
        client = way.client()
        async with answering(connected) as port, asyncio.timeout(30):
            with pytest.raises(kind) as caught:
                await client.dial(f"ws://localhost:{port}/ws?listenKey=SECRET", **options)
        assert client.ends == []
        assert type(caught.value) is kind
        return str(caught.value).replace(f":{port}", "")

    return way.run_main(main())


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("401 Unauthorized", AuthError),
        ("403 Forbidden", AuthError),
        ("418 I'm a teapot", RateLimitedError),
        ("429 Too Many Requests", RateLimitedError),
        ("503 Service Unavailable", ConnectivityError),
        ("302 Found", ConnectivityError),
    ],
)
def test_a_refused_handshake_is_told_by_its_status_and_without_the_secret_part_of_the_url(way, status, kind):
    told = error_of(way, f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode(), kind=kind)
    assert told == f"ws://localhost: the handshake was answered with status {status[:3]}"


def test_something_that_is_no_websocket_is_told(way):
    told = error_of(way, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n")
    assert told.startswith("ws://localhost: no WebSocket handshake: ")
    assert "h2c" in told


def test_a_server_that_hangs_up_is_told(way):
    assert error_of(way, b"").startswith("ws://localhost: ")


def test_a_silent_server_has_a_deadline(way):
    async def main():
        is_over = asyncio.Event()

        async def connected(reader, writer):
            await is_over.wait()
            writer.close()

        async with answering(connected) as port, asyncio.timeout(30):
            with pytest.raises(ConnectivityError) as caught:
                await way.client().dial(f"ws://localhost:{port}", deadlines=Deadlines(open_s=0.05))
            is_over.set()
        assert str(caught.value) == f"ws://localhost:{port}: no connection within 0.05 s"

    way.run_main(main())


def test_a_port_where_nobody_listens_is_told(way):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ConnectivityError, match=f"^ws://127.0.0.1:{port}: ") as caught:
        way.run_main(way.client().dial(f"ws://127.0.0.1:{port}/?key=SECRET"))
    assert "refused" in str(caught.value).lower()
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://localhost/?key=SECRET", "wss:///?key=SECRET", "SECRET"])
def test_what_is_no_websocket_url_is_told_without_the_url(way, url):
    with pytest.raises(InputError) as caught:
        way.run_main(way.client().dial(url))
    assert "expected ws:// or wss:// and a host" in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_headers_and_path_reach_the_server(way):
    async def script(peer):
        peer.say(text(f"{peer.request.path} {peer.request.headers['X-Key']}".encode()))
        await peer.hear_to_the_end()

    async def main():
        client = way.client()
        async with serving(script) as url, asyncio.timeout(30):
            await client.dial(url, headers={"X-Key": "k"})
            messages = await client.wait_messages(1)
            client.socket.abort()
            await client.socket.wait_closed()
        return messages

    assert way.run_main(main()) == [b"/stream?key=SECRET k"]


def test_dialling_that_is_given_up_leaves_no_connection(way):
    async def main():
        hung_up = asyncio.Event()
        heard = asyncio.Event()

        async def connected(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            heard.set()
            assert await reader.read() == b""
            hung_up.set()
            writer.close()

        client = way.client()
        async with answering(connected) as port, asyncio.timeout(30):
            dialling = asyncio.ensure_future(client.dial(f"ws://localhost:{port}"))
            await heard.wait()
            dialling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await dialling
            await hung_up.wait()
        assert client.ends == []

    way.run_main(main())


async def echo(peer):
    while (heard := await peer.hear()) is not None:
        peer.say(text(heard.data))


def test_messages_go_over_tls(way, certificate, server_tls):
    async def main():
        client = way.client()
        tls = ssl.create_default_context(cafile=str(certificate[0]))
        async with serving(echo, ssl=server_tls) as url, asyncio.timeout(30):
            await client.dial(url, tls=tls, deadlines=Deadlines(close_within_s=0.05))
            client.socket.send(b"order")
            messages = await client.wait_messages(1)
            client.socket.close(1000, "done")
            return messages, await client.socket.wait_closed()

    assert way.run_main(main()) == ([b"order"], Closed(CloseCause.LOCAL, None, "done"))


def test_a_certificate_that_nobody_vouches_for_is_refused(way, server_tls):
    async def main():
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the server's side of it
        async with serving(echo, ssl=server_tls) as url, asyncio.timeout(30):
            with pytest.raises(ConnectivityError, match=r"^wss://localhost:\d+: .*certificate") as caught:
                await way.client().dial(url)
            assert "SECRET" not in str(caught.value)

    way.run_main(main())


def test_auto_is_picows_where_it_is_installed():
    assert _opener("auto") is open_picows


def test_without_picows_auto_is_websockets_and_picows_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("alipes.net.dial.find_spec", lambda name: None)
    assert _opener("auto") is open_websocket
    with pytest.raises(InputError, match=r"pip install 'alipes\[fast\]'"):
        _opener("picows")


def test_a_transport_that_there_is_not_is_told():
    with pytest.raises(InputError, match=r"transport: expected 'auto', 'websockets' or 'picows', got 'pico'"):
        _opener("pico")
