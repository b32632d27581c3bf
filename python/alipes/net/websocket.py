"""One WebSocket connection: what was read is handed on in the same turn of the loop, what is sent is written.

The protocol is `websockets`' own, without its tasks, queues and locks: bytes of the transport go in, frames
come out. All complete messages of one read reach the receiver in one call, since what came together should
be decided on together. There is no task here: deadlines are timers of the loop.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, NamedTuple, cast

from websockets.frames import Frame, Opcode
from websockets.protocol import State

from alipes.errors import ConnectivityError
from alipes.net.closed import CloseCause, Closed
from alipes.net.frames import FrameReader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from websockets.client import ClientProtocol
    from websockets.http11 import Request

    from alipes.clock import Clock

_HEAD_END = b"\r\n\r\n"
MAX_UNSENT = 1 << 16
"""Bytes that may wait for a socket that takes no more: an order behind more of them would come too late."""


class Deadlines(NamedTuple):
    """How long things may take, seconds.

    Attributes:
        open_s: Dialling, TLS and the handshake together.
        ping_every_s: From one answered ping to the next.
        pong_within_s: Until the answer to a ping.
        close_within_s: Until the other side has answered our goodbye, or hung up after its own.
    """

    open_s: float = 10.0
    ping_every_s: float = 15.0
    pong_within_s: float = 10.0
    close_within_s: float = 2.0


class WebSocket(asyncio.Protocol):
    """A connection, made by `alipes.net.dial.dial`.

    Args:
        protocol: The state machine.
        request: Its handshake.
        on_frames: Called with the time of a read (int ns UTC) and the messages that it completed, text as its
            UTF-8 bytes (not checked). If it raises, the connection ends.
        on_close: Called once, when an open connection has ended.
        deadlines: How long things may take.
        max_message: Bytes of the largest message that is taken, as the protocol knows it.
        clock: Where time is read.

    Attributes:
        opened: Done when the handshake is; an error where it failed.
        latency_ns: Round trip of the last answered ping, int ns; None before the first.
    """

    def __init__(
        self,
        protocol: ClientProtocol,
        *,
        request: Request,
        on_frames: Callable[[int, Sequence[bytes]], None],
        on_close: Callable[[Closed], None],
        deadlines: Deadlines,
        max_message: int,
        clock: Clock,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self._closed: asyncio.Future[Closed] = loop.create_future()
        self._was_open = False
        self._tail = b""
        self._reader = FrameReader(max_message=max_message, strict=self._strict, is_plain=self._is_plain)
        self.latency_ns: int | None = None
        self._loop = loop
        self._protocol = protocol
        self._request = request
        self._on_frames = on_frames
        self._on_close = on_close
        self._deadlines = deadlines
        self._clock = clock
        self._transport: asyncio.Transport | None = None
        self._parts: list[bytes] = []
        self._cause: tuple[CloseCause, str] | None = None
        self._ping_sent = 0
        self._ping = 0
        self._timers: dict[str, asyncio.TimerHandle] = {}

    # What the owner asks for

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self._protocol.state is State.OPEN and self._cause is None

    def send(self, message: bytes, *, is_text: bool = True) -> None:
        """Writes a message to the socket before it returns, unless the socket takes no more.

        Args:
            message: The message; UTF-8 if it is text.
            is_text: Whether to mark it as text.

        Raises:
            ConnectivityError: Nothing of it was or will be sent: the connection is not open, or what was sent
                before is still waiting.
        """
        transport = self._transport
        if transport is None or not self.is_open:
            raise ConnectivityError("not sent: the connection is not open")
        waiting = transport.get_write_buffer_size()
        if waiting > MAX_UNSENT:
            raise ConnectivityError(f"not sent: {waiting} bytes wait already for a socket that takes no more")
        if is_text:
            self._protocol.send_text(message)
        else:
            self._protocol.send_binary(message)
        self._flush()

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Says goodbye; the connection ends when it is answered, or after its deadline. Again is no error.

        Args:
            code: WebSocket close code.
            reason: In words, at most 123 bytes.
        """
        if self.is_open:
            self._cause = (CloseCause.LOCAL, reason)
            self._protocol.send_close(code, reason)
            self._flush()
            self._expect_close()
        elif self._protocol.state is State.CONNECTING:
            self.abort()

    async def wait_closed(self) -> Closed:
        """Waits for the end of the connection and says how it came."""
        return await asyncio.shield(self._closed)

    def abort(self) -> None:
        """Ends the connection without a goodbye."""
        self._give_up(CloseCause.LOCAL, "aborted")

    # What the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sends the handshake."""
        self._transport = cast("asyncio.Transport", transport)
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._protocol.send_request(self._request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Hands on the messages that are complete now."""
        ts_recv = self._clock.now()
        messages = self._reader.read(data) if self._was_open else self._shake_hands(data)
        self._flush()
        if messages:
            self._on_frames(ts_recv, messages)
        if self._protocol.close_expected():
            self._expect_close()

    def eof_received(self) -> bool:
        """Takes note that the other side sends no more; the transport closes itself."""
        self._protocol.receive_eof()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """Tells how it ended."""
        self._protocol.receive_eof()
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        closed = self._told(error)
        if not self.opened.done():
            self.opened.set_exception(ConnectivityError(f"the handshake was broken off: {closed.reason}"))
        self._closed.set_result(closed)
        if self._was_open:
            self._on_close(closed)

    # Frames

    def _strict(self, data: bytes) -> list[bytes]:
        """The messages that these bytes complete, by the protocol's own parser."""
        self._protocol.receive_data(data)
        events = self._protocol.events_received()
        found = [self._message(event) for event in events if isinstance(event, Frame)]
        return [message for message in found if message is not None]

    def _is_plain(self) -> bool:
        protocol = self._protocol
        return not self._parts and protocol.close_rcvd is None and protocol.parser_exc is None

    def _message(self, frame: Frame) -> bytes | None:
        """The message that a frame completes."""
        opcode = frame.opcode
        if opcode is Opcode.TEXT or opcode is Opcode.BINARY:
            if frame.fin:
                return bytes(frame.data)
            self._parts = [bytes(frame.data)]
        elif opcode is Opcode.CONT:
            self._parts.append(bytes(frame.data))
            if frame.fin:
                whole, self._parts = b"".join(self._parts), []
                return whole
        elif opcode is Opcode.PONG and frame.data == self._payload() and "pong" in self._timers:
            self._timers.pop("pong").cancel()
            self.latency_ns = self._clock.monotonic() - self._ping_sent
            self._after("ping", self._deadlines.ping_every_s, self._send_ping)
        return None

    def _flush(self) -> None:
        transport, writes = self._transport, self._protocol.data_to_send()
        if not writes or transport is None:
            return
        data = b"".join(writes)
        if data:
            transport.write(data)
        if not writes[-1]:  # the protocol's sign that nothing follows
            transport.close()

    def _shake_hands(self, data: bytes) -> list[bytes]:
        """Gives the protocol the answer to the handshake; what follows it in the same read is frames."""
        seen, joined = len(self._tail), self._tail + data
        end = joined.find(_HEAD_END)
        self._tail = joined[1 - len(_HEAD_END) :]
        answer = len(data) if end < 0 else end + len(_HEAD_END) - seen
        self._protocol.receive_data(data[:answer])
        self._settle()
        if self._was_open:
            return self._reader.read(data[answer:])
        self._protocol.receive_data(data[answer:])  # the body of a refusal
        self._settle()
        return []

    def _settle(self) -> None:
        """Ends the handshake once it is known how."""
        error = self._protocol.handshake_exc
        if self.opened.done():
            return
        if error is not None:
            self.opened.set_exception(error)
        elif self._protocol.state is not State.CONNECTING:
            self._was_open = True
            self.opened.set_result(None)
            self._after("ping", self._deadlines.ping_every_s, self._send_ping)

    # Deadlines

    def _after(self, name: str, seconds: float, step: Callable[[], None]) -> None:
        self._timers[name] = self._loop.call_later(seconds, step)

    def _payload(self) -> bytes:
        return self._ping.to_bytes(8, "big")

    def _send_ping(self) -> None:
        if self.is_open:
            self._ping += 1
            self._ping_sent = self._clock.monotonic()
            self._protocol.send_ping(self._payload())
            self._flush()
            self._after("pong", self._deadlines.pong_within_s, self._pong_missed)

    def _pong_missed(self) -> None:
        waited = self._deadlines.pong_within_s
        self._give_up(CloseCause.PONG_TIMEOUT, f"a ping was not answered within {waited:g} s")

    def _expect_close(self) -> None:
        if "close" not in self._timers:
            self._after("close", self._deadlines.close_within_s, self._hang_up)

    def _hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _give_up(self, cause: CloseCause, reason: str) -> None:
        self._cause = self._cause or (cause, reason)
        self._hang_up()

    def _told(self, error: Exception | None) -> Closed:
        heard, breach = self._protocol.close_rcvd, self._protocol.parser_exc
        code = None if heard is None else int(heard.code)
        if self._cause is not None:
            return Closed(self._cause[0], code, self._cause[1])
        if error is not None and not isinstance(error, OSError):
            return Closed(CloseCause.RECEIVER, None, f"{type(error).__name__}: {error}")
        if heard is not None:
            return Closed(CloseCause.REMOTE, code, heard.reason)
        if breach is not None and not isinstance(breach, EOFError):
            sent = self._protocol.close_sent
            return Closed(CloseCause.PROTOCOL, None if sent is None else int(sent.code), str(breach))
        return Closed(CloseCause.LOST, None, str(error or "it ended without a close frame"))
