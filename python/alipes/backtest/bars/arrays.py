"""Signals from outside as the engine takes them: bool arrays, one value a bar, an undefined one false."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from alipes.errors import InputError, shown
from alipes.report.tables import time_text
from alipes.rules import Rules
from alipes.rules.terms import Term

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alipes.data.bars import Bars

_SLOTS = {
    "entries": "enter_long",
    "exits": "exit_long",
    "short_entries": "enter_short",
    "short_exits": "exit_short",
}
"""The slot of `alipes.rules.Rules` that an array of signals fills."""


def conditions(name: str, value: Any, bars: Bars) -> NDArray[np.bool_] | None:
    """A signal: (n,) bool, C-contiguous; nulls of the source are false.

    Args:
        name: The argument's name.
        value: None, or bools as numpy, pandas, polars, arrow or a sequence.
        bars: The bars they are for.

    Raises:
        InputError: Another length, another kind than bool, a pandas index that is not the bars' times, or an
            expression, which `alipes.backtest.run` takes.
    """
    if value is None:
        return None
    if isinstance(value, (Term, Rules)):
        what = "are rules" if isinstance(value, Rules) else "is an expression"
        raise InputError(
            f"{name}: {shown(value)} {what}: expected an array of bools, one a bar; what is made of"
            f" alipes.rules is run by alipes.backtest.run(Rules({_SLOTS[name]}=...), bars)"
        )
    found = _one_dimensional(name, value, bars)
    if found.dtype.kind == "b":
        return np.ascontiguousarray(found)
    if found.dtype.kind == "O":
        return np.array([_truth(name, row, each) for row, each in enumerate(found.tolist())], np.bool_)
    raise InputError(
        f"{name}: values of {found.dtype}: expected bools (or a nullable bool), such as {name}={name} > 0"
    )


def distances(name: str, value: Any, bars: Bars) -> NDArray[np.float64]:
    """Numbers, one a bar: (n,) float64, C-contiguous; NaN and nulls are undefined.

    Raises:
        InputError: Another length, no numbers, or a pandas index that is not the bars' times.
    """
    found = _one_dimensional(name, value, bars)
    if found.dtype.kind not in "iuf":
        if found.dtype.kind != "O":
            raise InputError(f"{name}: values of {found.dtype}: expected numbers")
        found = np.array([np.nan if each is None else each for each in found.tolist()], object)
    try:
        return np.ascontiguousarray(found, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: expected numbers: {error}") from error


def _one_dimensional(name: str, value: Any, bars: Bars) -> NDArray[Any]:
    _check_index(name, value, bars)
    if isinstance(value, Mapping):
        raise InputError(f"{name}: {shown(value)} is a mapping: expected one array, such as its values")
    found = _as_numpy(name, value)
    if not found.ndim:
        raise InputError(
            f"{name}: {shown(value)} is a single value: expected one a bar, {len(bars):,} of them"
        )
    if found.ndim != 1 or len(found) != len(bars):
        shape = " by ".join(f"{length:,}" for length in found.shape)
        raise InputError(f"{name}: {shape} values for {len(bars):,} bars: expected one a bar")
    return found


def _as_numpy(name: str, value: Any) -> NDArray[Any]:
    if isinstance(value, np.ma.MaskedArray):
        return np.array([None if each is np.ma.masked else each for each in value], object)
    if isinstance(value, np.ndarray):
        return value
    if hasattr(value, "to_pylist"):  # arrow, whose own way to numpy needs to be told that it may copy
        value = value.to_pylist()
    if hasattr(value, "to_numpy"):
        return np.asarray(value.to_numpy())
    try:
        return np.array(value, dtype=None if _is_plain(value) else object)
    except ValueError as error:
        raise InputError(f"{name}: rows of different lengths: expected one value a bar") from error


def _is_plain(value: Any) -> bool:
    """Whether a sequence holds no None, so that numpy may choose its kind."""
    try:
        return not any(each is None for each in value)
    except TypeError:
        return True


def _truth(name: str, row: int, value: Any) -> bool:
    if value is None or _is_missing(value):
        return False
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise InputError(f"{name}: {shown(value)} at row {row}: expected True, False or nothing")


def _is_missing(value: Any) -> bool:
    """NaN, or the NA of pandas, which is equal to nothing and true of nothing."""
    return type(value).__name__ == "NAType" or (isinstance(value, float) and np.isnan(value))


def _check_index(name: str, value: Any, bars: Bars) -> None:
    """Refuses a pandas Series whose index is neither the bars' open times nor a plain count."""
    index = getattr(value, "index", None)
    if index is None or not hasattr(index, "dtype") or len(index) != len(bars):
        return
    labels = np.asarray((index if getattr(index, "tz", None) is None else index.tz_convert(None)).to_numpy())
    if labels.dtype.kind == "M":
        times = labels.astype("datetime64[ns]").astype(np.int64)
        wrong = np.flatnonzero(times != bars.ts)
        if len(wrong):
            row = int(wrong[0])
            raise InputError(
                f"{name}: its index is {time_text(int(times[row]))} at row {row}, where the bar opens at"
                f" {time_text(int(bars.ts[row]))}: expected open times in UTC, or .to_numpy() to go by row"
            )
    elif labels.dtype.kind not in "iu" or not np.array_equal(labels, np.arange(len(bars))):
        raise InputError(
            f"{name}: its index is neither the bars' open times nor 0, 1, 2, …: pass .to_numpy() to go by row"
        )
