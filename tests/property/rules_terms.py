"""Random expressions and bars for the property tests of `alipes.rules`.

Expressions are *exact* (whole numbers and halves on which every order of rounding gives the same) or *smooth*
(rounded, but without jumps). Only exact ones are compared, divided by, or put into what has a jump: so two
implementations that round in another order still agree on every truth and on what is undefined.
"""

from typing import Any

import numpy as np
from hypothesis import strategies as st

import alipes.rules as r

MINUTE = 60_000_000_000
COLUMNS = ("open", "high", "low", "close", "volume", "signal")


class Drawn:
    """Draws the parts of an expression that may still be `depth` operators deep."""

    def __init__(self, draw: Any, depth: int) -> None:
        self._draw = draw
        self._inner = depth - 1

    def any(self, *options: Any) -> Any:
        return self._draw(st.sampled_from(options))

    def bars(self, least: int = 1, most: int = 7) -> int:
        return self._draw(st.integers(least, most))

    def exact(self) -> Any:
        return drawn_exact(self._draw, self._inner)

    def truth(self) -> Any:
        return drawn_condition(self._draw, self._inner)

    def smooth(self) -> Any:
        return drawn_smooth(self._draw, self._inner)

    def alone(self) -> Any:
        """An exact expression on the bars of one domain."""
        x = self.any(*(r.column(name) for name in COLUMNS))
        kinds = (x, r.diff(x), r.rolling_max(x, 3), r.rolling_sum(x, 2), r.shift(x, 1), r.cumsum(x), r.hour)
        return self.any(*kinds)


LEAVES = (*(r.column(name) for name in COLUMNS), r.const(2), r.param("p"), r.hour, r.minute, r.weekday)
EXACT = (
    lambda d: d.any(*LEAVES),
    lambda d: d.exact() + d.exact(),
    lambda d: d.exact() - d.exact(),
    lambda d: d.exact() * r.param("p"),
    lambda d: -d.exact(),
    lambda d: abs(d.exact()),
    lambda d: r.sign(d.exact()),
    lambda d: r.minimum(d.exact(), d.exact()),
    lambda d: r.maximum(d.exact(), d.exact()),
    lambda d: r.where(d.truth(), d.exact(), d.exact()),
    lambda d: r.shift(d.exact(), d.bars(0)),
    lambda d: r.diff(d.exact(), d.bars()),
    lambda d: r.rolling_sum(d.exact(), d.bars()),
    lambda d: r.rolling_sum(d.exact(), r.param("p") + 1),
    lambda d: r.rolling_min(d.exact(), d.bars()),
    lambda d: r.rolling_max(d.exact(), d.bars()),
    lambda d: r.rolling_argmin(d.exact(), d.bars()),
    lambda d: r.rolling_argmax(d.exact(), d.bars()),
    lambda d: r.rolling_median(d.exact(), d.bars()),
    lambda d: r.rolling_rank(d.exact(), d.any(1, 2, 4)),
    lambda d: r.cumsum(d.exact()),
    lambda d: r.cummax(d.exact()),
    lambda d: r.cummin(d.exact()),
    lambda d: r.bars_since(d.truth()),
    lambda d: r.value_when(d.truth(), d.exact()),
    lambda d: r.sum_since(d.exact(), d.truth()),
    lambda d: r.tf(d.any("3m", "5m", "15m", "1h"), d.alone()),
    lambda d: r.other("ETH", d.alone(), max_age=d.bars(1, 4)),
)
COMPARISONS = (
    lambda d: d.exact() > d.exact(),
    lambda d: d.exact() < d.exact(),
    lambda d: d.exact() >= d.exact(),
    lambda d: d.exact() <= d.exact(),
    lambda d: d.exact() == d.exact(),
    lambda d: d.exact() != d.exact(),
    lambda d: r.cross_above(d.exact(), d.exact()),
    lambda d: r.cross_below(d.exact(), d.exact()),
    lambda d: r.defined(d.exact()),
    lambda d: r.new_bucket(d.any("3m", "1h", "1d", "1w")),
    lambda d: r.tf("5m", d.alone() > d.alone()),
    lambda d: d.any(r.close > 0, r.close < 0) & True,
)
JOINED = (
    lambda d: d.truth() & d.truth(),
    lambda d: d.truth() | d.truth(),
    lambda d: ~d.truth(),
    lambda d: r.shift(d.truth(), d.bars(0, 3)),
    lambda d: r.defined(d.truth()),
)
ROUNDED = (
    lambda d: d.exact() / d.exact(),
    lambda d: r.log(d.exact()),
    lambda d: r.exp(d.exact() / 100),
    lambda d: r.sqrt(d.exact()),
    lambda d: d.exact() ** 0.5,
    lambda d: d.exact() ** -2,
    lambda d: r.pct_change(d.exact(), d.bars()),
    lambda d: r.rolling_mean(d.exact(), d.bars()),
    lambda d: r.rolling_std(d.exact(), d.bars(2)),
    lambda d: r.rolling_var(d.exact(), d.bars(), ddof=0),
    lambda d: r.rolling_quantile(d.exact(), d.bars(), d.any(0.0, 0.25, 0.9, 1.0)),
    lambda d: r.rolling_mad(d.exact(), d.bars()),
    lambda d: r.rolling_rank(d.exact(), d.bars()),
    lambda d: r.wma(d.exact(), d.bars()),
    lambda d: r.rolling_slope(d.exact(), d.bars(2)),
    lambda d: r.ema(d.exact(), d.bars()),
    lambda d: r.wilder(d.exact(), d.bars()),
    lambda d: r.ewm_mean(d.exact(), alpha=d.any(0.05, 0.3, 1.0)),
    lambda d: r.ewm_mean(d.exact(), alpha=d.any(0.05, 0.3, 1.0), adjust=False),
    lambda d: r.ewm_mean(d.exact(), half_life=d.any(1, 3.5)),
)
FURTHER = (
    lambda d: d.smooth() + d.exact(),
    lambda d: d.smooth() - d.smooth(),
    lambda d: r.minimum(d.smooth(), d.exact()),
    lambda d: r.rolling_mean(d.smooth(), d.bars()),
    lambda d: r.rolling_max(d.smooth(), d.bars()),
    lambda d: r.ema(d.smooth(), d.bars()),
    lambda d: r.shift(d.smooth(), d.bars(0, 3)),
    lambda d: r.where(d.truth(), d.smooth(), d.smooth()),
    lambda d: r.value_when(d.truth(), d.smooth()),
)


