"""Private events lost, late, doubled and early: every fill is counted once, and ours and its books agree."""

import asyncio

import pytest
from tests.support.venue_rigs import PATH, at_venue

from alipes.model import Accepted, Filled, OrderState

FILLS = {"event": "ORDER_TRADE_UPDATE", "where": {"x": "TRADE"}}
NEWS = {"event": "ORDER_TRADE_UPDATE", "where": {"x": "NEW"}}


async def filled(rig):
    """An order that is filled at once, when we have heard of all of it; how often each trade was told."""
    order = rig.submit(price=rig.price(is_taker=True), size="0.500")
    while order.state is not OrderState.FILLED:
        await rig.event()
    return order


def trades(rig):
    return [each.trade_id for each in rig.events if isinstance(each, Filled)]


async def agrees(rig, order):
    """Whether ours and the venue's books agree, also after everything was asked for once more."""
    heard = trades(rig)
    await rig.compare()
    mine = [
        fill.trade_id
        for fill in await rig.connector.fills(rig.instrument, rig.session.now() - 60_000_000_000)
        if fill.client_order_id == order.client_order_id
    ]
    assert sorted(heard) == sorted(trades(rig)) == sorted(mine)
    assert rig.posts() == rig.accepted(order) == 1
    return rig.here(order) == rig.at_venue(order)


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [{"name": "private_lost", **FILLS}],
        [{"name": "private_lost"}],
        [{"name": "private_double"}],
        [{"name": "private_late", "ms": 300, **FILLS}],
        [{"name": "private_late", "ms": 300, **NEWS}],
        [{"name": "event_before_ack", "ms": 300}],
        [{"name": "frame_reorder", "path": "/private/*", "nth": 1}],
        [{"name": "event_before_ack", "ms": 300}, {"name": "private_double"}],
        [{"name": "frame_truncate", "path": "/private/*", "nth": 2}],
        [{"name": "silence"}],
        [{"name": "silence"}, {"name": "private_lost"}],
        [{"name": "unknown_error"}, {"name": "private_lost", **FILLS}],
    ],
    ids=lambda faults: (
        " and ".join(f"{each['name']} {each.get('where', {}).get('x', '')}" for each in faults) or "none"
    ),
)
def test_each_fill_is_counted_once(faults):
    async def main():
        async with at_venue(*faults, streams=True, reconcile_every_s=0.5, timeout_s=1.0) as rig:
            order = await filled(rig)
            await rig.settled()
            assert await agrees(rig, order)
            assert order.filled_steps == order.size_steps

    asyncio.run(main())


def test_a_lost_fill_of_a_resting_order_is_found_by_the_comparison_and_by_nothing_else():
    async def main():
        async with at_venue({"name": "private_lost", **FILLS}, streams=True) as rig:  # it compares when asked
            order = rig.submit(price=rig.touch())
            assert type(await rig.event()) is Accepted
            rig.hit(order)
            lost = next(iter(rig.faults)).trigger
            await rig.until(lambda: lost.fired)
            assert rig.at_venue(order) == ("filled", order.size_steps)
            rig.take()
            assert rig.here(order) == ("accepted", 0)
            await rig.compare()
            assert rig.here(order) == rig.at_venue(order)
            assert len(trades(rig)) == lost.fired

    asyncio.run(main())


def test_events_before_the_ack_are_applied_once_and_the_order_is_accepted_once():
    async def main():
        async with at_venue({"name": "event_before_ack", "ms": 500}, streams=True) as rig:
            order = rig.submit(price=rig.price(is_taker=True))
            first = await rig.event()
            assert type(first) is Filled  # while the answer is on its way
            await rig.settled()
            rig.take()
            assert [type(each) for each in rig.events].count(Accepted) == 1
            assert len(trades(rig)) == len(set(trades(rig)))
            assert await agrees(rig, order)

    asyncio.run(main())


def test_a_timeout_whose_order_the_stream_has_shown_is_accepted_without_a_query():
    async def main():
        async with at_venue({"name": "silence"}, streams=True, timeout_s=0.4) as rig:
            order = rig.submit(price=rig.price(is_taker=False))
            told = await rig.event()
            assert type(told) is Accepted
            assert rig.server.dispatcher.counts.of("GET", PATH) == 0
            assert rig.posts() == 1
            assert rig.here(order) == rig.at_venue(order) == ("accepted", 0)

    asyncio.run(main())


@pytest.mark.parametrize(
    "cut",
    [{"name": "disconnect"}, {"name": "disconnect", "clean": True}, {"name": "frame_truncate"}],
    ids=["aborted", "closed", "unreadable"],
)
def test_a_private_stream_that_ends_is_dialled_again_and_what_was_missed_is_found(cut):
    async def main():
        first = {"path": "/private/*", "nth": 1}  # the first event of the order ends the stream
        async with at_venue({**cut, **first}, streams=True) as rig:
            order = rig.submit(price=rig.touch())
            assert type(await rig.event()) is Accepted
            rig.hit(order)
            while order.state is not OrderState.FILLED:
                await rig.event()
            assert await agrees(rig, order)
            later = await filled(rig)
            assert rig.here(later) == rig.at_venue(later)

    asyncio.run(main())
