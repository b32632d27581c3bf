"""Opening a WebSocket connection: one deadline over all of it, and errors that say which kind."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from websockets.exceptions import InvalidURI
from websockets.uri import parse_uri

from alipes.clock import SystemClock
from alipes.errors import AuthError, ConnectivityError, InputError, RateLimitedError
from alipes.net.connection import Deadlines, Dialling, HandshakeError
from alipes.net.tcp import connected_socket
from alipes.net.websocket import open_websocket

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
    from socket import socket

    from alipes.clock import Clock
    from alipes.net.closed import Closed
    from alipes.net.connection import Connection

Library = Literal["auto", "websockets", "picows"]
"""Who speaks the protocol; ``auto`` is picows where it is installed."""
MAX_MESSAGE = 16 << 20
"""Bytes of the largest message that is taken: a full book of thousands of levels is below 1 MiB."""
_ERRORS = {401: AuthError, 403: AuthError, 418: RateLimitedError, 429: RateLimitedError}


async def connect_websocket(
    url: str,
    *,
    on_frames: Callable[[int, Sequence[bytes]], None],
    on_close: Callable[[Closed], None],
    headers: Mapping[str, str] | None = None,
    deadlines: Deadlines | None = None,
    max_message: int = MAX_MESSAGE,
    tls: ssl.SSLContext | None = None,
    clock: Clock | None = None,
    transport: Library = "auto",
) -> Connection:
    """Opens a connection. Messages are not compressed: inflating costs more time than the bytes it saves.

    Args:
        url: ``ws://`` or ``wss://``. What follows the host may be secret and is in no error.
        on_frames: Called with the time of a read (int ns UTC) and the messages that it completed, text as
            its UTF-8 bytes (not checked). It may be called before this returns; if it raises, the connection
            ends.
        on_close: Called once, when an open connection has ended.
        headers: Further headers of the handshake.
        deadlines: How long things may take.
        max_message: Bytes of the largest message that is taken.
        tls: TLS settings; the system's certificates by default, which are slow to load: share one context.
        clock: Where time is read.
        transport: Who speaks the protocol.

    Raises:
        InputError: No WebSocket URL, or no such transport, or one that is not installed.
        AuthError: The handshake was answered with 401 or 403.
        RateLimitedError: It was answered with 418 or 429.
        ConnectivityError: It failed otherwise, or took too long.
    """
    try:
        uri = parse_uri(url)
    except InvalidURI as error:
        raise InputError(f"WebSocket URL: expected ws:// or wss:// and a host: {error.msg}") from None
    opens = _opener(transport)
    dialling = Dialling(
        url=url, uri=uri, headers=headers or {},
        tls=(tls or ssl.create_default_context()) if uri.secure else None, max_message=max_message,
        on_frames=on_frames, on_close=on_close, deadlines=deadlines or Deadlines(),
        clock=clock or SystemClock(),
    )  # fmt: skip
    with _told(dialling):
        async with asyncio.timeout(dialling.deadlines.open_s):
            return await opens(dialling, await connected_socket(uri.host, uri.port))


def _opener(transport: Library) -> Callable[[Dialling, socket], Awaitable[Connection]]:
    has_picows = find_spec("picows") is not None
    if transport == "websockets" or (transport == "auto" and not has_picows):
        return open_websocket
    if transport not in {"auto", "picows"}:
        raise InputError(f"transport: expected 'auto', 'websockets' or 'picows', got {transport!r}")
    if not has_picows:
        raise InputError("transport 'picows' is not installed: pip install 'alipes[fast]'")
    from alipes.net.pico import open_picows  # noqa: PLC0415 - an extra, loaded where it is installed

    return open_picows


@contextmanager
def _told(dialling: Dialling) -> Iterator[None]:
    """Turns what can go wrong into our errors."""
    uri = dialling.uri
    where = f"{'wss' if uri.secure else 'ws'}://{uri.host}:{uri.port}"
    try:
        yield
    except HandshakeError as error:
        if error.status is None:
            raise ConnectivityError(f"{where}: no WebSocket handshake: {error}") from None
        kind = _ERRORS.get(error.status, ConnectivityError)
        raise kind(f"{where}: the handshake was answered with status {error.status}") from None
    except TimeoutError:
        raise ConnectivityError(f"{where}: no connection within {dialling.deadlines.open_s:g} s") from None
    except OSError as error:
        raise ConnectivityError(f"{where}: {type(error).__name__}: {error.strerror or error}") from error
    except ConnectivityError as error:
        raise ConnectivityError(f"{where}: {error}") from None
