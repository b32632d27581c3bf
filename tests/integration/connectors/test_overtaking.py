"""A cancel that arrives before its order."""

import asyncio

from tests.support.rigs import connected
from tests.support.scripted_usdm import error

from alipes.model import Accepted, Cancelled, CancelRejected, OrderState

DELETE = "DELETE /fapi/v1/order"
ABSENT = error(-2011, "Unknown order sent.")


def run(scenario, **options):
    async def main():
        async with connected(**options) as rig:
            return await scenario(rig)

    return asyncio.run(main())


def test_a_cancel_that_overtakes_its_order_is_sent_again_when_the_order_is_there():
    async def scenario(rig):
        rig.server.on(DELETE, ABSENT)
        order = rig.submit()
        rig.cancel(order)
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
        rig.server.on("POST /fapi/v1/order", error(-2019, "Margin is insufficient."))
        order = rig.submit()
        rig.cancel(order)
        await rig.event()
        await rig.event()
        await rig.settled()
        return rig.server.counts[DELETE], order.state

    assert run(scenario) == (2, OrderState.REJECTED)
