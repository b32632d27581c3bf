"""How an engine carries out effects: journal first, time in order, nothing after a failure."""

import pytest
from tests.unit.engine.scripted import MS, START, SYMBOL, Recorder, at, start

from alipes.engine.engine import Engine
from alipes.errors import InvariantError, StoreError


class Notes:
    """A journal and a connector that note what happens in which order."""

    def __init__(self, engine):
        self.log = []
        self.connector = engine.connectors["main"]
        engine.journal = self
        engine.connectors["main"] = self

    def append(self, record):
        self.log.append(type(record).__name__)

    def commit(self):
        self.log.append("commit")

    def submit(self, order):
        self.log.append("submit")
        self.connector.submit(order)

    def cancel(self, order):
        self.log.append("cancel")
        self.connector.cancel(order)


def twice(ctx, _):
    ctx.buy(SYMBOL, "1", price="99")
    ctx.state["sent"] = 2
    ctx.buy(SYMBOL, "1", price="98")


def test_the_journal_is_written_before_the_connector_is_called():
    strategy = Recorder(book=at(3, twice))
    engine, market = start(strategy)
    notes = Notes(engine)
    market.depth()
    expected = ["OrderIntent", "OrderIntent", "StateRecord", "commit", "submit", "submit"]
    assert notes.log == expected


def test_nothing_is_sent_when_the_journal_fails():
    strategy = Recorder(book=at(3, twice))
    engine, market = start(strategy)
    notes = Notes(engine)

    def full():
        raise StoreError("disk full")

    notes.commit = full
    with pytest.raises(StoreError):
        market.depth()
    assert "submit" not in notes.log


def test_a_connector_that_answers_inside_a_hook_halts():
    """Answers are inputs: they are polled, never pushed into a running hook."""
    strategy = Recorder()
    engine, market = start(strategy)
    strategy.script["book"] = lambda *_: engine.advance(engine.now + 10**9)
    strategy.ctx.timer("soon", after="1ms")
    with pytest.raises(InvariantError):
        market.depth()


def test_answers_and_timers_happen_in_order_of_time_before_the_next_frame():
    times = []

    class Times(Recorder):
        def note(self, hook, ctx, item):
            super().note(hook, ctx, item)
            times.append((hook, (ctx.now - START) / MS))

    def arm(ctx, _):
        ctx.timer("a", after="1ms")
        ctx.timer("b", after="7ms")
        ctx.buy(SYMBOL, "1", price="99")

    _, market = start(Times(book=at(2, arm)), latency=(2.0, 3.0))
    market.wait(3).wait(20)
    inputs = [each for each in times if each[0] != "start"]
    assert inputs == sorted(inputs, key=lambda each: each[1])
    assert ("timer", 2.0) in inputs
    assert ("timer", 8.0) in inputs
    assert any(hook == "order" for hook, _ in inputs)


def test_engine_time_never_goes_back():
    strategy = Recorder(book=lambda ctx, *_: seen.append(ctx.now))
    seen = []
    _, market = start(strategy)
    market.now -= 500 * MS
    market.depth()
    assert seen == sorted(seen)


def test_aggregated_trades_do_not_repeat_single_ones():
    strategy = Recorder()
    _, market = start(strategy)
    market.trade(100.5, 1)
    market.aggregate(100.5, 1)
    market.trade(100.5, 2)
    assert strategy.calls["trade"] == 2


class Hasty(Engine):
    """Sends before the journal is written."""

    def _carry_out(self, effects):
        for kind, order in effects.requests:
            self._request(kind, order)
        super()._carry_out(effects._replace(requests=()))


@pytest.mark.parametrize(
    "check",
    [test_the_journal_is_written_before_the_connector_is_called, test_nothing_is_sent_when_the_journal_fails],
)
def test_the_checks_catch_an_engine_that_sends_first(check, monkeypatch):
    monkeypatch.setattr("alipes.engine.wiring.Engine", Hasty)
    with pytest.raises(AssertionError):
        check()
