"""What a strategy can get wrong as a program: refused in the hook, before anything goes out or is kept."""

import asyncio

import pytest
from tests.unit.engine.scripted import SYMBOL, Recorder, at, start

from alipes.errors import InputError


class Hands:
    """A strategy's context from outside: each call is carried out in a hook of its own."""

    def __init__(self, engine, name="s0"):
        self._engine = engine
        self._name = name

    def __getattr__(self, method):
        return lambda *args, **named: self.do(lambda ctx: getattr(ctx, method)(*args, **named))

    def do(self, call):
        """What the call returns, or what it raises."""
        outcome = []

        def hook(ctx):
            try:
                outcome.append((call(ctx), None))
            except InputError as error:
                outcome.append((None, error))

        self._engine.message(self._name, hook)
        result, error = outcome[0]
        if error is not None:
            raise error
        return result


class Told(Recorder):
    """Does in `on_message` what it is told."""

    def on_message(self, ctx, message):
        message(ctx)


@pytest.fixture
def told():
    """An engine whose strategy does what it is told, and its hands."""
    engine, _ = start(Told())
    return engine, Hands(engine)


ORDER = {"size": "1", "price": "99"}


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"post_only": "yes"}, r"post_only 'yes': expected True or False"),
        ({"post_only": 1}, "post_only 1"),
        ({"post_only": None}, "post_only None"),
        ({"reduce_only": "x"}, "reduce_only 'x'"),
        ({"reduce_only": None}, "reduce_only None"),
        ({"tif": []}, r"tif \[\]: expected one of GTC, IOC, FOK"),
        ({"tif": "gtc"}, "tif 'gtc'"),
        ({"tag": 5}, "tag 5: expected text"),
        ({"tag": object()}, "tag <object"),
        ({"tag": "\ud800"}, "tag .*UTF-8"),
        ({"round": "foo"}, "round 'foo': expected one of error, passive, aggressive"),
        ({"round": "foo", "price": None}, "round 'foo'"),
        ({"round": []}, r"round \[\]"),
    ],
)
def test_terms_are_checked_before_an_order_exists(told, terms, says):
    engine, hands = told
    for ask in (hands.buy, hands.sell):
        with pytest.raises(InputError, match=says):
            ask(SYMBOL, **(ORDER | terms))
    assert engine.blotter.lifecycle.orders() == []


@pytest.mark.parametrize(
    "quote",
    [
        {"bid": 5},
        {"bid": (1,)},
        {"ask": "12"},
        {"bid": ("99", "1"), "ask": ("101", "1", "x")},
        {"bid": ("99", "1"), "post_only": None},
        {"bid": ("99", "1"), "tag": 5},
        {"bid": ("99", "1"), "round": "up"},
    ],
)
def test_quotes_are_checked_before_an_order_exists(told, quote):
    engine, hands = told
    with pytest.raises(InputError, match="expected"):
        hands.quote(SYMBOL, **quote)
    assert engine.blotter.lifecycle.orders() == []


def test_a_target_is_judged_before_anything_goes(told):
    engine, hands = told
    with pytest.raises(InputError, match=r"target size 'x': expected a number"):
        hands.target(SYMBOL, "x")
    with pytest.raises(InputError, match="text"):
        hands.target(SYMBOL, 1, price="text")
    assert engine.blotter.lifecycle.orders() == []
    assert hands.target(SYMBOL, 1, price="99.95").denied[0] == "price_rule"


def test_an_amend_knows_its_roundings(told):
    _, hands = told
    order = hands.buy(SYMBOL, **ORDER)
    with pytest.raises(InputError, match="round 'up'"):
        hands.amend(order, size="2", round="up")


def test_a_wrong_term_faults_its_strategy_and_the_others_go_on():
    bad = Recorder(book=at(2, lambda ctx, _: ctx.buy(SYMBOL, 0.01, price=99, post_only="yes")))
    good = Recorder()
    engine, market = start(bad, good)
    market.wait(5).wait(5)
    assert engine.runners[0].fault.error.startswith("InputError: post_only 'yes'")
    assert engine.blotter.lifecycle.orders() == []
    assert good.calls["book"] == 4


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda ctx: ctx.timer("x", at="soon"), "timer 'x' at 'soon': expected a time, int ns"),
        (lambda ctx: ctx.timer("x", at=1.5), "at 1.5"),
        (lambda ctx: ctx.timer("x", at=-5), "at -5"),
        (lambda ctx: ctx.timer("x", at=True), "at True"),
        (lambda ctx: ctx.timer(None, at=5), "timer name None"),
        (lambda ctx: ctx.timer(None), "timer name None"),
        (lambda ctx: ctx.timer("x", every=float("inf")), "duration inf"),
        (lambda ctx: ctx.timer("x", after=float("nan")), "duration nan"),
        (lambda ctx: ctx.timer("x", after=[]), r"duration \[\]"),
        (lambda ctx: ctx.timer("x", every=10**400), "duration 1000"),
        (lambda ctx: ctx.timer("x", every="9" * 18 + "d"), "duration '999"),
        (lambda ctx: ctx.subscribe_bars(SYMBOL, float("nan")), "duration nan"),
        (lambda ctx: ctx.subscribe_bars(SYMBOL, "1s", warmup=-1), "warmup -1"),
        (lambda ctx: ctx.subscribe_bars(SYMBOL, "1s", warmup=1.5), "warmup 1.5"),
    ],
)
def test_times_are_checked_before_anything_is_armed(told, call, says):
    engine, hands = told
    with pytest.raises(InputError, match=says):
        hands.do(call)
    assert engine.kernel.timers.next_due() is None
    assert engine.kernel.markets[0].bars == {}


@pytest.mark.parametrize("mode", ["backtest", "paper"])
def test_what_is_no_coroutine_is_not_run(mode):
    engine, _ = start(Told(), mode=mode)
    for given in (5, asyncio.sleep, None):
        with pytest.raises(InputError, match="expected a coroutine"):
            Hands(engine).run(given)
    assert engine.runners[0].fault is None


async def nothing():
    pass


@pytest.mark.parametrize(
    "act",
    [
        lambda ctx: ctx.buy(SYMBOL, **ORDER),
        lambda ctx: ctx.cancel_all(),
        lambda ctx: ctx.quote(SYMBOL, bid=("99", "1")),
        lambda ctx: ctx.target(SYMBOL, 1),
        lambda ctx: ctx.timer("x", after=1),
        lambda ctx: ctx.timer("x"),
        lambda ctx: ctx.subscribe_book(SYMBOL),
        lambda ctx: ctx.subscribe_trades(SYMBOL),
        lambda ctx: ctx.subscribe_bars(SYMBOL, "1s"),
        lambda ctx: ctx.run(nothing()),
        lambda ctx: ctx.state.__setitem__("x", 1),
        lambda ctx: ctx.state.__delitem__("x"),
    ],
)
def test_nothing_acts_outside_of_a_hook(act):
    engine, _ = start(Told(), mode="paper")
    ctx = engine.runners[0].ctx
    with pytest.raises(InputError, match=r"outside of a hook.*on_message"):
        act(ctx)
    assert engine.blotter.lifecycle.orders() == []
    assert ctx.position(SYMBOL).size == 0
    assert ctx.open_orders() == []


def test_a_hook_acts_on_start_and_on_stop():
    engine, _ = start(Recorder(start=at(1, lambda ctx, _: ctx.timer("x", after=9)), stop=at(1, remember)))
    engine.stop()
    assert engine.runners[0].fault is None
    assert dict(engine.runners[0].ctx.state) == {"stopped": True}


def remember(ctx, _):
    ctx.state["stopped"] = True
