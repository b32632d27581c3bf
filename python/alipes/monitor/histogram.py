"""Durations in buckets that double: one list, one sum, whatever the range.

Adding is on the way of an order, so it is two additions of integers; everything else is left to the reader.
"""

from __future__ import annotations

from typing import NamedTuple

FIRST_POWER, LAST_POWER = 10, 36
"""Bounds that are shown: 2**10 ns (1.024 µs) to 2**36 ns (68.7 s), each twice the one before."""
BOUNDS_S = tuple(2**power / 1e9 for power in range(FIRST_POWER, LAST_POWER + 1))
"""The same, in seconds."""


class Distribution(NamedTuple):
    """A histogram at one moment.

    Attributes:
        within: How many durations were at most each of `BOUNDS_S`, then how many there were.
        total_s: Their sum, seconds.
    """

    within: tuple[int, ...]
    total_s: float


class Histogram:
    """Counts durations.

    Attributes:
        counts: By bit length of the duration in ns: the n-th holds what is below 2**n.
        total: Sum of the durations, int ns.
    """

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * 65
        self.total = 0

    def add(self, duration: int) -> None:
        """Counts a duration, int ns, 0 to 2**64 - 1."""
        self.counts[duration.bit_length()] += 1
        self.total += duration

    def distribution(self) -> Distribution:
        """What was counted so far."""
        within, below = [], 0
        for power, count in enumerate(self.counts):
            below += count
            if FIRST_POWER <= power <= LAST_POWER:
                within.append(below)
        return Distribution((*within, below), self.total / 1e9)
