"""Small bars for tests: minutes from 2022-01-01, prices that are exact in binary."""

from typing import Any

import numpy as np

START = 1_640_995_200_000_000_000
MINUTE = 60_000_000_000


def made(count: int = 6, **changes: Any) -> dict[str, Any]:
    """A mapping that is sound but for the changes."""
    close = 100.0 + np.arange(count) % 4
    columns = {
        "ts": START + np.arange(count) * MINUTE,
        "open": close - 0.5,
        "high": close + 1.0,
        "low": close - 1.0,
        "close": close,
        "volume": np.full(count, 2.5),
    }
    return {**columns, **changes}


def with_value(name: str, row: int, value: float, count: int = 6) -> dict[str, Any]:
    """A mapping with one value changed."""
    mapping = made(count)
    mapping[name][row] = value
    return mapping
