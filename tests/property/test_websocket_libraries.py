"""picows against `websockets` over real sockets: the same messages and the same end, whatever is sent."""

import asyncio
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.counts import scaled
from tests.property.test_websocket_frames import chunks, frames
from tests.unit.net.servers import Client, serving

from alipes.net.closed import CloseCause
from alipes.net.connection import Deadlines

MAX_MESSAGE = 1_000
SIZES = st.sampled_from([0, 1, 125, 126, 127, 500, 1_000, 1_001])
SHORT = Deadlines(close_within_s=0.02)


async def heard(library, pieces):
    """The messages of a client and how its connection ended."""

    async def script(peer):
        with suppress(OSError):  # the client may hang up before it has all
            for piece in pieces:
                peer.say(piece)
                await asyncio.sleep(0)
            peer.writer.write_eof()
            while await peer.reader.read(65_536):
                pass

    client = Client(library)
    async with serving(script) as url, asyncio.timeout(30):
        await client.dial(url, deadlines=SHORT, max_message=MAX_MESSAGE)
        closed = await client.socket.wait_closed()
    return client.messages, closed


@settings(max_examples=scaled(60, 2_000), deadline=None)
@given(st.lists(frames(SIZES), max_size=8), st.lists(st.integers(0, 1 << 20), max_size=6))
def test_both_libraries_give_the_same_messages_and_the_same_end(stream, cuts):
    pieces = chunks(b"".join(stream), cuts)
    messages, closed = asyncio.run(heard("websockets", pieces))
    picows_messages, picows_closed = asyncio.run(heard("picows", pieces))
    if closed.code == 1009 and picows_closed.cause is not CloseCause.PROTOCOL:
        # `websockets` counts control frames between fragments as a part of the message
        assert any(frame[0] in {0x88, 0x89, 0x8A} for frame in stream)
        return
    assert picows_closed.cause is closed.cause
    if closed.cause is CloseCause.PROTOCOL:  # of two breaches in a row picows may tell the second
        assert picows_messages in (messages, messages[:-1])
    else:
        assert picows_closed.code == closed.code
        assert picows_messages == messages
