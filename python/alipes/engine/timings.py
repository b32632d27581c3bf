"""How long things take: a histogram of fixed size, so that it may run for ever.

Timings are measurements of a machine: they never enter anything that must be reproducible.
"""

from __future__ import annotations

BUCKET_NS = 50
BUCKETS = 20_000
"""Together: up to 1 ms in steps of 50 ns; what is longer is counted in the last bucket."""


class Timings:
    """Counts durations.

    Attributes:
        counts: By bucket; the hot path adds to it in place, without a call.
        slowest: The longest, int ns.
    """

    __slots__ = ("counts", "slowest")

    def __init__(self) -> None:
        self.counts = [0] * BUCKETS
        self.slowest = 0

    def add(self, duration: int) -> None:
        """Counts a duration, int ns."""
        bucket = duration // BUCKET_NS
        if bucket >= BUCKETS:
            bucket = BUCKETS - 1
        self.counts[bucket] += 1
        self.slowest = max(self.slowest, duration)

    def percentile(self, percent: float) -> float:
        """The duration in µs that `percent` of all stay within (upper edge of its bucket); nan if none."""
        total = sum(self.counts)
        left = total * percent / 100
        for bucket, count in enumerate(self.counts):
            left -= count
            if left <= 0 and total:
                is_last = bucket == BUCKETS - 1
                return self.slowest / 1e3 if is_last else (bucket + 1) * BUCKET_NS / 1e3
        return float("nan")

    def summary(self) -> dict[str, float]:
        """Count, and percentiles in microseconds."""
        named = {f"p{percent:g}_us": self.percentile(percent) for percent in (50, 90, 99, 99.9)}
        return {"count": sum(self.counts), **named, "max_us": self.slowest / 1e3}
