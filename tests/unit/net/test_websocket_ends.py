"""How a connection to a real server on loopback ends, and how that is told."""

import asyncio

import pytest
from tests.unit.net.servers import ended, frame, goodbye, says, serving, silent, text
from websockets.frames import Frame, Opcode

from alipes.net.closed import CloseCause, Closed
from alipes.net.connection import Deadlines


def test_the_other_sides_goodbye_is_told_with_its_code_and_reason(way):
    closed, client = way.run(says(goodbye(1012, "restart in 5 s")), ended)
    assert closed == Closed(CloseCause.REMOTE, 1012, "restart in 5 s")
    assert client.ends == [closed]


def test_a_message_before_a_goodbye_is_not_lost(way):
    closed, client = way.run(says(text(b"last"), goodbye(1000)), ended)
    assert client.messages == [b"last"]
    assert closed == Closed(CloseCause.REMOTE, 1000, "")


def test_our_goodbye_is_answered(way):
    async def script(peer):
        heard = await peer.hear()
        peer.say(frame(Opcode.CLOSE, heard.data))

    async def use(client):
        client.socket.close(1000, "done")
        client.socket.close(1000, "again")
        return await client.socket.wait_closed()

    closed, client = way.run(script, use)
    assert closed == Closed(CloseCause.LOCAL, 1000, "done")
    assert client.ends == [closed]


def test_a_goodbye_without_an_answer_has_a_deadline(way):
    async def use(client):
        client.socket.close()
        return await client.socket.wait_closed()

    closed, _ = way.run(silent, use, deadlines=Deadlines(close_within_s=0.02))
    assert closed == Closed(CloseCause.LOCAL, None, "")


def test_a_side_that_says_goodbye_and_does_not_hang_up_is_hung_up_on(way):
    async def script(peer):
        peer.say(goodbye(1001, "going"))
        await peer.hear_to_the_end()

    closed, _ = way.run(script, ended, deadlines=Deadlines(close_within_s=0.02))
    assert closed == Closed(CloseCause.REMOTE, 1001, "going")


def test_a_connection_that_breaks_off_is_lost(way):
    async def script(peer):
        peer.hang_up()

    closed, client = way.run(script, ended)
    assert (closed.cause, closed.code) == (CloseCause.LOST, None)
    assert client.ends == [closed]


def test_the_end_of_the_stream_without_a_goodbye_is_a_loss(way):
    async def script(peer):
        peer.say(text(b"and"))

    closed, client = way.run(script, ended)
    assert closed == Closed(CloseCause.LOST, None, "it ended without a close frame")
    assert client.messages == [b"and"]


def test_a_connection_that_ends_within_a_frame_is_lost_with_that_message(way):
    async def script(peer):
        peer.say(text(b"whole") + text(b"half of it")[:-3])

    closed, client = way.run(script, ended)
    assert closed == Closed(CloseCause.LOST, None, "it ended without a close frame")
    assert client.messages == [b"whole"]


def test_a_connection_that_is_reset_within_a_frame_is_lost(way):
    async def script(peer):
        peer.say(text(b"whole") + text(b"half of it")[:-3])
        await peer.hear()
        peer.hang_up()

    async def use(client):
        await client.wait_messages(1)
        client.socket.send(b"heard")
        return await client.socket.wait_closed()

    closed, client = way.run(script, use)
    assert (closed.cause, closed.code) == (CloseCause.LOST, None)
    assert client.messages == [b"whole"]


@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4001, 4999])
def test_any_close_code_is_told_as_a_number(way, code):
    closed, _ = way.run(says(goodbye(code, "why")), ended)
    assert closed == Closed(CloseCause.REMOTE, code, "why")
    assert type(closed.code) is int


def test_a_goodbye_without_a_code_is_told_by_the_number_for_that(way):
    closed, _ = way.run(says(frame(Opcode.CLOSE)), ended)
    assert closed == Closed(CloseCause.REMOTE, 1005, "")


def test_what_follows_a_goodbye_is_nothing(way):
    closed, client = way.run(says(text(b"last"), goodbye(1000), text(b"after")), ended)
    assert closed.cause is CloseCause.REMOTE
    assert client.messages == [b"last"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(Opcode.TEXT, b"a", fin=False) + text(b"new"), 1002),
        (b"\xc1\x01x", 1002),
        (b"\x09\x00", 1002),
        (b"\x83\x00", 1002),
        (b"\x88\x01\x03", 1002),
        (frame(Opcode.CONT, b"of nothing"), 1002),
        (b"\xf1\x00", 1002),
        (Frame(Opcode.TEXT, b"masked").serialize(mask=True), 1002),
        (text(b"x" * 1_001), 1009),
        (frame(Opcode.TEXT, b"x" * 600, fin=False) + frame(Opcode.CONT, b"x" * 600), 1009),
    ],
    ids=[
        "unfinished",
        "compressed",
        "ping in parts",
        "no such opcode",
        "half a code",
        "continuation",
        "reserved bits",
        "masked",
        "too big",
        "too big in parts",
    ],
)
def test_a_breach_of_the_protocol_ends_it_and_says_which(way, data, code):
    closed, client = way.run(says(data), ended, max_message=1_000, deadlines=Deadlines(close_within_s=0.02))
    assert (closed.cause, closed.code) == (CloseCause.PROTOCOL, code)
    assert closed.reason
    assert client.messages == []


def test_no_library_logs_or_prints_what_it_sees(way, caplog, capfd):
    """Both would log the URL of a handshake, which may hold a key, and frames."""
    caplog.set_level(1)
    way.run(says(text(b"x"), b"\x83\x00"), ended, deadlines=Deadlines(close_within_s=0.02))
    told = [record for record in caplog.records if record.name not in {"asyncio", "websockets.server"}]
    assert told == []
    assert capfd.readouterr() == ("", "")


def test_a_receiver_that_raises_ends_the_connection_with_its_error(way):
    async def main():
        ends, errors = [], []
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: errors.append(context["exception"])
        )
        client = way.client()

        def fails(ts_recv, frames):
            raise RuntimeError("no room")

        client.read = fails
        async with serving(says(text(b"x"))) as url, asyncio.timeout(30):
            await client.dial(url)
            ends.append(await client.socket.wait_closed())
        return ends, errors, client

    ends, errors, client = way.run_main(main())
    assert ends == [Closed(CloseCause.RECEIVER, None, "RuntimeError: no room")] == client.ends
    assert [str(error) for error in errors] == ["no room"]


def test_waiting_for_the_end_can_be_given_up(way):
    async def use(client):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await client.socket.wait_closed()
        client.socket.abort()
        return await client.socket.wait_closed()

    closed, _ = way.run(silent, use)
    assert closed == Closed(CloseCause.LOCAL, None, "aborted")
