"""The connector as the engine uses it: nothing waits, nothing is lost at the end, one wake for each event."""

import time

from msgspec.structs import replace
from tests.support.rigs import run
from tests.support.scripted_usdm import React, error

from alipes.model import Accepted, NotSent, OrderState, RequestKind, Unknown

POST = "POST /fapi/v1/order"


def test_a_request_returns_before_anything_is_sent_and_is_due_when_it_is_answered():
    async def scenario(rig):
        before = rig.connector.next_due()
        order = rig.submit()
        during = rig.connector.next_due(), rig.server.counts[POST]
        await rig.woken.wait()
        due = rig.connector.next_due()
        return before, during, due, rig.connector.poll(due), rig.connector.next_due(), order

    before, during, due, events, after, order = run(scenario)
    assert before is None
    assert during == (None, 0)
    assert abs(due - time.time_ns()) < 10e9
    assert [type(each) for each in events] == [Accepted]
    assert events[0].ts_recv == due
    assert events[0].client_order_id == order.client_order_id
    assert after is None


def test_closing_tells_that_what_was_on_its_way_is_unknown():
    async def scenario(rig):
        rig.server.on(POST, React(does=True, silent=True))
        sent = rig.submit()
        await rig.until(lambda: rig.server.counts[POST] == 1)
        unsent = rig.submit()
        await rig.connector.close()
        for event in rig.connector.poll(0):
            rig.lifecycle.apply(event)
            rig.events.append(event)
        return sent, unsent, {each.client_order_id: type(each) for each in rig.events}

    sent, unsent, told = run(scenario)
    assert told == {sent.client_order_id: Unknown, unsent.client_order_id: NotSent}
    assert sent.state is OrderState.UNKNOWN
    assert unsent.state is OrderState.DENIED


def test_requests_about_many_orders_go_side_by_side_and_each_has_its_own_answer():
    async def scenario(rig):
        rig.server.on(POST, *[React(drop=True), error(-2019, "Margin is insufficient.")] * 10)
        orders = [rig.submit() for _ in range(30)]
        for _ in orders:
            await rig.event()
        await rig.settled()
        states = [order.state for order in orders]
        return [
            states.count(state) for state in (OrderState.UNKNOWN, OrderState.REJECTED, OrderState.ACCEPTED)
        ]

    assert run(scenario) == [10, 10, 10]


def test_a_cancel_of_an_order_that_ccxt_cannot_name_is_not_sent():
    async def scenario(rig):
        rig.connector.rules = replace(rig.connector.rules, on_change=None)
        order = rig.order()
        rig.lifecycle.request_cancel(order)
        rig.connector.cancel(order)
        return await rig.event()

    told = run(scenario)
    assert type(told) is NotSent
    assert told.request is RequestKind.CANCEL
    assert "not known" in told.reason
