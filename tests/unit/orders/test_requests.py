"""Submit, amend, cancel: what may be asked when, what is written and sent, what counts as open meanwhile."""

import pytest
from tests.unit.orders.support import BTC, ETH, SIZE, Desk, in_state

from alipes.model import (
    Accepted,
    Amended,
    AmendIntent,
    AmendRejected,
    CancelIntent,
    Cancelled,
    CancelRejected,
    NotSent,
    OrderIntent,
    OrderState,
    PendingRequest,
    RequestKind,
    Side,
    Unknown,
)
from alipes.orders import Lifecycle


def test_the_intent_is_written_with_the_request() -> None:
    desk = Desk(tag="mine")
    desk.lifecycle.stamp(7, 70)
    desk.submit()
    records, requests = desk.lifecycle.take_effects()
    (intent,) = records
    assert isinstance(intent, OrderIntent)
    assert (intent.seq, intent.ts, intent.instrument, intent.tag) == (7, 70, "main:BTC/USDT:USDT", "mine")
    assert requests == [(RequestKind.SUBMIT, desk.order)]
    assert desk.lifecycle.take_effects() == ([], [])


def test_a_denied_order_is_written_and_never_sent() -> None:
    desk = in_state(OrderState.DENIED)
    records, requests = desk.lifecycle.take_effects()
    assert [record.denied for record in records] == [("price_collar", "too far")]
    assert (requests, desk.order.denied) == ([], ("price_collar", "too far"))
    assert not desk.order.is_open


def test_an_order_is_sent_once() -> None:
    desk = in_state(OrderState.SUBMITTED)
    assert not desk.lifecycle.submit(desk.order)
    assert len(desk.lifecycle.take_effects()[1]) == 1


def test_not_sent_is_denied_with_its_own_code() -> None:
    desk = in_state(OrderState.SUBMITTED)
    desk.apply(NotSent, "no route")
    assert (desk.order.state, desk.order.denied) == (OrderState.DENIED, ("not_sent", "no route"))
    assert desk.lifecycle.open_of(BTC).buy_steps == 0


@pytest.mark.parametrize("state", [state for state in OrderState if not state.is_terminal])
def test_a_cancel_may_go_in_every_state_that_is_no_end(state: OrderState) -> None:
    desk = in_state(state)
    desk.lifecycle.take_effects()
    assert desk.lifecycle.request_cancel(desk.order) is None
    records, requests = desk.lifecycle.take_effects()
    assert (type(records[0]), requests) == (CancelIntent, [(RequestKind.CANCEL, desk.order)])
    assert (desk.order.pending, desk.order.state) == (PendingRequest.CANCEL, state)


def test_a_second_cancel_waits_for_the_first_unless_it_is_insisted_on() -> None:
    desk = in_state(OrderState.ACCEPTED)
    assert desk.lifecycle.request_cancel(desk.order) is None
    assert desk.lifecycle.request_cancel(desk.order) == ("in_flight", "a cancel awaits its answer")
    assert desk.lifecycle.request_cancel(desk.order, again=True) is None


def test_a_cancel_whose_answer_was_lost_may_go_again() -> None:
    desk = in_state(OrderState.ACCEPTED)
    desk.lifecycle.request_cancel(desk.order)
    desk.apply(Unknown, "timeout", RequestKind.CANCEL)
    assert (desk.order.state, desk.order.pending) == (OrderState.ACCEPTED, PendingRequest.NONE)
    assert desk.lifecycle.request_cancel(desk.order) is None


def test_a_partial_fill_keeps_the_pending_cancel() -> None:
    desk = in_state(OrderState.ACCEPTED)
    desk.lifecycle.request_cancel(desk.order)
    desk.fill(1_000)
    assert (desk.order.state, desk.order.pending) == (OrderState.PARTIALLY_FILLED, PendingRequest.CANCEL)


@pytest.mark.parametrize("state", [OrderState.SUBMITTED, OrderState.UNKNOWN])
def test_nothing_is_amended_while_the_submit_is_in_flight(state: OrderState) -> None:
    desk = in_state(state)
    assert desk.lifecycle.request_amend(desk.order, price_ticks=999)[0] == "in_flight"


def test_one_amend_is_in_flight_at_a_time_and_a_lost_answer_keeps_it_there() -> None:
    desk = in_state(OrderState.ACCEPTED)
    assert desk.lifecycle.request_amend(desk.order, price_ticks=999) is None
    desk.apply(Unknown, "timeout", RequestKind.AMEND)
    assert desk.order.pending is PendingRequest.AMEND
    refusal = desk.lifecycle.request_amend(desk.order, price_ticks=998)
    assert refusal == ("in_flight", "the order's amend awaits its answer")
    assert desk.lifecycle.request_cancel(desk.order) is None


def test_an_amend_holds_when_the_venue_says_so() -> None:
    desk = in_state(OrderState.PARTIALLY_FILLED)
    desk.lifecycle.take_effects()
    desk.lifecycle.request_amend(desk.order, price_ticks=999, size_steps=9_000)
    records, requests = desk.lifecycle.take_effects()
    assert records == [AmendIntent(1, 1_000, desk.order.client_order_id, 999, 9_000)]
    assert requests == [(RequestKind.AMEND, desk.order)]
    assert (desk.order.price_ticks, desk.order.size_steps) == (1_000, SIZE)
    desk.apply(Amended, 999, 9_000)
    assert (desk.order.price_ticks, desk.order.size_steps, desk.order.asked_steps) == (999, 9_000, 5_000)
    assert (desk.order.pending, desk.order.state) == (PendingRequest.NONE, OrderState.PARTIALLY_FILLED)


