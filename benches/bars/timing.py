"""Time of a call: the best round, by the clock on the wall and by the processor."""

import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds of the best round.

    Attributes:
        wall: by the wall clock; what is reported.
        cpu: of the process's threads together; tells a busy machine from slow code.
    """

    wall: float
    cpu: float

    def rate(self, work: float) -> float:
        """Millions of units of work a second, by the wall clock."""
        return work / self.wall / 1e6

    def cpu_rate(self, work: float) -> float:
        """Millions of units of work a second of processor time."""
        return work / self.cpu / 1e6


def best_of(call: Callable[[], object], rounds: int) -> Timing:
    """The best of some rounds after a first one that does not count."""
    call()
    wall = cpu = float("inf")
    gc.disable()
    try:
        for _ in range(rounds):
            started, used = time.perf_counter(), time.process_time()
            call()
            wall = min(wall, time.perf_counter() - started)
            cpu = min(cpu, time.process_time() - used)
    finally:
        gc.enable()
    return Timing(wall, max(cpu, 1e-9))


@contextmanager
def on_one_core() -> Iterator[None]:
    """Keeps the process on one core meanwhile, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
