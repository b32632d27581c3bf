"""Requests that go well: what is on the wire, what the engine hears, what the venue can be asked."""

from decimal import Decimal

import pytest
from tests.support.rigs import run
from tests.support.scripted_usdm import React, error

from alipes.errors import RateLimitedError
from alipes.model import (
    Accepted,
    Amended,
    AmendRejected,
    Cancelled,
    CancelRejected,
    Expired,
    NotSent,
    OrderState,
    OrderType,
    Rejected,
    RequestKind,
    Side,
    TimeInForce,
    Unknown,
)

ORDER = "/fapi/v1/order"


def sent(rig, route):
    return next(params for each, params in reversed(rig.server.requests) if each == route)


@pytest.mark.parametrize(
    ("terms", "wire"),
    [
        ({}, {"type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "50000", "side": "BUY"}),
        ({"tif": TimeInForce.IOC}, {"timeInForce": "IOC"}),
        ({"tif": TimeInForce.FOK, "side": Side.SELL}, {"timeInForce": "FOK", "side": "SELL"}),
        ({"post_only": True}, {"timeInForce": "GTX"}),
        ({"reduce_only": True}, {"reduceOnly": "true"}),
        ({"kind": OrderType.MARKET, "price": None}, {"type": "MARKET", "quantity": "0.01"}),
    ],
)
def test_an_order_is_on_the_wire_as_it_was_asked(terms, wire):
    async def scenario(rig):
        order = rig.submit(**terms)
        assert type(await rig.event()) is Accepted
        params = sent(rig, f"POST {ORDER}")
        return params | {"reduceOnly": params.get("reduceOnly", "").lower()}, order

    params, order = run(scenario)
    assert params["newClientOrderId"] == order.client_order_id
    assert params.items() >= wire.items()
    assert order.state is OrderState.ACCEPTED


def test_amend_and_cancel_name_the_order_by_client_id():
    async def scenario(rig):
        order = rig.submit()
        await rig.event()
        rig.amend(order, "50000.5", "0.020")
        amended = await rig.event()
        rig.cancel(order)
        cancelled = await rig.event()
        return order, amended, cancelled, sent(rig, f"PUT {ORDER}"), sent(rig, f"DELETE {ORDER}")

    order, amended, cancelled, put, delete = run(scenario)
    assert type(amended) is Amended
    assert (amended.price_ticks, amended.size_steps) == (500_005, 20_000)
    assert type(cancelled) is Cancelled
    assert order.state is OrderState.CANCELLED
    assert (put["origClientOrderId"], put["price"], put["quantity"]) == (
        order.client_order_id,
        "50000.5",
        "0.02",
    )
    assert delete["origClientOrderId"] == order.client_order_id


@pytest.mark.parametrize(
    ("kind", "react", "event", "state"),
    [
        ("amend", error(-2013, "Order does not exist."), AmendRejected, OrderState.ACCEPTED),
        ("amend", React(does=True, drop=True), Unknown, OrderState.ACCEPTED),
        ("cancel", error(-2011, "Unknown order sent."), CancelRejected, OrderState.ACCEPTED),
        ("cancel", React(does=True, drop=True), Unknown, OrderState.ACCEPTED),
        ("cancel", React(200, "<html>"), Unknown, OrderState.ACCEPTED),
    ],
)
def test_a_lost_answer_to_an_amend_or_cancel_leaves_the_order_as_it_was(kind, react, event, state):
    async def scenario(rig):
        order = rig.submit()
        await rig.event()
        route = f"{'PUT' if kind == 'amend' else 'DELETE'} {ORDER}"
        rig.server.on(route, react)
        if kind == "amend":
            rig.amend(order, "50001", "0.02")
        else:
            rig.cancel(order)
        return await rig.event(), order.state, rig.server.counts[route]

    told, found, arrivals = run(scenario)
    assert type(told) is event
    assert found is state
    assert arrivals == 1  # aiohttp would send PUT and DELETE again after a dropped connection
    assert not isinstance(told, Unknown) or told.request is RequestKind(kind)


def test_an_order_unknown_to_us_is_found_by_client_id_and_cancelled():
    async def scenario(rig):
        rig.server.on(f"POST {ORDER}", React(does=True, drop=True))
        order = rig.submit()
        unknown = await rig.event()
        found = await rig.connector.order(rig.instrument, order.client_order_id)
        rig.cancel(order)
        return unknown, found, await rig.event(), await rig.connector.order(rig.instrument, "a" * 18)

    unknown, found, cancelled, absent = run(scenario)
    assert type(unknown) is Unknown
    assert (found.state, found.price_ticks, found.size_steps, found.filled_steps) == (
        "open",
        500_000,
        10_000,
        0,
    )
    assert type(cancelled) is Cancelled
    assert absent is None


def test_an_order_that_ends_at_once_is_accepted_and_ended():
    reply = (
        '{"orderId": 7, "symbol": "BTCUSDT", "status": "EXPIRED", "clientOrderId": "%s", "price": "50000",'
        ' "origQty": "0.01", "executedQty": "0", "side": "BUY", "type": "LIMIT", "updateTime": 5}'
    )

    async def scenario(rig):
        order = rig.order(tif=TimeInForce.IOC)
        rig.server.on(f"POST {ORDER}", React(200, reply % order.client_order_id))
        rig.connector.submit(order)
        return await rig.event(), await rig.event(), order.state

    accepted, expired, state = run(scenario)
    assert type(accepted) is Accepted
    assert type(expired) is Expired
    assert state is OrderState.EXPIRED


def test_a_conditional_order_goes_to_the_algo_endpoint_and_is_found_and_cancelled_there():
    async def scenario(rig):
        spec = rig.instrument.spec
        order = rig.submit(
            kind=OrderType.STOP_MARKET,
            price=None,
            side=Side.SELL,
            reduce_only=True,
            stop_ticks=spec.ticks("45000"),
        )
        accepted = await rig.event()
        found = await rig.connector.order(rig.instrument, order.client_order_id)
        resting = await rig.connector.open_orders()
        rig.cancel(order)
        return order, accepted, found, resting, await rig.event(), rig.server

    order, accepted, found, resting, cancelled, server = run(scenario)
    assert type(accepted) is Accepted
    assert found.is_conditional
    assert [each.client_order_id for each in resting] == [order.client_order_id]
    assert (
        type(cancelled) is Cancelled
    )  # the reply says only that it succeeded: the order was asked for again
    assert server.counts["POST /fapi/v1/order"] == 0


def test_after_429_orders_and_reads_wait_and_cancels_do_not():
    async def scenario(rig):
        first = rig.submit()
        await rig.event()
        rig.server.on(f"POST {ORDER}", error(-1003, "slow down", 429, headers={"Retry-After": "600"}))
        rig.submit()
        refused = await rig.event()
        rig.submit()
        held = await rig.event()
        with pytest.raises(RateLimitedError, match="429"):
            await rig.connector.balances()
        rig.cancel(first)
        return refused, held, await rig.event(), rig.server.counts[f"POST {ORDER}"]

    refused, held, cancelled, posts = run(scenario)
    assert type(refused) is Rejected
    assert type(held) is NotSent
    assert "429" in held.reason
    assert type(cancelled) is Cancelled
    assert posts == 2


def test_a_rate_limit_told_with_another_status_is_held_to_as_well():
    async def scenario(rig):
        rig.server.on(f"POST {ORDER}", error(-1015, "Too many new orders"))
        rig.submit()
        refused = await rig.event()
        rig.submit()
        return refused, await rig.event(), rig.server.counts[f"POST {ORDER}"]

    refused, held, posts = run(scenario)
    assert type(refused) is Rejected
    assert type(held) is NotSent
    assert posts == 1


def test_a_session_that_is_closed_sends_nothing():
    async def scenario(rig):
        await rig.session.close()
        rig.submit()
        return await rig.event()

    told = run(scenario)
    assert type(told) is NotSent
    assert "the session is not open" in told.reason


def test_after_418_nothing_is_sent():
    async def scenario(rig):
        first = rig.submit()
        await rig.event()
        rig.server.on(f"POST {ORDER}", error(-1003, "banned", 418, headers={"Retry-After": "600"}))
        rig.submit()
        await rig.event()
        rig.cancel(first)
        return await rig.event(), rig.server.counts[f"DELETE {ORDER}"]

    held, deletes = run(scenario)
    assert type(held) is NotSent
    assert deletes == 0


def test_a_clock_out_of_step_is_measured_anew():
    async def scenario(rig):
        rig.server.skew_ms = 60_000
        rig.submit()
        rejected = await rig.event()
        await rig.until(lambda: rig.session.clock_offset_ns > 59e9)
        rig.submit()
        return rejected, await rig.event(), rig.session.clock_offset_ns

    rejected, accepted, offset = run(scenario)
    assert type(rejected) is Rejected
    assert "clock_out_of_step" in rejected.reason
    assert type(accepted) is Accepted
    assert abs(offset - 60e9) < 1e9


def test_a_read_with_a_clock_out_of_step_measures_it_and_asks_again():
    async def scenario(rig):
        rig.server.skew_ms = -30_000
        return await rig.connector.balances()

    assert run(scenario)["USDT"].total == Decimal("1000.5")


def test_what_the_account_holds():
    async def scenario(rig):
        connector = rig.connector
        return (
            await connector.balances(), await connector.positions(), await connector.ledger(0),
            await connector.server_time(), rig.server.now_ms(), connector.capabilities,
        )  # fmt: skip

    balances, positions, ledger, server_time, now_ms, can = run(scenario)
    assert (balances["USDT"].total, balances["USDT"].free) == (Decimal("1000.5"), Decimal("900.25"))
    assert [(each.size_steps, each.entry_price) for each in positions] == [(-250_000, Decimal(50000))]
    assert [(each.kind, each.asset, each.amount, each.ts_event) for each in ledger] == [
        ("fee", "USDT", Decimal("-0.375"), 1_700_000_000_000_000_000)
    ]
    assert abs(server_time // 1_000_000 - now_ms) < 1000
    assert can.can_amend
    assert can.has_dead_man_timer
    assert can.validity_window_s == 5.0


def test_cancel_all_takes_regular_and_conditional_orders_off_and_the_timer_is_set():
    async def scenario(rig):
        rig.submit()
        await rig.event()
        rig.submit(kind=OrderType.STOP_MARKET, price=None, side=Side.SELL, stop_ticks=450_000)
        await rig.event()
        await rig.connector.cancel_all(rig.instrument)
        await rig.connector.cancel_all_after(rig.instrument, 30.0)
        closed = await rig.connector.closed_orders(rig.instrument, rig.session.now() - 10**12)
        return await rig.connector.open_orders(), closed, sent(rig, "POST /fapi/v1/countdownCancelAll")

    resting, closed, timer = run(scenario)
    assert resting == []
    assert [each.state for each in closed] == ["cancelled"]
    assert (timer["symbol"], timer["countdownTime"]) == ("BTCUSDT", "30000")


def test_the_venue_lists_its_instruments():
    async def scenario(rig):
        return await rig.connector.instrument_specs(reload=True), rig.instrument.spec, rig.server.counts

    specs, spec, counts = run(scenario)
    assert specs == {"BTC/USDT:USDT": spec}
    assert (spec.tick_size, spec.lot_size, spec.min_notional) == (
        Decimal("0.1"),
        Decimal("0.001"),
        Decimal(5),
    )
    assert counts["GET /fapi/v1/exchangeInfo"] == 2
