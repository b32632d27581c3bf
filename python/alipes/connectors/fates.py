"""What a failed request means for its order: a table over the facts, first row that fits.

An exception's class is not enough: ccxt raises one class for a refused connection and for an answer that was
lost. So rows also look at the cause, at whether the request left, and at the venue's status, code and words.
Where the facts do not settle it the fate is unknown, which is never wrong: the order is looked for.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from alipes.model import RequestKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alipes.net.evidence import Evidence


class Fate(StrEnum):
    """What became of a request."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


class Action(StrEnum):
    """What to do beside telling the engine."""

    NONE = "none"
    BACK_OFF = "back_off"
    """Send nothing until the venue's time is over; the session holds to it."""
    RESYNC_CLOCK = "resync_clock"
    """Measure the venue's clock anew."""
    QUERY = "query"
    """Look for the order by its client id, and later among open, closed and filled ones; never send again."""
    FETCH = "fetch"
    """The venue says it has the order: ask for it by its client id at once."""


class Row(msgspec.Struct, frozen=True):
    """One kind of failure. What is empty or None fits everything.

    Attributes:
        name: What it is called, in events' reasons and in the docs.
        fate: What became of the request.
        action: What to do.
        raised: The exception is of one of these classes.
        causes: Its cause is of one of these classes.
        is_sent: Whether the request left.
        statuses: The answer's HTTP status is between these two, inclusive.
        codes: The venue's code is one of these; ``"*"`` is any code.
        text: A regular expression that the venue's text holds.
        kinds: What was asked for.
        has_cause: Whether the exception has a cause.
    """

    name: str
    fate: Fate
    action: Action = Action.NONE
    raised: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()
    is_sent: bool | None = None
    statuses: tuple[int, int] | None = None
    codes: frozenset[str] = frozenset()
    text: str = ""
    kinds: frozenset[RequestKind] = frozenset(RequestKind)
    has_cause: bool | None = None

    def fits(self, evidence: Evidence, kind: RequestKind) -> bool:
        """Whether these are the facts of such a failure."""
        return (
            kind in self.kinds
            and (not self.raised or not self.raised.isdisjoint(evidence.raised))
            and (not self.causes or not self.causes.isdisjoint(evidence.causes))
            and (self.is_sent is None or self.is_sent is evidence.is_sent)
            and (self.has_cause is None or self.has_cause is bool(evidence.causes))
            and (self.statuses is None or _is_between(evidence.status, self.statuses))
            and (not self.codes or _is_one_of(evidence.code, self.codes))
            and (not self.text or re.search(self.text, evidence.message) is not None)
        )


def _is_between(status: int | None, bounds: tuple[int, int]) -> bool:
    return status is not None and bounds[0] <= status <= bounds[1]


def _is_one_of(code: str | None, codes: frozenset[str]) -> bool:
    return code is not None and ("*" in codes or code in codes)


def _row(name: str, fate: Fate, action: Action = Action.NONE, *, raised: str = "", **facts: object) -> Row:
    return Row(name, fate, action, raised=frozenset(raised.split()), **facts)  # type: ignore[arg-type]


_SUBMITS = frozenset({RequestKind.SUBMIT})
_CHANGES = frozenset({RequestKind.AMEND, RequestKind.CANCEL})

TABLE: tuple[Row, ...] = (
    # It never left.
    _row(
        "name_not_resolved", Fate.NOT_SENT, is_sent=False, raised="ExchangeNotAvailable",
        causes=frozenset({"ClientConnectorDNSError", "gaierror"}),
    ),
    _row(
        "connection_refused", Fate.NOT_SENT, is_sent=False, raised="ExchangeNotAvailable",
        causes=frozenset({"ClientConnectorError"}),
    ),
    _row("stopped_before_sending", Fate.NOT_SENT, is_sent=False, raised="CancelledError TimeoutError"),
    _row("never_left", Fate.NOT_SENT, is_sent=False),
    # It left and the answer is lost.
    _row("cancelled_in_flight", Fate.UNKNOWN, Action.QUERY, raised="CancelledError"),
    _row("deadline_passed", Fate.UNKNOWN, Action.QUERY, raised="TimeoutError"),
    _row("unreadable_reply", Fate.UNKNOWN, Action.QUERY, raised="UnreadableReplyError"),
    _row(
        "connection_dropped", Fate.UNKNOWN, Action.QUERY, raised="ExchangeNotAvailable",
        causes=frozenset({"ClientConnectionError"}),
    ),
    _row(
        "truncated_reply", Fate.UNKNOWN, Action.QUERY, raised="ExchangeError",
        causes=frozenset({"ClientPayloadError"}),
    ),
    _row("no_answer", Fate.UNKNOWN, Action.QUERY, raised="RequestTimeout"),
    _row("transport_failed", Fate.UNKNOWN, Action.QUERY, has_cause=True),
    # It was answered, but not by what decides.
    _row(
        "execution_unknown", Fate.UNKNOWN, Action.QUERY, raised="OperationFailed",
        codes=frozenset({"-1000", "-1006"}),
    ),
    _row("unavailable", Fate.UNKNOWN, Action.QUERY, raised="ExchangeNotAvailable"),
    _row("server_error", Fate.UNKNOWN, Action.QUERY, statuses=(500, 599)),
    # The venue refused.
    _row("too_many_requests", Fate.REJECTED, Action.BACK_OFF, raised="DDoSProtection RateLimitExceeded"),
    _row("clock_out_of_step", Fate.REJECTED, Action.RESYNC_CLOCK, raised="InvalidNonce"),
    _row(
        "already_there", Fate.UNKNOWN, Action.FETCH, raised="ExchangeError", kinds=_SUBMITS,
        text=r"(?i)duplicat|client order id already exists",
    ),
    _row("not_found_after_sending", Fate.UNKNOWN, Action.QUERY, raised="OrderNotFound", kinds=_SUBMITS),
    _row("not_found", Fate.REJECTED, raised="OrderNotFound", kinds=_CHANGES),
    _row("insufficient_funds", Fate.REJECTED, raised="InsufficientFunds"),
    _row("invalid_order", Fate.REJECTED, raised="InvalidOrder"),
    _row("bad_request", Fate.REJECTED, raised="BadRequest ArgumentsRequired NotSupported"),
    _row("no_permission", Fate.REJECTED, raised="AuthenticationError"),
    _row("operation_rejected", Fate.REJECTED, raised="OperationRejected"),
    _row(
        "refused_with_code", Fate.REJECTED, raised="ExchangeError", statuses=(400, 499),
        codes=frozenset({"*"}),
    ),
    # Whatever else it is.
    _row("operation_failed", Fate.UNKNOWN, Action.QUERY, raised="OperationFailed"),
    _row("unclear", Fate.UNKNOWN, Action.QUERY),
)  # fmt: skip


def decide(evidence: Evidence, kind: RequestKind, table: Sequence[Row] = TABLE) -> Row:
    """The row for the facts of a failed request.

    Args:
        evidence: The facts.
        kind: What was asked for.
        table: Rows, the first that fits decides; the last must fit everything.
    """
    return next(row for row in table if row.fits(evidence, kind))
