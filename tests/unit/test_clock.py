"""Clocks: simulated time moves only forward and only when told to."""

import time

from alipes.clock import SimulatedClock, SystemClock


def test_simulated_time_never_goes_back() -> None:
    clock = SimulatedClock(10)
    clock.advance_to(20)
    clock.advance_to(15)
    assert (clock.now(), clock.monotonic()) == (20, 20)


def test_the_system_clock_is_utc_nanoseconds() -> None:
    clock = SystemClock()
    assert abs(clock.now() - time.time_ns()) < 5 * 10**9
    assert clock.monotonic() <= clock.monotonic()
