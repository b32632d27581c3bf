"""The tables of a run out of what the engine returns: orders, trades, equity, drawdowns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from alipes.report.tables import Coded, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from alipes.data.bars import Bars

DAY_NS = 86_400_000_000_000


def orders_table(raw: Mapping[str, Any]) -> Table:
    """Every order, by id: the fields of docs/bar-engine.md.

    Args:
        raw: What the engine returns: ``orders`` by field, and ``names`` of the coded ones.
    """
    columns = {name: _coded(name, values, raw["names"]) for name, values in raw["orders"].items()}
    return Table(columns, name="orders", times=("ts", "fill_ts"), absent=("fill_bar", "fill_ts", "trade"))


def trades_table(raw: Mapping[str, Any]) -> Table:
    """Every trade, by id: the fields of docs/bar-engine.md.

    Args:
        raw: What the engine returns: ``trades`` by field, and ``names`` of the coded ones.
    """
    names = raw["names"] | {"side": ("long", "short"), "reason": raw["names"]["kind"]}
    columns = {name: _coded(name, values, names) for name, values in raw["trades"].items()}
    return Table(columns, name="trades", times=("entry_ts", "exit_ts"))


def equity_table(bars: Bars, equity: NDArray[np.float64], position: NDArray[np.float64]) -> Table:
    """Equity and position at each close.

    Args:
        bars: What was traded.
        equity: (n,) float64, after each bar.
        position: (n,) float64 signed units after each bar.
    """
    columns = {
        "ts": bars.ts + bars.step,
        "equity": equity,
        "position": position,
        "close": bars.columns["close"],
    }
    return Table(columns, name="equity", times=("ts",))


def drawdowns_table(bars: Bars, equity: NDArray[np.float64], cash: float) -> Table:
    """Every stretch in which equity was below its peak, the deepest first.

    Args:
        bars: What was traded.
        equity: (n,) float64, at each close.
        cash: Equity before the first bar; the first peak.

    Returns:
        peak_ts (the last time at the peak), trough_ts (the first at the lowest), end_ts (when equity was back
        at the peak; absent if it never was), depth (ratio of the peak, > 0), days (peak_ts to end_ts, or
        else to the last close).
    """
    peak = np.maximum(np.maximum.accumulate(equity), cash)
    below = equity < peak
    edges = np.diff(below, prepend=False, append=False)
    first, after = np.flatnonzero(edges)[::2], np.flatnonzero(edges)[1::2]
    ends = bars.ts + bars.step
    times = np.append(bars.ts[0], ends)
    trough = _lowest(equity, first, after)
    is_over = after < len(equity)
    end_ts = np.where(is_over, ends[np.minimum(after, len(equity) - 1)], -1)
    peak_ts = times[first]
    columns = {
        "peak_ts": peak_ts,
        "trough_ts": ends[trough],
        "end_ts": end_ts,
        "depth": 1.0 - equity[trough] / peak[trough],
        "days": (np.where(is_over, end_ts, ends[-1]) - peak_ts) / DAY_NS,
    }
    order = np.argsort(-columns["depth"], kind="stable")
    return Table(
        {name: values[order] for name, values in columns.items()},
        name="drawdowns",
        times=("peak_ts", "trough_ts", "end_ts"),
        absent=("end_ts",),
    )


def _lowest(
    values: NDArray[np.float64], first: NDArray[np.int64], after: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Place of the first lowest value of each stretch [first, after)."""
    if not len(first):
        return first
    # Stretches are walked as one run of places, so that a reduction per stretch finds its lowest.
    lengths = after - first
    starts = np.cumsum(lengths) - lengths
    places = np.arange(int(lengths.sum())) + np.repeat(first - starts, lengths)
    inside = values[places]
    lowest = np.repeat(np.minimum.reduceat(inside, starts), lengths)
    hits = np.flatnonzero(inside == lowest)
    found: NDArray[np.int64] = places[hits[np.searchsorted(hits, starts)]]
    return found


def _coded(name: str, values: NDArray[Any], names: Mapping[str, Any]) -> NDArray[Any] | Coded:
    return Coded(values, tuple(names[name])) if name in names else values
