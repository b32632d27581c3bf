"""`target`: the delta from position and own open size; asked twice it sends once."""

from tests.unit.orders.support import BTC, Desk

from alipes.model import Accepted, Cancelled, Purpose, Side, Unknown
from alipes.orders import Cancel, Place, Plan, plan_target

NOTHING, WAIT = Plan((), is_settled=True), Plan((), is_settled=False)


def target(desk: Desk, size: int, position: int = 0, **options: bool) -> Plan:
    mine = desk.lifecycle.open_of(BTC, "maker")
    return plan_target(mine, position_steps=position, target_steps=size, **options)


def sent(plan: Plan) -> Plan:
    return Plan((plan,), is_settled=True)


def test_it_sends_the_difference() -> None:
    desk = Desk()
    assert target(desk, 5_000) == sent(Place(Side.BUY, None, 5_000))
    assert target(desk, 5_000, position=2_000) == sent(Place(Side.BUY, None, 3_000))
    assert target(desk, -5_000, position=2_000) == sent(Place(Side.SELL, None, 7_000))
    assert target(desk, 2_000, position=2_000) == NOTHING


def test_asked_twice_it_sends_once() -> None:
    desk = Desk()
    desk.submitted(size=5_000, purpose=Purpose.TARGET)
    assert target(desk, 5_000) == NOTHING


def test_own_orders_of_every_kind_count() -> None:
    desk = Desk()
    desk.submitted(size=2_000)
    desk.submitted(size=500, side=Side.SELL, purpose=Purpose.QUOTE)
    assert target(desk, 5_000) == sent(Place(Side.BUY, None, 3_500))


def test_a_filled_part_counts_as_position_once_it_is_one() -> None:
    desk = Desk()
    order = desk.submitted(size=5_000, purpose=Purpose.TARGET)
    desk.fill(2_000, order=order)
    assert target(desk, 5_000, position=2_000) == NOTHING


def test_an_unknown_entry_stops_it() -> None:
    desk = Desk()
    order = desk.submitted(size=5_000, purpose=Purpose.TARGET)
    desk.apply(Unknown, "timeout", order=order)
    for size in (5_000, 9_000, 0, -5_000):
        assert target(desk, size) == WAIT
    desk.apply(Accepted, "v", order=order)
    assert target(desk, 9_000) == sent(Place(Side.BUY, None, 4_000))


def test_an_unknown_exit_lets_another_go_up_to_the_position() -> None:
    desk = Desk()
    order = desk.submitted(size=5_000, side=Side.SELL, reduce_only=True, purpose=Purpose.TARGET)
    desk.apply(Unknown, "timeout", order=order)
    exit_again = Plan((Place(Side.SELL, None, 5_000, reduce_only=True),), is_settled=False)
    assert target(desk, 0, position=5_000) == exit_again
    assert target(desk, -2_000, position=5_000) == exit_again
    assert target(desk, 8_000, position=5_000) == WAIT


def test_a_second_exit_counts_while_the_first_is_unknown() -> None:
    desk = Desk()
    first = desk.submitted(size=5_000, side=Side.SELL, reduce_only=True, purpose=Purpose.TARGET)
    desk.apply(Unknown, "timeout", order=first)
    desk.submitted(size=5_000, side=Side.SELL, reduce_only=True, purpose=Purpose.TARGET)
    assert target(desk, 0, position=5_000) == NOTHING


def test_own_targets_against_it_go_first() -> None:
    desk = Desk()
    order = desk.submitted(size=5_000, purpose=Purpose.TARGET)
    assert target(desk, 2_000) == Plan((Cancel(order),), is_settled=False)
    desk.lifecycle.request_cancel(order)
    assert target(desk, 2_000) == WAIT
    desk.apply(Cancelled, order=order)
    assert target(desk, 2_000) == sent(Place(Side.BUY, None, 2_000))


def test_where_only_reducing_is_allowed_it_reduces() -> None:
    desk = Desk()
    reduced = Place(Side.SELL, None, 3_000, reduce_only=True)
    assert target(desk, -9_000, position=3_000, must_reduce=True) == sent(reduced)
    assert target(desk, 9_000, position=3_000, must_reduce=True) == NOTHING
