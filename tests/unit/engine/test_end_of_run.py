"""How a run ends: open orders are cancelled, and books that could not be followed are named loudly."""

import json

import pytest
from tests.unit.engine.scripted import MS, START, SYMBOL, Market, Recorder, at, engine_of

from alipes.backtest.events import drive
from alipes.engine.result import collect
from alipes.errors import DataError
from alipes.report.render import summary_view

NAME = f"main:{SYMBOL}"


class Tape(Market):
    """Frames instead of a market: the same messages, kept."""

    def __init__(self):
        super().__init__(engine_of(Recorder()))
        self.frames = []

    def _send(self, message):
        self.frames.append((self.now, json.dumps(message).encode()))
        self.now += MS
        return self

    def wait(self, milliseconds):
        self.now += milliseconds * MS
        return self.depth()


def outcome(tape, *strategies):
    engine = engine_of(*strategies)
    first = drive(engine, tape.frames)
    return collect(engine, first=first, wall_seconds=1.0)


def text(result):
    from rich.console import Console  # noqa: PLC0415

    console = Console(width=400)
    with console.capture() as captured:
        console.print(summary_view(result.summary))
    return captured.get()


def test_orders_open_at_the_end_are_cancelled_though_no_more_data_comes():
    """One rests, one is still on its way when the last frame comes."""
    tape = Tape().snapshot().wait(100)
    strategy = Recorder(book=lambda ctx, _, call: ctx.buy(SYMBOL, "0.1", price="99") if call < 3 else None)
    result = outcome(tape, strategy)
    assert result.summary["orders"]["by_state"] == {"cancelled": 2}
    assert strategy.hooks()[-1] == "stop"


def test_a_feed_without_a_snapshot_is_an_error():
    tape = Tape().depth(bids=[(100.0, 1)]).depth().trade(100.5, 1)
    with pytest.raises(DataError, match=r"never in step.*3 updates and 0 usable snapshots"):
        outcome(tape, Recorder())


def test_a_feed_of_depth_alone_without_a_snapshot_says_so_too():
    with pytest.raises(DataError, match=r"never in step.*2 updates"):
        outcome(Tape().depth().depth(), Recorder())


def test_a_feed_of_trades_alone_runs_and_warns():
    result = outcome(Tape().trade(100.5, 1).trade(100.5, 1), Recorder())
    assert "never in step" in result.summary["warnings"][0]


def test_a_gap_that_is_never_healed_is_named_loudly():
    tape = Tape().snapshot().wait(1000).depth(skip=5).wait(8000)
    result = outcome(tape, Recorder(book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "0.1", price="101"))))
    book = result.summary["books"][NAME]
    assert not book["in_step_at_end"]
    assert 8.0 < book["out_of_step_seconds"] < 8.1
    (warning,) = result.summary["warnings"]
    assert f"the book of {NAME} was out of step for 8.0 s of 9.0 s, to the end" in warning
    assert "marked at a stale price" in warning
    assert f"WARNING {warning}" in text(result)


def test_a_gap_that_is_healed_late_is_named_with_its_time():
    tape = Tape().snapshot().wait(1000).depth(skip=5).wait(8000).snapshot().wait(1000)
    result = outcome(tape, Recorder())
    assert result.summary["books"][NAME]["in_step_at_end"]
    assert "out of step for 8.0 s of 10.0 s" in result.summary["warnings"][0]
    assert "to the end" not in result.summary["warnings"][0]


def test_a_book_that_was_followed_is_no_warning():
    tape = Tape().snapshot().wait(1000)
    first, again = (outcome(tape, Recorder()) for _ in range(2))
    assert first.summary["warnings"] == []
    assert first.summary["books"] == again.summary["books"]
    assert first.summary["books"][NAME]["in_step_at_end"]
    assert tape.frames[0][0] == START
