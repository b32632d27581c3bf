"""When a fault acts: which requests or frames it is about, which of them in turn, when, and how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

from alipes.mockvenue.clock import NS_PER_S
from alipes.mockvenue.streams.frames import payload_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from alipes.mockvenue.call import Call
    from alipes.mockvenue.hooks import Subscriber

Scope = Literal["request", "frame", "venue"]


@dataclass(frozen=True, slots=True)
class Key:
    """A key of triggers.

    Attributes:
        name: As files and the control endpoint write it.
        kind: Type of its value.
        scopes: Faults of which scope take it.
        text: What it says.
        least: Smallest value of a number.
        most: Largest value of a number.
        choices: Words that a text may be; any if empty.
    """

    name: str
    kind: type
    scopes: tuple[Scope, ...]
    text: str
    least: float = 0
    most: float = float("inf")
    choices: tuple[str, ...] = ()


_BOTH: Final[tuple[Scope, ...]] = ("request", "frame")
KEYS: Final = (
    Key("rate", float, _BOTH, "share of the matches that it acts on, 0 to 1, drawn with the seed", most=1),
    Key("method", str, ("request",), "HTTP method, such as `POST`", choices=("GET", "POST", "PUT", "DELETE")),
    Key("path", str, _BOTH, "path of the request, or of the stream's connection; `*` stands for any text"),
    Key("transport", str, ("request",), "`rest` or `ws-api`; both by default", choices=("rest", "ws-api")),
    Key("stream", str, ("frame",), "name of the stream, such as `btcusdt@depth@100ms`; `*` as above"),
    Key("event", str, ("frame",), "event of the frame, its field `e`"),
    Key(
        "where",
        dict,
        _BOTH,
        "values of parameters of the request, or of fields of the event or its order",
    ),
    Key("nth", int, _BOTH, "number of the match that it acts on, from 1", least=1),
    Key("count", int, _BOTH, "how many matches it acts on, from the first or the `nth`", least=1),
    Key("from_s", float, ("request", "frame", "venue"), "acts from this venue time on, s after the start"),
    Key("until_s", float, _BOTH, "acts before this venue time, s after the start"),
)
"""Every key; `Trigger` holds their values."""


@dataclass(slots=True, kw_only=True)
class Trigger:
    """Decides whether a fault acts on a request or a frame; its fields are those of `KEYS`.

    Attributes:
        matched: Requests or frames so far that it is about.
        fired: Those that it acted on.
    """

    rate: float = 1.0
    method: str | None = None
    path: str | None = None
    transport: str | None = None
    stream: str | None = None
    event: str | None = None
    where: Mapping[str, Any] = field(default_factory=dict)
    nth: int | None = None
    count: int | None = None
    from_s: float = 0.0
    until_s: float = float("inf")
    matched: int = 0
    fired: int = 0

    def fires_on_call(self, call: Call, since_start_ns: int, random: Random) -> bool:
        """Whether the fault acts on a request; asked once for each."""
        is_met = (
            (self.method is None or self.method == call.method)
            and (self.path is None or fnmatchcase(call.path, self.path))
            and (self.transport is None or self.transport == call.transport)
            and all(call.params.get(name) == _text(value) for name, value in self.where.items())
        )
        return is_met and self._is_its_turn(since_start_ns, random)

    def fires_on_frame(
        self, subscriber: Subscriber, stream: str, frame: bytes, since_start_ns: int, random: Random
    ) -> bool:
        """Whether the fault acts on a frame; asked once for each."""
        is_met = (self.path is None or fnmatchcase(subscriber.path, self.path)) and (
            self.stream is None or fnmatchcase(stream, self.stream)
        )
        if is_met and (self.event is not None or self.where):
            is_met = self._is_of_event(payload_of(frame))
        return is_met and self._is_its_turn(since_start_ns, random)

    def _is_of_event(self, payload: bytes) -> bool:
        message = orjson.loads(payload)
        if isinstance(message, dict) and "stream" in message:
            message = message["data"]
        if not isinstance(message, dict):
            return False
        order = message.get("o")
        fields = {**message, **order} if isinstance(order, dict) else message
        return (self.event is None or message.get("e") == self.event) and all(
            _text(fields.get(name)) == _text(value) for name, value in self.where.items()
        )

    def _is_its_turn(self, since_start_ns: int, random: Random) -> bool:
        if not self.from_s <= since_start_ns / NS_PER_S < self.until_s:
            return False
        self.matched += 1
        first = self.nth or 1
        last = first + (self.count or (1 if self.nth else 1 << 62)) - 1
        fires = first <= self.matched <= last and (self.rate >= 1 or random.random() < self.rate)
        self.fired += fires
        return fires


def _text(value: object) -> str:
    """A value as a request would carry it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
