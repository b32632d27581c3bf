"""Whatever a venue answers and however late, quotes are never doubled and targets are never overshot.

A venue with a queue of requests answers them in random ways and times; between its answers a strategy changes
its mind. When it stops to, and the venue answers everything, what is open is what was asked.
"""

from collections import deque

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.counts import scaled
from tests.unit.orders.support import BTC

from alipes.model import (
    Accepted,
    Amended,
    AmendRejected,
    Cancelled,
    CancelRejected,
    Filled,
    NotSent,
    Order,
    OrderState,
    OrderType,
    Purpose,
    Rejected,
    RequestKind,
    Side,
    Unknown,
)
from alipes.orders import Amend, Lifecycle, Place, Plan, Quote, plan_quote, plan_target

CASES = settings(max_examples=scaled(300, 15_000), deadline=None)
SIZES = st.integers(1, 5)
PRICES = st.integers(95, 105)
QUOTES = st.none() | st.builds(Quote, PRICES, SIZES)


class World:
    """A strategy's lifecycle and the venue behind it."""

    def __init__(self) -> None:
        self.lifecycle = Lifecycle()
        self.queue: deque[tuple[RequestKind, Order, int, int]] = deque()
        self.live: dict[str, int] = {}
        self.position = 0
        self.clock = 0

    @property
    def mine(self):
        return self.lifecycle.open_of(BTC, "s")

    def carry_out(self, plan: Plan, purpose: Purpose) -> None:
        for action in plan.actions:
            if isinstance(action, Place):
                self.place(action, purpose)
            elif isinstance(action, Amend):
                refusal = self.lifecycle.request_amend(
                    action.order, price_ticks=action.price_ticks, size_steps=action.size_steps
                )
                assert refusal is None
            else:
                assert self.lifecycle.request_cancel(action.order) is None
        _, requests = self.lifecycle.take_effects()
        for kind, order in requests:
            self.queue.append((kind, order, order.amend_price_ticks or 0, order.amend_size_steps or 0))

    def place(self, action: Place, purpose: Purpose) -> None:
        type_ = OrderType.MARKET if action.price_ticks is None else OrderType.LIMIT
        order = self.lifecycle.create(
            BTC, "s", action.side, type_, action.size_steps, price_ticks=action.price_ticks, purpose=purpose
        )
        assert self.lifecycle.submit(order)

    def tell(self, event, order: Order, *values: object) -> None:
        self.clock += 1
        applied = self.lifecycle.apply(event(order.client_order_id, self.clock, self.clock, *values))
        assert not applied.alarms
        if applied.fill is not None:
            self.position += applied.fill.side.sign * applied.fill.size_steps

    def answer(self, luck: int) -> None:
        """Take the oldest request; `luck` decides what becomes of it."""
        if not self.queue:
            return
        kind, order, price, size = self.queue.popleft()
        if luck == 0:
            self.tell(NotSent, order, "no route", kind)
        elif kind is RequestKind.SUBMIT:
            self.answer_submit(order, luck)
        elif kind is RequestKind.CANCEL:
            self.answer_cancel(order)
        elif order.client_order_id in self.live and luck != 1 and size > order.filled_steps:
            self.live[order.client_order_id] += size - order.size_steps
            self.tell(Amended, order, price, size)
        else:
            self.tell(AmendRejected, order, "no")

    def answer_submit(self, order: Order, luck: int) -> None:
        if luck == 1:
            self.tell(Rejected, order, "no")
            return
        self.live[order.client_order_id] = order.size_steps
        self.tell(*((Unknown, order, "timeout") if luck == 2 else (Accepted, order, "v")))

    def answer_cancel(self, order: Order) -> None:
        if self.live.pop(order.client_order_id, 0):
            self.tell(Cancelled, order)
        else:
            self.tell(CancelRejected, order, "unknown order")

    def trade(self, steps: int) -> None:
        """The oldest live order trades."""
        client_order_id = next(iter(self.live), None)
        if client_order_id is None:
            return
        order = self.lifecycle.get(client_order_id)
        steps = min(steps, self.live[client_order_id])
        self.live[client_order_id] -= steps
        if not self.live[client_order_id]:
            del self.live[client_order_id]
        self.tell(Filled, order, f"t{self.clock}", 100, steps)

    def resolve(self) -> None:
        """Answer everything, and settle every doubt with evidence."""
        while self.queue:
            self.answer(3)
        for order in self.lifecycle.open_orders():
            if order.state is OrderState.UNKNOWN:
                self.tell(Accepted, order, "v")


WISHES = st.lists(st.tuples(st.sampled_from("pvvt"), st.integers(0, 9), st.integers(-5, 5)), max_size=30)
STEPS = st.lists(st.tuples(st.sampled_from("pvvt"), st.integers(0, 9), QUOTES, QUOTES), max_size=30)


@CASES
@given(STEPS)
def test_quotes_are_never_doubled_and_end_as_asked(steps: list) -> None:
    world, wanted = World(), (None, None)
    for what, luck, bid, ask in steps:
        if what == "p":
            wanted = (bid, ask)
            world.carry_out(plan_quote(world.mine, *wanted), Purpose.QUOTE)
            sides = [order.side for order in world.mine.orders.values()]
            assert len(sides) == len(set(sides))
        elif what == "v":
            world.answer(luck)
        else:
            world.trade(1 + luck)
    plan = settle(world, lambda: plan_quote(world.mine, *wanted), Purpose.QUOTE)
    assert plan == Plan((), is_settled=True)
    shown = {order.side: order.price_ticks for order in world.mine.orders.values()}
    asked = {side: quote.price_ticks for side, quote in zip(Side, wanted, strict=True) if quote}
    assert shown == asked


@CASES
@given(WISHES)
def test_targets_are_never_overshot_and_end_reached(steps: list) -> None:
    world, size, low, high = World(), 0, 0, 0
    for what, luck, wish in steps:
        if what == "p":
            size, low, high = wish, min(low, wish), max(high, wish)
            world.carry_out(plan(world, size), Purpose.TARGET)
            assert plan(world, size).actions == ()
            assert low <= world.position - world.mine.sell_steps
            assert world.position + world.mine.buy_steps <= high
        elif what == "v":
            world.answer(luck)
        else:
            world.trade(1 + luck)
    settle(world, lambda: plan(world, size), Purpose.TARGET)
    assert world.position == size
    assert world.mine.orders == {}


def plan(world: World, size: int) -> Plan:
    return plan_target(world.mine, position_steps=world.position, target_steps=size)


def settle(world: World, make, purpose: Purpose) -> Plan:
    """Plan and answer until nothing is left to do; targets trade out, quotes rest."""
    for _ in range(8):
        world.resolve()
        while purpose is Purpose.TARGET and world.live:
            world.trade(100)
        world.carry_out(make(), purpose)
    return make()
