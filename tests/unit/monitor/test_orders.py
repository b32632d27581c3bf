"""What is counted of orders and requests, from the rows that a lifecycle leaves."""

from collections import Counter

import pytest
from tests.unit.orders.support import BTC, SIZE

from alipes.model import (
    Accepted,
    Amended,
    AmendRejected,
    Cancelled,
    CancelRejected,
    Expired,
    Filled,
    NotSent,
    OrderType,
    Rejected,
    RequestKind,
    Side,
    Unknown,
)
from alipes.monitor.orders import OrderCounts
from alipes.orders import Lifecycle

MS = 1_000_000


class Desk:
    """A lifecycle whose clock is moved by hand, with its counts."""

    def __init__(self):
        self.lifecycle = Lifecycle()
        self.counts = OrderCounts(self.lifecycle.get)
        self.now = 0
        self.at(0)

    def at(self, milliseconds):
        self.now = milliseconds * MS
        self.lifecycle.stamp(1, self.now)
        return self

    def order(self, side=Side.BUY):
        return self.lifecycle.create(BTC, "maker", side, OrderType.LIMIT, SIZE, price_ticks=1_000)

    def sent(self, side=Side.BUY):
        order = self.order(side)
        self.lifecycle.submit(order)
        return order

    def hear(self, kind, order, *rest, **named):
        self.lifecycle.apply(kind(order.client_order_id, self.now, self.now, *rest, **named))
        return self

    def fill(self, order, trade="t1", steps=SIZE):
        return self.hear(Filled, order, trade, 1_000, steps)

    def take(self):
        records, _ = self.lifecycle.take_effects()
        self.counts.take(records)
        return self

    def ended(self):
        self.take()
        return Counter({(key.side, key.outcome): count for key, count in self.counts.orders.items()})

    def requests(self):
        self.take()
        return Counter({(key.op, key.outcome): count for key, count in self.counts.requests.items()})


def test_orders_are_counted_by_side_and_end():
    desk = Desk()
    desk.lifecycle.deny(desk.order(Side.SELL), "max_order_size", "too large")
    ends = [
        lambda order: desk.hear(Rejected, order, "no"),
        lambda order: desk.hear(Accepted, order).fill(order),
        lambda order: desk.hear(Accepted, order).hear(Cancelled, order),
        lambda order: desk.hear(Expired, order, "post only"),
        lambda order: desk.hear(NotSent, order, "no connection"),
        lambda order: desk.hear(Accepted, order),
    ]
    for end in ends:
        end(desk.sent())
    assert desk.ended() == {
        ("sell", "denied"): 1,
        ("buy", "rejected"): 1,
        ("buy", "filled"): 1,
        ("buy", "cancelled"): 1,
        ("buy", "expired"): 1,
        ("buy", "denied"): 1,
    }


def test_an_order_counts_once_whatever_is_said_of_it_later():
    desk = Desk()
    order = desk.sent()
    desk.hear(Accepted, order).hear(Cancelled, order).take()
    desk.fill(order).hear(Cancelled, order).hear(Accepted, order)
    assert desk.ended() == {("buy", "cancelled"): 1}


def test_counts_do_not_depend_on_where_the_rows_are_cut():
    whole, cut = Desk(), Desk()
    for desk, step in ((whole, lambda: None), (cut, cut.take)):
        order = desk.sent()
        step()
        desk.hear(Accepted, order)
        step()
        desk.fill(order, "t1", SIZE // 2)
        step()
        desk.fill(order, "t2", SIZE - SIZE // 2)
    assert whole.ended() == cut.ended() == {("buy", "filled"): 1}
    assert whole.requests() == cut.requests() == {("submit", "ok"): 1}


@pytest.mark.parametrize(
    ("event", "rest", "counted"),
    [
        (Accepted, (), ("submit", "ok")),
        (Expired, ("post only",), ("submit", "ok")),
        (Rejected, ("no",), ("submit", "rejected")),
        (NotSent, ("no connection",), ("submit", "not_sent")),
        (Unknown, ("timeout",), ("submit", "unknown")),
    ],
)
def test_a_submit_is_counted_by_its_answer(event, rest, counted):
    desk = Desk()
    desk.hear(event, desk.sent(), *rest)
    assert desk.requests() == {counted: 1}


def test_a_fill_before_the_acknowledgement_answers_the_submit_once():
    desk = Desk()
    order = desk.sent()
    desk.fill(order, "t1", SIZE // 2).hear(Accepted, order)
    assert desk.requests() == {("submit", "ok"): 1}


def test_an_answer_that_comes_after_it_was_given_up_is_not_counted_again():
    desk = Desk()
    order = desk.sent()
    desk.hear(Unknown, order, "timeout").take()
    desk.hear(Accepted, order)
    assert desk.requests() == {("submit", "unknown"): 1}


@pytest.mark.parametrize(
    ("event", "named", "outcome"),
    [
        (Cancelled, {}, "ok"),
        (CancelRejected, {}, "rejected"),
        (NotSent, {"request": RequestKind.CANCEL}, "not_sent"),
        (Unknown, {"request": RequestKind.CANCEL}, "unknown"),
    ],
)
def test_a_cancel_is_counted_by_its_answer(event, named, outcome):
    desk = Desk()
    order = desk.sent()
    desk.hear(Accepted, order)
    desk.lifecycle.request_cancel(order)
    desk.hear(event, order, **named)
    assert desk.requests() == {("submit", "ok"): 1, ("cancel", outcome): 1}


@pytest.mark.parametrize(("event", "outcome"), [(Amended, "ok"), (AmendRejected, "rejected")])
def test_an_amend_is_counted_by_its_answer(event, outcome):
    desk = Desk()
    order = desk.sent()
    desk.hear(Accepted, order)
    desk.lifecycle.request_amend(order, price_ticks=1_001)
    desk.hear(event, order)
    assert desk.requests() == {("submit", "ok"): 1, ("amend", outcome): 1}


def test_a_cancel_that_nobody_asked_for_is_no_request():
    desk = Desk()
    order = desk.sent()
    desk.hear(Accepted, order).hear(Cancelled, order, "the venue's own")
    assert desk.requests() == {("submit", "ok"): 1}


def test_the_round_trip_is_from_the_request_to_its_answer_in_the_engines_time():
    desk = Desk()
    order = desk.at(10).sent()
    desk.at(17).hear(Accepted, order)
    desk.at(20).lifecycle.request_cancel(order)
    desk.at(50).hear(Cancelled, order).take()
    trips = desk.counts.round_trips
    assert {key: (sum(trip.counts), trip.total) for key, trip in trips.items()} == {
        ("main", "submit"): (1, 7 * MS),
        ("main", "cancel"): (1, 30 * MS),
    }


def test_a_lost_answer_has_no_round_trip():
    desk = Desk()
    desk.hear(Unknown, desk.sent(), "timeout").take()
    assert desk.counts.round_trips == {}


def test_news_of_an_order_that_is_not_ours_counts_nowhere():
    desk = Desk()
    desk.lifecycle.apply(Accepted("somebody-elses-id", 0, 0))
    assert desk.ended() == {}
    assert desk.requests() == {}
