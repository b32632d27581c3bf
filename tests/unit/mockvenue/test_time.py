"""Clocks and timers."""

from __future__ import annotations

import time

import pytest

from alipes.errors import InputError
from alipes.mockvenue.clock import RunningClock, SteppedClock
from alipes.mockvenue.schedule import Schedule


def test_a_stepped_clock_moves_only_when_told_and_never_back():
    clock = SteppedClock(start_ns=10)
    assert (clock.now_ns(), clock.step(5), clock.now_ns()) == (10, 15, 15)
    assert (clock.real_delay_s(16), clock.real_delay_s(15)) == (None, 0.0)
    with pytest.raises(InputError, match="backwards"):
        clock.step(-1)


def test_a_running_clock_at_speed_one_is_the_wall_clock_and_no_other_is_asked():
    clock = RunningClock()
    assert abs(clock.now_ns() - time.time_ns()) < 1_000_000_000
    assert len(clock.request_times()) == 1


def test_a_faster_clock_also_takes_the_wall_clocks_stamps():
    clock = RunningClock(start_ns=0, speed=1000)
    venue, wall = clock.request_times()
    assert venue < 10**12 < wall
    delay = clock.real_delay_s(clock.now_ns() + 1_000_000_000)
    assert delay is not None
    assert 0 <= delay <= 0.001
    with pytest.raises(InputError, match="above 0"):
        RunningClock(speed=0)


def test_timers_run_by_time_then_in_the_order_they_were_set():
    schedule, ran = Schedule(), []
    schedule.every(10, lambda now: ran.append(("tens", now)), start_ns=5)
    schedule.at(20, lambda now: ran.append(("once", now)))
    cancelled = schedule.at(15, lambda now: ran.append(("never", now)))
    schedule.cancel(cancelled)
    while (due := schedule.next_due()) is not None and due <= 30:
        schedule.run_next()
    assert ran == [("tens", 10), ("tens", 20), ("once", 20), ("tens", 30)]


def test_a_timer_may_cancel_itself_and_set_another():
    schedule, ran = Schedule(), []

    def first(now: int) -> None:
        ran.append(now)
        schedule.cancel(number)
        schedule.at(now + 1, ran.append)

    number = schedule.every(10, first, start_ns=0)
    while schedule.next_due() is not None:
        schedule.run_next()
    assert ran == [10, 11]
