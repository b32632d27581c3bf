"""Values of expressions for tests: by the plain reference, and by the compiled engine where it is built."""

from typing import Any

import numpy as np
import pytest
from tests.reference import expressions as reference

from alipes import _core
from alipes.rules.graph import Graph

MINUTE = 60_000_000_000
START = 1_700_000_040_000_000_000 // MINUTE * MINUTE
HAS_CORE = hasattr(_core, "bar_evaluate")
ENGINES = ["reference", pytest.param("core", marks=pytest.mark.skipif(not HAS_CORE, reason="not built"))]


def random_bars(count: int, seed: int = 1) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """One-minute bars of a random walk with whole and half prices, so that ties happen."""
    rng = np.random.default_rng(seed)
    close = 100 + np.cumsum(rng.integers(-4, 5, count)) / 2
    open_ = np.concatenate([[100.0], close[:-1]])
    high = np.maximum(open_, close) + rng.integers(0, 4, count) / 2
    low = np.minimum(open_, close) - rng.integers(0, 4, count) / 2
    volume = rng.integers(1, 50, count).astype(float)
    ts = START + MINUTE * np.arange(count, dtype=np.int64)
    columns = {"open": open_, "high": high, "low": low, "close": close, "volume": volume}
    return ts, {name: 1000 + values if name != "volume" else values for name, values in columns.items()}


def plain(values: np.ndarray) -> list[Any]:
    return [None if np.isnan(x) else float(x) for x in values]


def as_array(values: list[Any]) -> np.ndarray:
    return np.array([np.nan if x is None else float(x) for x in values])


def evaluate(
    term: Any,
    ts: np.ndarray,
    columns: dict[str, np.ndarray],
    params: dict[str, float] | None = None,
    *,
    engine: str = "reference",
    step: int = MINUTE,
    others: dict[str, Any] | None = None,
) -> np.ndarray:
    """Values of a term, nan where undefined; conditions as 1.0 and 0.0."""
    graph = Graph()
    output = graph.add(term)
    if engine == "core":
        return _core.bar_evaluate(graph.nodes, [output], ts, columns, step, params or {}, others)[0]
    bars = reference.Bars(list(map(int, ts)), step, {name: plain(x) for name, x in columns.items()})
    beside = {
        name: reference.Bars(list(map(int, o_ts)), o_step, {n: plain(x) for n, x in o_columns.items()})
        for name, (o_ts, o_columns, o_step) in (others or {}).items()
    }
    return as_array(reference.Evaluator(graph.nodes, bars, params or {}, beside).values(output))
