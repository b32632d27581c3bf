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
WINDOWS = st.integers(1, 7)


@st.composite
def exact(draw: Any, depth: int = 3) -> Any:
    """An expression without rounding."""
    if depth == 0:
        return draw(st.sampled_from([r.column(name) for name in COLUMNS]))
    x = exact(depth=depth - 1)
    n = WINDOWS
    leaf = st.sampled_from(
        [r.column("signal"), r.close, r.const(2), r.param("p"), r.hour, r.minute, r.weekday]
    )
    kinds = [
        leaf,
        st.builds(lambda a, b: a + b, x, x),
        st.builds(lambda a, b: a - b, x, x),
        st.builds(lambda a: a * r.param("p"), x),
        st.builds(lambda a: -a, x),
        st.builds(abs, x),
        st.builds(r.sign, x),
        st.builds(r.minimum, x, x),
        st.builds(r.maximum, x, x),
        st.builds(r.where, condition(depth=depth - 1), x, x),
        st.builds(r.shift, x, st.integers(0, 5)),
        st.builds(r.diff, x, n),
        st.builds(r.rolling_sum, x, n),
        st.builds(r.rolling_min, x, n),
        st.builds(r.rolling_max, x, n),
        st.builds(r.rolling_argmin, x, n),
        st.builds(r.rolling_argmax, x, n),
        st.builds(r.rolling_median, x, n),
        st.builds(r.rolling_rank, x, n),
        st.builds(r.rolling_sum, x, st.just(r.param("p") + 1)),
        st.builds(r.cumsum, x),
        st.builds(r.cummax, x),
        st.builds(r.cummin, x),
        st.builds(r.bars_since, condition(depth=depth - 1)),
        st.builds(r.value_when, condition(depth=depth - 1), x),
        st.builds(r.sum_since, x, condition(depth=depth - 1)),
        st.builds(r.tf, st.sampled_from(["3m", "5m", "15m", "1h"]), flat_exact()),
        st.builds(r.other, st.just("ETH"), flat_exact(), max_age=st.integers(1, 4)),
    ]
    return draw(st.one_of(kinds))


@st.composite
def flat_exact(draw: Any) -> Any:
    """An exact expression on the bars of one domain."""
    x = draw(st.sampled_from([r.column(name) for name in COLUMNS]))
    made = [x, r.diff(x), r.rolling_max(x, 3), r.rolling_sum(x, 2), r.shift(x, 1), r.cumsum(x), r.hour]
    return draw(st.sampled_from(made))


@st.composite
def condition(draw: Any, depth: int = 3) -> Any:
    """A condition whose comparisons are exact."""
    x = exact(depth=max(depth - 1, 0))
    comparisons = [
        st.builds(lambda a, b: a > b, x, x),
        st.builds(lambda a, b: a < b, x, x),
        st.builds(lambda a, b: a >= b, x, x),
        st.builds(lambda a, b: a <= b, x, x),
        st.builds(lambda a, b: a == b, x, x),
        st.builds(lambda a, b: a != b, x, x),
        st.builds(r.cross_above, x, x),
        st.builds(r.cross_below, x, x),
        st.builds(r.defined, x),
        st.builds(r.new_bucket, st.sampled_from(["3m", "1h", "1d", "1w"])),
    ]
    if depth <= 0:
        return draw(st.one_of(comparisons))
    c = condition(depth=depth - 1)
    joined = [
        st.builds(lambda a, b: a & b, c, c),
        st.builds(lambda a, b: a | b, c, c),
        st.builds(lambda a: ~a, c),
        st.builds(r.shift, c, st.integers(0, 3)),
        st.builds(r.defined, c),
        st.builds(lambda a: r.tf("5m", a), st.just(r.close > r.shift(r.close))),
    ]
    return draw(st.one_of(comparisons + joined))


@st.composite
def smooth(draw: Any, depth: int = 2) -> Any:
    """An expression with rounding, without jumps where it is rounded."""
    x, n = exact(depth=2), WINDOWS
    alphas = st.sampled_from([0.05, 0.3, 0.7, 1.0])
    rounded = [
        st.builds(lambda a, b: a / b, x, x),
        st.builds(r.log, x),
        st.builds(lambda a: r.exp(a / 100), x),
        st.builds(r.sqrt, x),
        st.builds(lambda a: a**0.5, x),
        st.builds(lambda a: a**-2, x),
        st.builds(r.pct_change, x, n),
        st.builds(r.rolling_mean, x, n),
        st.builds(lambda a, k: r.rolling_std(a, k + 1), x, n),
        st.builds(lambda a, k: r.rolling_var(a, k, ddof=0), x, n),
        st.builds(r.rolling_quantile, x, n, st.sampled_from([0.0, 0.25, 0.9, 1.0])),
        st.builds(r.rolling_mad, x, n),
        st.builds(r.wma, x, n),
        st.builds(lambda a, k: r.rolling_slope(a, k + 1), x, n),
        st.builds(r.ema, x, n),
        st.builds(r.wilder, x, n),
        st.builds(lambda a, k: r.ewm_mean(a, alpha=k), x, alphas),
        st.builds(lambda a, k: r.ewm_mean(a, alpha=k, adjust=False), x, alphas),
        st.builds(lambda a, k: r.ewm_mean(a, half_life=k), x, st.sampled_from([1, 3.5])),
    ]
    if depth == 0:
        return draw(st.one_of(rounded))
    y = smooth(depth=depth - 1)
    further = [
        st.builds(lambda a, b: a + b, y, x),
        st.builds(lambda a, b: a - b, y, y),
        st.builds(r.minimum, y, x),
        st.builds(r.rolling_mean, y, n),
        st.builds(r.rolling_max, y, n),
        st.builds(r.ema, y, n),
        st.builds(r.shift, y, st.integers(0, 3)),
        st.builds(r.where, condition(depth=1), y, y),
        st.builds(r.value_when, condition(depth=1), y),
    ]
    return draw(st.one_of(rounded + further))


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
