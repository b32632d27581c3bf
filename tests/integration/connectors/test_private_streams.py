"""The account's streams: every fill once, whatever the order and the breaks."""

import asyncio
from decimal import Decimal

import pytest
from tests.support.rigs import connected
from tests.support.scripted_usdm import React

from alipes.connectors.ccxt_checks import AccountTerms
from alipes.errors import ConfigError
from alipes.model import Accepted, Amended, Cancelled, Filled, OrderState, OrderType, Unknown

POST = "POST /fapi/v1/order"


def run(scenario, **options):
    async def main():
        async with connected(streams=True, **options) as rig:
            await rig.server.listening.wait()
            return await scenario(rig)

    return asyncio.run(main())


async def accepted(rig, **terms):
    order = rig.submit(**terms)
    assert type(await rig.event()) is Accepted
    return order


def test_a_streamed_fill_is_told_with_fee_and_ids():
    async def scenario(rig):
        order = await accepted(rig)
        await rig.server.tell(rig.server.fill(order.client_order_id, "49999.9", "0.004", trade_id=11))
        return order, await rig.event()

    order, fill = run(scenario)
    assert (fill.trade_id, fill.price_ticks, fill.size_steps, fill.is_maker) == ("11", 499_999, 4_000, True)
    assert (fill.fee, fill.fee_asset, fill.venue_order_id) == (Decimal("0.02"), "USDT", "1000")
    assert fill.client_order_id == order.client_order_id
    assert order.state is OrderState.PARTIALLY_FILLED


def test_a_burst_of_fills_loses_none():
    """3,000 in one go: more than ccxt's cache keeps, and many per wake-up of a watch."""

    async def scenario(rig):
        order = await accepted(rig, size="3")
        name = order.client_order_id
        told = [rig.server.fill(name, "50000", "0.001", trade_id=number) for number in range(3_000)]
        rig.server.trades.clear()  # nothing but the stream tells of them
        await rig.server.tell(*told)
        await rig.until(lambda: len(rig.connector._events) >= 3_000)
        while order.state is not OrderState.FILLED:
            await rig.event()
        return order, [each.trade_id for each in rig.events if isinstance(each, Filled)]

    order, trades = run(scenario)
    assert trades == [str(number) for number in range(3_000)]
    assert order.filled == Decimal(3)


def test_an_order_streamed_and_filled_before_its_answer_is_lost_is_accepted_once():
    async def scenario(rig):
        rig.server.on(POST, React(does=True, silent=True))
        rig.session.deadline_s = 0.5
        order = rig.submit()
        await rig.until(lambda: rig.server.counts[POST] == 1)
        name = order.client_order_id
        await rig.server.tell(
            rig.server.update(name, "NEW"), rig.server.fill(name, "50000", "0.004", trade_id=1)
        )
        return [type(await rig.event()) for _ in range(2)], order.state, order.venue_order_id

    told, state, venue_order_id = run(scenario)
    assert told == [Filled, Accepted]
    assert state is OrderState.PARTIALLY_FILLED
    assert venue_order_id == "1000"


def test_the_stream_settles_an_unknown_order():
    async def scenario(rig):
        rig.server.on(POST, React(does=True, drop=True))
        order = rig.submit()
        assert type(await rig.event()) is Unknown
        await rig.server.tell(rig.server.update(order.client_order_id, "NEW"))
        return type(await rig.event()), order.state

    assert run(scenario) == (Accepted, OrderState.ACCEPTED)


def test_a_comparison_settles_an_unknown_order_without_a_stream():
    async def scenario(rig):
        rig.server.on(POST, React(does=True, drop=True))
        order = rig.submit()
        assert type(await rig.event()) is Unknown
        rig.connector.updates.ask()
        return type(await rig.event()), order.state, rig.server.counts[POST]

    assert run(scenario) == (Accepted, OrderState.ACCEPTED, 1)


