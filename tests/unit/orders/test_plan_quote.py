"""`quote`: keep what is as asked, amend or replace what is not, never have more open than asked."""

import pytest
from tests.unit.orders.support import BTC, SIZE, Desk

from alipes.model import (
    Accepted,
    Amended,
    AmendRejected,
    Cancelled,
    Order,
    OrderState,
    Purpose,
    Side,
    Unknown,
)
from alipes.orders import Amend, Cancel, Place, Plan, Quote, plan_quote

BID, ASK = Quote(1_000, SIZE), Quote(1_010, SIZE)
NOTHING, WAIT = Plan((), is_settled=True), Plan((), is_settled=False)


class Quotes(Desk):
    """A desk with a live bid (and ask) made by `quote`."""

    def __init__(self, *, is_live: bool = True) -> None:
        super().__init__(purpose=Purpose.QUOTE)
        self.submit()
        if is_live:
            self.apply(Accepted, "v1")

    def with_ask(self) -> "Quotes":
        ask = self.submitted(side=Side.SELL, price=1_010, purpose=Purpose.QUOTE)
        self.apply(Accepted, "v2", order=ask)
        return self

    def plan(self, bid: Quote | None = BID, ask: Quote | None = None, **options: bool) -> Plan:
        return plan_quote(self.lifecycle.open_of(BTC, "maker"), bid, ask, **options)

    def amend(self, price: int, size: int) -> Order:
        assert self.lifecycle.request_amend(self.order, price_ticks=price, size_steps=size) is None
        return self.order


def test_both_sides_are_placed_where_nothing_is() -> None:
    plan = plan_quote(Desk().lifecycle.open_of(BTC, "maker"), BID, ASK)
    assert plan == Plan((Place(Side.BUY, *BID), Place(Side.SELL, *ASK)), is_settled=True)


def test_the_same_quote_again_is_nothing_to_do() -> None:
    desk = Quotes().with_ask()
    assert desk.plan(BID, ASK) == NOTHING
    assert Quotes(is_live=False).plan() == NOTHING


def test_nothing_wanted_and_nothing_there_is_nothing_to_do() -> None:
    assert plan_quote(Desk().lifecycle.open_of(BTC, "maker"), None, None) == NOTHING


def test_another_price_or_size_amends() -> None:
    desk = Quotes()
    assert desk.plan(Quote(999, SIZE)).actions == (Amend(desk.order, 999, SIZE),)
    assert desk.plan(Quote(1_000, 2 * SIZE)).actions == (Amend(desk.order, 1_000, 2 * SIZE),)


def test_a_quote_that_was_partly_filled_keeps_its_place() -> None:
    desk = Quotes()
    desk.fill(4_000)
    assert desk.plan() == NOTHING


def test_a_partly_filled_quote_that_moves_shows_the_whole_size_again() -> None:
    desk = Quotes()
    desk.fill(4_000)
    assert desk.plan(Quote(999, SIZE)).actions == (Amend(desk.order, 999, SIZE + 4_000),)
    desk.amend(999, SIZE + 4_000)
    assert desk.plan(Quote(999, SIZE)) == NOTHING
    desk.apply(Amended, 999, SIZE + 4_000)
    assert desk.plan(Quote(999, SIZE)) == NOTHING
    assert desk.order.leaves_steps == SIZE


def test_a_refused_amend_is_planned_again() -> None:
    desk = Quotes()
    desk.amend(999, SIZE)
    desk.apply(AmendRejected, "no")
    assert desk.plan(Quote(999, SIZE)).actions == (Amend(desk.order, 999, SIZE),)
    assert desk.plan() == NOTHING


def test_another_wish_waits_for_what_is_in_flight() -> None:
    desk = Quotes(is_live=False)
    assert desk.plan(Quote(999, SIZE)) == WAIT
    desk.apply(Accepted, "v1")
    desk.amend(999, SIZE)
    assert desk.plan(Quote(998, SIZE)) == WAIT
    assert desk.plan(Quote(999, SIZE)) == NOTHING


@pytest.mark.parametrize("is_live", [True, False])
def test_none_pulls_a_side_once(is_live: bool) -> None:  # noqa: FBT001 - a parameter
    desk = Quotes(is_live=is_live)
    assert desk.plan(None) == Plan((Cancel(desk.order),), is_settled=True)
    desk.lifecycle.request_cancel(desk.order)
    assert desk.plan(None) == NOTHING


def test_a_new_quote_waits_until_the_old_one_is_gone() -> None:
    desk = Quotes()
    desk.lifecycle.request_cancel(desk.order)
    assert desk.plan() == WAIT
    desk.apply(Cancelled)
    assert desk.plan().actions == (Place(Side.BUY, *BID),)


def test_a_venue_that_cannot_amend_cancels_then_places() -> None:
    desk = Quotes()
    plan = desk.plan(Quote(999, SIZE), can_amend=False)
    assert plan == Plan((Cancel(desk.order),), is_settled=False)
    assert desk.plan(can_amend=False) == NOTHING


def test_an_unknown_quote_is_cancelled_when_another_is_wanted_and_never_doubled() -> None:
    desk = Quotes(is_live=False)
    desk.apply(Unknown, "timeout")
    assert desk.plan() == NOTHING
    assert desk.plan(Quote(999, SIZE)) == Plan((Cancel(desk.order),), is_settled=False)
    desk.lifecycle.request_cancel(desk.order)
    assert desk.plan(Quote(999, SIZE)) == WAIT
    assert desk.order.state is OrderState.UNKNOWN


def test_extra_orders_of_a_side_are_cancelled_and_one_that_fits_is_kept() -> None:
    desk = Quotes()
    extra = desk.submitted(price=995, purpose=Purpose.QUOTE)
    assert desk.plan() == Plan((Cancel(extra),), is_settled=True)
    assert desk.plan(Quote(990, SIZE)) == Plan((Cancel(desk.order), Cancel(extra)), is_settled=False)


def test_other_orders_are_left_alone() -> None:
    desk = Desk()
    desk.submit()
    plan = plan_quote(desk.lifecycle.open_of(BTC, "maker"), BID, None)
    assert plan.actions == (Place(Side.BUY, *BID),)


def test_the_ask_moves_first_when_the_bid_would_cross_it() -> None:
    desk = Quotes().with_ask()
    up = desk.plan(Quote(1_015, SIZE), Quote(1_025, SIZE))
    assert [action.order.side for action in up.actions] == [Side.SELL, Side.BUY]
    down = desk.plan(Quote(985, SIZE), Quote(995, SIZE))
    assert [action.order.side for action in down.actions] == [Side.BUY, Side.SELL]
