"""Where time comes from. The engine reads no other clock, so simulated time can stand in for real time."""

import time
from typing import Protocol


class Clock(Protocol):
    """A source of time."""

    def now(self) -> int:
        """Time of day, int ns UTC."""

    def monotonic(self) -> int:
        """Time for measuring intervals, int ns from an arbitrary start; never goes back."""


class SystemClock:
    """The machine's clocks."""

    __slots__ = ()

    def now(self) -> int:
        """Time of day, int ns UTC."""
        return time.time_ns()

    def monotonic(self) -> int:
        """Time since an arbitrary start, int ns."""
        return time.monotonic_ns()


class SimulatedClock:
    """Time that moves only when it is told to.

    Args:
        start: First time, int ns UTC.
    """

    __slots__ = ("_now",)

    def __init__(self, start: int = 0) -> None:
        self._now = start

    def now(self) -> int:
        """Simulated time, int ns UTC."""
        return self._now

    def monotonic(self) -> int:
        """The same as `now`: simulated time never goes back."""
        return self._now

    def advance_to(self, now: int) -> None:
        """Move to `now`, int ns UTC; an earlier time leaves the clock where it is."""
        self._now = max(self._now, now)
