"""Cancels that do not end their order: whoever asks again at each answer cannot flood the venue."""

import asyncio

import pytest
from tests.support.rigs import run
from tests.support.scripted_usdm import React, error

from alipes.connectors.ccxt_flights import CancelPauses
from alipes.model import Cancelled, CancelRejected, NotSent, OrderState

POST, DELETE = "POST /fapi/v1/order", "DELETE /fapi/v1/order"
ABSENT = error(-2011, "Unknown order sent.")


async def cancelling_for(rig, order, seconds):
    """Asks for the order's end again at every answer, and counts the answers."""
    answers = 0
    try:
        async with asyncio.timeout(seconds):
            while True:
                rig.cancel(order)
                await rig.event()
                answers += 1
    except TimeoutError:
        return answers


def test_an_order_of_unknown_fate_is_not_cancelled_as_fast_as_the_answers_come():
    async def scenario(rig):
        rig.server.on(POST, React(drop=True))
        order = rig.submit()
        await rig.event()
        assert order.state is OrderState.UNKNOWN
        rig.server.on(DELETE, *[ABSENT] * 100)
        answers = await cancelling_for(rig, order, 1.2)
        return answers, rig.server.counts[DELETE]

    answers, sent = run(scenario)
    assert 1 <= answers <= sent <= 2  # at once and after 0.5 s; the third waits until 1.5 s


def test_cancels_that_a_ban_holds_back_are_not_answered_in_a_loop():
    async def scenario(rig):
        order = rig.submit()
        await rig.event()
        rig.session.pause(418, {"Retry-After": "60"})
        answers = await cancelling_for(rig, order, 1.2)
        return answers, rig.server.counts[DELETE], {type(each) for each in rig.events[1:]}

    assert run(scenario) == (2, 0, {NotSent})


def test_a_later_cancel_that_the_venue_takes_ends_the_order():
    async def scenario(rig):
        order = rig.submit()
        await rig.event()
        rig.server.on(DELETE, error(-1001, "Internal error."))
        rig.cancel(order)
        await rig.event()
        rig.cancel(order)
        return type(await rig.event()), order.state

    assert run(scenario) == (Cancelled, OrderState.CANCELLED)


def test_a_cancel_that_waits_is_dropped_when_the_order_ends():
    async def scenario(rig):
        await rig.server.listening.wait()
        order = rig.submit()
        await rig.event()
        rig.server.on(DELETE, ABSENT)
        rig.cancel(order)
        assert type(await rig.event()) is CancelRejected
        rig.cancel(order)
        await rig.server.tell(rig.server.fill(order.client_order_id, "50000", "0.010", trade_id=7))
        while order.state is not OrderState.FILLED:
            await rig.event()
        await rig.settled()
        return rig.server.counts[DELETE], order.state

    assert run(scenario, streams=True) == (1, OrderState.FILLED)


def test_pauses_double_up_to_five_seconds_and_are_each_orders_own():
    pauses, waits = CancelPauses(), []
    for _ in range(6):
        pauses.failed("a", 100.0)
        waits.append(pauses.wait_s("a", 100.0))
    assert waits == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    assert pauses.wait_s("a", 104.0) == pytest.approx(1.0)
    assert pauses.wait_s("a", 106.0) == 0.0
    assert pauses.wait_s("b", 100.0) == 0.0
