"""`bars`: from whatever holds them to checked `Bars`, in four steps: columns, times, numbers, checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from alipes.data.bars.arrays import Stamps, as_column, numbers
from alipes.data.bars.checks import check_prices, check_steps
from alipes.data.bars.clock import length_ns, time_text
from alipes.data.bars.series import Bars
from alipes.data.bars.sources import read_source
from alipes.data.bars.times import Reading, is_time_like, ns_utc
from alipes.data.bars.zones import zone_name
from alipes.errors import DataError, InputError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from numpy.typing import NDArray

    from alipes.data.bars.sources import Source

TIMES = ("ts", "timestamp", "datetime", "date", "time", "open_time")
"""Names of a time column, the first one there is taken."""
_SHORT = {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}
_OPTIONAL = ("spread", "mark")


def bars(
    x: Any,
    unit: str | None = None,
    label: str = "open",
    tz: str | tzinfo = "UTC",
    freq: Any = None,
) -> Bars:
    """Take the bars of one instrument from what holds them, and check them.

    Times come from a data frame's index if it holds times, else from the first column there is of ``ts``,
    ``timestamp``, ``datetime``, ``date``, ``time``, ``open_time``; names in any case. Integers named ``ts``
    are ns UTC by definition; under any other name they need `unit`. datetime64 of any resolution is exact by
    its own unit. Aware times become UTC, naive ones are local times of `tz`. Texts are ISO 8601.

    ``open``, ``high``, ``low``, ``close`` and ``volume`` (or ``o h l c v``) are found in any case, and so are
    ``spread`` and ``mark``; all other columns of numbers are kept under their own names and may hold NaN.
    Ready arrays (int64 ns, float64, contiguous) are taken without a copy.

    Args:
        x: A pandas or polars DataFrame, anything with the Arrow C stream, a mapping of arrays, a structured
            array, ccxt rows ``[[ms, o, h, l, c, v], …]``, or the path of a CSV (``.csv``, ``.csv.gz``) or
            Parquet file.
        unit: What integer times count: ``"s"``, ``"ms"``, ``"us"``, ``"ns"``.
        label: Whether stamps are the bars' ``"open"`` or ``"close"`` times.
        tz: Zone of naive times, a name such as ``"Europe/Berlin"``.
        freq: The bar's length: ``"1min"``, ``"5m"``, ``"1h"``, ``"1D"``, a timedelta or int ns. By default
            the smallest step between bars; needed for a single bar.

    Raises:
        InputError: A missing column, integers without their unit or with a wrong one, columns of different
            lengths or of no numbers, no bars.
        DataError: Times unsorted, repeated, missing or off the step; prices that cannot be: NaN, not above 0,
            a high below or a low above another price; a negative volume. The message names row and value.
    """
    if isinstance(x, Bars) and (unit, label, tz, freq) == (None, "open", "UTC", None):
        return x
    if label not in {"open", "close"}:
        raise InputError(
            f"label {shown(label)}: expected 'open' or 'close', which of their times the stamps are"
        )
    source = read_source(x)
    name, times = _times_of(source)
    default = "ns" if _folded(name) == "ts" else None
    ts = ns_utc(as_column(times, name), Reading(name, unit, zone_name(tz), default))
    columns, notes = _columns_of(source, name, ts)
    step, gap_rows = check_steps(ts, None if freq is None else length_ns(freq))
    if label == "close":
        ts = ts - step
    check_prices(ts, columns)
    frozen = {key: _read_only(values) for key, values in columns.items()}
    return Bars(_read_only(ts), frozen, step, gap_rows, notes)


def as_bars(x: Any) -> Bars:
    """`Bars` as they are, anything else through `bars` without options.

    Raises:
        DataError: Bars that cannot be trusted: also `Bars` whose arrays, which may be the caller's own, were
            changed into what `bars` would refuse.
    """
    if not isinstance(x, Bars):
        return bars(x)
    try:
        check_steps(x.ts, x.step)
        check_prices(x.ts, x.columns)
    except DataError as error:
        raise DataError(
            f"the arrays of the bars were changed after alipes.bars had checked them: {error}."
            " Give alipes.bars a copy of arrays that are changed later"
        ) from error
    return x


def _folded(name: str) -> str:
    return name.strip().lower().replace(" ", "_")


def _by_folded_name(source: Source) -> dict[str, str]:
    """The source's names by their folded form; of names that nothing looks for, the first."""
    found: dict[str, str] = {}
    known = {*TIMES, *_SHORT, *_SHORT.values(), *_OPTIONAL}
    for name in source.columns:
        folded = _folded(name)
        if folded in found and folded in known:
            raise InputError(f"columns {found[folded]!r} and {name!r} are both there: keep one of them")
        found.setdefault(folded, name)
    return found


