"""The journal of any run, written and read as text and replayed, gives every order back."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.counts import scaled
from tests.property.test_order_histories import lives
from tests.unit.orders.support import BTC, CAUSES, Desk

from alipes.errors import StoreError
from alipes.model import CancelIntent, Order, OrderState
from alipes.model.records import AnyRecord
from alipes.orders import Lifecycle, MemoryJournal, replay

CASES = settings(max_examples=scaled(150, 5_000), deadline=None)
INSTRUMENTS = {BTC.name: BTC}
DECODER = msgspec.json.Decoder(AnyRecord)
ACTIONS = st.sampled_from(["amend", "cancel", "new", "denied", "event", "event", "event"])


def look(lifecycle: Lifecycle) -> tuple[list[dict], tuple, dict]:
    """Everything that can be seen of the orders."""
    mine = lifecycle.open_of(BTC, "maker")
    orders = [
        {name: getattr(order, name) for name in Order.__struct_fields__} for order in lifecycle.orders()
    ]
    sums = (list(mine.orders), mine.buy_steps, mine.sell_steps, mine.unknown_entries)
    return orders, sums, dict(lifecycle.alarms)


def act(desk: Desk, what: str, data: st.DataObject, events: list) -> None:
    order = data.draw(st.sampled_from(desk.lifecycle.orders()))
    if what == "amend":
        price, size = data.draw(st.integers(990, 999)), data.draw(st.integers(1, 20_000))
        desk.lifecycle.request_amend(order, price_ticks=price, size_steps=size)
    elif what == "cancel":
        desk.lifecycle.request_cancel(order, again=True)
    elif what == "new":
        desk.submitted()
    elif what == "denied":
        desk.lifecycle.deny(desk.new(tag="x"), "code", "detail")
    elif events:
        desk.lifecycle.apply(events.pop(0))


@CASES
@given(st.data())
def test_a_replayed_journal_gives_the_same_orders(data: st.DataObject) -> None:
    desk, journal = Desk(), MemoryJournal()
    desk.submit()
    events = data.draw(st.permutations(data.draw(lives(desk)).events))
    for seq, what in enumerate(data.draw(st.lists(ACTIONS, max_size=15)), start=2):
        desk.lifecycle.stamp(seq, seq * 1_000)
        act(desk, what, data, events)
    for record in desk.lifecycle.take_effects()[0]:
        journal.append(DECODER.decode(msgspec.json.encode(record)))
    again = Lifecycle()
    replay(journal.records, instruments=INSTRUMENTS, into=again)
    assert look(again) == look(desk.lifecycle)
    assert again.take_effects() == ([], [])
    taken = {order.client_order_id for order in again.orders()}
    assert Desk.new(desk_over(again)).client_order_id not in taken


def desk_over(lifecycle: Lifecycle) -> Desk:
    desk = Desk()
    desk.lifecycle = lifecycle
    return desk


def test_an_emulated_order_comes_back_and_can_be_released() -> None:
    desk = Desk()
    CAUSES["emulate"](desk)
    records = desk.lifecycle.take_effects()[0]
    again = Lifecycle()
    replay(records, instruments=INSTRUMENTS, into=again)
    (order,) = again.orders()
    assert order.state is OrderState.EMULATED
    desk.submit()
    replay(desk.lifecycle.take_effects()[0], instruments=INSTRUMENTS, into=again)
    assert order.state is OrderState.SUBMITTED


def test_a_row_about_something_unknown_is_an_error() -> None:
    desk = Desk()
    desk.submit()
    with pytest.raises(StoreError, match="not configured"):
        replay(desk.lifecycle.take_effects()[0], instruments={}, into=Lifecycle())
    with pytest.raises(StoreError, match="before its intent"):
        replay([CancelIntent(1, 1, "nobody")], instruments={}, into=Lifecycle())
