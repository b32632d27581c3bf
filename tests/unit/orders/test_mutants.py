"""The checks can fail: each mutant breaks one rule of the orders, and its suites must notice.

The mutants live here, as patches of the tables and rules; the product has no switches.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from tests.property import test_order_histories, test_order_plans
from tests.unit.orders import test_fills, test_plan_quote, test_plan_target, test_requests
from tests.unit.orders.support import BTC
from tests.unit.orders.table_spec import check_table
from tests.unit.risk import test_latches

from alipes.model import OrderState, Side
from alipes.orders import OpenOrders, Place, Plan, plan_target, plans
from alipes.orders.open_orders import OpenIndex
from alipes.orders.reactions import Applied, Input, Reactions
from alipes.orders.transitions import TABLE, Cause, Row
from alipes.risk.latches import Latches

Patch = pytest.MonkeyPatch
STAY, REFUSED = Row(None), Row(None, is_refused=True)
Check = Callable[[], object]


def fails(check: Check) -> bool:
    try:
        check()
    except (AssertionError, KeyError, ExceptionGroup):
        return True
    return False


def searched(test: object, *cases: SearchStrategy) -> Check:
    """A property test as a check: a short search, nothing remembered, nothing shrunk."""
    short = settings(
        max_examples=200, database=None, phases=[Phase.generate], derandomize=True, deadline=None
    )
    return short(given(*cases)(test.hypothesis.inner_test))


HISTORIES = searched(
    test_order_histories.test_any_order_and_any_repetition_of_a_history_gives_the_venues_order, st.data()
)
QUOTES = searched(test_order_plans.test_quotes_are_never_doubled_and_end_as_asked, test_order_plans.STEPS)
TARGETS = searched(test_order_plans.test_targets_are_never_overshot_and_end_reached, test_order_plans.WISHES)


@pytest.mark.parametrize("cause", Cause)
def test_every_row_of_the_table_is_guarded(cause: Cause, monkeypatch: Patch) -> None:
    check_table()
    for state, row in list(TABLE[cause].items()):
        others = {STAY, REFUSED, Row(None, is_alarm=True), Row(OrderState.UNKNOWN)} - {row}
        for other in others:
            with monkeypatch.context() as patch:
                patch.setitem(TABLE[cause], state, other)
                assert fails(check_table), f"{cause} while {state}"


class Forgetful(set):
    def add(self, element) -> None:
        """Remember nothing."""


def fill_dedupe_off(patch: Patch) -> None:
    original = Reactions.__init__

    def init(self: Reactions, current: Input) -> None:
        original(self, current)
        self._trade_ids = {2 * BTC.index + Side.BUY.code: Forgetful()}

    patch.setattr(Reactions, "__init__", init)


def late_fill_ignored(patch: Patch) -> None:
    original = Reactions._on_filled

    def on_filled(self, order, event) -> Applied:
        return original(self, order, event) if order.is_open else Applied(order)

    patch.setattr(Reactions, "_on_filled", on_filled)


def row(cause: Cause, state: OrderState, instead: Row) -> Callable[[Patch], None]:
    return lambda patch: patch.setitem(TABLE[cause], state, instead)


def target_ignores_open_size(patch: Patch) -> None:
    def broken(mine: OpenOrders, **terms: int) -> Plan:
        bare = OpenOrders()
        bare.unknown_entries = mine.unknown_entries
        return plan_target(bare, **terms)

    for module in (test_plan_target, test_order_plans):
        patch.setattr(module, "plan_target", broken)


def unknown_entries_uncounted(patch: Patch) -> None:
    original = OpenIndex.enter

    def enter(self: OpenIndex, order, state: OrderState) -> None:
        original(self, order, state)
        for each in self._pair(order.strategy, order.instrument):
            each.unknown_entries = 0

    patch.setattr(OpenIndex, "enter", enter)


def quote_places_at_once(patch: Patch) -> None:
    def plan_order(order, quote, *, can_amend) -> Plan:
        return Plan((Place(order.side, *quote),), is_settled=can_amend)

    patch.setattr(plans, "_plan_order", plan_order)


def open_size_forgets_fills(patch: Patch) -> None:
    original = OpenIndex.recount

    def recount(self: OpenIndex, order) -> None:
        if order.filled_steps == 0 or not order.is_open:
            original(self, order)

    patch.setattr(OpenIndex, "recount", recount)


def reducing_admits_entries(patch: Patch) -> None:
    original = Latches.refusal

    def refusal(self: Latches, instrument, **_: bool) -> object:
        return original(self, instrument, is_reduce_only=True)

    patch.setattr(Latches, "refusal", refusal)


class Mutant(NamedTuple):
    name: str
    breaks: Callable[[Patch], None]
    checks: list[Check]


MUTANTS = [
    Mutant(
        "fill_dedupe_off",
        fill_dedupe_off,
        [test_fills.test_a_trade_counts_once_however_often_it_is_reported, HISTORIES],
    ),
    Mutant(
        "late_fill_ignored",
        late_fill_ignored,
        [
            test_fills.test_a_fill_after_the_cancel_counts_and_the_order_stays_cancelled,
            test_fills.test_a_fill_after_an_inferred_reject_reopens_with_an_alarm,
            HISTORIES,
        ],
    ),
    Mutant(
        "cancel_blocked_in_unknown",
        row(Cause.CANCEL, OrderState.UNKNOWN, REFUSED),
        [
            check_table,
            lambda: test_requests.test_a_cancel_may_go_in_every_state_that_is_no_end(OrderState.UNKNOWN),
            test_plan_quote.test_an_unknown_quote_is_cancelled_when_another_is_wanted_and_never_doubled,
            QUOTES,
        ],
    ),
    Mutant(
        "target_ignores_open_size",
        target_ignores_open_size,
        [test_plan_target.test_asked_twice_it_sends_once, TARGETS],
    ),
    Mutant(
        "unknown_entries_uncounted",
        unknown_entries_uncounted,
        [test_plan_target.test_an_unknown_entry_stops_it, HISTORIES],
    ),
    Mutant(
        "timeout_is_a_reject",
        row(Cause.UNKNOWN, OrderState.SUBMITTED, Row(OrderState.REJECTED)),
        [check_table, test_plan_target.test_an_unknown_entry_stops_it, HISTORIES],
    ),
    Mutant(
        "fill_before_ack_keeps_submitted",
        row(Cause.PARTIAL_FILL, OrderState.SUBMITTED, STAY),
        [
            check_table,
            test_fills.test_a_fill_before_the_ack_counts_and_the_late_ack_brings_the_venues_id,
        ],
    ),
    Mutant(
        "late_ack_reopens",
        row(Cause.ACCEPTED, OrderState.CANCELLED, Row(OrderState.ACCEPTED)),
        [check_table, HISTORIES],
    ),
    Mutant(
        "sent_twice",
        row(Cause.SUBMIT, OrderState.SUBMITTED, Row(OrderState.SUBMITTED)),
        [check_table, test_requests.test_an_order_is_sent_once],
    ),
    Mutant(
        "quote_places_at_once",
        quote_places_at_once,
        [test_plan_quote.test_another_wish_waits_for_what_is_in_flight, QUOTES],
    ),
    Mutant(
        "open_size_forgets_fills",
        open_size_forgets_fills,
        [
            test_requests.test_the_larger_size_counts_as_open_while_an_amend_is_in_flight,
            HISTORIES,
        ],
    ),
    Mutant(
        "reducing_admits_entries",
        reducing_admits_entries,
        [lambda: test_latches.test_reducing_admits_only_what_reduces("")],
    ),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_every_check_of_a_rule_notices_its_mutant(mutant: Mutant, monkeypatch: Patch) -> None:
    for check in mutant.checks:
        assert not fails(check), f"{check} fails without the mutant"
    mutant.breaks(monkeypatch)
    for number, check in enumerate(mutant.checks):
        assert fails(check), f"check {number} passes although {mutant.name} is on"
