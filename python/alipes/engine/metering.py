"""Readings of an engine, taken between its inputs in its own thread, and handed on.

What happens on the way of a frame or an order is in `alipes.monitor.tap`: appends and additions. All the rest
is here, some times a second. Whoever wants readings is a function that gets each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from alipes.clock import SystemClock
from alipes.engine.probe import Probe
from alipes.monitor.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from alipes.clock import Clock
    from alipes.engine.engine import Engine
    from alipes.monitor.metrics import Reading

READ_EVERY_NS = 1_000_000_000
"""Real time between two readings."""


class Meter:
    """Reads one engine; a failure in it is logged and stops nothing.

    Args:
        engine: The engine, not started.
        readers: Called with each reading.
        clock: Where real time is read.

    Attributes:
        loop_lag: Where a driver with an event loop counts how late that is.
    """

    def __init__(
        self, engine: Engine, readers: Sequence[Callable[[Reading], None]], *, clock: Clock | None = None
    ) -> None:
        self.loop_lag = Histogram()
        self._probe = Probe(engine, self.loop_lag)
        self._readers = readers
        self._clock = clock or SystemClock()
        self._read_at = self._clock.monotonic() + READ_EVERY_NS
        self._log = structlog.get_logger("alipes").bind(mode=engine.config.run.mode)

    def tick(self, now: int) -> None:
        """Counts what is new, and hands on a reading where the last one, or the start, is a second ago.

        Args:
            now: The time of the feed, int ns UTC.
        """
        if self._clock.monotonic() >= self._read_at:
            self.read(now)
        else:
            self._guarded(self._probe.count)

    def read(self, now: int) -> None:
        """Hands on a reading.

        Args:
            now: The time of the feed, int ns UTC.
        """
        self._read_at = self._clock.monotonic() + READ_EVERY_NS
        self._guarded(lambda: self._hand_on(self._probe.read(now, self._clock.now())))

    def _hand_on(self, reading: Reading) -> None:
        for reader in self._readers:
            reader(reading)

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001 - a value that cannot be shown must not stop trading
            self._log.warning("metrics failed", error=f"{type(error).__name__}: {error}")
