"""What a strategy can ask for through its context, and what becomes of a request that cannot go."""

from decimal import Decimal

import pytest
from tests.unit.engine.scripted import MS, START, SYMBOL, Recorder, at, start

from alipes.errors import InputError, StaleBookError


@pytest.fixture
def trader():
    """A started engine, its market, and the context of an idle strategy."""
    strategy = Recorder()
    engine, market = start(strategy)
    return engine, market, strategy.ctx


def orders(engine):
    return [str(order.state) for order in engine.blotter.lifecycle.orders()]


def flush(engine):
    """Sends what was asked for outside of a hook, as a test does."""
    engine.message("s0", None)


@pytest.mark.parametrize(
    ("terms", "code", "says"),
    [
        ({"size": "1", "price": "100.05"}, "price_rule", ["100.0", "100.1"]),
        ({"size": "1", "price": 100.05}, "price_rule", ["100.0", "100.1"]),
        ({"size": "1", "price": float("nan")}, "price_rule", ["nan"]),
        ({"size": "1", "price": "-5"}, "price_rule", ["-5"]),
        ({"size": "0.0005", "price": "100"}, "lot", ["0", "0.001"]),
        ({"size": "0", "price": "100"}, "lot", ["0"]),
        ({"size": "-1", "price": "100"}, "lot", ["-1"]),
        ({"size": "1", "price": "200"}, "price_collar", ["200"]),
        ({"size": "1", "price": "100", "stop_price": "99"}, "unsupported", ["stop_price"]),
        ({"size": "1", "stop_loss": "90", "take_profit": "120"}, "unsupported", ["stop_loss", "take_profit"]),
    ],
)
def test_a_request_that_cannot_go_is_a_denied_order(trader, terms, code, says):
    engine, _, ctx = trader
    size = terms.pop("size")
    order = ctx.buy(SYMBOL, size, **terms)
    assert str(order.state) == "denied"
    assert order.denied[0] == code
    for text in says:
        assert text in order.denied[1]
    assert engine.blotter.lifecycle.open_orders() == []


def test_targets_and_quotes_off_the_grid_are_denied_orders(trader):
    engine, _, ctx = trader
    assert ctx.target(SYMBOL, "0.0005").denied[0] == "lot"
    assert ctx.target(SYMBOL, float("nan")).denied[0] == "lot"
    ctx.quote(SYMBOL, bid=("99", "1"), ask=(float("nan"), "1"))
    last = engine.blotter.lifecycle.orders()[-1]
    assert (str(last.side), last.denied[0]) == ("sell", "price_rule")
    assert engine.blotter.lifecycle.open_orders() == []  # nothing half done


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"max_order_size": "0.5"}, "max_order_size"),
        ({"max_order_notional": "50"}, "max_order_notional"),
        ({"max_position": "0.5"}, "max_position"),
    ],
)
def test_limits_deny(limits, code):
    strategy = Recorder()
    start(strategy, risk=limits)
    assert strategy.ctx.buy(SYMBOL, "1", price="100").denied[0] == code
    assert strategy.ctx.buy(SYMBOL, "0.5", price="99").denied is None


@pytest.mark.parametrize(
    "call",
    [
        lambda ctx: ctx.buy(SYMBOL, object(), price="100"),
        lambda ctx: ctx.buy(SYMBOL, "one", price="100"),
        lambda ctx: ctx.buy(SYMBOL, "1", price=object()),
        lambda ctx: ctx.buy(SYMBOL, "1", price="100", tif="DAY"),
        lambda ctx: ctx.buy(SYMBOL, "1", price="100", round="up"),
        lambda ctx: ctx.buy(SYMBOL),
        lambda ctx: ctx.buy(SYMBOL, "1", notional="100"),
        lambda ctx: ctx.buy(7, "1"),
        lambda ctx: ctx.cancel("a0000"),
        lambda ctx: ctx.timer("x", after="soon"),
        lambda ctx: ctx.timer("x", every=-1),
        lambda ctx: ctx.subscribe_bars(SYMBOL, "1w"),
        lambda ctx: ctx.target(SYMBOL, "much"),
        lambda ctx: ctx.target(SYMBOL, None),
        lambda ctx: ctx.bars(SYMBOL, "1m"),
        lambda ctx: ctx.state.__setitem__(7, 1),
        lambda ctx: ctx.state.__setitem__("x", object()),
    ],
)
def test_a_programming_error_raises(trader, call):
    with pytest.raises(InputError):
        call(trader[2])


def test_an_unknown_instrument_names_candidates(trader):
    with pytest.raises(InputError, match="BTC/USDT:USDT"):
        trader[2].buy("BTC/USDC:USDC", "1")


def test_the_known_instruments_are_the_same_whatever_was_asked_for(trader):
    lists = set()
    for name in ("BTC/USDC:USDC", "nothing like it", "main:BTC/USDT:USD"):
        with pytest.raises(InputError) as caught:
            trader[2].buy(name, "1")
        lists.add(str(caught.value).partition("known are ")[2])
    assert lists == {f"main:{SYMBOL}"}


