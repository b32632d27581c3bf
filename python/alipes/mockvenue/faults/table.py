"""Every fault as data: its name, what it does, when by default, and its parameters.

Files, the control endpoint, Python and the docs all read this table; a fault that is not here is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from alipes.mockvenue.faults import frames, requests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from alipes.mockvenue.faults.frames import FrameFault
    from alipes.mockvenue.faults.requests import RequestFault
    from alipes.mockvenue.faults.trigger import Scope

    Made = RequestFault | FrameFault


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a fault.

    Attributes:
        name: As files and the control endpoint write it; its end is the unit.
        default: Value where none is given; its type is that of the parameter.
        text: What it says.
        least: Smallest value of a number.
        most: Largest value of a number.
        choices: Values that it may have; any if empty.
    """

    name: str
    default: float | bool
    text: str
    least: float = 0
    most: float = 1e9
    choices: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A fault.

    Attributes:
        name: Its name.
        group: Heading in the docs.
        text: What it does.
        scope: What it acts on: a request, a stream frame, or the venue itself.
        make: Makes one from its parameters; `None` where the venue itself does it.
        parameters: Its parameters.
        default: Trigger where none is given, by the names of `trigger.KEYS`.
    """

    name: str
    group: str
    text: str
    scope: Scope
    make: Callable[[Mapping[str, Any]], Made] | None
    parameters: tuple[Parameter, ...] = ()
    default: Mapping[str, Any] = field(default_factory=dict)


_MS: Final = Parameter("ms", 100.0, "delay, ms")
_JITTER: Final = Parameter("jitter_ms", 0.0, "up to so much more, ms, drawn evenly")
_SILENT: Final = Parameter("ms", 60_000.0, "silence before the connection ends, ms")
_TAKEN: Final = Parameter("accepted", True, "whether the venue does what was asked")  # noqa: FBT003
_REFUSED: Final = Parameter("accepted", False, "whether the venue does what was asked")  # noqa: FBT003
_ORDER: Final = {"method": "POST", "path": requests.ORDER_PATH}
_REST_ORDER: Final = {**_ORDER, "transport": "rest"}
_PRIVATE: Final = {"path": "/private/*"}


def _order(
    name: str,
    text: str,
    make: Callable[[Mapping[str, Any]], Made],
    *parameters: Parameter,
    default: Mapping[str, Any] = _ORDER,
) -> Kind:
    return Kind(name, "Orders", text, "request", make, parameters, default)


def _frame(
    name: str, text: str, make: Callable[[Mapping[str, Any]], Made], *parameters: Parameter, **default: str
) -> Kind:
    return Kind(name, "Streams", text, "frame", make, parameters, default)


def _private(name: str, text: str, make: Callable[[Mapping[str, Any]], Made], *parameters: Parameter) -> Kind:
    return Kind(name, "Private events", text, "frame", make, parameters, _PRIVATE)


_DELAYS: Final = (
    Kind(
        "request_latency", "Delays", "the venue reads a request late", "request",
        lambda p: requests.Delayed(p["ms"], p["jitter_ms"], is_reply=False), (_MS, _JITTER),
    ),
    Kind(
        "reply_latency", "Delays", "the venue has done what was asked and answers late", "request",
        lambda p: requests.Delayed(p["ms"], p["jitter_ms"], is_reply=True), (_MS, _JITTER),
    ),
    Kind(
        "frame_latency", "Delays", "frames of a connection come late, in their order", "frame",
        lambda p: frames.Late(p["ms"], p["jitter_ms"], keeps_order=True), (_MS, _JITTER),
    ),
)  # fmt: skip

_STREAMS: Final = (
    _frame("frame_drop", "the frame is lost", lambda _: frames.Dropped()),
    _frame("frame_duplicate", "the frame comes twice", lambda _: frames.Doubled()),
    _frame(
        "frame_reorder", "the frame comes after the next one of its connection", lambda _: frames.Reordered()
    ),
    _frame(
        "frame_corrupt", "other characters stand in the message", lambda p: frames.Corrupted(p["size"]),
        Parameter("size", 1, "characters that are replaced", least=1),
    ),
    _frame(
        "frame_truncate", "the message is cut off; the frame around it is whole",
        lambda p: frames.Shortened(p["keep"]), Parameter("keep", 0.5, "share that is kept", most=1),
    ),
    _frame(
        "sequence_gap", "a depth update is lost, so the ids of the next do not join",
        lambda _: frames.Dropped(), stream="*@depth*",
    ),
    _frame(
        "stall", "from this frame on the connection is silent, and pings are still answered",
        lambda p: frames.Stalled(p["ms"]), Parameter("ms", 0.0, "how long, ms; 0 is for ever"),
    ),
    _frame(
        "disconnect", "the connection ends in place of the frame", lambda p: frames.Disconnected(p["clean"]),
        Parameter("clean", False, "whether with a closing handshake"),  # noqa: FBT003
    ),
    Kind(
        "refuse", "Streams", "the port is closed and idle connections with it; streams go on", "venue", None,
        (Parameter("ms", 1000.0, "how long, ms"),),
    ),
)  # fmt: skip

_ORDERS: Final = (
    _order(
        "silence", "no answer ever comes; with the defaults: accepted, then timed out",
        lambda p: requests.Silent(p["ms"], is_accepted=p["accepted"]), _SILENT, _TAKEN,
    ),
    _order(
        "socket_drop", "the connection ends without an answer",
        lambda p: requests.Silent(0, is_accepted=p["accepted"]), _TAKEN,
    ),
    _order(
        "truncated_body", "accepted; the connection ends in the middle of the answer",
        lambda _: requests.Cut(),
    ),
    _order(
        "html_page", "200 with a page of HTML",
        lambda p: requests.Answered(requests.page, is_accepted=p["accepted"]), _TAKEN, default=_REST_ORDER,
    ),
    _order(
        "empty_body", "200 with nothing",
        lambda p: requests.Answered(requests.nothing, is_accepted=p["accepted"]), _TAKEN, default=_REST_ORDER,
    ),
    _order(
        "bare_status", "502, 503 or 504 without a body",
        lambda p: requests.Answered(requests.bare(p["status"]), is_accepted=p["accepted"]),
        Parameter("status", 503, "HTTP status", choices=(500, 502, 503, 504)), _TAKEN, default=_REST_ORDER,
    ),
    _order(
        "unknown_error", "503 with code -1000: execution status unknown",
        lambda p: requests.Answered(
            requests.coded(-1000, "Unknown error, please check your request or try again later.", 503),
            is_accepted=p["accepted"],
        ),
        _TAKEN,
    ),
    _order(
        "unexpected_response", "code -1006: an unexpected response from the message bus",
        lambda p: requests.Answered(
            requests.coded(
                -1006, "An unexpected response was received from the message bus. Execution status unknown."
            ),
            is_accepted=p["accepted"],
        ),
        _TAKEN,
    ),
    _order(
        "backend_timeout", "408 with code -1007: the backend did not answer in time",
        lambda p: requests.Answered(
            requests.coded(
                -1007,
                "Timeout waiting for response from backend server. Send status unknown; execution status"
                " unknown.",
                408,
            ),
            is_accepted=p["accepted"],
        ),
        _TAKEN,
    ),
    _order(
        "clock_refused", "code -1021: refused, the timestamp is outside of the receive window",
        lambda _: requests.Answered(requests.refused(-1021)),
    ),
    _order(
        "duplicate_refused", '"Duplicate order sent", although it is the first',
        lambda p: requests.Answered(
            requests.refused(-4116) if p["code"] == -4116 else requests.coded(-2010, "Duplicate order sent."),
            is_accepted=p["accepted"],
        ),
        Parameter("code", -2010, "-2010 as spot words it, -4116 as USD-M", choices=(-2010, -4116)), _REFUSED,
    ),
    _order(
        "invisible_order", "accepted and answered, but queries do not show the order for a while",
        lambda p: requests.Invisible(p["ms"], hides_fills=p["fills"]),
        Parameter("ms", 10_000.0, "how long, ms"),
        Parameter("fills", False, "whether its fills are hidden too"),  # noqa: FBT003
    ),
    _order(
        "moved_endpoint", "code -4120: this order type has moved to the algo endpoint",
        lambda _: requests.Answered(requests.refused(-4120)),
    ),
)  # fmt: skip

_EVENTS: Final = (
    _private("private_lost", "the event is lost", lambda _: frames.Dropped()),
    _private(
        "private_late", "the event comes late; others overtake it",
        lambda p: frames.Late(p["ms"], p["jitter_ms"], keeps_order=False), _MS, _JITTER,
    ),
    _private("private_double", "the event comes twice", lambda _: frames.Doubled()),
    Kind(
        "event_before_ack", "Private events", "the answer to an order comes late, its events before it",
        "request", lambda p: requests.Delayed(p["ms"], 0, is_reply=True), (_MS,), _ORDER,
    ),
)  # fmt: skip

_VENUE: Final = (
    Kind(
        "clock_skew", "Venue", "the venue's clock is off: the time it tells, and holds timestamps against",
        "request", lambda p: requests.Skewed(p["ms"]),
        (Parameter("ms", 2000.0, "ahead, ms; negative is behind", least=-1e9),),
    ),
    Kind(
        "maintenance", "Venue", "503 for every request; the system status tells of it", "request",
        lambda _: requests.Maintained(),
    ),
    Kind(
        "rate_limited", "Venue", "429 with Retry-After", "request",
        lambda p: requests.Answered(requests.slowed(p["retry_after_s"])),
        (Parameter("retry_after_s", 5.0, "when to come back, s"),),
    ),
    Kind(
        "banned", "Venue", "418 with Retry-After for every request of the address until the ban is over",
        "request", lambda p: requests.Banned(p["retry_after_s"]),
        (Parameter("retry_after_s", 120.0, "how long, s"),),
    ),
)  # fmt: skip

TABLE: Final[dict[str, Kind]] = {
    kind.name: kind for kind in (*_DELAYS, *_STREAMS, *_ORDERS, *_EVENTS, *_VENUE)
}
"""Every fault by name."""
