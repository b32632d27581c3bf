"""Spot pairs and contracts of any size through the same connector."""

from decimal import Decimal

import pytest
from tests.support.markets import market
from tests.support.rigs import run

from alipes.model import Accepted, Cancelled, Filled, KeyPermissions, NotSent, OrderType

SPOT = "BTC/USDT"


def on_spot(scenario):
    described = market(SPOT, tick=0.01, lot=0.00001)
    described["info"]["orderTypes"].append("LIMIT_MAKER")
    return run(scenario, venue="binance", markets={SPOT: described}, symbol=SPOT)


def test_a_spot_order_from_submit_to_cancel():
    async def scenario(rig):
        order = rig.submit(post_only=True)
        told = [type(await rig.event())]
        rig.server.fill(order.client_order_id, "50000", "0.004", trade_id=3)
        fills = await rig.connector.fills(rig.instrument, rig.session.now() - 10**9)
        rig.cancel(order)
        return [*told, type(await rig.event())], fills, rig.server.requests, order

    told, fills, requests, order = on_spot(scenario)
    assert told == [Accepted, Cancelled]
    placed = next(params for route, params in requests if route == "POST /api/v3/order")
    assert (placed["type"], placed["quantity"], placed["price"]) == ("LIMIT_MAKER", "0.01", "50000")
    assert [(each.client_order_id, each.size_steps) for each in fills] == [(order.client_order_id, 400_000)]


def test_what_a_spot_account_can_and_cannot_do():
    async def scenario(rig):
        rig.submit(reduce_only=True)
        refused = [await rig.event()]
        rig.submit(kind=OrderType.STOP_MARKET, price=None, stop_ticks=4_500_000)
        refused.append(await rig.event())
        order = rig.submit()
        await rig.event()
        rig.amend(order, "50001", "0.02")
        refused.append(await rig.event())
        connector = rig.connector
        return (
            refused,
            await connector.balances(),
            await connector.positions(),
            await connector.key_permissions(),
        )

    refused, balances, positions, may = on_spot(scenario)
    assert [type(each) for each in refused] == [NotSent] * 3
    assert [each.reason for each in refused] == [
        "a spot order has no reduce-only",
        "conditional orders are not sent to this venue: they could not be found again",
        "the venue does not change a live order and keep its id",
    ]
    assert (balances["BTC"].total, balances["BTC"].free) == (Decimal(2), Decimal("1.5"))
    assert positions == []
    assert may == KeyPermissions(can_trade=False, can_withdraw=False, is_ip_restricted=True)


@pytest.mark.parametrize(
    ("contract_size", "lot", "size", "quantity"),
    [(0.01, 1.0, "0.07", "7"), (1_000_000.0, 1.0, "3000000", "3"), (1_000_000.0, 0.1, "700000", "0.7")],
)
def test_sizes_are_contracts_on_the_wire_and_base_units_here(contract_size, lot, size, quantity):
    def alter(loaded):
        loaded["contractSize"] = contract_size
        loaded["precision"]["amount"] = lot

    async def scenario(rig):
        await rig.server.listening.wait()
        order = rig.submit(size=size)
        assert type(await rig.event()) is Accepted
        placed = rig.server.orders[order.client_order_id]["origQty"]
        await rig.server.tell(rig.server.fill(order.client_order_id, "50000", quantity, trade_id=1))
        return placed, await rig.event(), order

    placed, fill, order = run(scenario, streams=True, alter=alter)
    assert placed == quantity
    assert type(fill) is Filled
    assert order.filled == order.size == Decimal(size)
