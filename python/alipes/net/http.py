"""Requests over warm connections to one host; an error says whether the request can have left.

Each request is sent once, whatever breaks, and goes where it was meant to: no redirects, no proxy from the
environment, no cookies. Knows no venue, no signature and no limit of rate.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from alipes.errors import ConnectivityError, DataError, InputError, LostAnswerError
from alipes.net.http1 import Answer, BrokenError, HttpConnection, open_http

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

__all__ = ["MAX_BODY", "Answer", "HttpPool"]

MAX_BODY = 64 << 20
"""Bytes of the largest answer that is taken: lists of all instruments of a large venue are some MiB."""
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_TARGET = re.compile(r"/[!-~]*")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t -~\x80-\xff]*")
_OURS = frozenset({"accept", "accept-encoding", "host", "connection", "content-length", "transfer-encoding"})


class HttpPool:
    """Kept connections to one host; an async context manager.

    Args:
        origin: Scheme, host and port, such as ``https://fapi.binance.com``.
        connections: How many there may be at once; a further request waits for one, within its time.
        idle_s: How long an unused connection is kept; below what the server allows, so that it is never found
            closed.
        tls: TLS settings; the system's certificates by default, which are slow to load: share one context.
        max_body: Bytes of the largest answer that is taken.

    Raises:
        InputError: No origin.
    """

    def __init__(
        self,
        origin: str,
        *,
        connections: int = 4,
        idle_s: float = 30.0,
        tls: ssl.SSLContext | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        parts = urlsplit(origin)
        is_origin = parts.path in {"", "/"} and not (parts.query or parts.fragment or parts.username)
        if parts.scheme not in {"http", "https"} or parts.hostname is None or not is_origin:
            raise InputError("origin: expected http:// or https://, a host, perhaps a port, and nothing else")
        is_secure = parts.scheme == "https"
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._host, self._port = parts.hostname, parts.port or (443 if is_secure else 80)
        self._tls = (tls or ssl.create_default_context()) if is_secure else None
        self._base = f"Host: {parts.netloc}\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
        self._connections = connections
        self._idle_s = idle_s
        self._max_body = max_body
        self._free = asyncio.Semaphore(connections)
        self._idle: list[HttpConnection] = []
        self._busy: set[HttpConnection] = set()
        self._is_open = False

    async def __aenter__(self) -> Self:
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        connections = [*self._idle, *self._busy]
        self._idle.clear()
        for connection in connections:
            connection.abort()
        await asyncio.gather(*(connection.wait_closed() for connection in connections))

    async def warm(self, target: str, *, timeout_s: float = 10.0) -> None:
        """Opens all connections, by as many GETs at the same time; whatever they are answered will do.

        Args:
            target: What to ask for: something cheap.
            timeout_s: Seconds for all of it.

        Raises:
            ConnectivityError: One of them failed.
        """
        asks = (self.request("GET", target, timeout_s=timeout_s) for _ in range(self._connections))
        await asyncio.gather(*asks)

    async def request(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float,
        on_sent: Callable[[], None] | None = None,
    ) -> Answer:
        """Sends a request once and waits for its answer. No error holds more of the target than its path.

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            target: Path and query, encoded as they are to be sent.
            headers: Further headers.
            body: The body.
            timeout_s: Seconds from now to the end of the answer.
            on_sent: Called when it begins to leave: before that nothing was sent.

        Raises:
            InputError: A method, target or header that cannot be sent.
            LostAnswerError: It left, wholly or in part, and no answer came: what became of it is unknown.
            ConnectivityError: It did not leave.
            DataError: The answer is larger than is allowed; the request arrived.
        """
        request = self._written(method, target, headers or {}, body)
        what = f"{method} {self._origin}{target.partition('?')[0]}"
        if not self._is_open:
            raise ConnectivityError("not sent: the pool is not open")
        is_sent = False
        try:
            async with asyncio.timeout(timeout_s), self._free:
                connection = await self._warm_or_new()
                try:
                    if not self._is_open:
                        raise BrokenError("the pool was closed")
                    is_sent = True
                    if on_sent is not None:
                        on_sent()
                    return await connection.send(request)
                finally:
                    self._put_back(connection)
        except TimeoutError:
            raise _failed(what, f"no answer within {timeout_s:g} s", is_sent=is_sent) from None
        except BrokenError as error:
            raise _failed(what, str(error), is_sent=is_sent) from None
        except OSError as error:
            raise _failed(what, type(error).__name__, is_sent=is_sent) from None
        except DataError as error:
            raise DataError(f"{what}: {error}") from None

    async def _warm_or_new(self) -> HttpConnection:
        """The connection that was used last, as it is the surest; a new one where none is left."""
        oldest = asyncio.get_running_loop().time() - self._idle_s
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable and connection.used_at >= oldest:
                break
            connection.abort()
        else:
            connection = await open_http(self._host, self._port, tls=self._tls, max_body=self._max_body)
        self._busy.add(connection)
        return connection

    def _put_back(self, connection: HttpConnection) -> None:
        self._busy.discard(connection)
        if connection.is_usable and self._is_open:
            self._idle.append(connection)
        else:
            connection.close()

    def _written(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The request as it goes over the wire."""
        if method not in _METHODS:
            raise InputError(f"method: expected one of {', '.join(sorted(_METHODS))}, got {method!r}")
        if not _TARGET.fullmatch(target):
            raise InputError(
                "target: expected a path and query of visible ASCII characters, beginning with /"
            )
        lines = [f"{method} {target} HTTP/1.1\r\n{self._base}"]
        for name, value in headers.items():
            if not _NAME.fullmatch(name) or name.lower() in _OURS or not _VALUE.fullmatch(value):
                raise InputError(
                    f"header {name!r}: no name of a header, one that the pool writes, or a line break"
                )
            lines.append(f"{name}: {value}\r\n")
        if body or method in {"POST", "PUT", "PATCH"}:
            lines.append(f"Content-Length: {len(body)}\r\n")
        lines.append("\r\n")
        return "".join(lines).encode("latin-1") + body


def _failed(what: str, why: str, *, is_sent: bool) -> ConnectivityError:
    if is_sent:
        return LostAnswerError(f"{what}: {why}; the request may have arrived")
    return ConnectivityError(f"{what}: {why}; nothing was sent")
