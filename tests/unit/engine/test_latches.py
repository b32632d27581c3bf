"""What a halt leaves possible, and what sets a latch without a command."""

from tests.unit.engine.scripted import START, SYMBOL, Recorder, start

from alipes.engine.kernel import ORDER
from alipes.model import Filled, OrderState, StateRecord
from alipes.risk.latches import TradingState


def traded(**options):
    """An engine whose strategy holds 0.5 and has a resting bid."""
    strategy = Recorder(**options)
    engine, market = start(strategy)
    ctx = strategy.ctx
    ctx.buy(SYMBOL, "0.5", price="101")
    resting = ctx.buy(SYMBOL, "0.5", price="99")
    market.wait(5).wait(5)
    return engine, market, ctx, resting


def test_halted_admits_cancels_only():
    engine, market, ctx, resting = traded()
    engine.blotter.restrict("main", TradingState.HALTED, "operator")
    leave = ctx.sell(SYMBOL, "0.5", price="100", reduce_only=True)
    assert leave.denied[0] == "halted"
    ctx.amend(resting, price="98")
    assert resting.reason.startswith("amend refused: halted")
    ctx.cancel(resting)
    market.wait(5).wait(5)
    assert resting.state is OrderState.CANCELLED


def test_a_fill_that_is_not_ours_sets_reducing_and_is_journalled():
    engine, _, ctx, _ = traded()
    foreign = Filled("autoclose-1", START, START, "t99", 1_000, 1_000)
    effects = engine.kernel.process((ORDER, engine.now, foreign))
    rows = [row for row in effects.records if isinstance(row, StateRecord)]
    assert [(row.name, row.state["state"]) for row in rows] == [("latch:", "reducing")]
    assert ctx.buy(SYMBOL, "0.1", price="99").denied[0] == "reducing"
