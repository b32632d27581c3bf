"""Lists of a venue: complete, or an error; what is no list is never an empty one."""

from decimal import Decimal

import pytest
from tests.support.rigs import run
from tests.support.scripted_usdm import React

from alipes.connectors.ccxt_pages import PAGING
from alipes.errors import ConnectivityError, InputError, VenueError


async def traded(rig, times_ms):
    """An order with a fill at each of these times."""
    order = rig.submit(size="10")
    await rig.event()
    for number in range(len(times_ms)):
        rig.server.fill(order.client_order_id, "50000", "0.001", trade_id=number)
    for trade, time_ms in zip(rig.server.trades, times_ms, strict=True):
        trade["time"] = time_ms
    return order


TRADES = "GET /fapi/v1/userTrades"


def test_fills_come_page_by_page_each_once_with_the_id_of_their_order():
    async def scenario(rig):
        start = rig.server.now_ms() - 10_000
        order = await traded(rig, [start + number for number in range(2_500)])
        fills = await rig.connector.fills(rig.instrument, (start - 1) * 1_000_000)
        return order, fills, rig.server.counts[TRADES]

    order, fills, requests = run(scenario)
    assert [each.trade_id for each in fills] == [str(number) for number in range(2_500)]
    assert {each.client_order_id for each in fills} == {order.client_order_id}
    terms = {(each.price_ticks, each.size_steps, each.fee) for each in fills}
    assert terms == {(500_000, 1_000, Decimal("0.02"))}
    assert requests == 3


def test_fills_of_weeks_come_in_stretches_that_the_venue_lists():
    day = 24 * 3600 * 1000

    async def scenario(rig):
        now = rig.server.now_ms()
        await traded(rig, [now - age * day for age in (20, 15, 9, 8, 1)])
        fills = await rig.connector.fills(rig.instrument, (now - 21 * day) * 1_000_000)
        return [each.trade_id for each in fills], rig.server.counts[TRADES]

    assert run(scenario) == (["0", "1", "2", "3", "4"], 4)


def test_where_a_page_holds_the_newest_only_a_full_stretch_is_halved(monkeypatch):
    monkeypatch.delitem(PAGING, "binanceusdm")

    async def scenario(rig):
        rig.server.lists_newest = True
        start = rig.server.now_ms() - 100_000
        await traded(rig, [start + 37 * number for number in range(300)])
        fills = await rig.connector.fills(rig.instrument, start * 1_000_000)
        return [each.trade_id for each in fills]

    assert run(scenario) == [str(number) for number in range(300)]


def test_a_list_that_cannot_be_read_whole_is_an_error(monkeypatch):
    monkeypatch.delitem(PAGING, "binanceusdm")

    async def scenario(rig):
        now = rig.server.now_ms()
        await traded(rig, [now] * 60)  # more in a millisecond than a page holds
        with pytest.raises(VenueError, match="the list does not end"):
            await rig.connector.fills(rig.instrument, (now - 1000) * 1_000_000)

    run(scenario)


@pytest.mark.parametrize("body", ["", "{}", "<html>", "null", '{"data": []}'])
def test_a_reply_that_is_no_list_is_no_empty_list(body):
    async def scenario(rig):
        rig.server.on("GET /fapi/v1/openOrders", *[React(200, body)] * 3)
        with pytest.raises(ConnectivityError, match="not what was asked for"):
            await rig.connector.open_orders()
        rig.server.on("GET /fapi/v1/userTrades", *[React(200, body)] * 3)
        with pytest.raises(ConnectivityError):
            await rig.connector.fills(rig.instrument, rig.session.now())
        rig.server.on("GET /fapi/v1/order", *[React(200, body)] * 3)
        with pytest.raises(VenueError):
            await rig.connector.order(rig.instrument, "a" * 18)

    run(scenario)


def test_a_start_before_all_that_can_be_listed_is_refused_before_anything_is_asked():
    async def scenario(rig):
        before = rig.server.counts["GET /fapi/v1/userTrades"]
        with pytest.raises(InputError, match=r"days ago.* expected a start within 1,200 days"):
            await rig.connector.fills(rig.instrument, 0)
        return rig.server.counts["GET /fapi/v1/userTrades"] - before

    assert run(scenario) == 0
