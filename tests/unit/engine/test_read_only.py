"""What a strategy holds it can only read: writing is its own fault, and nobody else's."""

from decimal import Decimal

import msgspec
import pytest
from tests.unit.engine.scripted import SYMBOL, Recorder, at, start
from tests.unit.orders.support import BTC

from alipes.errors import InputError
from alipes.model import Bar, Fill, Order, OrderState, OrderType, Position, Side, Trade

ORDER = Order("a1", BTC, "maker", Side.SELL, OrderType.LIMIT, 10_000, 1_005)
DERIVED = [name for name, member in vars(Order).items() if isinstance(member, property)]


@pytest.mark.parametrize("name", [*Order.__struct_fields__, *DERIVED, "mine"])
def test_no_attribute_of_an_order_can_be_set_or_deleted(name):
    with pytest.raises(AttributeError):
        setattr(ORDER, name, None)
    with pytest.raises(AttributeError):
        delattr(ORDER, name)


@pytest.mark.parametrize("kind", [Bar, Fill, Order, Position, Trade])
def test_what_hooks_are_given_is_frozen(kind):
    assert kind.__struct_config__.frozen


def test_a_position_cannot_be_set():
    with pytest.raises(AttributeError):
        Position(BTC, None, Decimal(1), None, Decimal(0), {}).size = Decimal(0)


class Meddler(Recorder):
    """Bids, then writes to its order and asks for its end."""

    def __init__(self, name):
        super().__init__(book=at(1, self.bid), order=at(1, self.meddle))
        self.name = name

    def bid(self, ctx, _):
        self.mine = ctx.buy(SYMBOL, "0.5", price="99")

    def meddle(self, ctx, _):
        setattr(self.mine, self.name, "x")
        ctx.cancel(self.mine)


@pytest.mark.parametrize("name", Order.__struct_fields__)
def test_a_strategy_that_writes_to_its_order_is_faulted_and_the_others_go_on(name):
    good = Recorder(book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "0.5", price="99")))
    engine, market = start(bad=Meddler(name), good=good)
    market.wait(5).wait(5).wait(5)
    bad = engine.kernel.runners["bad"]
    assert str(bad.status) == "faulted"
    assert (bad.fault.hook, "AttributeError" in bad.fault.error) == ("on_order", True)
    assert str(engine.kernel.runners["good"].status) == "active"
    states = {order.strategy: order.state for order in engine.blotter.lifecycle.orders()}
    assert states == {"bad": OrderState.CANCELLED, "good": OrderState.ACCEPTED}


@pytest.mark.parametrize("changes", [{}, {"price_ticks": 1}, {"client_order_id": "not-ours"}])
@pytest.mark.parametrize("ask", ["cancel", "amend"])
def test_a_copy_of_an_order_is_no_order(changes, ask):
    recorder = Recorder()
    _, market = start(recorder)
    market.depth()
    order = recorder.ctx.buy(SYMBOL, "0.5", price="99")
    copy = msgspec.structs.replace(order, **changes)
    terms = {"price": "98"} if ask == "amend" else {}
    with pytest.raises(InputError, match="is a copy"):
        getattr(recorder.ctx, ask)(copy, **terms)
