"""The compiled statistics of a run from `tests.reference`."""

import math

import numpy as np
from tests.reference.metrics import Curve, TradeRow

from alipes import _core


def measured(curve: Curve, convention: str = "alipes") -> dict[str, float]:
    """Every statistic of a run, as Rust computes it."""
    columns = {name: [getattr(row, name) for row in curve.trades] for name in TradeRow.__dataclass_fields__}
    trades = {
        "pnl": np.array(columns["pnl"], float),
        "return": np.array(columns["ratio"], float),
        "fees": np.array(columns["fees"], float),
        "value": np.array(columns["value"], float),
        "is_open": np.array(columns["is_open"], bool),
    } | {name: np.array(columns[name], np.int64) for name in ("entry_ts", "exit_ts", "entry_bar", "exit_bar")}
    ts, equity = np.array(curve.ts, np.int64), np.array(curve.equity, float)
    return _core.bar_metrics(convention, curve.initial, ts, equity, curve.step, trades)


def differing(found: dict[str, float], expected: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Statistics that differ by more than 1e-9, relative: found and expected, by name."""
    return {
        name: (found[name], value)
        for name, value in expected.items()
        if not (math.isnan(found[name]) and math.isnan(value))
        and not math.isclose(found[name], value, rel_tol=1e-9, abs_tol=1e-12)
    }
