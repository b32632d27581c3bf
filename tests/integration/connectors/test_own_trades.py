"""What shares an id at a venue and is two things: both sides of a trade with oneself, income of two types."""

import json
from decimal import Decimal

from tests.support.rigs import run
from tests.support.scripted_usdm import React
from tests.support.usdm_documents import INCOME

from alipes.model import Filled, OrderState, Side


async def crossed(rig, *, is_streamed):
    """A buy and a sell of ours that trade with each other; gives both when both are known to be filled."""
    buy, sell = rig.submit(), rig.submit(side=Side.SELL)
    await rig.until(lambda: len(rig.server.orders) == 2)
    sides = [rig.server.fill(each.client_order_id, "50000", "0.010", trade_id=7) for each in (buy, sell)]
    if is_streamed:
        await rig.server.tell(*sides)
    await rig.connector.updates.compare()
    while OrderState.FILLED not in {buy.state} & {sell.state}:
        await rig.event()
    await rig.connector.updates.compare()
    assert rig.connector.poll(0) == []
    return [(each.trade_id, each.size_steps) for each in rig.events if isinstance(each, Filled)]


def test_a_comparison_tells_both_sides_of_a_trade_with_oneself_once():
    assert run(lambda rig: crossed(rig, is_streamed=False)) == [("7", 10_000), ("7", 10_000)]


def test_a_stream_and_a_comparison_tell_both_sides_of_a_trade_with_oneself_once():
    async def scenario(rig):
        await rig.server.listening.wait()
        return await crossed(rig, is_streamed=True)

    assert run(scenario, streams=True) == [("7", 10_000), ("7", 10_000)]


def test_income_of_two_types_with_one_id_is_two_entries():
    async def scenario(rig):
        paid = [{**INCOME[0], "incomeType": kind} for kind in ("COMMISSION", "REALIZED_PNL")]
        rig.server.on("GET /fapi/v1/income", React(body=json.dumps(paid)))
        return await rig.connector.ledger(0)

    told = [(each.id, each.amount) for each in run(scenario)]
    assert told == [("77", Decimal("-0.375"))] * 2


def test_fills_of_one_millisecond_come_by_number():
    async def scenario(rig):
        order = rig.submit()
        await rig.event()
        for number in (998, 999, 1000, 1001):
            rig.server.fill(order.client_order_id, "50000", "0.001", trade_id=number)
        for trade in rig.server.trades:
            trade["time"] = rig.server.trades[0]["time"]
        fills = await rig.connector.fills(rig.instrument, rig.session.now() - 10**10)
        return [each.trade_id for each in fills]

    assert run(scenario) == ["998", "999", "1000", "1001"]


def earlier_trade(server):
    """A fill of the account just before the run, of an order that nobody here knows."""
    server.trades.append(
        {
            "symbol": "BTCUSDT", "id": 23, "orderId": 999, "side": "SELL", "price": "50000", "qty": "0.010",
            "realizedPnl": "0", "quoteQty": "500", "commission": "0.02", "commissionAsset": "USDT",
            "time": server.now_ms() - 5000, "positionSide": "BOTH", "buyer": False, "maker": False,
        }
    )  # fmt: skip


def test_fills_before_the_run_are_no_news():
    """They are in the account as it was found; told, they would be fills that are not ours."""

    async def scenario(rig):
        await rig.connector.updates.compare()
        before = rig.connector.poll(0)
        order = rig.submit()
        await rig.event()
        rig.server.fill(order.client_order_id, "50000", "0.010", trade_id=24)
        await rig.connector.updates.compare()
        while order.state is not OrderState.FILLED:
            await rig.event()
        return before, [each.trade_id for each in rig.events if isinstance(each, Filled)]

    assert run(scenario, streams=True, before=earlier_trade) == ([], ["24"])