def test_a_refused_amend_leaves_the_order_as_it_was() -> None:
    desk = in_state(OrderState.ACCEPTED)
    desk.lifecycle.request_amend(desk.order, size_steps=12_000)
    desk.apply(AmendRejected, "too late")
    assert (desk.order.size_steps, desk.order.asked_steps, desk.order.reason) == (SIZE, SIZE, "too late")
    assert desk.order.pending is PendingRequest.NONE


def test_the_larger_size_counts_as_open_while_an_amend_is_in_flight() -> None:
    desk = in_state(OrderState.PARTIALLY_FILLED)
    mine = desk.lifecycle.open_of(BTC)
    desk.lifecycle.request_amend(desk.order, size_steps=12_000)
    assert mine.buy_steps == 8_000
    desk.apply(Amended, None, 12_000)
    desk.lifecycle.request_amend(desk.order, size_steps=5_000)
    assert mine.buy_steps == 8_000
    desk.apply(Amended, None, 5_000, at=1)
    assert mine.buy_steps == 1_000


def test_an_amend_to_what_has_traded_fills_the_order() -> None:
    desk = in_state(OrderState.PARTIALLY_FILLED)
    desk.apply(Amended, None, 4_000)
    assert (desk.order.state, desk.lifecycle.open_of(BTC).orders) == (OrderState.FILLED, {})


def test_a_late_amend_reopens_a_filled_order_unless_its_end_is_known() -> None:
    desk, ended = in_state(OrderState.FILLED), in_state(OrderState.FILLED)
    desk.apply(Amended, None, 12_000)
    assert (desk.order.state, desk.order.leaves_steps) == (OrderState.PARTIALLY_FILLED, 2_000)
    ended.apply(Cancelled, "by us")
    ended.apply(Amended, None, 12_000)
    assert ended.order.state is OrderState.CANCELLED
    assert ended.lifecycle.open_of(BTC).orders == {}


def test_an_order_stays_open_while_an_amend_may_have_made_it_larger() -> None:
    for answer, state in [(Amended, OrderState.PARTIALLY_FILLED), (AmendRejected, OrderState.FILLED)]:
        desk = in_state(OrderState.ACCEPTED)
        desk.lifecycle.request_amend(desk.order, size_steps=12_000)
        desk.fill(SIZE)
        assert (desk.order.state, desk.order.open_steps) == (OrderState.PARTIALLY_FILLED, 2_000)
        desk.apply(Unknown, "timeout", RequestKind.AMEND)
        assert desk.lifecycle.request_cancel(desk.order) is None
        desk.apply(answer, *((None, 12_000) if answer is Amended else ("too late",)))
        assert desk.order.state is state
        assert desk.lifecycle.alarms == {}


def test_an_amend_that_was_not_sent_completes_what_has_traded() -> None:
    desk = in_state(OrderState.ACCEPTED)
    desk.lifecycle.request_amend(desk.order, size_steps=12_000)
    desk.fill(SIZE)
    desk.apply(NotSent, "no route", RequestKind.AMEND)
    assert (desk.order.state, desk.lifecycle.open_of(BTC).buy_steps) == (OrderState.FILLED, 0)


def test_an_older_amend_changes_nothing() -> None:
    desk = in_state(OrderState.ACCEPTED)
    desk.apply(Amended, 990, 9_000, at=5)
    assert not desk.apply(Amended, 980, 8_000, at=4).is_changed
    assert (desk.order.price_ticks, desk.order.size_steps) == (990, 9_000)


def test_a_cancel_outranks_an_amend_and_its_refusal_shows_the_amend_again() -> None:
    desk = in_state(OrderState.ACCEPTED)
    desk.lifecycle.request_amend(desk.order, price_ticks=999)
    desk.lifecycle.request_cancel(desk.order)
    assert desk.order.pending is PendingRequest.CANCEL
    desk.apply(CancelRejected, "unknown order")
    assert desk.order.pending is PendingRequest.AMEND


def test_open_size_is_kept_per_strategy_instrument_and_side() -> None:
    desk = Desk()
    desk.submit()
    desk.submitted(side=Side.SELL, strategy="taker", size=3_000)
    desk.submitted(instrument=ETH, size=500)
    whole, mine = desk.lifecycle.open_of(BTC), desk.lifecycle.open_of(BTC, "maker")
    assert (whole.buy_steps, whole.sell_steps) == (SIZE, 3_000)
    assert (mine.buy_steps, mine.sell_steps) == (SIZE, 0)
    assert [order.instrument for order in desk.lifecycle.open_orders("maker")] == [BTC, ETH]
    assert len(desk.lifecycle.open_orders()) == len(desk.lifecycle.orders()) == 3


def test_an_unknown_entry_is_seen_until_it_is_resolved() -> None:
    desk = in_state(OrderState.UNKNOWN)
    assert desk.lifecycle.open_of(BTC, "maker").unknown_entries == 1
    desk.apply(Accepted, "v1")
    assert desk.lifecycle.open_of(BTC, "maker").unknown_entries == 0


def test_an_unknown_exit_is_no_unknown_entry() -> None:
    desk = Desk(reduce_only=True)
    desk.submit()
    desk.apply(Unknown, "timeout")
    assert desk.lifecycle.open_of(BTC, "maker").unknown_entries == 0


def test_orders_are_found_by_client_id() -> None:
    desk = Desk()
    assert desk.lifecycle.get(desk.order.client_order_id) is desk.order
    assert Lifecycle().get("nobody") is None