def _times_of(source: Source) -> tuple[str, Any]:
    if source.row_index is not None:
        name, index = source.row_index
        if _folded(name) in TIMES or is_time_like(as_column(index, name)):
            return name, index
    found = _by_folded_name(source)
    name = next((found[each] for each in TIMES if each in found), "")
    if not name:
        advice = "" if source.row_index is None else ", or an index of times"
        raise InputError(
            f"no column of times: expected one of {', '.join(TIMES)}{advice}; {_there_are(source)}"
            f"{_of_index(source)}"
        )
    return name, source.columns[name]


def _there_are(source: Source) -> str:
    names = list(source.columns)
    is_headless = bool(names) and all(name.replace(".", "").replace("-", "").isdigit() for name in names)
    hint = " (the first line looks like a bar: the file needs a line of column names)" if is_headless else ""
    return f"there are {', '.join(names) or 'no columns'}{hint}"


def _of_index(source: Source) -> str:
    """What to say of an index that may have been meant as the times."""
    if source.row_index is None:
        return ""
    name, index = source.row_index
    column = as_column(index, name)
    if isinstance(column, Stamps) or column.dtype.kind not in "iuf":
        return ""
    return (
        ". The index holds numbers and is not read as times, whatever unit= says: make it one of times,"
        " such as df.index = pd.to_datetime(df.index, unit='s'), or a column by df.reset_index(names='time')"
    )


def _columns_of(
    source: Source, time_name: str, ts: NDArray[np.int64]
) -> tuple[dict[str, NDArray[np.float64]], tuple[str, ...]]:
    """The five columns of a bar first, then those that are the user's; and what is to be said about them."""
    found = _by_folded_name(source)
    columns: dict[str, NDArray[np.float64]] = {}
    notes: list[str] = []
    used = {time_name} if source.row_index is None or time_name in source.columns else set()
    for name, short in _SHORT.items():
        own = found.get(name) or found.get(short)
        if own is not None:
            columns[name] = _numbers(source, own, len(ts))
            used.add(own)
        elif name == "volume":
            columns[name] = np.zeros(len(ts))
            notes.append("no volume column: volume is 0 in every bar")
        else:
            raise InputError(f"no column {name!r}: {_there_are(source)}")
    names = {found[name]: name for name in _OPTIONAL if name in found}
    others = {names.get(own, own): own for own in source.columns if own not in used}
    _add_users(columns, source, others, ts, notes)
    return columns, tuple(notes)


def _add_users(
    columns: dict[str, NDArray[np.float64]],
    source: Source,
    others: Mapping[str, str],
    ts: NDArray[np.int64],
    notes: list[str],
) -> None:
    left_out: list[str] = []
    for name, own in others.items():
        if name in columns or name == "ts":
            left_out.append(own)
            continue
        try:
            values = _numbers(source, own, len(ts))
        except InputError:
            left_out.append(own)
            continue
        if (infinite := np.isinf(values)).any():
            row = int(infinite.argmax())
            notes.append(
                f"column {name!r}: {int(infinite.sum())} infinite values are undefined, the first in "
                f"row {row} ({time_text(ts[row])})"
            )
            values = np.where(infinite, np.nan, values)
        columns[name] = values
    if left_out:
        notes.append(
            f"columns left out, as they hold no numbers or their name is taken: {', '.join(left_out)}"
        )


def _numbers(source: Source, name: str, count: int) -> NDArray[np.float64]:
    values = numbers(as_column(source.columns[name], name), name)
    if len(values) != count:
        raise DataError(f"column {name!r} has {len(values)} values for {count} times")
    return values


def _read_only(values: NDArray[Any]) -> NDArray[Any]:
    seen = values.view()
    seen.flags.writeable = False
    return seen
