"""Turns within a rate limit: cancels at once, orders before reads, and nobody is forgotten."""

import asyncio

import pytest

from alipes.net import pacing
from alipes.net.pacing import Pacer, Urgency

CANCEL, ORDER, READ = Urgency


class Now:
    """Time that moves when it is told to."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


def test_a_burst_goes_at_once_and_the_rest_at_the_venue_pace():
    now = Now()
    pacer = Pacer(ms_per_token=50, burst=10, time=now)
    delays = []
    for _ in range(4):
        delays.append(pacer.delay(ORDER))
        pacer.spend(4)
    assert delays == [0, 0, 0, pytest.approx(0.1)]
    now.seconds = 0.3
    assert pacer.delay(ORDER) == 0
    now.seconds = 1e6
    pacer.spend(10)  # a long pause gives no more than the burst
    assert pacer.delay(ORDER) == 0
    pacer.spend(1)
    assert pacer.delay(ORDER) == pytest.approx(0.05)


def test_reads_leave_a_part_to_orders_and_cancels_never_wait():
    pacer = Pacer(ms_per_token=50, burst=101, time=Now())
    pacer.spend(80)
    assert pacer.delay(READ) == pytest.approx(0.2)
    assert pacer.delay(ORDER) == 0
    pacer.spend(1000)
    assert pacer.delay(ORDER) > 10
    assert pacer.delay(CANCEL) == 0


def test_without_a_limit_nothing_waits():
    pacer = Pacer(ms_per_token=0, time=Now())
    pacer.spend(1e9)
    assert [pacer.delay(each) for each in Urgency] == [0, 0, 0]


def gone(steps):
    """The order in which requests went, by real time."""

    async def main():
        pacer, went, tasks = Pacer(ms_per_token=5), [], {}
        pacer.spend(5)

        async def ask(name, urgency):
            await pacer.turn(1, urgency)
            went.append(name)

        for name, urgency in steps:
            tasks[name] = asyncio.create_task(ask(name, urgency))
            await asyncio.sleep(0)
            if name == "given up":
                tasks[name].cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        return went

    return asyncio.run(main())


def test_what_is_urgent_goes_before_what_came_first():
    went = gone(
        [("read 1", READ), ("read 2", READ), ("order 1", ORDER), ("cancel", CANCEL), ("order 2", ORDER)]
    )
    assert went == ["cancel", "order 1", "order 2", "read 1", "read 2"]


def test_one_that_gives_up_lets_the_next_go():
    assert gone([("given up", ORDER), ("order", ORDER), ("read", READ)]) == ["order", "read"]


def test_a_read_that_has_waited_long_goes_before_orders(monkeypatch):
    """Orders that use up the whole budget would starve it for good."""
    monkeypatch.setattr(pacing, "PATIENCE_S", 0.05)

    async def main():
        pacer, went = Pacer(ms_per_token=10), []
        pacer.spend(2)

        async def ask(name, urgency):
            await pacer.turn(1, urgency)
            went.append(name)

        asks = [asyncio.create_task(ask("read", READ))]
        asks += [asyncio.create_task(ask("order", ORDER)) for _ in range(30)]
        await asyncio.gather(*asks)
        return went

    place = asyncio.run(main()).index("read")
    assert 1 <= place < 30


def test_a_read_that_has_waited_long_has_what_is_kept_for_orders():
    now = Now()
    pacer = Pacer(ms_per_token=1e9, burst=101, time=now)
    pacer.spend(90)

    async def main():
        read = asyncio.create_task(pacer.turn(1, READ))
        await asyncio.sleep(0)
        now.seconds = pacing.PATIENCE_S
        other = asyncio.create_task(pacer.turn(1, READ))  # the first one out of patience is woken by its end
        await asyncio.sleep(0)
        other.cancel()
        await asyncio.wait_for(read, 5)

    asyncio.run(main())
