"""Opening a WebSocket connection: one deadline over all of it, and errors that say which kind."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.uri import parse_uri

from alipes.clock import SystemClock
from alipes.errors import AuthError, ConnectivityError, InputError, RateLimitedError
from alipes.net.websocket import Deadlines, WebSocket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from websockets.uri import WebSocketURI

    from alipes.clock import Clock
    from alipes.net.closed import Closed

MAX_MESSAGE = 16 << 20
"""Bytes of the largest message that is taken: a full book of thousands of levels is below 1 MiB."""
_ERRORS = {401: AuthError, 403: AuthError, 418: RateLimitedError, 429: RateLimitedError}


async def dial(
    url: str,
    *,
    on_frames: Callable[[int, Sequence[bytes]], None],
    on_close: Callable[[Closed], None],
    headers: Mapping[str, str] | None = None,
    deadlines: Deadlines | None = None,
    max_message: int = MAX_MESSAGE,
    tls: ssl.SSLContext | None = None,
    clock: Clock | None = None,
) -> WebSocket:
    """Opens a connection. Messages are not compressed: inflating costs more time than the bytes it saves.

    Args:
        url: ``ws://`` or ``wss://``. What follows the host may be secret and is in no error.
        on_frames: See `WebSocket`; it may be called before this returns.
        on_close: See `WebSocket`.
        headers: Further headers of the handshake.
        deadlines: How long things may take.
        max_message: Bytes of the largest message that is taken.
        tls: TLS settings; the system's certificates by default, which are slow to load: share one context.
        clock: Where time is read.

    Raises:
        InputError: No WebSocket URL.
        AuthError: The handshake was answered with 401 or 403.
        RateLimitedError: It was answered with 418 or 429.
        ConnectivityError: It failed otherwise, or took too long.
    """
    try:
        uri = parse_uri(url)
    except InvalidURI as error:
        raise InputError(f"WebSocket URL: expected ws:// or wss:// and a host: {error.msg}") from None
    limits = deadlines or Deadlines()
    protocol = ClientProtocol(uri, max_size=max_message)
    request = protocol.connect()
    request.headers.update(headers or {})

    def made() -> WebSocket:
        return WebSocket(
            protocol, request=request, on_frames=on_frames, on_close=on_close, deadlines=limits,
            max_message=max_message, clock=clock or SystemClock(),
        )  # fmt: skip

    with _told(uri, limits):
        async with asyncio.timeout(limits.open_s):
            return await _open(uri, made, (tls or ssl.create_default_context()) if uri.secure else None)


async def _open(uri: WebSocketURI, made: Callable[[], WebSocket], tls: ssl.SSLContext | None) -> WebSocket:
    _, connection = await asyncio.get_running_loop().create_connection(
        made, uri.host, uri.port, ssl=tls, happy_eyeballs_delay=0.25
    )
    try:
        await connection.opened
    except BaseException:
        connection.abort()
        raise
    return connection


@contextmanager
def _told(uri: WebSocketURI, deadlines: Deadlines) -> Iterator[None]:
    """Turns what can go wrong into our errors."""
    where = f"{'wss' if uri.secure else 'ws'}://{uri.host}:{uri.port}"
    try:
        yield
    except InvalidStatus as error:
        status = error.response.status_code
        raise _ERRORS.get(status, ConnectivityError)(
            f"{where}: the handshake was answered with status {status}"
        ) from None
    except InvalidHandshake as error:
        raise ConnectivityError(f"{where}: no WebSocket handshake: {error}") from None
    except TimeoutError:
        raise ConnectivityError(f"{where}: no connection within {deadlines.open_s:g} s") from None
    except OSError as error:
        raise ConnectivityError(f"{where}: {type(error).__name__}: {error.strerror or error}") from error
    except ConnectivityError as error:
        raise ConnectivityError(f"{where}: {error}") from None
