"""One pass over the bars: ready signals, rules, and a strategy in Python."""

from typing import Any

import numpy as np
from grids import dual_sma
from timing import Timing, best_of
from walks import closes, flat

import alipes
from alipes.backtest import run, signals

ORDER_BARS = 11
"""The strategy orders at one bar of so many: 9 % of them."""


WINDOWS = {"often": (10, 30), "now and then": (50, 200)}
"""Windows of the averages whose crossings are the ready signals: a trade in some 50 and in some 300 bars."""


def ready_signals(count: int, windows: tuple[int, int]) -> dict[str, np.ndarray]:
    """Entries and exits where the mean of the last closes crosses a longer one, (count,) bool each."""
    sums = np.concatenate([[0.0], np.cumsum(closes(count))])
    fast, slow = (np.full(count, np.nan) for _ in range(2))
    for mean, window in zip((fast, slow), windows, strict=True):
        mean[window - 1 :] = (sums[window:] - sums[:-window]) / window
    above, below = fast > slow, fast < slow
    entries, exits = np.zeros(count, bool), np.zeros(count, bool)
    entries[1:], exits[1:] = above[1:] & ~above[:-1], below[1:] & ~below[:-1]
    return {"entries": entries, "exits": exits}


def measure_signals(count: int, rounds: int) -> dict[str, Timing]:
    """`signals` on raw arrays and on bars that are checked already, with trades often and now and then."""
    raw = flat(count)
    sources = {"raw arrays": raw, "checked bars": alipes.bars(raw)}
    found = {}
    for often, windows in WINDOWS.items():
        given = ready_signals(count, windows)
        each = 2 * count // int(np.count_nonzero(given["entries"]) + np.count_nonzero(given["exits"]))
        for source, bars in sources.items():
            timing = best_of(lambda bars=bars, given=given: signals(bars, fees_bps=10, **given), rounds)
            found[f"{source}, trading {often} (a trade in {each} bars)"] = timing
    return found


def measure_run(count: int, rounds: int) -> Timing:
    """`run` of a dual average on raw arrays, statistics read."""
    raw, rules = flat(count), dual_sma().rules
    params = {"fast": 10, "slow": 30}
    return best_of(lambda: run(rules, raw, params=params, fees_bps=10).stats["sharpe"], rounds)


def measure_strategy(count: int, rounds: int) -> Timing:
    """`run` of a strategy whose `on_bar` orders now and then, with money for all of its fees."""
    raw = flat(count)

    def once() -> Any:
        return run(EveryEleventh, raw, fees_bps=10, cash=1e9)

    ordered = len(once().orders)
    assert abs(ordered / count - 1 / ORDER_BARS) < 0.01, f"{ordered} orders at {count} bars"
    return best_of(once, rounds)


class EveryEleventh(alipes.Strategy):
    """Buys and sells in turn, at every eleventh bar."""

    def on_start(self, ctx: Any, resumed: bool) -> None:  # noqa: FBT001 - the hook's signature
        self.market = ctx.subscribe_bars("BTC/USDT:USDT", "1m")
        self.seen = 0
        self.is_long = False

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.seen += 1
        if self.seen % ORDER_BARS == 0:
            (ctx.sell if self.is_long else ctx.buy)(self.market, size="0.1")
            self.is_long = not self.is_long
