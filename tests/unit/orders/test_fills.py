"""Fills are the truth: once per trade, in any order, whatever the state."""

from decimal import Decimal

import pytest
from tests.unit.orders.support import BTC, ETH, IS_INFERRED, SIZE, Desk, in_state

from alipes.model import Accepted, Cancelled, CancelRejected, Filled, OrderState, Rejected, Side, Unknown


def test_a_trade_counts_once_however_often_it_is_reported() -> None:
    desk = in_state(OrderState.ACCEPTED)
    assert desk.fill(4_000, trade_id="x").fill is not None
    again = desk.fill(4_000, trade_id="x")
    assert (again.fill, again.is_changed, again.alarms) == (None, False, ())
    assert desk.order.filled_steps == 4_000


def test_trade_ids_are_unique_per_instrument_not_beyond() -> None:
    desk = in_state(OrderState.ACCEPTED)
    other = desk.submitted(instrument=ETH)
    desk.fill(1_000, trade_id="x")
    assert desk.fill(2_000, trade_id="x", order=other).fill is not None


def test_two_orders_of_one_instrument_share_the_trade_ids() -> None:
    desk = in_state(OrderState.ACCEPTED)
    desk.fill(1_000, trade_id="x")
    assert desk.fill(1_000, trade_id="x", order=desk.submitted()).fill is None


def test_a_trade_of_an_account_with_itself_counts_on_both_sides() -> None:
    desk = in_state(OrderState.ACCEPTED)
    sale = desk.submitted(side=Side.SELL)
    assert desk.fill(1_000, trade_id="x").fill is not None
    assert desk.fill(1_000, trade_id="x", order=sale).fill is not None
    assert desk.fill(1_000, trade_id="x", order=sale).fill is None
    assert (desk.order.filled_steps, sale.filled_steps) == (1_000, 1_000)


def test_a_fill_before_the_ack_counts_and_the_late_ack_brings_the_venues_id() -> None:
    desk = in_state(OrderState.SUBMITTED)
    desk.fill(4_000)
    assert desk.order.state is OrderState.PARTIALLY_FILLED
    late = desk.apply(Accepted, "v9")
    assert (desk.order.state, desk.order.venue_order_id) == (OrderState.PARTIALLY_FILLED, "v9")
    assert not late.alarms


def test_a_fill_after_the_cancel_counts_and_the_order_stays_cancelled() -> None:
    desk = in_state(OrderState.CANCELLED)
    late = desk.fill(1_000)
    assert late.fill is not None
    assert not late.alarms
    assert (desk.order.filled_steps, desk.order.state) == (5_000, OrderState.CANCELLED)
    assert desk.lifecycle.open_of(BTC).buy_steps == 0


def test_a_fill_that_completes_a_cancelled_order_makes_it_filled() -> None:
    desk = in_state(OrderState.CANCELLED)
    desk.fill(6_000)
    assert desk.order.state is OrderState.FILLED


def test_a_fill_after_an_inferred_reject_reopens_with_an_alarm() -> None:
    desk = in_state(OrderState.UNKNOWN)
    desk.apply(Rejected, "no trace", IS_INFERRED)
    assert desk.order.state is OrderState.REJECTED
    late = desk.fill(4_000)
    assert [alarm.code for alarm in late.alarms] == ["impossible_event"]
    assert desk.order.state is OrderState.PARTIALLY_FILLED
    assert desk.lifecycle.open_of(BTC).buy_steps == 6_000


def test_more_than_the_order_is_an_overfill_alarm_and_still_counts() -> None:
    desk = in_state(OrderState.PARTIALLY_FILLED)
    over = desk.fill(6_001)
    assert [alarm.code for alarm in over.alarms] == ["overfill"]
    assert "10001 size steps traded of 10000" in over.alarms[0].detail
    assert (desk.order.filled_steps, desk.order.leaves_steps) == (10_001, 0)
    assert desk.lifecycle.alarms == {"overfill": 1}


def test_an_amend_to_more_that_is_in_flight_is_no_overfill() -> None:
    desk = in_state(OrderState.ACCEPTED)
    desk.lifecycle.request_amend(desk.order, size_steps=12_000)
    assert not desk.fill(11_000).alarms


@pytest.mark.parametrize("steps", [0, -1])
def test_a_trade_of_nothing_is_an_alarm_and_counts_nowhere(steps: int) -> None:
    desk = in_state(OrderState.ACCEPTED)
    applied = desk.fill(steps)
    assert (applied.fill, [alarm.code for alarm in applied.alarms]) == (None, ["bad_fill"])
    assert desk.order.filled_steps == 0


def test_an_event_for_an_order_that_is_not_ours_is_an_alarm() -> None:
    desk = Desk()
    applied = desk.lifecycle.apply(Filled("autoclose-1", 0, 0, "t", 1_000, 5))
    assert applied.order is None
    assert [alarm.code for alarm in applied.alarms] == ["foreign_order"]


def test_average_price_is_exact() -> None:
    desk = in_state(OrderState.ACCEPTED)
    assert desk.order.average_price is None
    desk.fill(1_000, price=1_000)
    desk.fill(2_000, price=1_001)
    assert desk.order.cost == 1_000 * 1_000 + 2_000 * 1_001
    assert desk.order.average_price == Decimal("100.0666666666666666666666666666667")


def test_prices_and_sizes_are_decimals_of_the_grid() -> None:
    desk = in_state(OrderState.PARTIALLY_FILLED)
    order = desk.order
    assert (order.price, order.size, order.filled) == (Decimal(100), Decimal("0.01"), Decimal("0.004"))
    assert (order.leaves, order.stop_price) == (Decimal("0.006"), None)


def test_the_fill_tells_whose_it_is() -> None:
    fill = in_state(OrderState.ACCEPTED).fill(4_000, price=1_003).fill
    assert (fill.strategy, fill.instrument, fill.side) == ("maker", BTC, Side.BUY)
    assert (fill.price, fill.size) == (Decimal("100.3"), Decimal("0.004"))


def test_cancel_and_fill_race_ends_the_same_both_ways() -> None:
    fill_first, cancel_first = in_state(OrderState.ACCEPTED), in_state(OrderState.ACCEPTED)
    fill_first.fill(3_000)
    fill_first.apply(Cancelled)
    cancel_first.apply(Cancelled)
    cancel_first.fill(3_000)
    for desk in (fill_first, cancel_first):
        assert (desk.order.state, desk.order.filled_steps) == (OrderState.CANCELLED, 3_000)


def test_evidence_ends_the_doubt() -> None:
    desk = in_state(OrderState.UNKNOWN)
    desk.fill(SIZE)
    assert desk.order.state is OrderState.FILLED
    desk.apply(Unknown, "late timeout")
    assert desk.order.state is OrderState.FILLED


@pytest.mark.parametrize("is_refused_first", [True, False])
def test_a_filled_order_does_not_carry_the_reason_of_a_cancel_that_came_too_late(
    *, is_refused_first: bool
) -> None:
    desk = in_state(OrderState.ACCEPTED)
    desk.lifecycle.request_cancel(desk.order)
    news = [lambda: desk.apply(CancelRejected, "unknown_order"), lambda: desk.fill(SIZE)]
    for tell in news if is_refused_first else reversed(news):
        tell()
    assert (desk.order.state, desk.order.reason) == (OrderState.FILLED, None)
