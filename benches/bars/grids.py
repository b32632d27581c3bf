"""What is swept: rules of different shapes, each with its parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from walks import Arrays

import alipes.rules as r
from alipes.backtest import integers, sweep, uniform

LIKE_VECTORBT = {"fill": "same_close", "convention": "vectorbt", "fees_bps": 10, "cash": 1e9}
"""Terms under which vectorbt gives the same numbers.

Fees eat all but a billionth of the fastest pairs' money. vectorbt refuses orders below 1e-8 units
(``min_size``), so whoever starts with little stops trading there; ratios do not depend on the cash.
"""


@dataclass(frozen=True)
class Grid:
    """A sweep to run.

    Attributes:
        name: for the table.
        rules: the rules.
        params: values of each parameter.
        options: further arguments of `sweep`.
    """

    name: str
    rules: r.Rules
    params: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)

    def run(self, bars: Arrays, *, workers: int = 1) -> Any:
        """The public call on raw arrays: it takes them in, checks them and sweeps."""
        return sweep(self.rules, bars, params=self.params, workers=workers, **self.options)


def dual_sma(windows: range = range(5, 105, 5), **options: Any) -> Grid:
    """Long while a fast average is above a slow one, all pairs of windows: 190 combinations by default."""
    fast, slow = (r.sma(r.close, r.param(name)) for name in ("fast", "slow"))
    rules = r.Rules(r.cross_above(fast, slow), r.cross_below(fast, slow))
    grid = {"fast": windows, "slow": windows}
    return Grid("dual SMA", rules, grid, {"where": "fast < slow", **LIKE_VECTORBT, **options})


def dual_sma_of(fast: int, slow: int) -> Grid:
    """The same rules with as many fast times slow windows."""
    grid = {"fast": range(5, 5 + 2 * fast, 2), "slow": range(60, 60 + 5 * slow, 5)}
    return Grid(f"dual SMA {fast} x {slow}", dual_sma().rules, grid, LIKE_VECTORBT)


def _rsi() -> Grid:
    index, low = r.rsi(r.close, r.param("n")), r.param("low")
    rules = r.Rules(r.cross_above(index, low), r.cross_below(index, 100 - low))
    return Grid("RSI thresholds", rules, {"n": range(5, 43, 2), "low": range(15, 45, 3)})


def _bollinger() -> Grid:
    bands = r.bollinger(r.close, r.param("n"), r.param("k"))
    rules = r.Rules(r.cross_above(r.close, bands.upper), r.cross_below(r.close, bands.middle))
    return Grid("Bollinger breakout", rules, {"n": range(10, 105, 5), "k": [1 + 0.2 * k for k in range(10)]})


def _donchian() -> Grid:
    entry, leave = (r.donchian(r.param(name)) for name in ("entry", "leave"))
    rules = r.Rules(
        r.close > r.shift(entry.upper),
        r.close < r.shift(leave.lower),
        r.close < r.shift(entry.lower),
        r.close > r.shift(leave.upper),
    )
    return Grid(
        "Donchian breakout, both sides", rules, {"entry": range(20, 115, 5), "leave": range(5, 25, 2)}
    )


def _filtered_ema() -> Grid:
    fast, slow = (r.ema(r.close, r.param(name)) for name in ("fast", "slow"))
    ruffled = r.rolling_std(r.pct_change(r.close), 60)
    least = r.where(r.hour >= 12, 0.0007, 0.0008)
    rules = r.Rules(r.cross_above(fast, slow) & (ruffled > least), r.cross_below(fast, slow))
    return Grid("EMA cross, filtered by where", rules, {"fast": range(5, 55, 5), "slow": range(60, 155, 5)})


def _macd() -> Grid:
    made = r.macd(r.close, r.param("fast"), r.param("slow"), r.param("signal"))
    rules = r.Rules(r.cross_above(made.line, made.signal), r.cross_below(made.line, made.signal))
    axes = {"fast": range(6, 16, 2), "slow": range(20, 39), "signal": (7, 9)}
    return Grid("MACD signal cross", rules, axes)


def _mean_reversion() -> Grid:
    score, edge = r.rolling_zscore(r.close, r.param("n")), r.param("edge")
    rules = r.Rules(score < -edge, score > 0, score > edge, score < 0)
    axes = {"n": range(10, 200, 10), "edge": [1 + 0.2 * k for k in range(10)]}
    return Grid("z-score reversion, both sides", rules, axes)


def _correlation() -> Grid:
    related = r.rolling_corr(r.close, r.volume, r.param("n"))
    rising = r.rolling_slope(r.close, r.param("m")) > 0
    rules = r.Rules((related > 0.1) & rising, (related < -0.1) | ~rising)
    return Grid("correlation and slope", rules, {"n": range(20, 115, 5), "m": range(5, 55, 5)})


def _timeframes() -> Grid:
    trend = r.tf("1h", r.close > r.sma(r.close, r.param("hours")))
    pullback = r.rolling_rank(r.close, r.param("n"))
    rules = r.Rules(trend & (pullback < 0.2), pullback > 0.9)
    return Grid("hourly trend, rank pullback", rules, {"hours": range(5, 100, 5), "n": range(10, 60, 5)})


def graphs() -> list[Grid]:
    """Graphs without stops that have nothing to do with each other, about 190 combinations each."""
    made = (
        _rsi, _bollinger, _donchian, _filtered_ema, _macd, _mean_reversion, _correlation, _timeframes,
    )  # fmt: skip
    return [Grid(each.name, each.rules, each.params, LIKE_VECTORBT) for each in (build() for build in made)]


def atr_stops(count: int) -> list[Grid]:
    """A dual average with an ATR stop at the next open, sets that share as little as may be.

    Every window of the first is in one set only; the second is what a random search draws; the averages of
    the third are of all lengths, so that no two are alike.
    """
    terms = {"fees_bps": 10}
    place, true_range = r.param("i"), r.true_range()
    alone = _stopped(
        r.sma(r.close, place + 3), r.sma(r.close, place + (count + 103)), r.wilder(true_range, place + 5),
        1 + 4 * place / count,
    )  # fmt: skip
    drawn = _stopped(
        r.sma(r.close, r.param("fast")), r.sma(r.close, r.param("slow")), r.atr(r.param("n")), r.param("k")
    )
    of_any = _stopped(
        r.ewm_mean(r.close, span=r.param("fast"), adjust=False),
        r.ewm_mean(r.close, span=r.param("slow"), adjust=False),
        r.ewm_mean(true_range, alpha=1 / r.param("n"), adjust=False), r.param("k"),
    )  # fmt: skip
    ranges = {"fast": (5, 60), "slow": (61, 300), "n": (5, 50)}
    whole = {name: integers(*ends) for name, ends in ranges.items()} | {"k": uniform(1, 5)}
    every = {name: uniform(*ends) for name, ends in ranges.items()} | {"k": uniform(1, 5)}
    return [
        Grid("ATR stop, no window twice", alone, {"i": range(count)}, terms),
        Grid("ATR stop, random search", drawn, whole, {**terms, "sample": count}),
        Grid("ATR stop, averages of any length", of_any, every, {**terms, "sample": count}),
    ]


def _stopped(fast: r.Expr, slow: r.Expr, reach: r.Expr, times: Any) -> r.Rules:
    return r.Rules(r.cross_above(fast, slow), r.cross_below(fast, slow), stop_loss=times * reach)
