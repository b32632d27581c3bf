"""Waiting, for faults: real time where the venue's time runs, venue time where it is stepped."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from alipes.mockvenue.clock import NS_PER_MS, SteppedClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from alipes.mockvenue.clock import VenueClock
    from alipes.mockvenue.exchange import Exchange


class Pace:
    """The time of one venue.

    Args:
        clock: The venue's clock.
        exchange: The venue.

    Attributes:
        started: Venue time when it was made, int ns UTC.
    """

    def __init__(self, clock: VenueClock, exchange: Exchange) -> None:
        self._clock = clock
        self._exchange = exchange
        self.started = clock.now_ns()

    def now(self) -> int:
        """Venue time, int ns UTC."""
        return self._clock.now_ns()

    def elapsed_ms(self) -> float:
        """Time that `later` counts, in ms; only differences mean something."""
        if isinstance(self._clock, SteppedClock):
            return self.now() / NS_PER_MS
        return time.monotonic_ns() / NS_PER_MS

    def later(self, delay_ms: float, action: Callable[[], object]) -> None:
        """Runs an action after `delay_ms`: real ms, at a stepped venue ms of venue time."""
        if isinstance(self._clock, SteppedClock):

            def run(_: int) -> None:
                action()

            self._exchange.schedule.at(self.now() + round(delay_ms * NS_PER_MS), run)
        else:
            asyncio.get_running_loop().call_later(delay_ms / 1000, action)

    async def wait(self, delay_ms: float) -> None:
        """Waits for `delay_ms`; see `later`."""
        if delay_ms <= 0:
            return
        reached = asyncio.get_running_loop().create_future()
        self.later(delay_ms, lambda: None if reached.done() else reached.set_result(None))
        await reached

    async def wait_until(self, since_start_s: float) -> None:
        """Waits for a venue time, in seconds after the venue's start; one that is past is no wait."""
        left_ns = self.started + round(since_start_s * 1e9) - self.now()
        if isinstance(self._clock, SteppedClock):
            await self.wait(left_ns / NS_PER_MS)
        else:
            await asyncio.sleep(self._clock.real_delay_s(self.now() + max(left_ns, 0)) or 0)
