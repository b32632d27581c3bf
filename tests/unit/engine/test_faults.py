"""What a strategy does wrong stays its own: it is faulted, its orders are cancelled, the others go on."""

import asyncio

import pytest
from tests.unit.engine.scripted import SYMBOL, Recorder, at, start

from alipes.engine.faults import LONGEST
from alipes.engine.kernel import MAX_NEWS
from alipes.engine.runtime import Runtime
from alipes.errors import InvariantError

HOOKS = ("start", "book", "trade", "bar", "timer", "order", "fill", "message", "stop")


class Exits(BaseException):
    """An error of the user's own that is no `Exception`."""


class MuteError(Exception):
    """An error whose text cannot be had."""

    def __str__(self):
        raise SystemExit(1)

    __repr__ = __str__


class MuteArgument:
    def __repr__(self):
        raise ValueError("no text")


class Full(Recorder):
    """Meets every hook once the market of `lively` has passed; orders before it goes wrong."""

    def on_start(self, ctx, resumed):
        ctx.subscribe_bars(SYMBOL, "1s")
        ctx.timer("soon", after="30ms")
        super().on_start(ctx, resumed)

    def on_bar(self, ctx, bar):
        self.note("bar", ctx, bar)

    def on_message(self, ctx, message):
        self.note("message", ctx, message)


def order_both(ctx, _):
    ctx.buy(SYMBOL, "0.1", price="99")
    ctx.buy(SYMBOL, "0.1", price="101")


def failing(hook, error):
    def fail(*_):
        raise error

    if hook == "book":
        return Full(book=lambda ctx, item, call: order_both(ctx, item) if call == 1 else fail())
    return Full(book=at(1, order_both), **{hook: fail})


def lively(bad, good):
    """A market in which every hook of two strategies is called."""
    engine, market = start(bad=bad, good=good)
    market.wait(5).wait(5).wait(5)
    market.trade(100.5, 1).wait(50)
    engine.message("bad", MuteArgument())
    engine.message("good", "hello")
    market.wait(2000)
    market.trade(100.5, 1)
    engine.stop()
    market.wait(300).wait(5)
    return engine


@pytest.mark.parametrize("hook", HOOKS)
def test_an_error_in_any_hook_faults_that_strategy_and_no_other(hook):
    bad, good = failing(hook, ZeroDivisionError("mine")), Full(book=at(1, order_both))
    engine = lively(bad, good)
    runners = engine.kernel.runners
    assert runners["bad"].fault.hook == f"on_{hook}"
    assert "ZeroDivisionError: mine" in runners["bad"].fault.error
    assert bad.calls[hook] == (2 if hook == "book" else 1)
    assert runners["good"].fault is None
    assert set(good.calls) == set(HOOKS)
    left = {(order.strategy, str(order.state)) for order in engine.blotter.lifecycle.orders()}
    assert left <= {(name, state) for name in ("bad", "good") for state in ("cancelled", "filled")}


@pytest.mark.parametrize(
    "error",
    [SystemExit(0), GeneratorExit(), Exits(), MuteError(), asyncio.CancelledError(), ValueError("\ud800")],
)
def test_no_error_of_a_strategy_ends_the_run(error):
    good = Full(book=at(1, order_both))
    engine = lively(failing("message", error), good)
    fault = engine.kernel.runners["bad"].fault
    assert fault.error.startswith(type(error).__name__)
    assert "cannot be shown: ValueError" in fault.argument
    (fault.error + fault.traceback).encode()
    assert set(good.calls) == set(HOOKS)


def test_a_keyboard_interrupt_ends_the_run():
    with pytest.raises(KeyboardInterrupt):
        lively(failing("book", KeyboardInterrupt()), Full())


def test_an_invariant_error_halts():
    with pytest.raises(InvariantError):
        lively(failing("book", InvariantError("books disagree")), Full())


def test_a_long_error_is_kept_short():
    engine = lively(failing("trade", ValueError("x" * 10**6)), Full())
    assert len(engine.kernel.runners["bad"].fault.error) < 2 * LONGEST


@pytest.mark.parametrize("hook", ["book", "stop"])
def test_a_fault_names_the_line_and_is_logged_once(hook, capsys):
    lively(failing(hook, ZeroDivisionError("mine")), Full())
    logged = [line for line in capsys.readouterr().out.splitlines() if "strategy faulted" in line]
    assert len(logged) == 1
    assert f"on_{hook}" in logged[0]
    assert "scripted.py:" in logged[0] or "test_faults.py:" in logged[0]


def test_endless_answers_cost_no_other_strategy_its_news():
    """The victim's order event waits behind the offender's thousand."""
    victim = Recorder(book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "0.5", price="0.05")))

    def flood(ctx, _):
        for _ in range(2 * MAX_NEWS):
            ctx.buy(SYMBOL, "0.5", price="0.05")

    engine, market = start(bad=Recorder(book=at(1, flood)), victim=victim)
    market.depth()
    assert engine.kernel.runners["bad"].fault is not None
    assert engine.kernel.runners["victim"].fault is None
    assert victim.calls["order"] == 1


def test_a_request_that_cannot_be_handed_over_is_denied_and_the_run_goes_on():
    strategy = Recorder(book=at(3, lambda ctx, _: ctx.buy(SYMBOL, "0.1", price="98")))
    engine, market = start(strategy)

    def submit(_):
        raise OverflowError("too large")

    engine.connectors["main"].submit = submit
    market.depth().depth().depth()
    assert engine.blotter.lifecycle.orders()[0].denied == ("not_sent", "OverflowError: too large")
    assert strategy.calls["book"] > 4
    assert engine.runners[0].fault is None


def test_a_coroutine_that_exits_is_a_message():
    async def leave():
        raise SystemExit(3)

    heard = []
    engine, _ = start(Full(message=lambda _, item, __: heard.append(item)), mode="paper")
    asyncio.run(Runtime(engine, [])._supervise("s0", leave()))
    assert [type(each) for each in heard] == [SystemExit]
