"""Turns for requests within a venue's rate limit: cancels at once, orders before reads.

ccxt's own queue is first in, first out: on Binance USD-M an order would wait for every read before it, and
200 ms for the order before it. Here the budget is a bucket of the same speed with room for a burst where the
venue counts by the minute, and a part of it that reads leave alone.
"""

from __future__ import annotations

import asyncio
import heapq
from enum import IntEnum
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

RESERVE = 0.25
"""Part of the burst that reads leave to orders."""


SHORTEST_S = 1e-6
"""A shorter wait is none: it is rounding."""


class Urgency(IntEnum):
    """What goes first."""

    CANCEL = 0
    ORDER = 1
    READ = 2


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
        self._waiting: list[tuple[Urgency, int, asyncio.Event]] = []

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
        ticket = (urgency, next(self._numbers), asyncio.Event())
        heapq.heappush(self._waiting, ticket)
        try:
            while True:
                is_first = self._waiting[0] is ticket
                delay = self.delay(urgency) if is_first else None
                if delay == 0:
                    return
                ticket[2].clear()
                try:
                    async with asyncio.timeout(delay):
                        await ticket[2].wait()
                except TimeoutError:
                    continue
        finally:
            self._waiting.remove(ticket)
            heapq.heapify(self._waiting)
            if self._waiting:
                self._waiting[0][2].set()

    def _refill(self) -> None:
        now = self._time() if self._time is not None else asyncio.get_running_loop().time()
        if self._at is not None and self._s_per_token:
            self._tokens = min(self._burst, self._tokens + (now - self._at) / self._s_per_token)
        elif not self._s_per_token:
            self._tokens = self._burst
        self._at = now
