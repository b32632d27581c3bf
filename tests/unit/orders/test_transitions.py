"""The table is complete, is what the rules say, is what the docs show, and is what the lifecycle does."""

import pytest
from docs.render_order_states import PAGE, render
from tests.unit.orders.support import CAUSES, in_state
from tests.unit.orders.table_spec import check_table, expected

from alipes.model import OrderState, PendingRequest
from alipes.model.order import AMEND_IN_FLIGHT, CANCEL_IN_FLIGHT
from alipes.orders.transitions import IN_FLIGHT, MEANING, TABLE, Cause

PAIRS = [(state, cause) for state in OrderState for cause in Cause]


def test_every_pair_is_what_the_rules_say() -> None:
    check_table()


def test_every_cause_has_a_meaning() -> None:
    assert set(MEANING) == set(Cause)


def test_the_docs_are_the_table() -> None:
    hint = "stale: run python docs/render_order_states.py"
    assert PAGE.read_text(encoding="utf-8") == render(), hint


@pytest.mark.parametrize(("state", "cause"), PAIRS, ids=[f"{cause}-while-{state}" for state, cause in PAIRS])
def test_the_lifecycle_does_what_the_table_says(state: OrderState, cause: Cause) -> None:
    desk, rule = in_state(state), expected(state, cause)
    result = CAUSES[cause](desk)
    assert desk.order.state is (rule.next or state)
    if isinstance(result, bool):
        assert result is not rule.is_refused
        return
    codes = [alarm.code for alarm in result.alarms]
    if state is OrderState.FILLED and cause in {Cause.PARTIAL_FILL, Cause.FULL_FILL}:
        assert codes == ["overfill"]
    else:
        assert codes == ["impossible_event"] * rule.is_alarm
    assert desk.lifecycle.alarms.total() == len(codes)


@pytest.mark.parametrize("state", OrderState)
def test_open_orders_hold_exactly_the_orders_that_may_still_trade(state: OrderState) -> None:
    desk = in_state(state)
    order, mine = desk.order, desk.lifecycle.open_of(desk.order.instrument, "maker")
    is_counted = order.is_open and state is not OrderState.PENDING
    assert mine.orders == ({order.client_order_id: order} if is_counted else {})
    assert mine.buy_steps == (order.leaves_steps if is_counted else 0)
    assert mine.unknown_entries == (state is OrderState.UNKNOWN)


def test_every_pending_request_knows_every_answer() -> None:
    for cause, row in IN_FLIGHT.items():
        for before, after in enumerate(row):
            assert after == pending_rule(cause, before), f"{cause} with {before} in flight"


def pending_rule(cause: Cause, before: int) -> int | None:
    """The pending table as rules: what a request adds and an answer takes away."""
    if cause is Cause.CANCEL:
        return None if before & CANCEL_IN_FLIGHT else before | CANCEL_IN_FLIGHT
    if cause is Cause.AMEND:
        return None if before else AMEND_IN_FLIGHT
    if cause in {Cause.CANCEL_REJECTED, Cause.CANCEL_UNKNOWN}:
        return before & ~CANCEL_IN_FLIGHT
    return before if cause is Cause.AMEND_UNKNOWN else before & ~AMEND_IN_FLIGHT


@pytest.mark.parametrize("cause", [Cause.FULL_FILL, Cause.CANCELLED, Cause.EXPIRED])
def test_an_end_clears_what_is_pending(cause: Cause) -> None:
    desk = in_state(OrderState.ACCEPTED)
    desk.lifecycle.request_amend(desk.order, price_ticks=999)
    desk.lifecycle.request_cancel(desk.order)
    CAUSES[cause](desk)
    assert (desk.order.pending, desk.order.amend_price_ticks) == (PendingRequest.NONE, None)


def test_a_cell_never_moves_to_the_state_it_is_in() -> None:
    assert not [(c, s) for c, rows in TABLE.items() for s, row in rows.items() if row.next is s]


def test_states_and_requests_are_snake_case_text() -> None:
    assert OrderState.PARTIALLY_FILLED == "partially_filled"
    assert f"{OrderState.CANCELLED} {PendingRequest.NONE}" == "cancelled none"
