"""The direct reader of frames against the strict protocol: the same messages, wherever the stream is cut."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.counts import scaled
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import CLIENT, SERVER, Protocol, State

from alipes.net.frames import FrameReader, masked_frame

MAX_MESSAGE = 70_000
SIZES = st.sampled_from([0, 1, 125, 126, 127, 128, 200, 65_535, 65_536, 70_000, 70_001])


class Strict:
    """The protocol of `websockets` and the messages that it completes."""

    def __init__(self):
        self.protocol = Protocol(CLIENT, state=State.OPEN, max_size=MAX_MESSAGE)
        self.parts = []
        self.frames = 0

    def read(self, data):
        self.protocol.receive_data(data)
        messages = []
        for event in self.protocol.events_received():
            self.frames += 1
            if event.opcode in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
                self.parts.append(bytes(event.data))
                if event.fin:
                    messages.append(b"".join(self.parts))
                    self.parts = []
        return messages

    def is_plain(self):
        return not self.parts and self.protocol.close_rcvd is None and self.protocol.parser_exc is None

    def outcome(self):
        """What it answered, and how it ended: the codes and the breach."""
        protocol = self.protocol
        return (
            [write[:2] for write in protocol.data_to_send()],
            protocol.close_rcvd,
            protocol.close_sent,
            type(protocol.parser_exc),
        )


def direct():
    strict = Strict()
    reader = FrameReader(max_message=MAX_MESSAGE, strict=strict.read, is_plain=strict.is_plain)
    return strict, reader


@st.composite
def frames(draw, sizes=SIZES):
    kind = draw(st.sampled_from(["message"] * 6 + ["part", "rest", "end", "ping", "pong", "close", "breach"]))
    data = draw(st.binary(min_size=1, max_size=1)) * draw(sizes)
    opcode = draw(st.sampled_from([Opcode.TEXT, Opcode.BINARY]))
    if kind == "message":
        return Frame(opcode, data).serialize(mask=False)
    if kind in {"part", "rest", "end"}:
        return Frame(opcode if kind == "part" else Opcode.CONT, data, kind == "end").serialize(mask=False)
    if kind in {"ping", "pong"}:
        return Frame(Opcode.PING if kind == "ping" else Opcode.PONG, data[:125]).serialize(mask=False)
    if kind == "close":
        return Frame(Opcode.CLOSE, Close(1001, "bye").serialize()).serialize(mask=False)
    return draw(
        st.sampled_from([
            Frame(Opcode.TEXT, b"masked").serialize(mask=True),
            b"\xc1\x00",  # a reserved bit
            b"\x83\x00",  # no such opcode
            b"\x09\x00",  # a ping in fragments
            b"\x89\x7e\x00\x7e" + b"p" * 126,  # a ping that is too long
            b"\x88\x01\x00",  # half a close code
        ])
    )  # fmt: skip


def chunks(stream, cuts):
    places = sorted({cut % (len(stream) + 1) for cut in cuts} | {0, len(stream)})
    return [stream[start:end] for start, end in pairwise(places)]


@settings(max_examples=scaled(300, 5_000), deadline=None)
@given(st.lists(frames(), max_size=12), st.lists(st.integers(0, 1 << 20), max_size=12))
def test_both_give_the_same_messages_answers_and_end(stream, cuts):
    stream = b"".join(stream)
    whole, (strict, reader) = Strict(), direct()
    expected = whole.read(stream)
    found = [message for chunk in chunks(stream, cuts) for message in reader.read(chunk)]
    assert found == expected
    assert strict.outcome() == whole.outcome()


@settings(max_examples=scaled(50, 1_000), deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=8))
def test_a_stream_cut_into_single_bytes_gives_every_message(messages):
    stream = b"".join(Frame(Opcode.TEXT, message).serialize(mask=False) for message in messages)
    strict, reader = direct()
    found = [message for byte in stream for message in reader.read(bytes([byte]))]
    assert found == messages
    assert strict.frames == 0, "plain messages need no strict parser"


@pytest.mark.parametrize("length", [0xFFFF_FFFF, (1 << 63) - 1, (1 << 64) - 1])
def test_a_length_that_nobody_could_hold_is_refused_before_its_payload(length):
    strict, reader = direct()
    assert reader.read(b"\x81\x7f" + length.to_bytes(8, "big")) == []
    assert strict.protocol.parser_exc is not None
    assert reader.read(b"more of it") == []


@pytest.mark.parametrize("is_text", [True, False])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_a_frame_that_is_written_directly_is_read_as_the_message(size, is_text):
    message = (b"alipes" * (size // 6 + 1))[:size]
    server = Protocol(SERVER, state=State.OPEN)
    frames = [masked_frame(message, is_text=is_text) for _ in range(2)]
    server.receive_data(b"".join(frames))
    assert server.events_received() == [Frame(Opcode.TEXT if is_text else Opcode.BINARY, message)] * 2
    assert server.parser_exc is None
    assert size < 8 or frames[0] != frames[1], "each frame has a mask of its own"