def test_a_backtest_does_not_run_coroutines(trader):
    async def work():
        pass

    with pytest.raises(InputError, match="backtest"):
        trader[2].run(work())


def test_rounding_of_a_price(trader):
    _, _, ctx = trader
    assert ctx.buy(SYMBOL, "1", price="99.97", round="passive").price == Decimal("99.9")
    assert ctx.buy(SYMBOL, "1", price="99.97", round="aggressive").price == Decimal("100.0")
    assert ctx.sell(SYMBOL, "1", price="101.03", round="passive").price == Decimal("101.1")
    assert ctx.sell(SYMBOL, "1", price="101.03", round="aggressive").price == Decimal("101.0")


def test_notional_is_rounded_down_to_the_lot(trader):
    _, _, ctx = trader
    assert ctx.buy(SYMBOL, notional="50", price="99.9").size == Decimal("0.500")
    assert ctx.buy(SYMBOL, notional="50").size == Decimal("0.495")  # at the best ask, 101


def test_a_market_order_goes_out_as_ioc_at_the_collar(trader):
    engine, market, ctx = trader
    order = ctx.buy(SYMBOL, "0.5")
    assert str(order.type) == "market"
    assert str(order.tif) == "IOC"
    assert order.price == Decimal("111.1")  # 101 plus 10 %
    flush(engine)
    market.wait(5).wait(5)
    assert str(order.state) == "filled"
    assert order.average_price == Decimal(101)


def test_target_called_twice_sends_once(trader):
    engine, market, ctx = trader
    assert ctx.target(SYMBOL, "0.5") is not None
    assert ctx.target(SYMBOL, "0.5") is None
    flush(engine)
    market.wait(5).wait(5)
    assert ctx.target(SYMBOL, "0.5") is None
    assert ctx.position(SYMBOL).size == Decimal("0.5")
    assert orders(engine) == ["filled"]


def test_target_the_other_way(trader):
    engine, market, ctx = trader
    ctx.target(SYMBOL, "0.5")
    flush(engine)
    market.wait(5).wait(5)
    ctx.target(SYMBOL, "-0.25")
    flush(engine)
    market.wait(5).wait(5)
    assert ctx.position(SYMBOL).size == Decimal("-0.25")


def test_quote_is_idempotent_and_follows(trader):
    engine, market, ctx = trader
    quote = {"bid": ("99.9", "1"), "ask": ("101.1", "1")}
    ctx.quote(SYMBOL, **quote)
    ctx.quote(SYMBOL, **quote)
    flush(engine)
    market.wait(5).wait(5)
    ctx.quote(SYMBOL, **quote)
    assert len(engine.blotter.lifecycle.orders()) == 2
    ctx.quote(SYMBOL, bid=("99.8", "1"), ask=None)
    flush(engine)
    market.wait(5).wait(5).wait(5)
    found = [(str(each.side), str(each.state), each.price) for each in engine.blotter.lifecycle.orders()]
    assert found == [("buy", "accepted", Decimal("99.8")), ("sell", "cancelled", Decimal("101.1"))]


def test_a_quote_that_must_wait_is_settled_by_the_next_event(trader):
    engine, market, ctx = trader
    ctx.quote(SYMBOL, bid=("99.9", "1"))
    ctx.quote(SYMBOL, bid=("99.7", "1"))  # the first is on its way: it cannot be amended yet
    flush(engine)
    market.wait(5).wait(5).wait(5)
    assert [(str(each.state), each.price) for each in ctx.open_orders()] == [("accepted", Decimal("99.7"))]
    assert len(engine.blotter.lifecycle.orders()) == 1


def test_a_waiting_quote_of_a_faulted_strategy_is_dropped():
    def twice(ctx, _):
        ctx.quote(SYMBOL, bid=("99.9", "1"))
        ctx.quote(SYMBOL, bid=("99.7", "1"))
        raise RuntimeError

    engine, market = start(Recorder(book=at(2, twice)))
    market.wait(5).wait(5).wait(5)
    assert orders(engine) == ["cancelled"]


def test_amend_and_cancel(trader):
    engine, market, ctx = trader
    order = ctx.buy(SYMBOL, "1", price="99")
    flush(engine)
    market.wait(5)
    ctx.amend(order, price="99.5", size="2")
    flush(engine)
    market.wait(5)
    assert (order.price, order.size) == (Decimal("99.5"), Decimal(2))
    ctx.amend(order, price="99.55")
    assert "99.5" in order.reason
    assert order.price == Decimal("99.5")
    ctx.cancel(order)
    ctx.cancel(order)
    flush(engine)
    market.wait(5)
    assert str(order.state) == "cancelled"


