"""A failed request as plain facts: the names of what was raised, what left, what the venue said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import orjson

if TYPE_CHECKING:
    from alipes.net.secrets import Scrubber
    from alipes.net.wire import Wire

_LONGEST = 300
_CODES = ("code", "retCode", "sCode", "errorCode")
_TEXTS = ("msg", "retMsg", "sMsg", "message", "error")


class UnreadableReplyError(Exception):
    """The venue's reply does not say what became of the request."""


class Evidence(msgspec.Struct, frozen=True):
    """Facts of a failure. It holds no exception, so no traceback and no key hangs on it.

    Attributes:
        raised: Names of the exception's class and its bases, nearest first.
        causes: The same of the exception that caused it; empty without one.
        is_sent: Whether the request left.
        status: HTTP status of the answer; None without a complete one.
        code: The venue's own error code, if it gave one.
        message: The venue's text, else the library's, without secrets.
    """

    raised: tuple[str, ...]
    causes: tuple[str, ...] = ()
    is_sent: bool = True
    status: int | None = None
    code: str | None = None
    message: str = ""

    def __str__(self) -> str:
        parts = [self.raised[0] if self.raised else "failed", *self.causes[:1]]
        parts += [f"HTTP {self.status}"] if self.status is not None else []
        parts += [self.code] if self.code else []
        return f"{' '.join(parts)}: {self.message}" if self.message else " ".join(parts)


def evidence_of(error: BaseException, wire: Wire, scrub: Scrubber) -> Evidence:
    """The facts of an exception that a request ended with.

    Args:
        error: What was raised.
        wire: The request's report.
        scrub: Takes secrets out of the texts.
    """
    code, text = venue_error(wire.body)
    return Evidence(
        raised=_names(error),
        causes=_names(error.__cause__),
        is_sent=wire.is_sent,
        status=wire.status,
        code=code,
        message=scrub(text or _own_text(error))[:_LONGEST],
    )


def venue_error(body: str) -> tuple[str | None, str]:
    """Code and text of a venue's error reply; (None, "") where it is none."""
    try:
        reply = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None, ""
    nested = reply.get("data") if isinstance(reply, dict) else reply
    first = nested[0] if isinstance(nested, list) and nested else None
    for each in (first, reply):
        if isinstance(each, dict):
            code = next((str(each[name]) for name in _CODES if each.get(name) is not None), None)
            text = next((_shown(each[name]) for name in _TEXTS if each.get(name)), "")
            if code is not None or text:
                return code, text
    return None, ""


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _own_text(error: BaseException) -> str:
    """The cause's words where there is one: the library's own only name the URL then."""
    shown = error if error.__cause__ is None else error.__cause__
    return str(shown)


def _names(error: BaseException | None) -> tuple[str, ...]:
    if error is None:
        return ()
    return tuple(each.__name__ for each in type(error).__mro__ if each is not object)
