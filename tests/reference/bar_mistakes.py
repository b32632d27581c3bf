"""What naive vectorised code computes: the formulas of the twenty mistakes, each wrong on purpose.

They read like what is written every day, over float64 arrays of one value a bar. test_twenty_mistakes.py
holds the product to the right number and shows that these give another.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def rolling_mean(x: Array, n: int) -> Array:
    """Plain windows, nan before the first full one."""
    found = np.full(len(x), np.nan)
    for k in range(n - 1, len(x)):
        found[k] = x[k - n + 1 : k + 1].sum() / n
    return found


def side(fast: Array, slow: Array) -> Array:
    """Mistakes 1, 2: +1 above, else -1: nan and ties are below."""
    return np.where(fast > slow, 1.0, -1.0)


def entries_by_prepend(is_on: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mistake 3: a change against the bar before, of which the first bar is its own."""
    return np.diff(is_on.astype(float), prepend=float(is_on[0])) > 0


def returns(close: Array) -> Array:
    """Close to close, nothing at the first bar."""
    return np.concatenate([[0.0], close[1:] / close[:-1] - 1])


def shifted(position: Array) -> Array:
    """What a bar earns with: the position decided one bar before."""
    return np.concatenate([[0.0], position[:-1]])


def equity_of(position: Array, close: Array, cash: float) -> Array:
    """Mistakes 4, 5, 10: the position decided at a close earns from that close on, a short as -r."""
    return cash * np.cumprod(1 + shifted(position) * returns(close))


def equity_without_shift(position: Array, close: Array, cash: float) -> Array:
    """Mistake 6: a bar earns with the position that its own close decided."""
    return cash * np.cumprod(1 + position * returns(close))


def equity_less_turnover(position: Array, close: Array, cash: float, fee: float) -> Array:
    """Mistake 7: the fee on |diff| of the signal: at the decision, and never for bar 0."""
    turnover = np.concatenate([[0.0], np.abs(np.diff(position))])
    return cash * np.cumprod(1 + shifted(position) * returns(close) - fee * turnover)


def growth_less_fees(entry: float, out: float, fee: float) -> float:
    """Mistake 8: both fees subtracted from the return."""
    return 1 + (out / entry - 1) - 2 * fee


def cost_of_changes(position: Array, fee: float) -> float:
    """Mistake 9: one fee wherever the position changes, a reversal included."""
    changes = np.count_nonzero(np.diff(position, prepend=0.0))
    return float((1 - fee) ** changes)


def max_drawdown(equity: Array) -> float:
    """Mistake 12: the running peak starts at the first equity there is."""
    return float(np.max(1 - equity / np.maximum.accumulate(equity)))


def sharpe(growth: Array, periods: float, ddof: int = 1) -> float:
    """Mistakes 13, 14: mean over deviation by the root of whatever number of periods."""
    return float(growth.mean() / growth.std(ddof=ddof) * np.sqrt(periods))


def sharpe_or_zero(growth: Array) -> float:
    """Mistake 14: no deviation is made a number by adding a little."""
    return float(growth.mean() / (growth.std() + 1e-12) * np.sqrt(365))


def legs(position: Array) -> float:
    """Mistake 15: every step of the position is a trade, a reversal two."""
    return float(np.abs(np.diff(position, prepend=0.0)).sum())


def bar_win_rate(position: Array, close: Array) -> float:
    """Mistake 15: the share of bars with a position that earned."""
    held = shifted(position) != 0
    return float(np.mean((shifted(position) * returns(close))[held] > 0))


def bucket_last(close: Array, ts: NDArray[np.int64], length: int) -> Array:
    """Mistake 16: the close of the bucket a bar lies in, which has not ended yet."""
    bucket = ts // length
    return np.array([close[bucket == one][-1] for one in bucket])


def rolling_mean_by_cumsum(x: Array, n: int) -> Array:
    """Mistake 20: differences of one long sum."""
    total = np.cumsum(np.concatenate([[0.0], x]))
    return np.concatenate([np.full(n - 1, np.nan), (total[n:] - total[:-n]) / n])


def int_stamps(times: NDArray[Any]) -> NDArray[np.int64]:
    """Mistake 18: the integers of times, whatever they count."""
    return times.astype(np.int64)
