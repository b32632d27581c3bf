"""A WebSocket connection by `websockets`: what was read is handed on in the same turn of the loop.

The protocol is `websockets`' own, without its tasks, queues and locks: bytes of the transport go in, frames
come out. All complete messages of one read reach the receiver in one call, since what came together should
be decided on together.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from alipes.errors import ConnectivityError
from alipes.net.closed import CloseCause, Closed
from alipes.net.connection import MAX_UNSENT, SILENT, HandshakeError
from alipes.net.frames import FrameReader, masked_frame
from alipes.net.life import Life
from alipes.net.tcp import SocketWriter

if TYPE_CHECKING:
    import socket

    from alipes.net.connection import Dialling

_HEAD_END = b"\r\n\r\n"


async def open_websocket(dialling: Dialling, sock: socket.socket) -> WebSocket:
    """Opens a connection over a connected socket, which is the connection's from now on.

    Raises:
        HandshakeError: The other side did not become a WebSocket.
        ConnectivityError: It hung up.
        OSError: TLS failed.
    """
    uri = dialling.uri
    _, connection = await asyncio.get_running_loop().create_connection(
        lambda: WebSocket(dialling, sock),
        sock=sock,
        ssl=dialling.tls,
        server_hostname=uri.host if uri.secure else None,
    )
    try:
        await connection.opened
    except InvalidStatus as error:
        raise HandshakeError(str(error), status=error.response.status_code) from None
    except InvalidHandshake as error:
        raise HandshakeError(str(error)) from None
    finally:
        if not connection.life.has_begun:
            connection.abort()
    return connection


class WebSocket(asyncio.Protocol):
    """A connection; see `alipes.net.connection.Connection`.

    Args:
        dialling: What it is opened with.
        sock: What it is opened over.

    Attributes:
        opened: Done when the handshake is; an error where it failed.
        life: Its pings, deadlines and end.
    """

    def __init__(self, dialling: Dialling, sock: socket.socket) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.life = Life(dialling, send_ping=self._send_ping, hang_up=self._hang_up)
        self._protocol = ClientProtocol(dialling.uri, max_size=dialling.max_message, logger=SILENT)
        self._request = self._protocol.connect()
        self._request.headers.update(dialling.headers)
        self._clock = dialling.clock
        self._tail = b""
        self._reader = FrameReader(
            max_message=dialling.max_message, strict=self._strict, is_plain=self._is_plain
        )
        self._sock = sock
        self._transport: asyncio.Transport | None = None
        self._writer: SocketWriter
        self._parts: list[bytes] = []
        self._has_answers = False
        """Whether the protocol got something that it may answer."""

    # What the owner asks for

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self._protocol.state is State.OPEN and not self.life.is_leaving

    @property
    def latency_ns(self) -> int | None:
        """Round trip of the last answered ping, int ns; None before the first."""
        return self.life.latency_ns

    def send(self, message: bytes, *, is_text: bool = True) -> None:
        """See `alipes.net.connection.Connection.send`."""
        transport = self._transport
        if transport is None or not self.is_open:
            raise ConnectivityError("not sent: the connection is not open")
        waiting = transport.get_write_buffer_size()
        if waiting > MAX_UNSENT:
            raise ConnectivityError(f"not sent: {waiting} bytes wait already for a socket that takes no more")
        self._writer.write(masked_frame(message, is_text=is_text))

    def close(self, code: int = 1000, reason: str = "") -> None:
        """See `alipes.net.connection.Connection.close`."""
        if self.is_open:
            self.life.leave(CloseCause.LOCAL, reason)
            self._protocol.send_close(code, reason)
            self._flush()
            self.life.expect_close()

    def abort(self) -> None:
        """Ends the connection without a goodbye."""
        self.life.give_up(CloseCause.LOCAL, "aborted")

    async def wait_closed(self) -> Closed:
        """Waits for the end of the connection and says how it came."""
        return await self.life.wait_closed()

    # What the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sends the handshake."""
        self._transport = cast("asyncio.Transport", transport)
        self._writer = SocketWriter(self._sock, self._transport)
        self._protocol.send_request(self._request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Hands on the messages that are complete now."""
        ts_recv = self._clock.now()
        messages = self._reader.read(data) if self.life.has_begun else self._shake_hands(data)
        has_answers, self._has_answers = self._has_answers, False
        if has_answers:
            self._flush()
        if messages:
            self.life.deliver(ts_recv, messages)
        if has_answers and self._protocol.close_expected():
            self.life.expect_close()

    def eof_received(self) -> bool:
        """Takes note that the other side sends no more; the transport closes itself."""
        self._protocol.receive_eof()
        self.life.expect_close()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """Tells how it ended."""
        self._protocol.receive_eof()
        heard = self._protocol.close_rcvd
        closed = self.life.end(None if heard is None else int(heard.code), lambda: self._told(error))
        if not self.opened.done():
            self.opened.set_exception(ConnectivityError(f"the handshake was broken off: {closed.reason}"))

    # Frames

    def _strict(self, data: bytes) -> list[bytes]:
        """The messages that these bytes complete, by the protocol's own parser."""
        self._has_answers = True
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
        elif opcode is Opcode.PONG:
            self.life.pong(bytes(frame.data))
        return None

    def _send_ping(self, payload: bytes) -> None:
        if self.is_open:
            self._protocol.send_ping(payload)
            self._flush()

    def _flush(self) -> None:
        transport, writes = self._transport, self._protocol.data_to_send()
        if not writes or transport is None:
            return
        data = b"".join(writes)
        if data:
            self._writer.write(data)
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
        if self.life.has_begun:
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
            self.opened.set_result(None)
            self.life.begin()

    def _hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _told(self, error: Exception | None) -> Closed:
        heard, breach = self._protocol.close_rcvd, self._protocol.parser_exc
        if heard is not None:
            return Closed(CloseCause.REMOTE, int(heard.code), heard.reason)
        if breach is not None and not isinstance(breach, EOFError):
            sent = self._protocol.close_sent
            return Closed(CloseCause.PROTOCOL, None if sent is None else int(sent.code), str(breach))
        return Closed(CloseCause.LOST, None, str(error or "it ended without a close frame"))
