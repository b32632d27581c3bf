"""What a WebSocket connection is to its owner, whichever library speaks the protocol."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence

    from websockets.uri import WebSocketURI

    from alipes.clock import Clock
    from alipes.net.closed import Closed

MAX_UNSENT = 1 << 16
"""Bytes that may wait for a socket that takes no more: an order behind more of them would come too late."""

SILENT = logging.Logger("alipes.net", level=logging.CRITICAL + 1)  # noqa: LOG001 - nobody can turn it on
"""The log of the libraries, turned off: they log the URL of a handshake, which may hold a key, and frames."""


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


class Connection(Protocol):
    """An open WebSocket connection, made by `alipes.net.dial.connect_websocket`."""

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""

    @property
    def latency_ns(self) -> int | None:
        """Round trip of the last answered ping, int ns; None before the first."""

    def send(self, message: bytes, *, is_text: bool = True) -> None:
        """Writes a message to the socket before it returns, unless the socket takes no more.

        Args:
            message: The message; UTF-8 if it is text.
            is_text: Whether to mark it as text.

        Raises:
            ConnectivityError: Nothing of it was or will be sent: the connection is not open, or what was sent
                before is still waiting.
        """

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Says goodbye; the connection ends when it is answered, or after its deadline. Again is no error.

        Args:
            code: WebSocket close code.
            reason: In words, at most 123 bytes.
        """

    def abort(self) -> None:
        """Ends the connection without a goodbye."""

    async def wait_closed(self) -> Closed:
        """Waits for the end of the connection and says how it came."""


class Dialling(NamedTuple):
    """What a connection is opened with; the attributes are those of `alipes.net.dial.connect_websocket`."""

    url: str
    uri: WebSocketURI
    headers: Mapping[str, str]
    tls: ssl.SSLContext | None
    max_message: int
    on_frames: Callable[[int, Sequence[bytes]], None]
    on_close: Callable[[Closed], None]
    deadlines: Deadlines
    clock: Clock


class HandshakeError(Exception):
    """The other side did not become a WebSocket.

    Attributes:
        status: HTTP status that it answered instead; None where what it answered was no valid handshake.
    """

    def __init__(self, why: str, *, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status
