"""What faults of requests do: delays, answers that are lost, cut off or wrong, and venues that misbehave."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

import orjson

from alipes.mockvenue.call import Reply
from alipes.mockvenue.clock import NS_PER_MS
from alipes.mockvenue.errors import BANNED, ApiError
from alipes.mockvenue.hooks import DropConnection

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from alipes.mockvenue.call import Call
    from alipes.mockvenue.faults.pace import Pace

PAGE: Final = b"<html><head><title>Just a moment...</title></head><body>Checking your browser.</body></html>"
STATUS_PATH: Final = "/sapi/v1/system/status"
ORDER_PATH: Final = "/fapi/v1/order"
TEAPOT: Final = 418


@dataclass(frozen=True, slots=True)
class Turn:
    """What a fault works with: the venue's pace, and chance that its seed decides."""

    pace: Pace
    random: Random

    def spread(self, ms: float, jitter_ms: float) -> float:
        """`ms`, and up to `jitter_ms` more."""
        return ms + (self.random.uniform(0, jitter_ms) if jitter_ms else 0)


class RequestFault:
    """Does nothing. The venue handles a request between `before` and `after`."""

    def holds(self, call: Call, turn: Turn) -> bool:
        """Whether it acts although its trigger does not fire: it began earlier and lasts."""
        del call, turn
        return False

    async def before(self, call: Call, turn: Turn) -> Reply | None:
        """An answer in place of the venue's, which then does nothing; `None` to go on."""
        del call, turn
        return None

    async def after(self, call: Call, reply: Reply, turn: Turn) -> Reply:
        """The answer to write, once the venue has done what was asked."""
        del call, turn
        return reply


@dataclass(slots=True)
class Delayed(RequestFault):
    """Waits before the venue reads the request, or before it writes the answer."""

    ms: float
    jitter_ms: float
    is_reply: bool

    async def before(self, call: Call, turn: Turn) -> Reply | None:  # noqa: D102
        del call
        if not self.is_reply:
            await turn.pace.wait(turn.spread(self.ms, self.jitter_ms))
        return None

    async def after(self, call: Call, reply: Reply, turn: Turn) -> Reply:  # noqa: D102
        del call
        if self.is_reply:
            await turn.pace.wait(turn.spread(self.ms, self.jitter_ms))
        return reply


@dataclass(slots=True)
class Silent(RequestFault):
    """Says nothing for `ms`, then ends the connection; with 0 it ends at once."""

    ms: float
    is_accepted: bool

    async def before(self, call: Call, turn: Turn) -> Reply | None:  # noqa: D102
        del call
        if not self.is_accepted:
            await turn.pace.wait(self.ms)
            raise DropConnection
        return None

    async def after(self, call: Call, reply: Reply, turn: Turn) -> Reply:  # noqa: D102
        del call, reply
        await turn.pace.wait(self.ms)
        raise DropConnection


class Cut(RequestFault):
    """Announces the whole body and ends the connection in the middle of it."""

    async def after(self, call: Call, reply: Reply, turn: Turn) -> Reply:  # noqa: D102
        del call, turn
        return Reply(reply.status, reply.body, reply.headers, is_cut=True)


@dataclass(slots=True)
class Answered(RequestFault):
    """Gives another answer, after the venue did what was asked or in its place.

    Args:
        make: Makes the answer to a call.
        is_accepted: Whether the venue does what was asked.
    """

    make: Callable[[Call], Reply]
    is_accepted: bool = False

    async def before(self, call: Call, turn: Turn) -> Reply | None:  # noqa: D102
        del turn
        return None if self.is_accepted else self.make(call)

    async def after(self, call: Call, reply: Reply, turn: Turn) -> Reply:  # noqa: D102
        del turn
        return self.make(call) if self.is_accepted else reply


