"""Tables of results: named columns of equal length, as numpy, Arrow, pandas or polars, and on the screen.

A table copies nothing until it is asked to. What is absent (an order that never filled has no fill time) is
-1, NaN or "" in numpy and null everywhere else. Knows columns and kinds, not what a trade is.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from alipes.config.names import nearest
from alipes.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from numpy.typing import NDArray

SHOWN_ROWS = 10
"""Rows a table shows of itself; the middle is left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column of words kept as codes.

    Attributes:
        codes: (n,) integers, each an index of `names`; a negative one is absent.
        names: The words; an empty one is absent.
    """

    codes: NDArray[Any]
    names: Sequence[str]

    def words(self) -> NDArray[Any]:
        """(n,) str; absent ones are empty."""
        known: NDArray[Any] = np.array([*self.names, ""])
        return known.take(self.codes)


class Table:
    """Columns of equal length under their names.

    Args:
        columns: Column by name: (n,) arrays of float64, int64 or bool, or `Coded` words.
        times: Names of int64 columns that are ns since 1970 UTC.
        absent: Names of integer columns (times may be among them) in which -1 means that there is none.
        name: What the rows are, for display.
    """

    __slots__ = ("_absent", "_columns", "_length", "_times", "name")

    def __init__(
        self,
        columns: Mapping[str, NDArray[Any] | Coded],
        *,
        name: str,
        times: Sequence[str] = (),
        absent: Sequence[str] = (),
    ) -> None:
        lengths = {key: len(_raw(column)) for key, column in columns.items()}
        if len(set(lengths.values())) > 1:
            raise InputError(f"{name}: columns of different lengths: {lengths}")
        self.name = name
        self._columns = {key: _read_only(column) for key, column in columns.items()}
        self._times = frozenset(times)
        self._absent = frozenset(absent)
        self._length = next(iter(lengths.values()), 0)

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names, in order."""
        return tuple(self._columns)

    def __len__(self) -> int:
        return self._length

    def __contains__(self, column: object) -> bool:
        return column in self._columns

    def __getitem__(self, column: str) -> NDArray[Any]:
        """One column as numpy: float64, int64 (times: ns UTC), bool, or str.

        Raises:
            InputError: There is no such column; the nearest name is given.
        """
        if column not in self._columns:
            raise InputError(f"{self.name}: no column {column!r}{nearest(str(column), self._columns)}")
        found = self._columns[column]
        return found.words() if isinstance(found, Coded) else found

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Rows as dicts of Python values; what is absent is None, times are ints (ns UTC)."""
        lists = [self._listed(column) for column in self._columns]
        for values in zip(*lists, strict=True):
            yield dict(zip(self._columns, values, strict=True))

    def where(self, mask: NDArray[np.bool_]) -> Table:
        """The rows at which a (n,) bool array is true.

        Raises:
            InputError: It is no such array.
        """
        mask = np.asarray(mask)
        if mask.dtype != np.bool_ or mask.shape != (len(self),):
            raise InputError(
                f"{self.name}: where takes bools, one a row, such as table['x'] > 0: expected ({len(self)},)"
                f" of bool, got {mask.shape} of {mask.dtype}"
            )
        return self._picked(lambda column: column[mask])

    def head(self, rows: int) -> Table:
        """The first rows, at most so many.

        Raises:
            InputError: It is no whole number >= 0.
        """
        if not isinstance(rows, (int, np.integer)) or isinstance(rows, bool) or rows < 0:
            raise InputError(f"{self.name}: head({rows!r}): expected a whole number >= 0")
        return self._picked(lambda column: column[:rows])

    def to_arrow(self) -> pa.Table:
        """A pyarrow table: times as timestamp[ns, UTC], words as strings, absent values as nulls."""
        import pyarrow as pa  # noqa: PLC0415 - slow to import

        return pa.table({column: self._arrow(column) for column in self._columns})

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow C stream of `to_arrow`: what polars, duckdb and pandas read without a copy."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> pd.DataFrame:
        """A pandas DataFrame; times as datetime64[ns, UTC]."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """A polars DataFrame.

        Raises:
            ImportError: polars is not installed.
        """
        import polars as pl  # noqa: PLC0415 - optional

        frame: pl.DataFrame = pl.from_arrow(self.to_arrow())  # type: ignore[assignment]
        return frame

    def __repr__(self) -> str:
        head = f"{self.name}: {len(self):,} rows"
        if not self._columns:
            return head
        rows = [list(self._columns), *self._shown()]
        widths = [max(len(row[place]) for row in rows) for place in range(len(self._columns))]
        lines = (
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
        )
        return "\n".join([head, *lines])

    def _repr_html_(self) -> str:
        cells = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in self._shown()]
        heads = "".join(f"<th>{escape(column)}</th>" for column in self._columns)
        body = "".join(f"<tr>{row}</tr>" for row in cells)
        return (
            f"<div><p>{escape(self.name)}: {len(self):,} rows</p>"
            f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def _picked(self, pick: Callable[[Any], Any]) -> Table:
        kept = {
            key: Coded(pick(column.codes), column.names) if isinstance(column, Coded) else pick(column)
            for key, column in self._columns.items()
        }
        return Table(kept, name=self.name, times=tuple(self._times), absent=tuple(self._absent))

    def _listed(self, column: str) -> list[Any]:
        values = self[column]
        return [
            None if gone else value for value, gone in zip(values.tolist(), self._gone(column), strict=True)
        ]

    def _gone(self, column: str) -> NDArray[np.bool_]:
        """(n,) bool, true where there is no value."""
        values = self[column]
        gone: NDArray[np.bool_] = np.zeros(len(self), np.bool_)
        if values.dtype.kind == "U":
            gone = np.equal(values, "")
        elif values.dtype.kind == "f":
            gone = np.isnan(values)
        elif column in self._absent:
            gone = np.equal(values, -1)
        return gone

    def _arrow(self, column: str) -> pa.Array[Any]:
        import pyarrow as pa  # noqa: PLC0415

        found = self._columns[column]
        if isinstance(found, Coded):
            codes = pa.array(found.codes.astype(np.int32), mask=self._gone(column))
            return pa.DictionaryArray.from_arrays(codes, pa.array(list(found.names), pa.string())).cast(
                pa.string()
            )
        values = pa.array(found, mask=self._gone(column))
        return values.cast(pa.timestamp("ns", "UTC")) if column in self._times else values

    def _shown(self) -> list[list[str]]:
        """Cells of the rows to show: the first and last ones, a row of gaps between them."""
        if len(self) <= SHOWN_ROWS:
            return self._cells()
        half = SHOWN_ROWS // 2
        first, last = self.head(half), self._picked(lambda column: column[-half:])
        return [*first._cells(), ["…"] * len(self._columns), *last._cells()]  # noqa: SLF001

    def _cells(self) -> list[list[str]]:
        return [[_cell(value, column in self._times) for column, value in row.items()] for row in self]


def time_text(ns: int) -> str:
    """A time as text, UTC, to the second where it is whole: ``2024-01-31 08:00:00``."""
    text = str(np.datetime64(ns, "ns")).replace("T", " ")
    return text.removesuffix(".000000000")


def _read_only(column: NDArray[Any] | Coded) -> NDArray[Any] | Coded:
    """The column, which nobody can write to through it."""
    if isinstance(column, Coded):
        return column
    view = column.view()
    view.flags.writeable = False
    return view


def _raw(column: NDArray[Any] | Coded) -> NDArray[Any]:
    return column.codes if isinstance(column, Coded) else column


def _cell(value: Any, is_time: bool) -> str:  # noqa: FBT001
    if value is None:
        return "-"
    if is_time:
        return time_text(value)
    return f"{value:,.6g}" if isinstance(value, float) and abs(value) < 1e6 else _large(value)


def _large(value: Any) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else str(value)
