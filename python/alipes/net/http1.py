"""One HTTP/1.1 connection: a request at a time, written at once, its answer parsed by httptools.

It sends nothing twice, follows nothing and decompresses nothing; who owns it decides what a failure means.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from alipes.errors import DataError
from alipes.net.tcp import SocketWriter, connected_socket

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Mapping

MAX_HEAD = 1 << 16
"""Bytes of the largest head of an answer that is taken."""


class Answer(NamedTuple):
    """What a server answered, whatever its status.

    Attributes:
        status: HTTP status.
        headers: Names in lower case; the values of one name are joined by commas.
        body: The body, as it came.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class BrokenError(Exception):
    """A connection ended, or sent what is no HTTP, before its answer was complete."""


async def open_http(host: str, port: int, *, tls: ssl.SSLContext | None, max_body: int) -> HttpConnection:
    """Opens a connection.

    Raises:
        OSError: It failed, in TLS too.
    """
    sock = await connected_socket(host, port)
    _, connection = await asyncio.get_running_loop().create_connection(
        lambda: HttpConnection(sock, max_body=max_body),
        sock=sock,
        ssl=tls,
        server_hostname=None if tls is None else host,
    )
    return connection


class HttpConnection(asyncio.Protocol):
    """A connection, made by `open_http`.

    Args:
        sock: Its socket.
        max_body: Bytes of the largest body that is taken.
    """

    def __init__(self, sock: socket.socket, *, max_body: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._max_body = max_body
        self._transport: asyncio.Transport
        self._writer: SocketWriter
        self._answer: asyncio.Future[Answer] | None = None
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self._parser = HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []
        self._size = self._taken = 0
        self._is_head_complete = self._has_length = False
        self.used_at = self._loop.time()
        """When it was last used, in the loop's time, seconds."""

    @property
    def is_usable(self) -> bool:
        """Whether a request can be sent: it is open, and no request is on its way."""
        return self._answer is None and not self._transport.is_closing()

    def send(self, request: bytes) -> asyncio.Future[Answer]:
        """Writes a request before it returns; the answer fails with `BrokenError` or `DataError`."""
        self._reset()
        self._answer = answer = self._loop.create_future()
        self._writer.write(request)
        return answer

    def abort(self) -> None:
        """Ends it at once; an answer that somebody waits for fails."""
        self._transport.abort()

    def close(self) -> None:
        """Ends it: at once if an answer is on its way, as it could not be told from the next one."""
        if self._answer is None:
            self._transport.close()
        else:
            self._transport.abort()

    async def wait_closed(self) -> None:
        """Waits until it has ended."""
        await asyncio.shield(self._closed)

    # What the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes the transport."""
        self._transport = cast("asyncio.Transport", transport)
        self._writer = SocketWriter(self._sock, self._transport)

    def data_received(self, data: bytes) -> None:
        """Takes a part of the answer; what nobody asked for ends the connection."""
        if self._answer is None:
            self._transport.abort()
            return
        self._taken += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            cause = error.__context__
            self._fail(cause if isinstance(cause, DataError) else BrokenError("the answer is no HTTP/1.1"))
            return
        if not self._is_head_complete and self._taken > MAX_HEAD:
            self._fail(DataError(f"the answer has a head of more than {MAX_HEAD} bytes"))

    def eof_received(self) -> bool:
        """Completes an answer whose end is that of the connection."""
        if self._is_head_complete and not self._has_length:
            self.on_message_complete()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """Fails the answer that is not complete."""
        self._fail(BrokenError("the connection ended" if error is None else type(error).__name__))
        self._closed.set_result(None)

    # What the parser calls

    def on_message_begin(self) -> None:
        """An answer begins; one that nobody asked for is refused."""
        if self._answer is None:
            raise BrokenError("more than one answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; what is sent behind a body in chunks is left out."""
        if self._is_head_complete:
            return
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        """The head."""
        status = self._parser.get_status_code()
        if status < 200:  # an interim answer, such as 100 Continue
            return
        self._is_head_complete = True
        length = self._headers.get("content-length")
        self._has_length = length is not None or "transfer-encoding" in self._headers
        if length is not None and int(length) > self._max_body:
            raise _too_large(self._max_body)

    def on_body(self, part: bytes) -> None:
        """A part of the body."""
        self._size += len(part)
        if self._size > self._max_body:
            raise _too_large(self._max_body)
        self._parts.append(part)

    def on_message_complete(self) -> None:
        """The end of an answer; an interim one is followed by the answer."""
        if not self._is_head_complete:
            self._headers = {}
            return
        answer, self._answer = self._answer, None
        if answer is None or answer.done():
            return
        self.used_at = self._loop.time()
        if not self._parser.should_keep_alive():
            self._transport.close()
        answer.set_result(Answer(self._parser.get_status_code(), self._headers, b"".join(self._parts)))

    # The rest

    def _reset(self) -> None:
        self._parser = HttpResponseParser(self)
        self._headers = {}
        self._parts = []
        self._size = self._taken = 0
        self._is_head_complete = self._has_length = False

    def _fail(self, error: Exception) -> None:
        answer, self._answer = self._answer, None
        self._transport.abort()
        if answer is not None and not answer.done():
            answer.set_exception(error)


def _too_large(limit: int) -> DataError:
    return DataError(f"the answer has more than {limit} bytes")
