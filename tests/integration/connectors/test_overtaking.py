"""A cancel that arrives before its order, or is asked for before the order has left."""

import asyncio
from dataclasses import replace

from tests.support.rigs import run
from tests.support.scripted_usdm import React, error

from alipes.model import Accepted, Cancelled, CancelRejected, NotSent, OrderState, RequestKind
from alipes.net.pacing import Pacer

POST, DELETE = "POST /fapi/v1/order", "DELETE /fapi/v1/order"
PLAIN = React()
ABSENT = error(-2011, "Unknown order sent.")


async def overtaken(rig, answer=PLAIN):
    """An order whose cancel is refused while the order is held up on its way."""
    arrives = asyncio.Event()
    rig.server.on(POST, replace(answer, until=arrives))
    order = rig.submit()
    await rig.left(order)
    rig.cancel(order)
    await rig.until(lambda: rig.server.counts[DELETE] == 1)
    arrives.set()
    return order


def test_a_cancel_that_overtakes_its_order_is_sent_again_when_the_order_is_there():
    async def scenario(rig):
        rig.server.on(DELETE, ABSENT)
        order = await overtaken(rig)
        told = [type(await rig.event()) for _ in range(2)]
        await rig.settled()
        return told, rig.server.counts[DELETE], order.state

    assert run(scenario) == ([Accepted, Cancelled], 2, OrderState.CANCELLED)


def test_a_cancel_that_finds_no_order_after_its_answer_is_rejected_at_once():
    async def scenario(rig):
        order = rig.submit()
        told = [type(await rig.event())]
        rig.server.on(DELETE, ABSENT)
        rig.cancel(order)
        return [*told, type(await rig.event())], rig.server.counts[DELETE]

    assert run(scenario) == ([Accepted, CancelRejected], 1)


def test_an_overtaken_order_that_was_refused_has_its_cancel_refused_too():
    async def scenario(rig):
        rig.server.on(DELETE, ABSENT, ABSENT)
        order = await overtaken(rig, error(-2019, "Margin is insufficient."))
        await rig.event()
        await rig.event()
        await rig.settled()
        return rig.server.counts[DELETE], order.state

    assert run(scenario) == (2, OrderState.REJECTED)


def test_a_cancel_calls_back_an_order_that_waits_for_its_turn():
    async def scenario(rig):
        slow = Pacer(ms_per_token=60_000)
        slow.spend(2)
        rig.session.order_pacer = slow
        order = rig.submit()
        await asyncio.sleep(0)
        rig.cancel(order)
        told = [await rig.event() for _ in range(2)]
        await rig.settled()
        return [(type(each), each.request) for each in told], order.state, rig.server.counts

    told, state, counts = run(scenario)
    assert told == [(NotSent, RequestKind.SUBMIT), (NotSent, RequestKind.CANCEL)]
    assert state is OrderState.DENIED
    assert (counts[POST], counts[DELETE]) == (0, 0)


def test_an_order_that_is_called_back_leaves_its_turn_to_the_next():
    async def scenario(rig):
        first = rig.submit()
        rig.cancel(first)
        second = rig.submit()
        told = [type(await rig.event()) for _ in range(3)]
        await rig.settled()
        return told, rig.server.counts[POST], second.state

    assert run(scenario) == ([NotSent, NotSent, Accepted], 1, OrderState.ACCEPTED)
