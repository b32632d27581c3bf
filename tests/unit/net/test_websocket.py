"""A connection to a real server on loopback: what arrives, how it ends, what its deadlines do."""

import asyncio
import os
import socket
import time

import pytest
from tests.unit.net.servers import Client, frame, goodbye, serving, text
from websockets.frames import Frame, Opcode

from alipes.errors import ConnectivityError
from alipes.net.closed import CloseCause, Closed
from alipes.net.websocket import Deadlines

SHORT = Deadlines(open_s=5.0, ping_every_s=0.02, pong_within_s=0.05, close_within_s=0.05)


def run(script, use, **options):
    """Runs `use(client)` against a server that runs `script(peer)`; what `use` returns, and the client."""

    async def main():
        client = Client()
        async with serving(script) as url, asyncio.timeout(30):
            await client.dial(url, **options)
            try:
                return await use(client), client
            finally:
                client.socket.abort()
                await client.socket.wait_closed()

    return asyncio.run(main())


async def ended(client):
    return await client.socket.wait_closed()


async def silent(peer):
    await peer.hear_to_the_end()


def says(*data):
    async def script(peer):
        peer.say(b"".join(data))
        await peer.hear_to_the_end()

    return script


# What arrives


def test_text_and_binary_arrive_as_bytes_with_the_time_of_the_read():
    before = time.time_ns()
    messages, client = run(
        says(text(b'{"a":1}'), frame(Opcode.BINARY, b"\x00\xff")), lambda client: client.wait_messages(2)
    )
    assert messages == [b'{"a":1}', b"\x00\xff"]
    assert all(type(message) is bytes for message in messages)
    assert all(before <= ts_recv <= time.time_ns() for ts_recv, _ in client.reads)


def test_messages_that_came_in_one_read_are_handed_on_in_one_call():
    async def script(peer):
        await peer.hear()
        peer.say(text(b"one") + text(b"two") + text(b"three"))
        await peer.hear_to_the_end()

    async def use(client):
        client.socket.send(b"go")
        return await client.wait_messages(3)

    _, client = run(script, use)
    assert [frames for _, frames in client.reads] == [[b"one", b"two", b"three"]]


def test_a_message_in_fragments_is_one_message_whatever_comes_between():
    parts = [
        frame(Opcode.TEXT, b"al", fin=False),
        frame(Opcode.PING, b"?"),
        frame(Opcode.CONT, b"i", fin=False),
        frame(Opcode.CONT, b"pes"),
        text(b"next"),
    ]
    messages, _ = run(says(*parts), lambda client: client.wait_messages(2))
    assert messages == [b"alipes", b"next"]


def test_a_frame_cut_into_single_bytes_arrives_whole():
    async def script(peer):
        for byte in text(b"x" * 300):
            peer.say(bytes([byte]))
            await asyncio.sleep(0)
        await peer.hear_to_the_end()

    messages, _ = run(script, lambda client: client.wait_messages(1))
    assert messages == [b"x" * 300]


def test_the_first_message_may_come_with_the_handshake():
    messages, _ = run(says(text(b"hello")), lambda client: client.wait_messages(1))
    assert messages == [b"hello"]


# What is sent


def test_a_message_is_on_the_wire_when_send_returns():
    """The server's socket is read without giving the event loop a turn."""
    peers = []

    async def script(peer):
        peers.append(peer)
        peer.say(text(b"here"))
        await peer.hear_to_the_end()

    async def use(client):
        await client.wait_messages(1)
        client.socket.send(b"order")
        with socket.socket(fileno=os.dup(peers[0].writer.get_extra_info("socket").fileno())) as raw:
            raw.settimeout(5)
            return raw.recv(100)

    data, _ = run(script, use)
    masked, key = data[6:], data[2:6]
    assert data[:2] == bytes([0x81, 0x80 | 5])
    assert bytes(byte ^ key[index % 4] for index, byte in enumerate(masked)) == b"order"


def test_small_writes_are_not_held_back_by_the_kernel():
    async def use(client):
        made = client.socket._transport.get_extra_info("socket")
        return made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    assert run(silent, use)[0] != 0


@pytest.mark.parametrize(("is_text", "opcode"), [(True, Opcode.TEXT), (False, Opcode.BINARY)])
def test_text_and_binary_are_marked(is_text, opcode):
    heard = []

    async def script(peer):
        heard.append(await peer.hear())
        peer.say(text(b"heard"))
        await peer.hear_to_the_end()

    async def use(client):
        client.socket.send(b"{}", is_text=is_text)
        await client.wait_messages(1)

    run(script, use)
    assert heard == [Frame(opcode, b"{}")]


def test_a_closed_connection_says_that_nothing_was_sent():
    async def use(client):
        await client.socket.wait_closed()
        with pytest.raises(ConnectivityError, match="not sent: the connection is not open"):
            client.socket.send(b"order")

    run(says(goodbye(1000)), use)


def test_a_socket_that_takes_no_more_says_that_nothing_was_sent():
    is_over = asyncio.Event()

    async def script(peer):
        await is_over.wait()

    async def use(client):
        with pytest.raises(ConnectivityError, match=r"not sent: \d+ bytes wait already"):
            send_for_ever(client.socket)
        is_over.set()

    run(script, use)


def send_for_ever(connection):
    while True:
        connection.send(b"x" * 65_536)


# Pings


