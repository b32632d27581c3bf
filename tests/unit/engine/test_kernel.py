"""The kernel's rules: order of hooks, no hook inside a hook, faults stay where they are."""

from decimal import Decimal

import pytest
from tests.unit.engine.scripted import SYMBOL, Recorder, at, start

from alipes.engine.kernel import FRAME, Kernel
from alipes.errors import InvariantError
from alipes.strategy import Strategy


def buy_once(**terms):
    return at(1, lambda ctx, _: ctx.buy(SYMBOL, "0.5", **terms))


def test_the_outcomes_of_a_hook_come_after_it_in_order():
    strategy = Recorder(book=buy_once(price="101"))
    _, market = start(strategy)
    market.wait(5).wait(5)
    hooks = [name for name in strategy.hooks() if name not in {"start", "book"}]
    assert hooks == ["order accepted", "fill", "order filled"]


def test_on_fill_comes_before_on_order_and_after_the_state():
    seen = []

    class Watches(Recorder):
        def on_fill(self, ctx, fill):
            seen.append(("fill", ctx.position(SYMBOL).size, self.sent.filled))

        def on_order(self, ctx, order):
            seen.append((str(order.state), ctx.position(SYMBOL).size, order.filled))

    strategy = Watches()
    strategy.script["book"] = at(
        1, lambda ctx, _: setattr(strategy, "sent", ctx.buy(SYMBOL, "0.5", price="101"))
    )
    _, market = start(strategy)
    market.wait(5).wait(5)
    kinds = [each[0] for each in seen]
    assert kinds.index("fill") < kinds.index("filled")
    fill = seen[kinds.index("fill")]
    assert fill[1] == fill[2] == Decimal("0.5")


def test_no_hook_runs_inside_a_hook():
    """A denied order, an ack and a fill are all delivered after the hook that caused them."""
    strategy = Recorder(
        book=lambda ctx, _, call: ctx.buy(SYMBOL, "0.5", price="101" if call % 2 else "100.05"),
        order=lambda ctx, _, call: ctx.buy(SYMBOL, "0.1", price="0.05") if call < 20 else None,
    )
    _, market = start(strategy)
    market.wait(5).wait(5).wait(5)
    assert strategy.calls["order"] > 20
    assert strategy.deepest == 1


def test_a_denied_order_reaches_on_order_after_the_hook():
    strategy = Recorder(book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "0.5", price="100.05")))
    start(strategy)
    assert strategy.hooks() == ["start", "book", "order denied", "book"]


def test_every_input_has_its_own_number_and_its_rows_carry_it():
    strategy = Recorder(book=buy_once(price="101"))
    engine, market = start(strategy)
    market.wait(5)
    seqs = [(type(record).__name__, record.seq) for record in engine.journal.records]
    names = [name for name, _ in seqs]
    assert names == ["OrderIntent", "EventRecord", "EventRecord"]
    assert [seq for _, seq in seqs] == sorted({seq for _, seq in seqs})
    before = engine.kernel.turn.seq
    market.depth()
    assert engine.kernel.turn.seq == before + 1


def test_an_input_inside_an_input_halts():
    strategy = Recorder()
    engine, market = start(strategy)
    strategy.script["book"] = lambda *_: engine.kernel.process((FRAME, 0, 2 << 26))
    with pytest.raises(InvariantError, match="inside"):
        market.depth()
    with pytest.raises(InvariantError, match="inside"):
        market.depth()


class Raises(Recorder):
    def on_book(self, ctx, book):
        super().on_book(ctx, book)
        if self.calls["book"] == 2:
            raise ZeroDivisionError("the strategy's own mistake")


def test_a_strategy_that_raises_is_faulted_its_orders_cancelled_and_the_others_go_on():
    bad = Raises(book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "0.5", price="99")))
    good = Recorder(book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "0.5", price="99")))
    engine, market = start(bad=bad, good=good)
    market.wait(5)  # bad raises here
    market.wait(5).wait(5).wait(5)
    faulted, well = engine.kernel.runners["bad"], engine.kernel.runners["good"]
    assert str(faulted.status) == "faulted"
    assert faulted.fault.hook == "on_book"
    assert "ZeroDivisionError" in faulted.fault.error
    assert faulted.fault.seq > 0
    assert "BookView" in faulted.fault.argument
    assert bad.calls["book"] == 2
    states = {order.strategy: str(order.state) for order in engine.blotter.lifecycle.orders()}
    assert states == {"bad": "cancelled", "good": "accepted"}
    assert str(well.status) == "active"
    assert good.calls["book"] > 4


