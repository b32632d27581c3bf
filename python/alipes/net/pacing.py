"""Turns for requests within a venue's rate limit: cancels at once, orders before reads.

ccxt's own queue is first in, first out: on Binance USD-M an order would wait for every read before it, and
200 ms for the order before it. Here a budget is a bucket that refills at the venue's speed, with room for a
burst where the venue counts by the minute, and a part of it that reads leave alone. A read that has waited
long goes before orders all the same: books and comparisons with the venue must not starve.
"""

from __future__ import annotations

import asyncio
from enum import IntEnum
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

RESERVE = 0.25
"""Part of the burst that reads leave to orders."""

PATIENCE_S = 2.0
"""How long a read lets orders go first, seconds."""
SHORTEST_S = 1e-6
"""A shorter wait is none: it is rounding."""


class Urgency(IntEnum):
    """What goes first."""

    CANCEL = 0
    ORDER = 1
    READ = 2


class _Ticket(NamedTuple):
    """A request that waits for its turn."""

    urgency: Urgency
    number: int
    since: float
    turn: asyncio.Event


class Pacer:
    """The budget of one account.

    Args:
        ms_per_token: Time in which one token comes back, ms; 0 sets no limit.
        burst: Tokens that may be spent at once after a pause.
        time: Seconds from an arbitrary start; the running loop's time if None.
    """

    def __init__(
        self, *, ms_per_token: float, burst: float = 1.0, time: Callable[[], float] | None = None
    ) -> None:
        self._s_per_token = ms_per_token / 1000
        self._burst = burst
        self._tokens = burst
        self._time = time
        self._at: float | None = None
        self._numbers = count()
        self._waiting: list[_Ticket] = []

    def spend(self, cost: float) -> None:
        """Takes tokens, whether they are there or not."""
        self._refill()
        self._tokens -= cost

    def delay(self, urgency: Urgency) -> float:
        """Seconds until such a request may go, if nothing goes before it; 0 for a cancel."""
        self._refill()
        floor = RESERVE * (self._burst - 1) if urgency is Urgency.READ else 0.0
        wait = (floor - self._tokens) * self._s_per_token
        return 0.0 if urgency is Urgency.CANCEL or wait < SHORTEST_S else wait

    async def turn(self, cost: float, urgency: Urgency) -> None:
        """Waits for the turn of a request and pays for it.

        Args:
            cost: Its weight, in tokens.
            urgency: What it is.
        """
        if urgency is not Urgency.CANCEL and (self._waiting or self.delay(urgency)):
            await self._wait(urgency)
        self.spend(cost)

    async def _wait(self, urgency: Urgency) -> None:
        ticket = _Ticket(urgency, next(self._numbers), self._now(), asyncio.Event())
        self._waiting.append(ticket)
        try:
            while True:
                is_next = self._next() is ticket
                delay = self._left(ticket) if is_next else self._patience(ticket)
                if is_next and delay == 0:
                    return
                ticket.turn.clear()
                try:
                    async with asyncio.timeout(delay):
                        await ticket.turn.wait()
                except TimeoutError:
                    continue
        finally:
            self._waiting.remove(ticket)
            if self._waiting:
                self._next().turn.set()

    def _next(self) -> _Ticket:
        """Whose turn is next: reads out of patience, then the most urgent; of equals the oldest."""
        return min(self._waiting, key=lambda each: (self._patience(each) != 0, each.urgency, each.number))

    def _patience(self, ticket: _Ticket) -> float | None:
        """Seconds for which it still lets others go first; None without an end."""
        if ticket.urgency is not Urgency.READ:
            return None
        return max(0.0, ticket.since + PATIENCE_S - self._now())

    def _left(self, ticket: _Ticket) -> float:
        """Seconds until the next in turn may go; one out of patience may have what is kept for orders."""
        return self.delay(Urgency.ORDER if self._patience(ticket) == 0 else ticket.urgency)

    def _now(self) -> float:
        return self._time() if self._time is not None else asyncio.get_running_loop().time()

    def _refill(self) -> None:
        now = self._now()
        if self._at is not None and self._s_per_token:
            self._tokens = min(self._burst, self._tokens + (now - self._at) / self._s_per_token)
        elif not self._s_per_token:
            self._tokens = self._burst
        self._at = now
