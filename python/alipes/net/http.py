"""Requests over warm connections to one host; an error says whether the request can have left.

By aiohttp's client, with what it does on its own turned off: no redirects, no cookies, no proxy from the
environment, no decompression, and nothing but a GET is ever sent twice (it would repeat a PUT or DELETE on a
connection that breaks). Knows no venue, no signature and no limit of rate.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import aiohttp
from yarl import URL

from alipes.errors import ConnectivityError, DataError, LostAnswerError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from types import SimpleNamespace, TracebackType

MAX_BODY = 64 << 20
"""Bytes of the largest answer that is taken: lists of all instruments of a large venue are some MiB."""
_BASE_HEADERS = {"Accept-Encoding": "identity"}


class Answer(NamedTuple):
    """What a server answered, whatever its status.

    Attributes:
        status: HTTP status.
        headers: Names in lower case.
        body: The body, as it came.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpPool:
    """Kept connections to one host; an async context manager.

    Args:
        origin: Scheme, host and port, such as ``https://fapi.binance.com``.
        connections: How many there may be at once; a further request waits for one, within its time.
        idle_s: How long an unused connection is kept; below what the server allows, so that it is never found
            closed.
        tls: TLS settings; the system's certificates by default.
        max_body: Bytes of the largest answer that is taken.
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
        self._origin = origin
        self._connections = connections
        self._idle_s = idle_s
        self._tls = tls
        self._max_body = max_body
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(_leaves)
        self._session = aiohttp.ClientSession(
            self._origin,
            connector=aiohttp.TCPConnector(
                limit=self._connections, keepalive_timeout=self._idle_s, ssl=self._tls or True
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_BASE_HEADERS,
            skip_auto_headers=("User-Agent", "Content-Type"),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
            trace_configs=[trace],
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

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
    ) -> Answer:
        """Sends a request once and waits for its answer. No error holds more of the target than its path.

        Args:
            method: HTTP method.
            target: Path and query, encoded as they are to be sent.
            headers: Further headers.
            body: The body.
            timeout_s: Seconds from now to the end of the answer.

        Raises:
            LostAnswerError: It left, wholly or in part, and no answer came: what became of it is unknown.
            ConnectivityError: It did not leave.
            DataError: The answer is larger than is allowed.
        """
        if self._session is None:
            raise ConnectivityError("not sent: the pool is not open")
        asked = Asked(is_read=method == "GET")
        what = f"{method} {self._origin}{target.partition('?')[0]}"
        sending = self._session.request(
            method, URL(target, encoded=True), headers=headers, data=body or None, allow_redirects=False,
            trace_request_ctx=asked,
        )  # fmt: skip
        try:
            async with asyncio.timeout(timeout_s), sending as response:
                return await self._answer(response, what)
        except TimeoutError:
            raise _failed(what, asked, f"no answer within {timeout_s:g} s") from None
        except (aiohttp.ClientError, OSError, _RepeatedError) as error:
            raise _failed(what, asked, f"{type(error).__name__}") from None

    async def _answer(self, response: aiohttp.ClientResponse, what: str) -> Answer:
        body = bytearray()
        async for part in response.content.iter_any():
            body += part
            if len(body) > self._max_body:
                response.close()
                raise DataError(f"{what}: the answer has more than {self._max_body} bytes")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, headers, bytes(body))


@dataclass
class Asked:
    """A request on its way.

    Attributes:
        is_read: Whether it may be sent again.
        times: How often it left, or began to.
    """

    is_read: bool
    times: int = 0


class _RepeatedError(Exception):
    """The client was about to send again what must be sent once."""


async def _leaves(_: aiohttp.ClientSession, context: SimpleNamespace, __: Any) -> None:
    """Called before the first byte of a request is written."""
    asked: Asked = context.trace_request_ctx
    if asked.times and not asked.is_read:
        raise _RepeatedError
    asked.times += 1


def _failed(what: str, asked: Asked, why: str) -> ConnectivityError:
    if asked.times:
        return LostAnswerError(f"{what}: {why}; the request may have arrived")
    return ConnectivityError(f"{what}: {why}; nothing was sent")
