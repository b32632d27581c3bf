"""A WebSocket connection by picows, which parses and masks frames in C; installed by the extra ``fast``.

What picows leaves to its user is checked here: the order of fragments, the size of a whole message, reserved
bits, and that nothing follows a goodbye.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from picows import (
    WSError,
    WSFrame,
    WSInvalidHeaderError,
    WSInvalidStatusError,
    WSListener,
    WSMsgType,
    WSTransport,
    ws_connect,
)
from websockets.frames import Close, CloseCode
from websockets.headers import build_authorization_basic

from alipes.errors import ConnectivityError
from alipes.net.closed import CloseCause, Closed
from alipes.net.connection import MAX_UNSENT, SILENT, HandshakeError
from alipes.net.life import Life

if TYPE_CHECKING:
    from alipes.net.connection import Dialling

_TEXT, _BINARY, _CONT = WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION
_PING, _PONG, _CLOSE = WSMsgType.PING, WSMsgType.PONG, WSMsgType.CLOSE
_DATA = (_TEXT, _BINARY)
_PROTOCOL_ERROR, _TOO_BIG = 1002, 1009
_READ_SIZE = 1 << 18
"""Bytes of one read, as many as asyncio takes: with picows' own 16 KiB a burst costs twice the calls."""


async def open_picows(dialling: Dialling, sock: socket.socket) -> PicoWebSocket:
    """Opens a connection over a connected socket, which is the connection's from now on.

    Raises:
        HandshakeError: The other side did not become a WebSocket.
        ConnectivityError: It hung up.
        OSError: TLS failed.
    """
    uri, headers = dialling.uri, dict(dialling.headers)
    if uri.user_info is not None:
        headers["Authorization"] = build_authorization_basic(*uri.user_info)
    connection = PicoWebSocket(dialling)
    try:
        await ws_connect(
            lambda *_: connection,
            dialling.url,
            ssl_context=dialling.tls,
            websocket_handshake_timeout=None,
            logger_name=SILENT,
            enable_auto_pong=False,
            max_frame_size=dialling.max_message,
            read_buffer_init_size=_READ_SIZE,
            extra_headers=headers,
            max_redirects=0,
            socket_factory=lambda _: sock,
        )
    except BaseException as error:
        with suppress(OSError):  # picows keeps the connection of a handshake that is given up
            sock.shutdown(socket.SHUT_RDWR)
        if not isinstance(error, WSError):
            raise
        raise _refused(error) from None
    if not connection.life.has_begun:
        raise ConnectivityError("the handshake was broken off: it ended without an answer")
    return connection


def _refused(error: WSError) -> HandshakeError:
    if isinstance(error, WSInvalidStatusError) and error.response is not None:
        return HandshakeError(str(error), status=int(error.response.status))
    if isinstance(error, WSInvalidHeaderError):
        return HandshakeError(f"{error} {error.name}: {error.value}")
    return HandshakeError(str(error))


