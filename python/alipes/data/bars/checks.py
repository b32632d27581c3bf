"""What bars must be: times in order and on one step, prices that can have been. Errors name row and value.

The rules themselves are compiled (`rust/bars/src/checks.rs`); here are the texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import numpy as np

from alipes._core import bar_fault, bar_gaps, bar_steps
from alipes.data.bars.clock import length_text, time_text
from alipes.errors import DataError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_TOLD = ("open", "high", "low", "close", "volume")
_TEXTS = {
    **{name: f"{name} {{{name}}} is no finite price above 0" for name in ("open", "high", "low", "close")},
    "high_over_low": "high {high} is below low {low}",
    "high_over_open": "high {high} is below open {open}",
    "high_over_close": "high {high} is below close {close}",
    "low_under_open": "low {low} is above open {open}",
    "low_under_close": "low {low} is above close {close}",
    "volume": "volume {volume} is no finite number, 0 or more",
}
"""What to say of a bar that breaks a rule of `_core.bar_fault`."""


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
    smallest, disorder = bar_steps(ts)
    if disorder is not None:
        _refuse_disorder(ts, disorder)
    step = smallest if freq is None else freq
    # Steps of at least Δ that add up to as many Δ as there are steps are Δ, every one: no second pass.
    if smallest == step and int(ts[-1] - ts[0]) == step * (len(ts) - 1):
        return step, np.empty(0, np.int64)
    gaps, wrong = bar_gaps(ts, step)
    if wrong is not None:
        if freq is not None:
            _refuse_step(ts, wrong, step, "freq")
        common = _common_step(ts, step)
        off = bar_gaps(ts, common)[1]
        if common != step and off is not None:
            _refuse_step(ts, off, common, "the common step")
        _refuse_step(ts, wrong, step, "the smallest step")
    return step, gaps


def _common_step(ts: NDArray[np.int64], smallest: int) -> int:
    """The step of more than half of the bars, else the smallest, which a stamp that is off may have made."""
    steps, counts = np.unique(np.diff(ts), return_counts=True)
    most = int(counts.argmax())
    return int(steps[most]) if 2 * int(counts[most]) >= len(ts) else smallest


def _refuse_disorder(ts: NDArray[np.int64], row: int) -> NoReturn:
    now, before = time_text(ts[row + 1]), time_text(ts[row])
    if ts[row] == ts[row + 1]:
        raise DataError(f"row {row + 1}: the time {now} is that of row {row} too: drop the duplicate")
    advice = "reverse them" if (ts[1:] < ts[:-1]).all() else "sort the bars by time"
    raise DataError(f"row {row + 1}: the time {now} is before row {row}, {before}: {advice}")


def _refuse_step(ts: NDArray[np.int64], row: int, step: int, whose: str) -> NoReturn:
    found = length_text(int(ts[row + 1] - ts[row]))
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
    bar = {name: columns[name] for name in _TOLD}
    fault = bar_fault(*bar.values())
    if fault is not None:
        row, rule = fault
        values = {name: float(column[row]) for name, column in bar.items()}
        raise DataError(f"row {row} ({time_text(ts[row])}): {_TEXTS[rule].format(**values)}")


def check_bar(ts: int, values: Mapping[str, float]) -> None:
    """Refuse one bar that no market can have printed.

    Args:
        ts: Its open time, int ns UTC, for messages.
        values: open, high, low, close, volume.

    Raises:
        DataError: As `check_prices`.
    """
    open_, high, low, close, volume = (values[name] for name in _TOLD)
    # A stream asks for every bar: arrays of one are made for the message alone.
    if 0 < low <= open_ <= high < np.inf and low <= close <= high and 0 <= volume < np.inf:
        return
    fault = bar_fault(*(np.array([values[name]]) for name in _TOLD))
    if fault is not None:
        raise DataError(f"bar of {time_text(ts)}: {_TEXTS[fault[1]].format(**values)}")
