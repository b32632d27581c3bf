"""What the venue does at set times: timers on venue time, in an order that does not depend on chance."""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Job = tuple[int, int]
"""A timer: when it is due (ns), and its number."""


class Schedule:
    """Timers by venue time; those due at one time run in the order in which they were set."""

    def __init__(self) -> None:
        self._heap: list[Job] = []
        self._actions: dict[int, tuple[Callable[[int], None], int]] = {}
        self._numbers = count()

    def at(self, due_ns: int, action: Callable[[int], None]) -> int:
        """Runs an action once.

        Args:
            due_ns: Venue time, ns.
            action: Gets the time it was due.

        Returns:
            A number to `cancel` it by.
        """
        return self._add(due_ns, action, 0)

    def every(self, interval_ns: int, action: Callable[[int], None], *, start_ns: int) -> int:
        """Runs an action at every whole multiple of an interval after a start; see `at`."""
        return self._add((start_ns // interval_ns + 1) * interval_ns, action, interval_ns)

    def cancel(self, number: int) -> None:
        """Takes a timer back; one that has run is no error."""
        self._actions.pop(number, None)

    def next_due(self) -> int | None:
        """When the next timer is due, ns; `None` without timers."""
        while self._heap and self._heap[0][1] not in self._actions:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run_next(self) -> None:
        """Runs the next timer; there must be one."""
        due, number = heapq.heappop(self._heap)
        action, interval = self._actions[number]
        if interval:
            heapq.heappush(self._heap, (due + interval, number))
        else:
            del self._actions[number]
        action(due)

    def _add(self, due: int, action: Callable[[int], None], interval: int) -> int:
        number = next(self._numbers)
        self._actions[number] = (action, interval)
        heapq.heappush(self._heap, (due, number))
        return number
