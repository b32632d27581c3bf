"""The bars that are measured on: seeded walks, and a real capture where `ALIPES_DATA` names its folder."""

import os
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import alipes

MINUTE = 60_000_000_000
FIRST_OPEN = 1_577_836_800 * 1_000_000_000
"""2020-01-01 in ns UTC."""
PER_STEP = 0.0008
"""Standard deviation of a bar's log return."""
CAPTURE = "btc_perp_1m_20211231_20220201.csv.gz"

Arrays = dict[str, NDArray]


@cache
def closes(count: int) -> NDArray[np.float64]:
    """A geometric walk, (count,) float64: the prices that every contender sees."""
    rng = np.random.default_rng(5)
    return 30_000 * np.exp(np.cumsum(rng.normal(0, PER_STEP, count)))


def times(count: int) -> NDArray[np.int64]:
    """Open times of minutes, (count,) int64 ns UTC."""
    return FIRST_OPEN + MINUTE * np.arange(count, dtype=np.int64)


def flat(count: int) -> Arrays:
    """Bars with all four prices on the walk, as raw arrays."""
    close = closes(count)
    prices = dict.fromkeys(("open", "high", "low", "close"), close)
    return {"ts": times(count), **prices, "volume": np.zeros(count)}


@cache
def shaped(count: int) -> Arrays:
    """Bars with opens off the last close, wicks on both sides and volume, as raw arrays."""
    rng = np.random.default_rng(6)
    close = closes(count)
    before = np.concatenate([close[:1], close[:-1]])
    opened = before * np.exp(rng.normal(0, PER_STEP / 10, count))
    wicks = np.exp(np.abs(rng.normal(0, PER_STEP / 2, (2, count))))
    return {
        "ts": times(count),
        "open": opened,
        "high": np.maximum(opened, close) * wicks[0],
        "low": np.minimum(opened, close) / wicks[1],
        "close": close,
        "volume": rng.lognormal(3, 1, count),
    }


def captured(count: int) -> Arrays | None:
    """A month of minutes of a real market, one copy after the other; None where there is no capture.

    A copy begins at the price at which the one before it ended.
    """
    path = Path(os.environ.get("ALIPES_DATA", "")) / CAPTURE
    if not path.is_file():
        return None
    month = alipes.bars(path).columns
    copies = -(-count // len(month["close"]))
    grown = (month["close"][-1] / month["open"][0]) ** np.arange(copies)
    prices = ("open", "high", "low", "close")
    tiled = {name: np.outer(grown, month[name]).ravel()[:count] for name in prices}
    return {"ts": times(count), **tiled, "volume": np.tile(month["volume"], copies)[:count]}