class PicoWebSocket(WSListener):
    """A connection; see `alipes.net.connection.Connection`.

    The last message before a breach of the protocol may be lost if both come in one read: picows looks one
    frame ahead.

    Args:
        dialling: What it is opened with.
    """

    def __init__(self, dialling: Dialling) -> None:
        self.life = Life(dialling, send_ping=self._send_ping, hang_up=self._hang_up)
        self._clock = dialling.clock
        self._max_message = dialling.max_message
        self._transport: WSTransport
        self._messages: list[bytes] = []
        self._ts_recv = 0
        self._is_plain = True
        self._parts: list[bytes] | None = None
        self._parts_size = 0
        self._is_over = False
        self._heard: Close | None = None
        self._breach: Close | None = None
        self._ending: asyncio.Task[None] | None = None

    # What the owner asks for

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        transport = self._transport
        return not (self._is_over or transport.is_disconnected or transport.is_close_frame_sent)

    @property
    def latency_ns(self) -> int | None:
        """Round trip of the last answered ping, int ns; None before the first."""
        return self.life.latency_ns

    def send(self, message: bytes, *, is_text: bool = True) -> None:
        """See `alipes.net.connection.Connection.send`."""
        if not self.is_open:
            raise ConnectivityError("not sent: the connection is not open")
        waiting = self._transport.underlying_transport.get_write_buffer_size()
        if waiting > MAX_UNSENT:
            raise ConnectivityError(f"not sent: {waiting} bytes wait already for a socket that takes no more")
        self._transport.send(_TEXT if is_text else _BINARY, message)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """See `alipes.net.connection.Connection.close`."""
        if self.is_open:
            self.life.leave(CloseCause.LOCAL, reason)
            self._say_goodbye(Close(code, reason).serialize())

    def abort(self) -> None:
        """Ends the connection without a goodbye."""
        self.life.give_up(CloseCause.LOCAL, "aborted")

    async def wait_closed(self) -> Closed:
        """Waits for the end of the connection and says how it came."""
        return await self.life.wait_closed()

    # What picows calls

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The handshake is done."""
        self._transport = transport
        self.life.begin()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Collects the messages of one read and hands them on with its last frame."""
        if not self._ts_recv:
            self._ts_recv = self._clock.now()
            self._is_plain = self._is_plain and not transport.is_close_frame_sent
        if (
            self._is_plain
            and frame.msg_type in _DATA
            and frame.fin
            and not (frame.rsv1 or frame.rsv2 or frame.rsv3)
        ):
            self._messages.append(frame.get_payload_as_bytes())
        else:
            self._take_other(frame)
        if frame.last_in_buffer:
            self._hand_on()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Tells how it ended."""
        handshake = transport.close_handshake
        if handshake is not None and handshake.sent is not None:
            # picows sent it for a breach that it found, and keeps that as an error that somebody must take
            self._ending = asyncio.get_running_loop().create_task(_ended(transport))
            if not handshake.recv_then_sent:
                self._breach = Close(handshake.sent.code.value, handshake.sent.reason)
        if handshake is not None and handshake.recv is not None and self._breach is None:
            recv = handshake.recv
            self._heard = Close(recv.code.value or CloseCode.NO_STATUS_RCVD, recv.reason or "")
        self.life.end(None if self._heard is None else int(self._heard.code), self._told)

    # Frames

    def _hand_on(self) -> None:
        ts_recv, messages = self._ts_recv, self._messages
        self._ts_recv = 0
        if messages:
            self._messages = []
            self.life.deliver(ts_recv, messages)

    def _take_other(self, frame: WSFrame) -> None:
        kind = frame.msg_type
        if self._heard is not None or self._breach is not None or self._transport.is_close_frame_sent:
            return  # what follows a goodbye or a breach is nothing
        if frame.rsv1 or frame.rsv2 or frame.rsv3:
            self._breaks(_PROTOCOL_ERROR, "reserved bits must be 0")
        elif kind in _DATA or kind == _CONT:
            self._take_part(frame, is_first=kind != _CONT)
        else:
            self._take_control(kind, frame.get_payload_as_bytes())
        self._is_plain = self._parts is None and self._heard is None and self._breach is None

    def _take_part(self, frame: WSFrame, *, is_first: bool) -> None:
        if is_first != (self._parts is None):
            self._breaks(_PROTOCOL_ERROR, "a fragment out of order")
            return
        if self._parts is None:
            self._parts, self._parts_size = [], 0
        self._parts_size += frame.payload_size
        if self._parts_size > self._max_message:
            self._breaks(_TOO_BIG, f"fragments of more than {self._max_message} bytes")
            return
        self._parts.append(frame.get_payload_as_bytes())
        if frame.fin:
            self._messages.append(b"".join(self._parts))
            self._parts = None

    def _take_control(self, kind: WSMsgType, payload: bytes) -> None:
        if kind == _PING:
            if self.is_open:
                self._transport.send(_PONG, payload)
        elif kind == _PONG:
            self.life.pong(payload)
        else:
            self._heard = Close.parse(payload)
            self._say_goodbye(payload)

    def _breaks(self, code: int, reason: str) -> None:
        self._breach = Close(code, reason)
        self._say_goodbye(self._breach.serialize())

    def _say_goodbye(self, payload: bytes) -> None:
        """Sends a close frame, once; picows' own way would keep it among the breaches."""
        if not self._is_over:
            self._is_over = True
            self._transport.send(_CLOSE, payload)
        self.life.expect_close()

    def _send_ping(self, payload: bytes) -> None:
        if self.is_open:
            self._transport.send(_PING, payload)

    def _hang_up(self) -> None:
        self._is_over = True
        self._transport.disconnect(graceful=False)

    def _told(self) -> Closed:
        heard, breach = self._heard, self._breach
        if heard is not None:
            return Closed(CloseCause.REMOTE, int(heard.code), heard.reason)
        if breach is not None:
            return Closed(CloseCause.PROTOCOL, breach.code, breach.reason)
        return Closed(CloseCause.LOST, None, "it ended without a close frame")


async def _ended(transport: WSTransport) -> None:
    """Takes the error that picows keeps for whoever waits; it has been told."""
    with suppress(WSError):
        await transport.wait_disconnected()