def drawn_exact(draw: Any, depth: int) -> Any:
    return draw(st.sampled_from(EXACT[:1] if depth <= 0 else EXACT))(Drawn(draw, depth))


def drawn_condition(draw: Any, depth: int) -> Any:
    kinds = COMPARISONS if depth <= 0 else COMPARISONS + JOINED
    return draw(st.sampled_from(kinds))(Drawn(draw, depth))


def drawn_smooth(draw: Any, depth: int) -> Any:
    return draw(st.sampled_from(ROUNDED if depth <= 1 else ROUNDED + FURTHER))(Drawn(draw, depth))


@st.composite
def exact(draw: Any) -> Any:
    """An expression without rounding."""
    return drawn_exact(draw, 4)


@st.composite
def condition(draw: Any) -> Any:
    """A condition whose comparisons are exact."""
    return drawn_condition(draw, 4)


@st.composite
def smooth(draw: Any) -> Any:
    """An expression with rounding, without jumps where it is rounded."""
    return drawn_smooth(draw, 3)


@st.composite
def bars(draw: Any, most: int = 60, columns: tuple[str, ...] = COLUMNS) -> Any:
    """(ts, columns) of one-minute bars with gaps, ties and an undefined `signal` here and there."""
    seed = draw(st.integers(0, 2**32 - 1))
    count = draw(st.integers(1, most))
    first = draw(st.sampled_from([0, 1, 59, 60, 1435, 4 * 1440 - 3, 28_333_334]))
    return made_bars(seed, count, first, columns)


def made_bars(seed: int, count: int, first: int, columns: tuple[str, ...] = COLUMNS) -> Any:
    """(ts, columns) from a seed; `first` is the minute of the first bar."""
    rng = np.random.default_rng(seed)
    steps = np.where(rng.random(count) < 0.1, rng.integers(2, 9, count), 1)
    ts = (first + np.cumsum(steps) - steps[0]) * MINUTE
    close = 20 + np.cumsum(rng.integers(-2, 3, count)).astype(float)
    open_ = close + rng.integers(-2, 3, count)
    made = {
        "open": open_,
        "high": np.maximum(open_, close) + rng.integers(0, 3, count),
        "low": np.minimum(open_, close) - rng.integers(0, 3, count),
        "close": close,
        "volume": rng.integers(0, 9, count).astype(float),
        "signal": np.where(rng.random(count) < 0.15, np.nan, rng.integers(-3, 4, count).astype(float)),
    }
    return ts.astype(np.int64), {name: made[name] for name in columns}
