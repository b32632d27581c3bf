"""One column of any library as numpy: numbers as they are, times with the unit and zone they carry.

Knows pandas and polars by the names of their classes alone: neither is imported here, and pyarrow only where
a column is Arrow's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from alipes.data.bars.clock import LONGER_NS, NOT_A_TIME, NS
from alipes.errors import InputError, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Stamps(NamedTuple):
    """Times with the unit they came in.

    Attributes:
        values: (n,) int64, counted from 1970; `NOT_A_TIME` where missing.
        unit_ns: What one count is, int ns.
        zone: Name of the time zone they came in, the values then being UTC; None for naive times.
    """

    values: NDArray[np.int64]
    unit_ns: int
    zone: str | None = None


Column: TypeAlias = "NDArray[Any] | Stamps"
"""Numbers or objects of shape (n,), or times."""


def is_of(value: Any, package: str, *names: str) -> bool:
    """Whether a value is of a class of another library, without importing it."""
    return any(
        each.__name__ in names and each.__module__.split(".")[0] == package for each in type(value).__mro__
    )


def as_column(value: Any, name: str) -> Column:
    """One column as numpy, without a copy where its memory allows.

    Raises:
        InputError: It is not one-dimensional, or of a type that no column can have.
    """
    if is_of(value, "pandas", "Series", "Index"):
        return _of_pandas(value, name)
    if is_of(value, "polars", "Series"):
        return of_arrow(value.to_arrow(), name)
    if hasattr(value, "__arrow_c_stream__") or hasattr(value, "__arrow_c_array__"):
        import pyarrow as pa  # noqa: PLC0415 - half a second that only users of Arrow need

        made = pa.chunked_array(value) if hasattr(value, "__arrow_c_stream__") else pa.array(value)
        return of_arrow(made, name)
    if isinstance(value, np.ma.MaskedArray):
        value = value.astype(np.float64) if value.dtype.kind in "biuf" else value
        value = value.filled(np.nan if value.dtype.kind == "f" else None)
    return _of_numpy(np.asarray(value), name)


def _of_numpy(array: NDArray[Any], name: str) -> Column:
    if array.ndim != 1:
        raise InputError(f"column {name!r} has shape {array.shape}: expected one value a bar, shape (n,)")
    if array.dtype.kind == "M":
        return _of_datetime64(array, name)
    if array.dtype.kind not in "biufUSOT":
        raise InputError(f"column {name!r} is of dtype {array.dtype}: expected numbers or times")
    return array.astype(object) if array.dtype.kind in "UST" else array


def _of_datetime64(array: NDArray[Any], name: str) -> Stamps:
    unit, count = np.datetime_data(array.dtype)
    lengths = {**NS, **LONGER_NS}
    if unit in {"Y", "M"}:
        return Stamps(array.astype("datetime64[s]").view(np.int64), NS["s"])
    if unit not in lengths:
        raise InputError(f"column {name!r} is of dtype {array.dtype}: expected times in ns or coarser")
    native = array.astype(array.dtype.newbyteorder("="), copy=False)
    return Stamps(np.ascontiguousarray(native).view(np.int64), lengths[unit] * count)


def _of_pandas(series: Any, name: str) -> Column:
    dtype = series.dtype
    if is_of(series, "pandas", "MultiIndex"):
        raise InputError("the index has several levels: keep the time, such as df.droplevel('symbol')")
    if hasattr(dtype, "pyarrow_dtype"):
        import pyarrow as pa  # noqa: PLC0415 - already there: the column is Arrow's

        made = series.array.__arrow_array__()
        return of_arrow(pa.chunked_array([made]) if isinstance(made, pa.Array) else made, name)
    if dtype.kind == "M":
        array = series.array
        return Stamps(array.asi8, NS[array.unit], None if array.tz is None else str(array.tz))
    if is_of(dtype, "pandas", "PeriodDtype"):
        raise InputError(f"column {name!r} holds periods: convert it with .to_timestamp()")
    if dtype.kind in "biuf" and not isinstance(dtype, np.dtype):
        has_gaps = bool(series.isna().any())
        return np.asarray(series.to_numpy(np.float64 if has_gaps else dtype.numpy_dtype, na_value=np.nan))
    return _of_numpy(series.to_numpy() if dtype.kind in "biuf" else series.to_numpy(object), name)


def of_arrow(column: Any, name: str) -> Column:
    """A `pyarrow` array or chunked array as numpy.

    Raises:
        InputError: Its type is neither a number, a time nor text.
    """
    import pyarrow as pa  # noqa: PLC0415 - already there: the column is Arrow's

    if isinstance(column, pa.ChunkedArray):
        column = (
            column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays([*column.chunks, _empty(column)])
        )
    kind, types = column.type, pa.types
    if types.is_dictionary(kind):
        return of_arrow(column.dictionary_decode(), name)
    if types.is_date(kind):
        column = column.cast(pa.timestamp("ms"))
        kind = column.type
    if types.is_timestamp(kind):
        values = column.view(pa.int64()).fill_null(NOT_A_TIME).to_numpy(zero_copy_only=False)
        return Stamps(values, NS[kind.unit], kind.tz)
    if types.is_boolean(kind) or types.is_decimal(kind) or types.is_null(kind):
        column = column.cast(pa.float64())
    if types.is_nested(kind) or types.is_temporal(kind) or types.is_binary(kind):
        raise InputError(f"column {name!r} is of type {kind}: expected numbers or times")
    return np.asarray(column.to_numpy(zero_copy_only=False))


def _empty(column: Any) -> Any:
    """An array of no rows of the column's type: even a column of no chunks can then be joined."""
    import pyarrow as pa  # noqa: PLC0415 - already there: the column is Arrow's

    return pa.array([], column.type)


def numbers(column: Column, name: str) -> NDArray[np.float64]:
    """A column as contiguous float64, itself if it is that already.

    Raises:
        InputError: It holds times, text or other objects; the message names the row and the value.
    """
    if isinstance(column, Stamps):
        raise InputError(f"column {name!r} holds times: expected numbers")
    if column.dtype.kind == "O":
        return _of_objects(column, name)
    return np.ascontiguousarray(column, np.float64)


def _of_objects(column: NDArray[Any], name: str) -> NDArray[np.float64]:
    made = np.empty(len(column), np.float64)
    values = column.tolist()
    for row, value in enumerate(values):
        if isinstance(value, str | bytes):
            worst, text = _worst_text(values)
            raise InputError(f"column {name!r} holds text, {text!r} in row {worst}: convert it to float")
        try:
            made[row] = np.nan if value is None else float(value)
        except (TypeError, ValueError) as error:
            raise InputError(f"column {name!r}, row {row}: {shown(value)} is no number") from error
    return made


def _worst_text(values: list[Any]) -> tuple[int, str | bytes]:
    """Row and value of the first text that is no number, which makes a file's column text, or the first."""
    texts = [(row, value) for row, value in enumerate(values) if isinstance(value, str | bytes)]
    for row, value in texts:
        try:
            float(value)
        except ValueError:
            return row, value
    return texts[0]
