"""A connection to a real server on loopback: what arrives, what is sent, what its pings do."""

import asyncio
import os
import socket
import time

import pytest
from tests.unit.net.servers import ended, frame, goodbye, says, silent, text
from websockets.frames import Frame, Opcode

from alipes.errors import ConnectivityError
from alipes.net.closed import CloseCause, Closed
from alipes.net.connection import Deadlines

SHORT = Deadlines(open_s=5.0, ping_every_s=0.02, pong_within_s=0.05, close_within_s=0.05)


# What arrives


def test_text_and_binary_arrive_as_bytes_with_the_time_of_the_read(way):
    before = time.time_ns()
    messages, client = way.run(
        says(text(b'{"a":1}'), frame(Opcode.BINARY, b"\x00\xff")), lambda client: client.wait_messages(2)
    )
    assert messages == [b'{"a":1}', b"\x00\xff"]
    assert all(type(message) is bytes for message in messages)
    assert all(before <= ts_recv <= time.time_ns() for ts_recv, _ in client.reads)


def test_messages_that_came_in_one_read_are_handed_on_in_one_call(way):
    async def script(peer):
        await peer.hear()
        peer.say(text(b"one") + text(b"two") + text(b"three"))
        await peer.hear_to_the_end()

    async def use(client):
        client.socket.send(b"go")
        return await client.wait_messages(3)

    _, client = way.run(script, use)
    assert [frames for _, frames in client.reads] == [[b"one", b"two", b"three"]]


def test_a_thousand_messages_in_one_read_are_one_call(way):
    async def script(peer):
        await peer.hear()
        peer.say(text(b"x") * 1_000)
        await peer.hear_to_the_end()

    async def use(client):
        client.socket.send(b"go")
        return await client.wait_messages(1_000)

    _, client = way.run(script, use)
    assert [len(frames) for _, frames in client.reads] == [1_000]


def test_a_message_larger_than_any_buffer_arrives_whole(way):
    large = bytes(range(256)) * 4_096
    messages, _ = way.run(says(text(large), text(b"next")), lambda client: client.wait_messages(2))
    assert messages == [large, b"next"]


def test_a_message_in_fragments_is_one_message_whatever_comes_between(way):
    parts = [
        frame(Opcode.TEXT, b"al", fin=False),
        frame(Opcode.PING, b"?"),
        frame(Opcode.CONT, b"i", fin=False),
        frame(Opcode.CONT, b"pes"),
        text(b"next"),
    ]
    messages, _ = way.run(says(*parts), lambda client: client.wait_messages(2))
    assert messages == [b"alipes", b"next"]


def test_a_frame_cut_into_single_bytes_arrives_whole(way):
    async def script(peer):
        for byte in text(b"x" * 300):
            peer.say(bytes([byte]))
            await asyncio.sleep(0)
        await peer.hear_to_the_end()

    messages, _ = way.run(script, lambda client: client.wait_messages(1))
    assert messages == [b"x" * 300]


def test_the_first_message_may_come_with_the_handshake(way):
    messages, _ = way.run(says(text(b"hello")), lambda client: client.wait_messages(1))
    assert messages == [b"hello"]


# What is sent


def test_a_message_is_on_the_wire_when_send_returns(way):
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

    data, _ = way.run(script, use)
    masked, key = data[6:], data[2:6]
    assert data[:2] == bytes([0x81, 0x80 | 5])
    assert bytes(byte ^ key[index % 4] for index, byte in enumerate(masked)) == b"order"


@pytest.mark.parametrize(("is_text", "opcode"), [(True, Opcode.TEXT), (False, Opcode.BINARY)])
def test_text_and_binary_are_marked(way, is_text, opcode):
    heard = []

    async def script(peer):
        heard.append(await peer.hear())
        peer.say(text(b"heard"))
        await peer.hear_to_the_end()

    async def use(client):
        client.socket.send(b"{}", is_text=is_text)
        await client.wait_messages(1)

    way.run(script, use)
    assert heard == [Frame(opcode, b"{}")]


def test_a_closed_connection_says_that_nothing_was_sent(way):
    async def use(client):
        await client.socket.wait_closed()
        with pytest.raises(ConnectivityError, match="not sent: the connection is not open"):
            client.socket.send(b"order")

    way.run(says(goodbye(1000)), use)


def test_a_socket_that_takes_no_more_says_that_nothing_was_sent(way):
    is_over = asyncio.Event()

    async def script(peer):
        await is_over.wait()

    async def use(client):
        with pytest.raises(ConnectivityError, match=r"not sent: \d+ bytes wait already"):
            send_for_ever(client.socket)
        is_over.set()

    way.run(script, use)


def is_sent(connection, message):
    try:
        connection.send(message)
    except ConnectivityError:
        return False
    return True


def send_for_ever(connection):
    while True:
        connection.send(b"x" * 65_536)


def test_what_a_slow_peer_reads_late_is_whole_and_in_order(way):
    """Sending goes on until the socket takes no more; then the peer reads all of it."""
    may_read = asyncio.Event()
    heard = []

    async def script(peer):
        await may_read.wait()
        while (one := await peer.hear()) is not None and one.data != b"end":
            heard.append(one.data)
        peer.say(text(b"all read"))
        await peer.hear_to_the_end()

    async def use(client):
        sent = []
        while is_sent(client.socket, message := len(sent).to_bytes(4, "big") * 8_192):
            sent.append(message)
        may_read.set()
        while not is_sent(client.socket, b"end"):  # noqa: ASYNC110 - nothing tells when a socket takes more
            await asyncio.sleep(0)
        await client.wait_messages(1)
        return sent

    sent, client = way.run(script, use)
    assert heard == sent
    assert client.messages == [b"all read"]


# Pings


def test_a_ping_is_answered_at_once_with_its_own_payload(way):
    heard = []

    async def script(peer):
        peer.say(frame(Opcode.PING, b"are you there"))
        heard.append(await peer.hear())
        peer.say(text(b"good"))
        await peer.hear_to_the_end()

    way.run(script, lambda client: client.wait_messages(1))
    assert heard == [Frame(Opcode.PONG, b"are you there")]


def test_answered_pings_keep_the_connection_and_measure_it(way):
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

    latency, client = way.run(script, use, deadlines=SHORT._replace(pong_within_s=5.0))
    assert 0 < latency < 5_000_000_000
    assert [end.cause for end in client.ends] == [CloseCause.LOCAL]


def test_a_ping_without_an_answer_ends_the_connection(way):
    closed, client = way.run(silent, ended, deadlines=SHORT)
    assert closed == Closed(CloseCause.PONG_TIMEOUT, None, "a ping was not answered within 0.05 s")
    assert client.ends == [closed]


def test_an_answer_to_another_ping_is_none(way):
    async def script(peer):
        while (heard := await peer.hear()) is not None:
            if heard.opcode is Opcode.PING:
                peer.say(frame(Opcode.PONG, b"something else"))

    closed, client = way.run(script, ended, deadlines=SHORT)
    assert closed.cause is CloseCause.PONG_TIMEOUT
    assert client.socket.latency_ns is None
