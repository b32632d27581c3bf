"""Calls of a user's signal function on part of the bars: in as the user gave them, out as float columns."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from alipes.data.bars import as_bars
from alipes.data.bars.arrays import as_column, is_of, numbers
from alipes.errors import InputError, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

Function: TypeAlias = Callable[[Any], Any]
"""Bars to signals."""
Columns: TypeAlias = "dict[str, NDArray[np.float64]]"
"""What a function returned, (rows,) float64 by name; NaN is undefined."""


class SignalCalls:
    """A function together with the bars it is called on.

    Args:
        function: Takes bars in the type of `bars`; returns one value a bar: an array or Series, a mapping of
            them, a tuple of them, a data frame or a table. Booleans are 0 and 1, None and NaN undefined.
        bars: Anything that `alipes.bars` takes without options; a path is loaded first.

    Attributes:
        ts: (n,) int64 ns UTC, each bar's open time.

    Raises:
        InputError: `function` cannot be called, or `bars` are none.
        DataError: The bars cannot be.
    """

    __slots__ = ("_bars", "_function", "ts")

    def __init__(self, function: Function, bars: Any) -> None:
        if not callable(function):
            raise InputError(
                "check_lookahead: expected a function that takes bars and returns signals, not "
                f"{shown(function)}"
            )
        checked = as_bars(bars)
        self.ts = checked.ts
        self._function = function
        self._bars = checked if isinstance(bars, str | os.PathLike) else bars

    def __len__(self) -> int:
        return len(self.ts)

    def of(self, start: int, stop: int) -> Columns:
        """Call the function on bars ``[start, stop)``, its own copy of them.

        Raises:
            InputError: It does not return one number for each of these bars.
        """
        part = _part(self._bars, start, stop)
        made = _named(self._function(part))
        if not made:
            raise InputError("the function returned no columns")
        return {name: _one_a_bar(values, name, part, stop - start) for name, values in made.items()}


def _part(bars: Any, start: int, stop: int) -> Any:
    """Rows of the bars as a copy, so that nothing a function writes reaches the next call."""
    if is_of(bars, "pandas", "DataFrame", "Series", "Index"):
        rows = bars[start:stop] if is_of(bars, "pandas", "Index") else bars.iloc[start:stop]
        return rows.copy()
    if isinstance(bars, Mapping):
        return {name: _part(values, start, stop) for name, values in bars.items()}
    rows = bars[start:stop]
    return rows.copy() if isinstance(rows, np.ndarray) else rows


def _named(returned: Any) -> dict[str, Any]:
    if is_of(returned, "pandas", "DataFrame"):
        return {str(name): returned.iloc[:, place] for place, name in enumerate(returned.columns)}
    if is_of(returned, "polars", "DataFrame") or is_of(returned, "pyarrow", "Table", "RecordBatch"):
        names = getattr(returned, "column_names", None) or returned.columns
        return {name: returned[name] for name in names}
    if isinstance(returned, Mapping):
        return {str(name): values for name, values in returned.items()}
    if isinstance(returned, tuple):
        return {str(place): values for place, values in enumerate(returned)}
    if isinstance(returned, np.ndarray) and returned.ndim == 2:
        return {str(place): returned[:, place] for place in range(returned.shape[1])}
    return {"signal": returned}


def _one_a_bar(values: Any, name: str, part: Any, count: int) -> NDArray[np.float64]:
    if not hasattr(values, "__len__"):
        raise InputError(f"the function returned {shown(values)} as {name!r}: expected one value a bar")
    if len(values) != count and is_of(values, "pandas", "Series") and is_of(part, "pandas", "DataFrame"):
        values = _aligned(values, part)
    if len(values) != count:
        raise InputError(f"the function returned {len(values)} values as {name!r} for {count} bars")
    try:
        return numbers(as_column(values, name), name)
    except InputError as error:
        raise InputError(f"the function's {error}") from error


def _aligned(values: Any, part: Any) -> Any:
    """A Series from which rows were dropped, on the rows of its bars again."""
    is_within = values.index.is_unique and values.index.isin(part.index).all()
    return values.reindex(part.index) if is_within else values
