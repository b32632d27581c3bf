"""Funding payments as times and rates, from a series of them or from a column of the bars (B13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from alipes.data.bars.arrays import as_column, is_of, numbers
from alipes.data.bars.clock import LONGER_NS, length_text, time_text
from alipes.data.bars.read import TIMES, _folded
from alipes.data.bars.sources import read_source
from alipes.data.bars.times import Reading, is_time_like, ns_utc
from alipes.errors import DataError, InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alipes.data.bars.series import Bars
    from alipes.data.bars.sources import Source

_TIMES = (*TIMES, "funding_time", "fundingtime", "calc_time")
_RATES = ("rate", "funding_rate", "fundingrate", "funding", "last_funding_rate")
_CHANGES = 4
"""Changes of the rate from which on their spacing says something."""
_SLOWEST = 8 * LONGER_NS["h"]
"""Payments as far apart as that are not repeated ones."""
_CALL = 'alipes.data.as_funding(x, unit="{unit}")'
_CCXT = ("timestamp", "fundingRate")
"""Keys of a row of ccxt's ``fetch_funding_rate_history``, whose stamps are ms."""


def as_funding(
    x: Any, bars: Bars | None = None, *, unit: str | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Funding times and rates, checked.

    Args:
        x: None for no funding; the name of a column of `bars`, or an array of one rate a bar, 0 or NaN where
            nothing is due; or the payments themselves: a Series or DataFrame with times, a mapping or table
            with times and ``rate``, a pair of arrays, or a list of pairs ``(time, rate)``, integers being ns
            UTC; or the list of ccxt's ``fetch_funding_rate_history``, whose ``timestamp`` is ms.
        bars: The bars that the funding is for; needed for a column of theirs or one rate a bar.
        unit: What integer times count, ``"s"``, ``"ms"``, ``"us"``, ``"ns"``.

    Returns:
        Times, (m,) int64 ns UTC, increasing, and rates, (m,) float64: ratios of the position's value, which a
        long pays.

    Raises:
        InputError: It is none of these, or its times have no unit.
        DataError: Times unsorted or repeated, a rate that is not finite, or a column of `bars` that is
            non-zero more often than once an hour and so looks forward-filled.
    """
    if x is None:
        return np.empty(0, np.int64), np.empty(0, np.float64)
    is_array = isinstance(x, np.ndarray) and x.ndim == 1 and x.dtype.kind in "iuf"
    if bars is None and (isinstance(x, str) or is_array):
        raise InputError("funding of one rate a bar needs the bars: as_funding(x, bars)")
    if bars is not None and isinstance(x, str):
        return _of_column(bars[x], bars, x)
    if bars is not None and is_array:
        if len(x) != len(bars):
            raise InputError(f"funding has {len(x)} rates for {len(bars)} bars: give times with them")
        return _of_column(np.asarray(x, np.float64), bars, "funding")
    times, rates = _pairs(x, unit)
    _check(times, rates)
    return times, rates


def _of_column(
    rates: NDArray[np.float64], bars: Bars, name: str
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    due = np.flatnonzero((rates != 0) & ~np.isnan(rates))
    times, values = bars.ts[due], np.ascontiguousarray(rates[due])
    _check(times, values, due)
    close = np.flatnonzero(np.diff(times) < LONGER_NS["h"])
    if close.size:
        row = int(close[0])
        when, apart = time_text(times[row + 1]), length_text(int(times[row + 1] - times[row]))
        raise DataError(
            f"funding column {name!r} looks forward-filled: row {due[row + 1]} ({when}) is "
            f"{values[row + 1]}, {apart} after the rate of row {due[row]}; "
            "keep each rate in the one bar it is due at, 0 elsewhere, or give (time, rate)"
        )
    return np.ascontiguousarray(times), values


def forward_fill(times: NDArray[np.int64], rates: NDArray[np.float64]) -> str:
    """What to say of payments that look like rates repeated until the next one; empty if they do not.

    There are two signs. Rates change only every so many payments, as those of a venue that pays every 8 hours
    do on hourly bars: the greatest common span of at least four changes is two steps or more. Or payments are
    less than an hour apart, and at least four and half of those that are not 0 repeat the one before. Neither
    is proof: whoever means a constant cost is told that all of it is paid.

    Args:
        times: (m,) int64 ns UTC, increasing.
        rates: (m,) float64.
    """
    rarely = _span_of_changes(times, rates) or _repeats(times, rates)
    if not rarely:
        return ""
    step = length_text(int(np.diff(times).min()))
    return (
        f"rates come every {step} and {rarely}, as if each was repeated until the next one: they are all paid"
    )


def _span_of_changes(times: NDArray[np.int64], rates: NDArray[np.float64]) -> str:
    changes = times[1:][rates[1:] != rates[:-1]]
    if len(changes) < _CHANGES:
        return ""
    step, span = int(np.diff(times).min()), int(np.gcd.reduce(np.diff(changes)))
    return f"change only every {length_text(span)}" if 2 * step <= span and step < _SLOWEST else ""


def _repeats(times: NDArray[np.int64], rates: NDArray[np.float64]) -> str:
    is_paid = rates[1:] != 0
    is_repeat = is_paid & (rates[1:] == rates[:-1]) & (np.diff(times) < LONGER_NS["h"])
    count, paid = int(np.count_nonzero(is_repeat)), int(np.count_nonzero(is_paid))
    is_often = count >= max(_CHANGES, paid / 2)
    return f"{count:,} of {paid:,} payments repeat the one before" if is_often else ""


def _pairs(x: Any, unit: str | None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    if is_of(x, "pandas", "Series"):
        return _made("index", x.index, x, unit)
    if isinstance(x, tuple) and len(x) == 2 and not np.isscalar(x[0]):
        return _made("ts", *x, unit)
    is_list = isinstance(x, Sequence) and len(x) > 0
    if is_list and all(isinstance(row, Mapping) and set(_CCXT) <= row.keys() for row in x):
        times, rates = ([row[name] for row in x] for name in _CCXT)
        return _made(_CCXT[0], times, rates, unit or "ms")
    if is_list and not isinstance(x[0], Mapping):
        for row, pair in enumerate(x):
            if not isinstance(pair, Sequence) or len(pair) != 2:
                raise InputError(f"funding, row {row} is {repr(pair)[:60]}: expected (time, rate)")
        times, rates = map(list, zip(*x, strict=True))
        return _made("ts", times, rates, unit)
    return _of_source(read_source(x), unit)


def _of_source(source: Source, unit: str | None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    names = {_folded(name): name for name in source.columns}
    rate = next((names[each] for each in _RATES if each in names), None)
    named_time = next((names[each] for each in _TIMES if each in names), None)
    name, times = source.row_index or ("", None)
    if times is None or not (_folded(name) in _TIMES or is_time_like(as_column(times, name))):
        name, times = named_time or "", source.columns.get(named_time or "")
    if rate is None and len(source.columns) == 1 and name not in source.columns:
        rate = next(iter(source.columns))
    if times is None or rate is None:
        raise InputError(
            f"funding needs a column of times ({', '.join(_TIMES[:2])}) and one named rate; there are "
            f"{', '.join(source.columns) or 'no columns'}"
        )
    return _made(name, times, source.columns[rate], unit)


def _made(
    name: str, times: Any, rates: Any, unit: str | None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    default = "ns" if _folded(name) == "ts" else None
    ts = ns_utc(as_column(times, name), Reading(name, unit, default_unit=default, call=_CALL))
    values = numbers(as_column(rates, "rate"), "rate")
    if len(ts) != len(values):
        raise InputError(f"funding has {len(ts)} times and {len(values)} rates")
    return ts, values


def _check(
    times: NDArray[np.int64], rates: NDArray[np.float64], rows: NDArray[np.int64] | None = None
) -> None:
    steps = np.diff(times)
    if (steps <= 0).any():
        row = int(np.argmax(steps <= 0)) + 1
        what = "repeats" if steps[row - 1] == 0 else "is before"
        raise DataError(f"funding, row {row}: {time_text(times[row])} {what} the time of row {row - 1}")
    if not (sound := np.isfinite(rates)).all():
        row = int(np.argmin(sound))
        shown = row if rows is None else rows[row]
        raise DataError(
            f"funding, row {shown} ({time_text(times[row])}): rate {rates[row]} is no finite number"
        )
