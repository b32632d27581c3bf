"""Timers of all strategies, in time order; equal times keep the order in which they were set.

Knows nothing of clocks: it is told the time.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from alipes.engine.runner import Runner


class Timer(NamedTuple):
    """A timer that is due at `at` (int ns); repeats each `every` ns, or once if that is 0."""

    at: int
    order: int
    runner: Runner
    name: str
    every: int


class Timers:
    """A heap of timers; setting a name again replaces that timer.

    Attributes:
        heap: The timers, and those that were replaced; empty, nothing is ever due. The same list for ever.
    """

    __slots__ = ("_live", "_set", "heap")

    def __init__(self) -> None:
        self.heap: list[Timer] = []
        self._live: dict[tuple[str, str], Timer] = {}
        self._set = 0

    def set(self, runner: Runner, name: str, at: int, every: int = 0) -> None:
        """Arms the runner's timer `name` for `at` (int ns), then each `every` ns."""
        self._set += 1
        timer = Timer(at, self._set, runner, name, every)
        self._live[runner.name, name] = timer
        heapq.heappush(self.heap, timer)

    def drop(self, runner: Runner, name: str) -> None:
        """Disarms a timer; an unknown name is no error."""
        self._live.pop((runner.name, name), None)

    def next_due(self) -> int | None:
        """When the next timer is due (int ns), or None."""
        heap = self.heap
        while heap and self._live.get((heap[0].runner.name, heap[0].name)) is not heap[0]:
            heapq.heappop(heap)
        return heap[0].at if heap else None

    def take(self, now: int) -> list[Timer]:
        """Removes and returns the timers due at or before `now`, in order; repeating ones are armed again."""
        due: list[Timer] = []
        while (at := self.next_due()) is not None and at <= now:
            timer = heapq.heappop(self.heap)
            del self._live[timer.runner.name, timer.name]
            due.append(timer)
            if timer.every:
                self.set(timer.runner, timer.name, timer.at + timer.every, timer.every)
        return due
