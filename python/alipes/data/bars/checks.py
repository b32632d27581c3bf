"""What bars must be: times in order and on one step, prices that can have been. Errors name row and value.

The passes go block by block so that ten million bars cost little more than reading them once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alipes.data.bars.clock import length_text, time_text
from alipes.errors import DataError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_BLOCK = 1 << 15
"""Rows a pass takes at once: small enough to stay in the cache, large enough that the calls cost nothing."""


def check_steps(ts: NDArray[np.int64], freq: int | None) -> tuple[int, NDArray[np.int64]]:
    """Find Δ and the gaps.

    Args:
        ts: (n,) int64 ns UTC.
        freq: The expected Δ in int ns, or None for the smallest step.

    Returns:
        Δ in int ns, and the rows after which bars are missing, int64.

    Raises:
        InputError: No bars, or one bar and no `freq`.
        DataError: Times unsorted or repeated, or a step that is no multiple of Δ.
    """
    if not len(ts):
        raise InputError("no bars: the data is empty")
    if len(ts) == 1 and freq is None:
        raise InputError("one bar does not tell how long it is: give freq, such as freq='1min'")
    smallest = [int(_steps(ts, start).min()) for start in range(0, len(ts) - 1, _BLOCK)]
    if smallest and min(smallest) <= 0:
        _refuse_disorder(ts)
    step = min(smallest) if freq is None else freq
    # Steps of at least Δ that add up to as many Δ as there are steps are Δ, every one: no second pass.
    is_even = not smallest or (min(smallest) == step and int(ts[-1] - ts[0]) == step * (len(ts) - 1))
    odd = [] if is_even else [_odd_rows(ts, start, step) for start in range(0, len(ts) - 1, _BLOCK)]
    gaps = np.concatenate([np.empty(0, np.int64), *odd])
    wrong = np.flatnonzero((ts[gaps + 1] - ts[gaps]) % step)
    if wrong.size:
        _refuse_step(ts, int(gaps[wrong[0]]), step, is_given=freq is not None)
    return step, gaps


def _steps(ts: NDArray[np.int64], start: int) -> NDArray[np.int64]:
    """The steps of one block, from row `start` on."""
    rows = ts[start : start + _BLOCK + 1]
    return rows[1:] - rows[:-1]


def _odd_rows(ts: NDArray[np.int64], start: int, step: int) -> NDArray[np.int64]:
    """The rows of one block after which the step is another one."""
    return start + np.flatnonzero(_steps(ts, start) != step)


def _refuse_disorder(ts: NDArray[np.int64]) -> None:
    steps = np.diff(ts)
    row = int(np.argmax(steps <= 0))
    now, before = time_text(ts[row + 1]), time_text(ts[row])
    if steps[row] == 0:
        raise DataError(f"row {row + 1}: the time {now} is that of row {row} too: drop the duplicate")
    advice = "reverse them" if (steps < 0).all() else "sort the bars by time"
    raise DataError(f"row {row + 1}: the time {now} is before row {row}, {before}: {advice}")


def _refuse_step(ts: NDArray[np.int64], row: int, step: int, *, is_given: bool) -> None:
    found = length_text(int(ts[row + 1] - ts[row]))
    whose = "freq" if is_given else "the smallest step"
    raise DataError(
        f"row {row + 1}: {time_text(ts[row + 1])} is {found} after row {row}, no multiple of {whose}, "
        f"{length_text(step)}"
    )


def check_prices(ts: NDArray[np.int64], columns: Mapping[str, NDArray[np.float64]]) -> None:
    """Refuse what no market can have printed.

    Args:
        ts: (n,) int64 ns UTC, for messages.
        columns: open, high, low, close, volume, each (n,) float64.

    Raises:
        DataError: A price that is not a finite number above 0, a low above or a high below open or close, a
            negative or undefined volume.
    """
    opens, highs, lows, closes, volumes = (
        columns[name] for name in ("open", "high", "low", "close", "volume")
    )
    room, more = np.empty(_BLOCK), np.empty(_BLOCK)
    for start in range(0, len(ts), _BLOCK):
        rows = slice(start, start + _BLOCK)
        opened, closed, high, low, volume = opens[rows], closes[rows], highs[rows], lows[rows], volumes[rows]
        below, above = room[: len(low)], more[: len(low)]
        # NaN comes through minimum and maximum, and no comparison with it is true.
        np.subtract(np.minimum(opened, closed, out=below), low, out=below)
        np.subtract(high, np.maximum(opened, closed, out=above), out=above)
        is_sound = (
            low.min() > 0
            and high.max() < np.inf
            and np.minimum(below, above, out=below).min() >= 0
            and volume.min() >= 0
            and volume.max() < np.inf
        )
        if not is_sound:
            _refuse_row(ts, columns, start)


def _refuse_row(ts: NDArray[np.int64], columns: Mapping[str, NDArray[np.float64]], start: int) -> None:
    rows = slice(start, start + _BLOCK)
    cut = {name: columns[name][rows] for name in ("open", "high", "low", "close", "volume")}
    prices = {name: values for name, values in cut.items() if name != "volume"}
    faults = {
        **{
            f"{name} {{{name}}} is no finite price above 0": ~((values > 0) & (values < np.inf))
            for name, values in prices.items()
        },
        "high {high} is below low {low}": cut["high"] < cut["low"],
        **{
            f"high {{high}} is below {name} {{{name}}}": cut["high"] < cut[name] for name in ("open", "close")
        },
        **{f"low {{low}} is above {name} {{{name}}}": cut["low"] > cut[name] for name in ("open", "close")},
        "volume {volume} is no finite number, 0 or more": ~((cut["volume"] >= 0) & (cut["volume"] < np.inf)),
    }
    firsts = {text: int(np.argmax(is_bad)) for text, is_bad in faults.items() if is_bad.any()}
    text = min(firsts, key=lambda each: firsts[each])
    row = start + firsts[text]
    values = {name: float(columns[name][row]) for name in cut}
    raise DataError(f"row {row} ({time_text(ts[row])}): {text.format(**values)}")