def test_a_comparison_settles_an_amend_whose_answer_was_lost():
    async def scenario(rig):
        order = await accepted(rig)
        rig.server.on("PUT /fapi/v1/order", React(does=True, drop=True))
        rig.amend(order, "50001", "0.020")
        return type(await rig.event()), type(await rig.event()), order.price_ticks, order.size_steps

    assert run(scenario) == (Unknown, Amended, 500_010, 20_000)


def test_a_comparison_settles_a_cancel_whose_answer_was_lost():
    async def scenario(rig):
        order = await accepted(rig)
        rig.server.on("DELETE /fapi/v1/order", React(does=True, drop=True))
        rig.cancel(order)
        return type(await rig.event()), type(await rig.event()), order.state

    assert run(scenario) == (Unknown, Cancelled, OrderState.CANCELLED)


def test_a_stream_that_answers_no_pings_is_dialled_again():
    async def scenario(rig):
        rig.server.listening.clear()
        await rig.server.listening.wait()
        return rig.connector._streams.drops

    def deaf(server):
        server.is_ponging = False

    assert run(scenario, before=deaf, keep_alive_s=0.05) >= 1


def test_an_order_that_is_not_there_stays_unknown():
    async def scenario(rig):
        rig.server.on(POST, React(drop=True))
        order = rig.submit()
        assert type(await rig.event()) is Unknown
        before = rig.connector.updates.comparisons
        rig.connector.updates.ask()
        await rig.until(lambda: rig.connector.updates.comparisons > before)
        return rig.connector.poll(0), order.state

    assert run(scenario) == ([], OrderState.UNKNOWN)


def test_what_happened_while_the_stream_was_broken_is_told_when_it_is_back():
    async def scenario(rig):
        order, other = await accepted(rig), await accepted(rig)
        await rig.server.break_streams()
        rig.server.fill(order.client_order_id, "50000", "0.01", trade_id=5)
        rig.server.orders[other.client_order_id]["status"] = "CANCELED"
        while order.state is not OrderState.FILLED or other.state is not OrderState.CANCELLED:
            await rig.event()
        return rig.server.counts["WS"], rig.connector._streams.drops

    sockets, drops = run(scenario)
    assert sockets == 2
    assert drops >= 1


def test_fills_lost_in_a_break_are_told_before_those_of_the_new_stream():
    async def scenario(rig):
        order = await accepted(rig)
        compared = asyncio.Event()
        rig.server.on("GET /fapi/v1/userTrades", *[React(until=compared)] * 9)
        rig.server.listening.clear()
        await rig.server.break_streams()
        rig.server.fill(order.client_order_id, "50000", "0.004", trade_id=5)
        await rig.server.listening.wait()
        await rig.until(lambda: rig.server.counts["GET /fapi/v1/userTrades"] > 0)
        await rig.server.tell(rig.server.fill(order.client_order_id, "49990", "0.006", trade_id=6))
        await rig.until(lambda: bool(rig.connector.updates._held))
        compared.set()
        while order.state is not OrderState.FILLED:
            await rig.event()
        return [each.trade_id for each in rig.events if isinstance(each, Filled)]

    assert run(scenario) == ["5", "6"]


def test_a_fill_waits_for_a_comparison_that_does_not_end_two_seconds_at_most(monkeypatch):
    monkeypatch.setattr("alipes.connectors.ccxt_updates.MOST_HELD_S", 0.05)

    async def scenario(rig):
        order = await accepted(rig)
        rig.server.on("GET /fapi/v1/userTrades", *[React(silent=True)] * 9)
        rig.connector.updates.on_gap()
        await rig.server.tell(rig.server.fill(order.client_order_id, "49990", "0.01", trade_id=6))
        while order.state is not OrderState.FILLED:
            await rig.event()
        return [each.trade_id for each in rig.events if isinstance(each, Filled)]

    assert run(scenario) == ["6"]


def test_a_fill_streamed_and_compared_is_told_once():
    async def scenario(rig):
        order = await accepted(rig)
        await rig.server.tell(rig.server.fill(order.client_order_id, "50000", "0.004", trade_id=1))
        assert type(await rig.event()) is Filled
        before = rig.connector.updates.comparisons
        rig.connector.updates.ask()
        await rig.until(lambda: rig.connector.updates.comparisons > before)
        return rig.connector.poll(0)

    assert run(scenario) == []


