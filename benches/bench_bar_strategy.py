"""Strategies on bars: what a bar costs, and an order from `ctx` to its fill and back in the books."""

from time import process_time

import numpy as np

import alipes
from alipes.backtest.bars.driver import BarDriver
from alipes.backtest.bars.options import BarOptions

BARS = 100_000
MINUTE = 60_000_000_000


class Idle(alipes.Strategy):
    """Hears of bars."""

    def on_start(self, ctx, resumed):
        self.market = ctx.subscribe_bars("BTC/USDT:USDT", "1m")


class Cross(Idle):
    """Long while the faster of two moving averages, both kept by hand, is above the slower one."""

    def __init__(self, fast=0.5, slow=0.12):
        self.fast, self.slow = fast, slow
        self.quick = self.calm = None
        self.held = False
        self.orders = 0

    def on_bar(self, ctx, bar):
        close = bar.close
        if self.quick is None:
            self.quick = self.calm = close
            return
        self.quick = quick = self.quick + self.fast * (close - self.quick)
        self.calm = calm = self.calm + self.slow * (close - self.calm)
        if (quick > calm) is not self.held:
            self.held = not self.held
            self.orders += 1
            (ctx.buy if self.held else ctx.sell)(self.market, 1.0)


def bars():
    rng = np.random.default_rng(7)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.002, BARS)))
    open_ = np.append(100.0, close[:-1])
    return alipes.bars(
        {
            "ts": 1_700_000_040_000_000_000 + MINUTE * np.arange(BARS),
            "open": open_,
            "high": np.maximum(open_, close) * 1.001,
            "low": np.minimum(open_, close) * 0.999,
            "close": close,
            "volume": np.ones(BARS),
        }
    )


def timed(benchmark, strategy, unit, data):
    """Times whole runs, in processor time: the driver is one thread, and a machine may be shared."""
    options = BarOptions(fees_bps=5.0)
    benchmark.extra_info.update(unit=unit, per_round=BARS)
    benchmark._timer = process_time
    benchmark.pedantic(
        lambda driver: driver.run(), setup=lambda: ((BarDriver(strategy(), data, options),), {}), rounds=5
    )


def test_bar_heard_by_a_strategy(benchmark):
    timed(benchmark, Idle, "bar", bars())


def test_bar_of_a_cross_of_averages_with_orders(benchmark):
    data = bars()
    strategy = Cross()
    BarDriver(strategy, data, BarOptions(fees_bps=5.0)).run()
    assert 0.07 < strategy.orders / BARS < 0.12
    benchmark.extra_info["share_of_bars_with_an_order"] = strategy.orders / BARS
    timed(benchmark, Cross, "bar", data)
