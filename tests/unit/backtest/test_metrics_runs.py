"""The statistics of a run, kept as it goes, are those of the equity and the trades that it returns."""

from random import Random

import numpy as np
import pytest
from tests.counts import scaled
from tests.reference.curves import HOUR, MINUTE, MONDAY
from tests.reference.metrics import DAY
from tests.unit.backtest.metrics_of import differing

from alipes import _core
from alipes.backtest.bars.signals import signals
from alipes.data.bars import bars as read_bars

CONVENTIONS = ("alipes", "vectorbt", "backtesting.py", "quantstats")


def market(random, count, step):
    """Bars whose price walks at random, some of them missing."""
    noise = np.random.default_rng(random.randrange(2**32))
    close = 100 * np.exp(np.cumsum(noise.normal(0, random.choice((0.002, 0.03)), count)))
    open_ = np.append(100.0, close[:-1])
    ts = MONDAY + random.randrange(30) * HOUR + step * np.arange(count)
    ts[count // 2 :] += step * random.choice((0, 0, 1, 70))
    return read_bars(
        {
            "ts": ts,
            "open": open_,
            "high": np.maximum(open_, close) * 1.001,
            "low": np.minimum(open_, close) * 0.999,
            "close": close,
            "volume": np.ones(count),
        },
        freq=step,
    )


def arrays_of(result):
    """The trades of a result as `bar_metrics` takes them."""
    trades, names = (
        result.trades,
        ("pnl", "return", "fees", "entry_ts", "exit_ts", "entry_bar", "exit_bar", "is_open"),
    )
    columns = {name: np.asarray(trades[name]) for name in names}
    exits = np.where(columns["is_open"], 0.0, trades["exit_price"])
    return columns | {"value": (trades["entry_price"] + exits) * trades["size"]}


def traded(bars, seed, convention, fill, *, at_once=False):
    noise = np.random.default_rng(seed)
    entries, exits, shorts = (noise.random(len(bars)) < chance for chance in (0.06, 0.05, 0.02))
    entries[0] |= at_once
    return signals(
        bars,
        entries=entries,
        exits=exits,
        short_entries=shorts & ~entries,
        convention=convention,
        fill=fill,
        fees_bps=10.0,
        slippage_bps=2.0,
    )


def again(result, bars, convention):
    equity = np.asarray(result.equity["equity"])
    return _core.bar_metrics(convention, 10_000.0, bars.ts, equity, bars.step, arrays_of(result))


@pytest.mark.parametrize("fill", ["next_open", "same_close", "next_close"])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_statistics_of_a_run_are_those_of_its_equity_and_trades(convention, fill):
    random = Random(f"{convention} {fill}")
    for seed in range(scaled(15, 300)):
        bars = market(random, random.choice((3, 40, 700)), random.choice((5 * MINUTE, HOUR, DAY)))
        result = traded(bars, seed, convention, fill)
        assert differing(result.stats, again(result, bars, convention)) == {}, seed


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_trade_on_the_first_bar_moves_the_peak_where_the_convention_says_so(convention):
    for seed in range(10):
        bars = market(Random(seed), 300, HOUR)
        result = traded(bars, seed, convention, "same_close", at_once=True)
        assert differing(result.stats, again(result, bars, convention)) == {}, seed
