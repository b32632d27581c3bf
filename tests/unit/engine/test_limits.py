"""Latches and account-wide losses: what stops, what is cancelled, and what a restart would find."""

from decimal import Decimal

import pytest
from tests.unit.engine.scripted import MS, SYMBOL, Recorder, at, start

from alipes.engine.kernel import Command
from alipes.engine.losses import DAY_NS, LossLimits
from alipes.report import EquityPoint
from alipes.risk import TradingState

HALT = Command("", TradingState.HALTED, "operator")


def resting():
    return Recorder(book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "1", price="99")))


def test_a_halt_cancels_what_is_open_and_denies_what_comes():
    strategy = resting()
    engine, market = start(strategy)
    market.wait(5)
    engine.command(HALT)
    market.wait(5).wait(5)
    assert [str(order.state) for order in engine.blotter.lifecycle.orders()] == ["cancelled"]
    assert strategy.ctx.buy(SYMBOL, "1", price="99").denied[0] == "halted"
    names = [type(row).__name__ for row in engine.journal.records]
    assert names[-4:] == ["Control", "StateRecord", "CancelIntent", "EventRecord"]


def test_reducing_lets_exits_pass_and_a_release_opens_again():
    strategy = Recorder()
    engine, _ = start(strategy)
    engine.command(Command("main", TradingState.REDUCING, "operator"))
    assert strategy.ctx.buy(SYMBOL, "1", price="99").denied[0] == "reducing"
    assert strategy.ctx.buy(SYMBOL, "1", price="99", reduce_only=True).denied is None
    engine.command(Command("main", TradingState.ACTIVE, "operator", is_release=True))
    assert strategy.ctx.buy(SYMBOL, "1", price="99").denied is None


def test_a_restriction_never_loosens():
    engine, _ = start(Recorder())
    engine.command(HALT)
    engine.command(Command("", TradingState.REDUCING, "operator"))
    assert engine.blotter.risk.latches.state_of("") is TradingState.HALTED


def test_a_drawdown_halts_the_account():
    buys = Recorder(book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "5", price="101")))
    engine, market = start(buys, resting(), risk={"drawdown": 0.001})
    market.wait(5).wait(5)
    market.now += 1000 * MS
    market.depth(bids=[(100.0, 0), (80.0, 5.0)])  # 5 x (80 - 101) is 0.1 % of 100,000 lost
    market.wait(5).wait(5)
    latches = engine.blotter.risk.latches
    assert latches.state_of("main") is TradingState.HALTED
    assert "drawdown" in latches.status()["main"][1]
    assert engine.blotter.lifecycle.open_orders() == []
    assert buys.ctx.buy(SYMBOL, "1", price="80").denied[0] == "halted"


def point(ts, equity):
    return EquityPoint(ts, "main", "USDT", Decimal(equity), Decimal(0), Decimal(equity))


@pytest.mark.parametrize(
    ("equity", "is_breach"), [("990", False), ("970.01", False), ("970", True), ("900", True)]
)
def test_the_daily_loss_counts_from_midnight(equity, is_breach):
    losses = LossLimits(daily_loss=Decimal(30), drawdown=None)
    assert losses.check([point(0, "1100"), point(DAY_NS - 1, "1090")]) == []
    assert losses.check([point(DAY_NS, "1000")]) == []  # 100 below yesterday's opening, but a new day
    assert bool(losses.check([point(DAY_NS + 1, equity)])) is is_breach


@pytest.mark.parametrize(("equity", "is_breach"), [("1001", False), ("990.01", False), ("990", True)])
def test_the_drawdown_counts_from_the_highest(equity, is_breach):
    losses = LossLimits(daily_loss=None, drawdown=0.1)
    assert losses.check([point(0, "1000"), point(1, "1100")]) == []
    assert bool(losses.check([point(2, equity)])) is is_breach
