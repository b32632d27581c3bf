"""Whatever holds bars as named columns, one kind of source a function. Knows shapes, not what a bar is."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from alipes.data.bars.arrays import is_of
from alipes.errors import DataError, InputError, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_PRICES = 4
"""Numbers in a line of names from which on it is a bar's."""
ROW = ("time", "open", "high", "low", "close", "volume")
"""What the values of a ccxt row are."""


class Source(NamedTuple):
    """Named columns, each still of the source's own kind: `arrays.as_column` makes numpy of them.

    Attributes:
        columns: By name as the source has them; all of one length.
        row_index: A data frame's index with its name (``"index"`` without one), unless it only counts rows.
    """

    columns: dict[str, Any]
    row_index: tuple[str, Any] | None = None


def read_source(x: Any) -> Source:
    """The columns of a data frame, table, mapping, structured array, list of rows or file.

    Raises:
        InputError: It is none of these, a file is missing, or its columns differ in length.
        DataError: A file is damaged.
    """
    source = _opened(x)
    lengths = {name: len(column) for name, column in source.columns.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise InputError(f"the columns differ in length: {listed}")
    return source


def _opened(x: Any) -> Source:
    if isinstance(x, str | os.PathLike):
        return _of_table(_read_file(Path(x)))
    if isinstance(x, Mapping):
        return Source(_named(x.items()))
    if isinstance(x, np.ndarray):
        return _of_numpy(x)
    if isinstance(x, Sequence) and not isinstance(x, bytes):
        return _of_rows(x)
    return _of_frame(x)


def _of_frame(x: Any) -> Source:
    if is_of(x, "pandas", "DataFrame"):
        return _of_pandas(x)
    if is_of(x, "polars", "LazyFrame"):
        raise InputError("a polars LazyFrame holds no data yet: give x.collect()")
    if is_of(x, "polars", "DataFrame"):
        return _of_table(x.to_arrow())
    is_one_column = is_of(x, "polars", "Series") or is_of(x, "pandas", "Series")
    if hasattr(x, "__arrow_c_stream__") and not is_one_column:
        return _of_arrow(x)
    raise InputError(
        f"cannot read bars from {type(x).__module__}.{type(x).__qualname__}: expected a pandas or polars "
        "DataFrame, an Arrow table, a mapping of arrays, a structured array, ccxt rows, or the path of a CSV "
        "or Parquet file"
    )


def _named(items: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, values in items:
        if not isinstance(name, str):
            raise InputError(f"column {name!r} has no text as its name: expected names such as 'open'")
        if (
            not hasattr(values, "__len__")
            or isinstance(values, str | bytes)
            or getattr(values, "ndim", 1) == 0
        ):
            raise InputError(f"column {name!r} is {values!r}: expected one value a bar")
        if hasattr(values, "columns"):
            kind = type(values).__name__
            raise InputError(
                f"column {name!r} is a {kind}: expected an array, and one instrument's bars at a time"
            )
        columns[name] = values
    return columns


def _of_pandas(frame: Any) -> Source:
    if frame.columns.nlevels > 1:
        raise InputError(
            f"the columns have {frame.columns.nlevels} levels, such as {frame.columns[0]!r}: keep one, "
            "such as df.droplevel(1, axis=1)"
        )
    names = list(frame.columns)
    columns = _named((name, frame.iloc[:, place]) for place, name in enumerate(names))
    if len(columns) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"column {twice!r} is there {names.count(twice)} times")
    index = frame.index
    if is_of(index, "pandas", "RangeIndex") and index.name is None and index.step == 1:
        return Source(columns)
    return Source(columns, (str(index.name or "index"), index))


def _of_arrow(x: Any) -> Source:
    import pyarrow as pa  # noqa: PLC0415 - half a second that only users of Arrow need

    return _of_table(x if isinstance(x, pa.Table) else pa.table(x))


def _of_table(table: Any) -> Source:
    names = table.column_names
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"column {twice!r} is there {names.count(twice)} times")
    return Source({name: table.column(name) for name in names})


def _of_numpy(x: NDArray[Any]) -> Source:
    if x.dtype.names:
        return Source(_named((name, x[name]) for name in x.dtype.names))
    if x.ndim != 2 or x.shape[1] != len(ROW):
        raise InputError(f"an array of shape {x.shape}: expected (n, 6), that is {', '.join(ROW)}")
    return Source(_named((name, x[:, place]) for place, name in enumerate(ROW)))


def _of_rows(x: Sequence[Any]) -> Source:
    """Rows of ccxt's ``fetch_ohlcv``, or of dictionaries."""
    if not len(x):
        raise InputError("no bars: the list is empty")
    if isinstance(x[0], Mapping):
        names = list(x[0])
        for number, row in enumerate(x):
            if not isinstance(row, Mapping) or list(row) != names:
                raise InputError(
                    f"row {number} is {shown(row)}: expected the keys {', '.join(map(str, names))}"
                )
        return Source(_named((name, [row[name] for row in x]) for name in names))
    for number, row in enumerate(x):
        if not isinstance(row, Sequence | np.ndarray) or isinstance(row, str) or len(row) != len(ROW):
            raise InputError(f"row {number} is {shown(row)}: expected [{', '.join(ROW)}]")
    return Source(_named(zip(ROW, map(list, zip(*x, strict=True)), strict=True)))


def _read_file(path: Path) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - half a second that only readers of files need
    from pyarrow import csv, parquet  # noqa: PLC0415

    name = path.name.lower()
    if not name.endswith((".csv", ".csv.gz", ".parquet", ".pq")):
        raise InputError(f"{path}: expected a file named .csv, .csv.gz or .parquet")
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        if name.endswith((".parquet", ".pq")):
            return parquet.read_table(path)
        if name.endswith(".csv"):
            _refuse_gzip(path)
        return _with_names(csv.read_csv(path), path)
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: no text in UTF-8 ({error}): expected a CSV saved as UTF-8") from error
    except (pa.ArrowException, OSError) as error:
        text = "no bars: there is no row under a line of names" if "Empty CSV" in str(error) else error
        raise DataError(f"{path}: {text}") from error


def _refuse_gzip(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(2) == b"\x1f\x8b":
            raise DataError(
                f"{path}: compressed by gzip: expected a file of that name to be text; name it .csv.gz"
            )


def _with_names(table: Any, path: Path) -> Any:
    """A table whose first line was one of names rather than of a bar."""
    if sum(map(_is_number, table.column_names)) >= _PRICES:
        first = ", ".join(table.column_names)
        raise InputError(
            f"{path}: the first line looks like a bar ({first}): the file needs a line of column names, such"
            " as ts,open,high,low,close,volume"
        )
    return table


def _is_number(name: str) -> bool:
    with suppress(ValueError):
        float(name)
        return True
    return False