def test_a_ping_is_answered_at_once_with_its_own_payload():
    heard = []

    async def script(peer):
        peer.say(frame(Opcode.PING, b"are you there"))
        heard.append(await peer.hear())
        peer.say(text(b"good"))
        await peer.hear_to_the_end()

    run(script, lambda client: client.wait_messages(1))
    assert heard == [Frame(Opcode.PONG, b"are you there")]


def test_answered_pings_keep_the_connection_and_measure_it():
    async def script(peer):
        for _ in range(3):
            ping = await peer.hear()
            assert ping.opcode is Opcode.PING
            peer.say(frame(Opcode.PONG, ping.data))
        peer.say(text(b"three"))
        await peer.hear_to_the_end()

    async def use(client):
        await client.wait_messages(1)
        return client.socket.latency_ns

    latency, client = run(script, use, deadlines=SHORT._replace(pong_within_s=5.0))
    assert 0 < latency < 5_000_000_000
    assert [end.cause for end in client.ends] == [CloseCause.LOCAL]


def test_a_ping_without_an_answer_ends_the_connection():
    closed, client = run(silent, ended, deadlines=SHORT)
    assert closed == Closed(CloseCause.PONG_TIMEOUT, None, "a ping was not answered within 0.05 s")
    assert client.ends == [closed]


def test_an_answer_to_another_ping_is_none():
    async def script(peer):
        while (heard := await peer.hear()) is not None:
            if heard.opcode is Opcode.PING:
                peer.say(frame(Opcode.PONG, b"something else"))

    closed, client = run(script, ended, deadlines=SHORT)
    assert closed.cause is CloseCause.PONG_TIMEOUT
    assert client.socket.latency_ns is None


# Ends


def test_the_other_sides_goodbye_is_told_with_its_code_and_reason():
    closed, client = run(says(goodbye(1012, "restart in 5 s")), ended)
    assert closed == Closed(CloseCause.REMOTE, 1012, "restart in 5 s")
    assert client.ends == [closed]


def test_a_message_before_a_goodbye_is_not_lost():
    closed, client = run(says(text(b"last"), goodbye(1000)), ended)
    assert client.messages == [b"last"]
    assert closed == Closed(CloseCause.REMOTE, 1000, "")


def test_our_goodbye_is_answered():
    async def script(peer):
        heard = await peer.hear()
        peer.say(frame(Opcode.CLOSE, heard.data))

    async def use(client):
        client.socket.close(1000, "done")
        client.socket.close(1000, "again")
        return await client.socket.wait_closed()

    closed, client = run(script, use)
    assert closed == Closed(CloseCause.LOCAL, 1000, "done")
    assert client.ends == [closed]


def test_a_goodbye_without_an_answer_has_a_deadline():
    async def use(client):
        client.socket.close()
        return await client.socket.wait_closed()

    closed, _ = run(silent, use, deadlines=Deadlines(close_within_s=0.02))
    assert closed == Closed(CloseCause.LOCAL, None, "")


def test_a_side_that_says_goodbye_and_does_not_hang_up_is_hung_up_on():
    closed, _ = run(says(goodbye(1001, "going")), ended, deadlines=Deadlines(close_within_s=0.02))
    assert closed == Closed(CloseCause.REMOTE, 1001, "going")


def test_a_connection_that_breaks_off_is_lost():
    async def script(peer):
        peer.hang_up()

    closed, client = run(script, ended)
    assert (closed.cause, closed.code) == (CloseCause.LOST, None)
    assert client.ends == [closed]


def test_the_end_of_the_stream_without_a_goodbye_is_a_loss():
    async def script(peer):
        peer.say(text(b"and"))

    closed, client = run(script, ended)
    assert closed == Closed(CloseCause.LOST, None, "it ended without a close frame")
    assert client.messages == [b"and"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(Opcode.CONT, b"of nothing"), 1002),
        (b"\xf1\x00", 1002),
        (Frame(Opcode.TEXT, b"masked").serialize(mask=True), 1002),
        (text(b"x" * 1_001), 1009),
        (frame(Opcode.TEXT, b"x" * 600, fin=False) + frame(Opcode.CONT, b"x" * 600), 1009),
    ],
    ids=["continuation", "reserved bits", "masked", "too big", "too big in parts"],
)
def test_a_breach_of_the_protocol_ends_it_and_says_which(data, code):
    closed, client = run(says(data), ended, max_message=1_000, deadlines=Deadlines(close_within_s=0.02))
    assert (closed.cause, closed.code) == (CloseCause.PROTOCOL, code)
    assert closed.reason
    assert client.messages == []


def test_a_receiver_that_raises_ends_the_connection_with_its_error():
    async def main():
        ends, errors = [], []
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: errors.append(context["exception"])
        )
        client = Client()

        def fails(ts_recv, frames):
            raise RuntimeError("no room")

        client.read = fails
        async with serving(says(text(b"x"))) as url, asyncio.timeout(30):
            await client.dial(url)
            ends.append(await client.socket.wait_closed())
        return ends, errors, client

    ends, errors, client = asyncio.run(main())
    assert ends == [Closed(CloseCause.RECEIVER, None, "RuntimeError: no room")] == client.ends
    assert [str(error) for error in errors] == ["no room"]


def test_waiting_for_the_end_can_be_given_up():
    async def use(client):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await client.socket.wait_closed()
        client.socket.abort()
        return await client.socket.wait_closed()

    closed, _ = run(silent, use)
    assert closed == Closed(CloseCause.LOCAL, None, "aborted")
