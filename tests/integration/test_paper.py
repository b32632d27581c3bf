"""Paper on the wall clock: the same engine as a backtest, so the same orders and fills to the last digit."""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from alipes import backtest, config
from alipes.engine.runtime import Runtime, run_paper
from alipes.engine.wiring import build
from alipes.feeds import CaptureFeed, open_feed
from alipes.strategy import Strategy


def tables(mode="paper", seconds=30, **feed):
    return config.from_tables(
        {
            "run": {"mode": mode, "seed": 3},
            "accounts": {
                "demo": {"venue": "binanceusdm", "fees": {"maker": "0.0002", "taker": "0.0005"}},
            },
            "instruments": {"BTC/USDT:USDT": {"tick_size": "0.1", "lot_size": "0.001"}},
            "feed": {"type": "synthetic", "seconds": seconds, **feed},
            "strategies": {
                "quoter": {"class": "alipes.strategy.library:Quoter"},
                "momentum": {"class": "alipes.strategy.library:Momentum", "params": {"entry_bps": 0.5}},
            },
        }
    )


def trace(result):
    """All that must not differ: every fill, every order's whole life, equity."""
    orders = [
        (
            each.client_order_id,
            each.state,
            each.price_ticks,
            each.size_steps,
            each.ts_created,
            each.ts_updated,
        )
        for each in result.orders
    ]
    fills = [
        (each.client_order_id, each.trade_id, each.ts_event, each.ts_recv, each.price_ticks, each.fee)
        for each in result.fills
    ]
    return orders, fills, result.equity


@pytest.mark.parametrize("speed", [30.0, float("inf")])
def test_a_recorded_paper_run_replayed_gives_the_same_orders_and_fills(tmp_path, speed):
    record = str(tmp_path / "market.jsonl.gz")
    paper = run_paper(tables(record=record), speed=speed)
    replay = backtest.run_config(tables("backtest"), frames=CaptureFeed(record))
    assert len(paper.orders) > 5
    assert len(paper.fills) > 5
    assert trace(paper) == trace(replay)


def test_a_recording_says_what_it_is_of(tmp_path):
    record = tmp_path / "market.jsonl"
    run_paper(tables(seconds=1, record=str(record)), speed=float("inf"))
    header = json.loads(record.read_text().splitlines()[0])["alipes"]
    assert header["venue"] == "binanceusdm"
    assert header["instrument"] == "BTC/USDT:USDT"
    assert header["tick_size"] == "0.1"


def test_stop_cancels_what_is_open_and_waits_for_the_answers():
    engine = build(tables(seconds=600))

    def watch(engine):
        if len(engine.blotter.lifecycle.open_orders()) == 2:
            runtime.stop()

    runtime = Runtime(engine, open_feed(engine.config), speed=50.0, watch=watch, watch_every_s=0.001)
    asyncio.run(runtime.run())
    assert engine.blotter.lifecycle.open_orders() == []
    assert engine.blotter.lifecycle.orders()
    assert {str(runner.status) for runner in engine.runners} == {"stopped"}


class Asks(Strategy):
    """Runs a coroutine that answers and one that fails."""

    def __init__(self):
        self.heard = []

    def on_start(self, ctx, resumed):
        ctx.run(self.answer())
        ctx.run(self.fail())

    async def answer(self):
        return 42

    async def fail(self):
        raise OSError("no network")

    def on_message(self, ctx, message):
        self.heard.append(message)


def test_coroutines_answer_through_on_message():
    asks = Asks()
    run_paper(tables(seconds=2), strategies={"quoter": asks}, speed=20.0)
    assert asks.heard[0] == 42
    assert isinstance(asks.heard[1], OSError)


def test_a_watcher_that_raises_does_not_stop_the_run():
    seen = []

    def watch(engine):
        seen.append(engine.now)
        raise ValueError("no terminal")

    result = run_paper(tables(seconds=2), speed=20.0, watch=watch, watch_every_s=0.01)
    assert seen
    assert result.summary["market"]["messages"] > 100


STOPPED = """
import sys
from alipes.engine.runtime import run_paper
from tests.integration.test_paper import tables

def watch(engine):
    if len(engine.blotter.lifecycle.open_orders()) == 2:
        print("resting", flush=True)

result = run_paper(tables(seconds=600), watch=watch, watch_every_s=0.01)
states = result.summary["orders"]["by_state"]
print(states.get("cancelled", 0), sorted(states), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no POSIX signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_stops_in_order(name):
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdout.readline() == "resting\n"
        process.send_signal(getattr(signal, name))
        rest, _ = process.communicate(timeout=60)
    cancelled, states = rest.splitlines()[-1].split(" ", 1)
    assert process.returncode == 0
    assert int(cancelled) == 2
    assert "accepted" not in states
