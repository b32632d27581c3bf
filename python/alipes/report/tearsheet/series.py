"""The curves of a tearsheet: holding, drawdown, months, and fewer points of a long series than it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

FULL_BARS = 20_000
"""Bars up to which every one is drawn."""
BUCKETS = 3_000
"""Stretches of a longer series; of each its lowest and highest point are drawn."""


def holding(close: Floats, first_open: float, cash: float) -> Floats:
    """Equity of who bought all at the first open and held: (n,) float64."""
    return close * (cash / first_open)


def drawdown(equity: Floats, cash: float) -> Floats:
    """How far equity is below its peak: (n,) float64 ratios <= 0; the peak starts at the initial cash."""
    peak = np.maximum(np.maximum.accumulate(equity), cash)
    return equity / peak - 1.0


def drawn(values: Floats) -> Ints:
    """Which points of a series to draw: all of a short one, of a long one the extremes of each stretch.

    Args:
        values: (n,) float64.

    Returns:
        (m,) int64, ascending; the first and the last point, the lowest and the highest are always among them.
    """
    count = len(values)
    if count <= FULL_BARS:
        return np.arange(count)
    edges = np.linspace(0, count, BUCKETS + 1).astype(np.int64)
    width = int(np.diff(edges).max())
    places = np.minimum(edges[:-1, None] + np.arange(width), edges[1:, None] - 1)
    table = values[places]
    rows = np.arange(BUCKETS)
    lowest, highest = (places[rows, pick(table, axis=1)] for pick in (np.nanargmin, np.nanargmax))
    return np.unique(np.concatenate([[0, count - 1], lowest, highest]))


def months(ts: Ints, equity: Floats, cash: float) -> dict[int, list[float]]:
    """Return of each calendar month (UTC), by year.

    Args:
        ts: (n,) int64 ns, close times; a close at 00:00 belongs to the day that ends.
        equity: (n,) float64.
        cash: Equity before the first bar.

    Returns:
        Twelve ratios a year, NaN for a month without bars.
    """
    labels = (ts - 1).astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    last = np.append(np.flatnonzero(np.diff(labels)), len(ts) - 1)
    ends = equity[last]
    before = np.append(cash, ends[:-1])
    with np.errstate(divide="ignore", invalid="ignore"):
        returns = np.where(before > 0, ends / before - 1.0, np.nan)
    years: dict[int, list[float]] = {}
    for month, value in zip(labels[last].tolist(), returns.tolist(), strict=True):
        years.setdefault(1970 + month // 12, [float("nan")] * 12)[month % 12] = value
    return years


def compounded(returns: list[float]) -> float:
    """The return of several months, one after the other; months without bars do nothing."""
    return float(np.prod(1.0 + np.nan_to_num(np.array(returns)))) - 1.0
