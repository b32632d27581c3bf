"""What a venue did to an order, delivered in any order and more than once, gives the same order.

A history is made by playing the venue: it accepts, trades, amends, ends. Its events then arrive shuffled and
repeated, between cancels of ours. Filled size and final state must be those of the venue.
"""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.counts import scaled
from tests.unit.orders.support import BTC, SIZE, Desk

from alipes.model import (
    Accepted,
    Amended,
    AmendRejected,
    Cancelled,
    CancelRejected,
    Expired,
    Filled,
    OrderEvent,
    OrderState,
    Rejected,
    Triggered,
    Unknown,
)

CASES = settings(max_examples=scaled(400, 20_000), deadline=None)


@dataclass
class Venue:
    """The venue's own book of the order: the truth."""

    client_order_id: str
    size: int = SIZE
    price: int = 1_000
    filled: int = 0
    cost: int = 0
    end: OrderState | None = None
    is_triggered: bool = False
    has_amended: bool = False
    events: list[OrderEvent] = field(default_factory=list)

    def tell(self, event: type[OrderEvent], *values: object) -> None:
        time = len(self.events) + 1
        self.events.append(event(self.client_order_id, time, time, *values))

    def trade(self, steps: int, price: int) -> None:
        steps = min(steps, self.size - self.filled)
        self.filled += steps
        self.cost += steps * price
        self.tell(Filled, f"t{len(self.events)}", price, steps)

    def amend(self, size: int, price: int) -> None:
        self.has_amended = True
        self.size, self.price = max(size, self.filled), price
        self.tell(Amended, self.price, self.size)

    def finish(self, event: type[OrderEvent], state: OrderState) -> None:
        self.end = state
        self.tell(event, "over")

    @property
    def is_over(self) -> bool:
        return self.end is not None or self.filled >= self.size

    @property
    def state(self) -> OrderState:
        if self.filled >= self.size:
            return OrderState.FILLED
        if self.end is not None:
            return self.end
        if self.filled:
            return OrderState.PARTIALLY_FILLED
        return OrderState.TRIGGERED if self.is_triggered else OrderState.ACCEPTED


@st.composite
def lives(draw: st.DrawFn, desk: Desk) -> Venue:
    venue = Venue(desk.order.client_order_id)
    if draw(st.booleans()):
        venue.tell(Unknown, "timeout")
    if draw(st.integers(0, 9)) == 0:
        venue.finish(Rejected, OrderState.REJECTED)
        return venue
    venue.tell(Accepted, "v1")
    for step in draw(st.lists(st.sampled_from("ttttaarcxe3"), max_size=8)):
        if venue.is_over:
            break
        play(venue, step, draw)
    return venue


def play(venue: Venue, step: str, draw: st.DrawFn) -> None:
    if step == "t":
        venue.trade(draw(st.integers(1, SIZE)), draw(st.integers(990, 1_010)))
    elif step == "a":
        venue.amend(draw(st.integers(1, 2 * SIZE)), draw(st.integers(990, 1_010)))
    elif step == "r":
        venue.tell(AmendRejected, "no")
    elif step == "c":
        venue.tell(CancelRejected, "no")
    elif step == "3":
        venue.is_triggered = True
        venue.tell(Triggered)
    else:
        end = (Cancelled, OrderState.CANCELLED) if step == "x" else (Expired, OrderState.EXPIRED)
        venue.finish(*end)


def deliver(desk: Desk, events: list[OrderEvent], cancels: set[int]) -> int:
    """Apply the events, asking for a cancel before some of them; the number of fills that counted."""
    counted = 0
    for number, event in enumerate(events):
        if number in cancels:
            desk.lifecycle.request_cancel(desk.order)
        counted += desk.lifecycle.apply(event).fill is not None
        check_open_size(desk)
    return counted


def check_open_size(desk: Desk) -> None:
    """The running sums equal what the orders say."""
    for mine in (desk.lifecycle.open_of(BTC, "maker"), desk.lifecycle.open_of(BTC)):
        assert mine.buy_steps == desk.order.leaves_steps
        assert list(mine.orders.values()) == ([desk.order] if desk.order.is_open else [])
        assert mine.unknown_entries == (desk.order.state is OrderState.UNKNOWN)


@CASES
@given(st.data())
def test_any_order_and_any_repetition_of_a_history_gives_the_venues_order(data: st.DataObject) -> None:
    desk = Desk()
    desk.submit()
    venue = data.draw(lives(desk))
    repeated = data.draw(st.lists(st.sampled_from(venue.events), max_size=4))
    shuffled = data.draw(st.permutations(venue.events + repeated))
    cancels = data.draw(st.sets(st.integers(0, len(shuffled)), max_size=2))
    counted = deliver(desk, shuffled, cancels)
    order = desk.order
    assert counted == len({event.trade_id for event in venue.events if isinstance(event, Filled)})
    assert (order.filled_steps, order.cost) == (venue.filled, venue.cost)
    assert (order.size_steps, order.price_ticks) == (venue.size, venue.price)
    assert order.state is venue.state
    if not venue.has_amended:
        assert not desk.lifecycle.alarms


@CASES
@given(st.data())
def test_no_sequence_of_events_crashes_or_loses_a_trade(data: st.DataObject) -> None:
    desk = Desk()
    desk.submit()
    venues = [data.draw(lives(desk)) for _ in range(2)]
    events = data.draw(st.permutations([event for venue in venues for event in venue.events]))
    for event in events:
        desk.lifecycle.apply(event)
        mine = desk.lifecycle.open_of(BTC)
        assert mine.buy_steps == desk.order.leaves_steps >= 0
        assert list(mine.orders.values()) == ([desk.order] if desk.order.is_open else [])
    trades = {}
    for event in events:
        if isinstance(event, Filled):
            trades.setdefault(event.trade_id, event.size_steps)
    assert desk.order.filled_steps == sum(trades.values())