def test_a_faulted_strategy_may_keep_its_orders():
    bad = Raises(book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "0.5", price="99")))
    bad.on_fault = "keep"
    engine, market = start(bad)
    market.wait(5).wait(5).wait(5)
    assert [str(order.state) for order in engine.blotter.lifecycle.orders()] == ["accepted"]


def test_a_faulted_strategy_cannot_enter():
    bad = Raises()
    _, market = start(bad)
    market.depth().depth()
    order = bad.ctx.buy(SYMBOL, "0.5", price="99")
    assert order.denied[0] == "faulted"


def test_fills_of_a_faulted_strategy_still_count():
    bad = Raises(book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "0.5", price="99")))
    bad.on_fault = "keep"
    engine, market = start(bad)
    market.wait(5).wait(5)
    market.depth(bids=[(100.0, 0)], asks=[(98.0, 3.0)]).wait(5)
    assert engine.blotter.position_steps("s0", engine.markets[0].instrument) == 500_000


def test_answers_that_never_end_fault_the_strategy():
    strategy = Recorder(
        book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "0.5", price="0.05")),
        order=lambda ctx, _, __: ctx.buy(SYMBOL, "0.5", price="0.05"),
    )
    engine, market = start(strategy)
    market.depth()
    assert "1000 hook calls" in engine.runners[0].fault.error


def test_a_hook_over_its_budget_is_faulted_when_it_returns():
    strategy = Recorder(book=lambda *_: sum(range(200_000)))
    engine, market = start(strategy, budget=1_000)
    market.depth()
    assert "took longer" in engine.runners[0].fault.error
    assert strategy.calls["start"] + strategy.calls.get("book", 0) <= 2


def test_stop_calls_on_stop_once_and_cancels():
    strategy = Recorder(book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "0.5", price="99")))
    engine, market = start(strategy)
    market.wait(5)
    engine.stop()
    market.wait(5).wait(5)
    assert strategy.calls["stop"] == 1
    assert [str(order.state) for order in engine.blotter.lifecycle.orders()] == ["cancelled"]
    assert strategy.hooks()[-1] == "stop"


# Each rule above is checked by a test that a kernel without the rule fails: here are such kernels.


class Immediate(Kernel):
    """Delivers news as soon as it exists: hooks run inside hooks."""

    def _run(self, runner, hook, argument):
        kept, self.turn.news = self.turn.news, NoQueue(super()._run)
        super()._run(runner, hook, argument)
        self.turn.news = kept


class NoQueue:
    def __init__(self, run):
        self.run = run

    def append(self, item):
        self.run(*item)


class Careless(Kernel):
    """Lets a strategy's error through."""

    def _fault(self, runner, hook, argument, text, error=None):
        if error is not None:
            raise error


class OrderFirst(Kernel):
    """Tells of the order before the fill."""

    def _deliver(self):
        self._news.reverse()
        super()._deliver()


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (Immediate, test_no_hook_runs_inside_a_hook),
        (Careless, test_a_strategy_that_raises_is_faulted_its_orders_cancelled_and_the_others_go_on),
        (OrderFirst, test_on_fill_comes_before_on_order_and_after_the_state),
    ],
)
def test_the_checks_catch_a_kernel_that_breaks_the_rule(broken, check, monkeypatch):
    monkeypatch.setattr("alipes.engine.wiring.Kernel", broken)
    with pytest.raises((AssertionError, ZeroDivisionError)):
        check()


def test_the_interface_of_a_strategy_is_all_hooks():
    hooks = {name for name in vars(Strategy) if name.startswith("on_")}
    events = {"start", "book", "trade", "bar", "timer", "order", "fill", "message", "stop"}
    assert hooks == {f"on_{event}" for event in events} | {"on_fault"}
