"""What left and what came back, per request: the evidence that an exception's class alone does not carry.

A client library says that a request failed; whether it had left decides what that means for an order. The
HTTP client reports the moment at which a request's head goes to its socket; the report is attached to the
task that asked, so it stays right with many requests at a time.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import aiohttp

from alipes.net.pacing import Urgency

if TYPE_CHECKING:
    from collections.abc import Iterator

_CURRENT: ContextVar[Wire | None] = ContextVar("alipes_wire", default=None)
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class NotRepeatedError(aiohttp.ClientError):
    """The HTTP client was about to send a request again or elsewhere; it was stopped."""


class Wire:
    """What is known of one request.

    Args:
        is_order: Whether it may change an order: then only what is not a read counts as sent, and it is never
            repeated.
        urgency: What goes before it when the rate limit is used up.

    Attributes:
        is_order: As given.
        urgency: As given.
        is_sent: Whether its head went to a socket.
        sent_at: When, monotonic ns; None before.
        answered_at: When the body of an answer was complete, monotonic ns; None before.
        status: HTTP status of the answer; None without a complete one.
        body: Text of the answer.
        is_readable: Whether every answer so far was JSON: pages and empty bodies are no answer of a venue.
    """

    __slots__ = ("answered_at", "body", "is_order", "is_readable", "is_sent", "sent_at", "status", "urgency")

    def __init__(self, *, is_order: bool, urgency: Urgency = Urgency.READ) -> None:
        self.is_order = is_order
        self.urgency = urgency
        self.is_sent = False
        self.sent_at: int | None = None
        self.answered_at: int | None = None
        self.status: int | None = None
        self.body = ""
        self.is_readable = True

    def leaves(self) -> None:
        """Takes note that the head goes to a socket; what was answered before was about something else."""
        self.is_sent, self.sent_at = True, time.monotonic_ns()
        self.status, self.body = None, ""

    def answered(self, status: int, body: str) -> None:
        """Takes note of a complete answer."""
        self.answered_at, self.status, self.body = time.monotonic_ns(), status, body
        self.is_readable = self.is_readable and body.lstrip()[:1] in {"{", "["}


@contextmanager
def attached(wire: Wire) -> Iterator[None]:
    """What this task requests meanwhile is reported to `wire`."""
    token = _CURRENT.set(wire)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current() -> Wire | None:
    """The report of the running task's request."""
    return _CURRENT.get()


def trace() -> aiohttp.TraceConfig:
    """What a session of the HTTP client must be traced with for reports to be made."""
    config = aiohttp.TraceConfig()
    config.on_request_headers_sent.append(_leaves)
    config.on_request_redirect.append(_redirected)
    config.freeze()
    return config


async def _leaves(_session: Any, _context: Any, sent: aiohttp.TraceRequestHeadersSentParams) -> None:
    wire = _CURRENT.get()
    if wire is None or (wire.is_order and sent.method in _READS):
        return
    if wire.is_sent and wire.is_order:
        raise NotRepeatedError("the connection broke before an answer; a request about an order is sent once")
    wire.leaves()


async def _redirected(_session: Any, _context: Any, _sent: Any) -> None:
    raise NotRepeatedError("the venue redirects; a key goes to no other address")