def test_the_order_of_another_strategy_is_out_of_reach():
    mine, other = Recorder(), Recorder()
    start(mine, other)
    order = mine.ctx.buy(SYMBOL, "1", price="99")
    with pytest.raises(InputError, match="belongs to strategy 's0'"):
        other.ctx.cancel(order)
    assert other.ctx.open_orders() == []
    assert mine.ctx.open_orders() == [order]


def test_reading_a_stale_book_raises_and_orders_are_denied(trader):
    engine, market, ctx = trader
    calls = len(engine.runners[0].strategy.log)
    market.depth(skip=5)
    assert len(engine.runners[0].strategy.log) == calls  # no on_book with a stale book
    with pytest.raises(StaleBookError):
        _ = ctx.book(SYMBOL).best_bid
    assert ctx.buy(SYMBOL, "1", price="99").denied[0] == "stale_data"
    assert ctx.buy(SYMBOL, notional="100").denied[0] == "stale_data"
    market.snapshot()
    assert ctx.book(SYMBOL).best_bid == 100.0
    assert ctx.buy(SYMBOL, "1", price="99").denied is None


def test_timers_come_at_their_own_time():
    def arm(ctx, *_):
        ctx.timer("once", after="3ms")
        ctx.timer("often", every="2ms")
        ctx.timer("never", after="1ms")
        ctx.timer("never")

    times = []
    strategy = Recorder(start=at(1, arm), timer=lambda ctx, name, _: times.append((name, ctx.now - START)))
    _, market = start(strategy)
    market.wait(5)
    assert times[:4] == [("often", 2 * MS), ("once", 3 * MS), ("often", 4 * MS), ("often", 6 * MS)]
    assert "never" not in {name for name, _ in times}


def test_trades_and_bars():
    bars = []

    class Bars(Recorder):
        def on_start(self, ctx, resumed):
            super().on_start(ctx, resumed)
            ctx.subscribe_bars(SYMBOL, "10ms")

        def on_bar(self, ctx, bar):
            bars.append(bar)

    strategy = Bars()
    _, market = start(strategy)
    market.now = START + 20 * MS
    for price in (101, 103, 99, 100):
        market.trade(price, 0.5)
    market.now = START + 30 * MS
    market.trade(100.5, 1, taker="sell")
    trade = strategy.ctx.trades(SYMBOL)[-1]
    assert (trade.price, trade.size, str(trade.taker)) == (100.5, 1.0, "sell")
    assert strategy.calls["trade"] == 5
    bar = bars[0]
    assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == (101.0, 103.0, 99.0, 100.0, 2.0)
    assert (bar.ts_open, bar.ts_close) == (START + 20 * MS, START + 30 * MS)
    assert strategy.ctx.bars(SYMBOL, "10ms") == tuple(bars)


def test_state_is_journalled_with_the_intents_of_the_hook():
    def remember(ctx, *_):
        ctx.state["seen"] = [1]
        ctx.buy(SYMBOL, "1", price="99")

    def grow(ctx, *_):
        ctx.state["seen"].append(2)

    strategy = Recorder(book=lambda ctx, item, call: (remember, grow, lambda *_: None)[min(call, 3) - 1](ctx))
    engine, market = start(strategy)
    market.depth()
    rows = [(type(row).__name__, row.seq) for row in engine.journal.records]
    intent, state = rows[0], rows[1]
    assert intent[0] == "OrderIntent"
    assert state == ("StateRecord", intent[1])
    states = [row for row in engine.journal.records if type(row).__name__ == "StateRecord"]
    assert [row.state for row in states] == [{"seen": [1]}, {"seen": [1, 2]}]
    assert {row.name for row in states} == {"strategy.s0"}


def test_state_is_there_before_on_start_of_a_resumed_strategy():
    seen = []
    restored = Recorder(start=lambda ctx, resumed, _: seen.append((resumed, dict(ctx.state))))
    start(restored, states={"s0": {"seen": [1]}})
    assert seen == [(True, {"seen": [1]})]


def test_a_book_subscription_can_ask_for_every_update():
    class Every(Recorder):
        def on_start(self, ctx, resumed):
            ctx.subscribe_book(SYMBOL, every_update=True)

    every, once = Every(), Recorder()
    engine, market = start(every, once)
    before = every.calls["book"], once.calls["book"]
    frames = []
    market.engine = Collects(frames)
    market.depth(bids=[(100.0, 4)]).depth(bids=[(100.0, 3)]).depth(bids=[(100.0, 2)])
    engine.on_read(market.source, frames)
    assert (every.calls["book"] - before[0], once.calls["book"] - before[1]) == (3, 1)
    assert once.log[-1] == ("book", (100.0, 2.0, 101.0, 5.0))


class Collects:
    """Stands in for an engine where frames are to be collected, not processed."""

    def __init__(self, frames):
        self.frames = frames

    def advance(self, until):
        pass

    def on_frame(self, _, ts_recv, raw):
        self.frames.append((ts_recv, raw))