def test_a_message_that_ccxt_cannot_handle_ends_nothing():
    async def scenario(rig):
        order = await accepted(rig)
        await rig.server.tell(
            {"e": "ORDER_TRADE_UPDATE", "o": {"s": "BTCUSDT", "x": "TRADE", "L": {}, "i": []}}
        )
        await rig.until(lambda: rig.connector._streams.faults == 1)
        rig.server.orders[order.client_order_id]["status"] = "CANCELED"
        await rig.server.tell(rig.server.update(order.client_order_id, "CANCELED"))
        return type(await rig.event()), rig.server.counts["WS"]

    assert run(scenario) == (Cancelled, 1)


def test_an_expired_listen_key_is_renewed():
    async def scenario(rig):
        rig.server.listening.clear()
        await rig.server.tell({"e": "listenKeyExpired", "E": 1, "listenKey": "listen-key-canary"})
        await rig.server.listening.wait()
        return rig.server.counts["POST /fapi/v1/listenKey"]

    assert run(scenario) == 2


def test_fills_of_orders_that_are_not_ours_are_told_under_their_own_id():
    async def scenario(rig):
        rig.server._place(
            {
                "newClientOrderId": "autoclose-77",
                "symbol": "BTCUSDT",
                "type": "MARKET",
                "quantity": "1",
                "side": "SELL",
            }
        )
        rig.server.fill("autoclose-77", "40000", "1", trade_id=9)
        rig.connector.updates.ask()
        return await rig.event()

    fill = run(scenario)
    assert (fill.client_order_id, fill.trade_id, fill.size_steps) == ("autoclose-77", "9", 1_000_000)


# What is refused before anything is traded


def can_withdraw(server):
    server.restrictions["enableWithdrawals"] = True


def can_transfer(server):
    server.restrictions["enableInternalTransfer"] = True


def cannot_trade(server):
    server.restrictions["enableFutures"] = False


def hedge(server):
    server.is_hedged = True


@pytest.mark.parametrize(
    ("before", "terms", "message"),
    [
        (can_withdraw, AccountTerms(), "can move money out"),
        (can_transfer, AccountTerms(), "can move money out"),
        (cannot_trade, AccountTerms(), "cannot trade"),
        (hedge, AccountTerms(), "hedge mode"),
        (None, AccountTerms(margin_mode="isolated"), "on cross margin and the config says isolated"),
    ],
)
def test_an_account_that_is_not_as_it_must_be_is_refused(before, terms, message):
    with pytest.raises(ConfigError, match=message):
        run(lambda rig: asyncio.sleep(0), before=before, terms=terms)


@pytest.mark.parametrize(
    ("before", "terms"),
    [
        (can_withdraw, AccountTerms(accept_key_that_can_withdraw=True)),
        (None, AccountTerms(margin_mode="cross")),
    ],
)
def test_an_account_that_is_as_it_must_be_is_taken(before, terms):
    assert run(lambda rig: asyncio.sleep(0, "traded"), before=before, terms=terms) == "traded"


def test_a_market_order_that_is_filled_in_part_is_not_taken_for_amended():
    """Ccxt gives it the average of its fills as a price."""

    async def scenario(rig):
        order = await accepted(rig, kind=OrderType.MARKET, price=None)
        name = order.client_order_id
        rig.server.orders[name]["type"] = "MARKET"
        for trade, price in enumerate(("50000", "50001")):
            message = rig.server.fill(name, price, "0.004", trade_id=trade)
            message["o"] |= {"o": "MARKET", "ot": "MARKET", "p": "0", "ap": "50000.5"}
            await rig.server.tell(message)
        return [type(await rig.event()) for _ in range(2)], order.price_ticks, order.state

    assert run(scenario) == ([Filled, Filled], None, OrderState.PARTIALLY_FILLED)
