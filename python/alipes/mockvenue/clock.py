"""The venue's clock: the real time, real time made faster, or a time that only moves when told to.

Everything at the venue happens at a *venue time* in int ns UTC. Clients stamp their requests with their own
clock; where the venue's runs differently, `request_times` also accepts the wall clock, so that a client that
was told nothing can trade.
"""

from __future__ import annotations

import time
from typing import Protocol

from alipes.errors import InputError

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000


class VenueClock(Protocol):
    """What the venue asks of a clock."""

    def now_ns(self) -> int:
        """Venue time, int ns UTC; never runs backwards."""
        ...

    def request_times(self) -> tuple[int, ...]:
        """Times, int ns UTC, that a request's ``timestamp`` may be measured against."""
        ...

    def real_delay_s(self, until_ns: int) -> float | None:
        """Real seconds until a venue time, >= 0; `None` where it does not come by itself."""
        ...


class RunningClock:
    """Venue time that runs `speed` times as fast as real time.

    Args:
        start_ns: Venue time now, int ns UTC; `None` is the wall clock's.
        speed: Venue seconds in a real second, > 0.

    Raises:
        InputError: `speed` is not above zero.
    """

    def __init__(self, *, start_ns: int | None = None, speed: float = 1.0) -> None:
        if not 0 < speed < float("inf"):
            raise InputError(f"speed {speed}: expected a number above 0, such as 1 or 60")
        self.speed = speed
        self._start_ns = time.time_ns() if start_ns is None else start_ns
        self._is_wall = speed == 1 and start_ns is None
        self._began = time.monotonic_ns()

    def now_ns(self) -> int:
        """Venue time, int ns UTC."""
        elapsed = time.monotonic_ns() - self._began
        return self._start_ns + (elapsed if self.speed == 1 else int(elapsed * self.speed))

    def request_times(self) -> tuple[int, ...]:
        """Venue time, and the wall clock's where they differ."""
        return (self.now_ns(),) if self._is_wall else (self.now_ns(), time.time_ns())

    def real_delay_s(self, until_ns: int) -> float | None:
        """Real seconds until a venue time."""
        return max(0.0, (until_ns - self.now_ns()) / NS_PER_S / self.speed)


class SteppedClock:
    """Venue time that stands still until `step` moves it: the same requests then meet the same market.

    Args:
        start_ns: Venue time at the start, int ns UTC.
    """

    def __init__(self, *, start_ns: int) -> None:
        self._now = start_ns

    def now_ns(self) -> int:
        """Venue time, int ns UTC."""
        return self._now

    def request_times(self) -> tuple[int, ...]:
        """The time it stands at, and the wall clock's."""
        return (self._now, time.time_ns())

    def real_delay_s(self, until_ns: int) -> float | None:
        """`None` for any time to come."""
        return None if until_ns > self._now else 0.0

    def step(self, by_ns: int) -> int:
        """Moves the time.

        Args:
            by_ns: ns, >= 0.

        Returns:
            The new venue time.

        Raises:
            InputError: `by_ns` is negative.
        """
        if by_ns < 0:
            raise InputError(f"a step of {by_ns} ns: time does not run backwards")
        self._now += by_ns
        return self._now