class Banned(RequestFault):
    """Refuses an address with 418 for a while, once it began.

    Args:
        seconds: How long.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until_ms: dict[str, float] = {}

    def holds(self, call: Call, turn: Turn) -> bool:  # noqa: D102
        return turn.pace.elapsed_ms() < self._until_ms.get(call.address, 0)

    async def before(self, call: Call, turn: Turn) -> Reply | None:  # noqa: D102
        now_ms = turn.pace.elapsed_ms()
        if not self.holds(call, turn):
            self._until_ms[call.address] = now_ms + self._seconds * 1000
        left_ms = self._until_ms[call.address] - now_ms
        until = turn.pace.now() // NS_PER_MS + round(left_ms)
        headers = {"Retry-After": str(ceil(left_ms / 1000))}
        return Reply.of_error(
            ApiError(-1003, call.address, until, status=TEAPOT, text=BANNED, headers=headers)
        )


class Skewed(RequestFault):
    """The venue's clock is off: the time it tells, and the time it holds timestamps against.

    Args:
        ms: How much it is ahead; negative is behind.
    """

    def __init__(self, ms: float) -> None:
        self._ms = round(ms)

    async def before(self, call: Call, turn: Turn) -> Reply | None:  # noqa: D102
        del turn
        stamp = call.params.get("timestamp", "")
        if stamp.isascii() and stamp.isdigit():  # older by as much as the clock is ahead
            call.params["timestamp"] = str(max(0, int(stamp) - self._ms))
        return None

    async def after(self, call: Call, reply: Reply, turn: Turn) -> Reply:  # noqa: D102
        del turn
        if not call.path.endswith("/time") or reply.status >= 400:
            return reply
        told = orjson.loads(reply.body)
        return Reply.of({**told, "serverTime": told["serverTime"] + self._ms})


class Maintained(RequestFault):
    """The venue is under maintenance: its status says so, everything else is answered with 503."""

    async def before(self, call: Call, turn: Turn) -> Reply | None:  # noqa: D102
        del turn
        if call.path == STATUS_PATH:
            return Reply.of({"status": 1, "msg": "system_maintenance"})
        return Reply(503, b"Service Unavailable.", {"Content-Type": "text/plain"})


class Invisible(RequestFault):
    """Hides an accepted order from queries for a while.

    Args:
        ms: How long.
        hides_fills: Whether its fills are hidden too.
    """

    def __init__(self, ms: float, *, hides_fills: bool) -> None:
        self._ms, self._hides_fills = ms, hides_fills
        self._until_ms: dict[int, float] = {}

    def holds(self, call: Call, turn: Turn) -> bool:  # noqa: D102
        if not self._until_ms or call.method != "GET":
            return False
        now = turn.pace.elapsed_ms()
        self._until_ms = {order: until for order, until in self._until_ms.items() if now < until}
        return call.path.startswith(("/fapi/v1/", "/fapi/v2/", "/fapi/v3/"))

    async def after(self, call: Call, reply: Reply, turn: Turn) -> Reply:  # noqa: D102
        if reply.status >= 400:
            return reply
        if call.method == "POST":
            placed = orjson.loads(reply.body)
            for order in placed if isinstance(placed, list) else [placed]:
                if "orderId" in order:
                    self._until_ms[order["orderId"]] = turn.pace.elapsed_ms() + self._ms
            return reply
        name = call.path.rsplit("/", 1)[-1]
        if name in {"order", "openOrder"}:
            is_hidden = orjson.loads(reply.body)["orderId"] in self._until_ms
            return Reply.of_error(ApiError(-2013)) if is_hidden else reply
        if name in {"openOrders", "allOrders"} or (name == "userTrades" and self._hides_fills):
            rows = orjson.loads(reply.body)
            return Reply.of([row for row in rows if row["orderId"] not in self._until_ms])
        return reply


# Answers


def page(call: Call) -> Reply:
    """A page of the gateway where JSON belongs."""
    del call
    return Reply(200, PAGE, {"Content-Type": "text/html"})


def nothing(call: Call) -> Reply:
    """An empty body."""
    del call
    return Reply(200, b"")


def bare(status: int) -> Callable[[Call], Reply]:
    """A status without a body."""
    return lambda _: Reply(status, b"", {"Content-Type": "text/plain"})


def coded(code: int, text: str, status: int = 400) -> Callable[[Call], Reply]:
    """An error with a text that the venue has for it elsewhere."""
    body = orjson.dumps({"code": code, "msg": text})
    return lambda _: Reply(status, body)


def refused(code: int) -> Callable[[Call], Reply]:
    """An error with the venue's own text for its code."""
    return lambda _: Reply.of_error(ApiError(code))


def slowed(seconds: float) -> Callable[[Call], Reply]:
    """429: too many requests, come back in so many seconds."""
    headers = {"Retry-After": str(ceil(seconds))}
    return lambda call: Reply.of_error(ApiError(-1003, call.address, 2400, headers=headers))
