"""`Bars`: the bars of one instrument as columns, checked once and then only read."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from alipes.data.bars.clock import length_text, time_text
from alipes.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Gaps(NamedTuple):
    """Bars that are missing.

    Attributes:
        places: How often bars are missing.
        longest_ns: The longest time without bars, int ns; 0 without gaps.
        row: The row before the longest gap; -1 without gaps.
    """

    places: int
    longest_ns: int
    row: int


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Bars:
    """The bars of one instrument, in order of time; made by `alipes.bars`, which checks them.

    Bar i covers ``[ts[i], ts[i] + step)`` and is known at its end. The arrays are read-only and C-contiguous,
    and those of the caller where they were so already: whoever writes to their own array changes the bars.

    Attributes:
        ts: (n,) int64 ns UTC, each bar's open time.
        columns: (n,) float64 by name: open, high, low, close, volume, then the user's own. Prices are finite
            and above 0, volume is finite and 0 or more, the user's columns may be NaN (undefined).
        step: Δ, the length of a bar in int ns; steps between stamps are multiples of it.
        gap_rows: (gaps,) int64, the rows after which bars are missing.
        notes: What was noticed about the source, gaps aside.
    """

    ts: NDArray[np.int64]
    columns: dict[str, NDArray[np.float64]]
    step: int
    gap_rows: NDArray[np.int64]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ts)

    @property
    def gaps(self) -> Gaps:
        """How often bars are missing, and where they are missing longest."""
        if not len(self.gap_rows):
            return Gaps(0, 0, -1)
        steps = self.ts[self.gap_rows + 1] - self.ts[self.gap_rows]
        longest = int(steps.argmax())
        return Gaps(len(self.gap_rows), int(steps[longest]) - self.step, int(self.gap_rows[longest]))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of results should know about the data: missing bars, columns left out."""
        gaps = self.gaps
        if not gaps.places:
            return self.notes
        text = (
            f"gaps: bars are missing in {gaps.places:,} place{'s'[: gaps.places > 1]}, at the longest "
            f"{gaps.longest_ns // self.step:,} bars ({length_text(gaps.longest_ns)}) "
            f"after {time_text(self.ts[gaps.row])}"
        )
        return (text, *self.notes)

    @overload
    def __getitem__(self, key: str) -> NDArray[np.float64]: ...
    @overload
    def __getitem__(self, key: slice) -> Bars: ...
    def __getitem__(self, key: str | slice) -> NDArray[np.float64] | Bars:
        """A column by name, or the bars of a slice of rows, without a copy.

        Raises:
            InputError: There is no such column, or the slice has a step or no bars.
        """
        if isinstance(key, str):
            if key not in self.columns:
                raise InputError(f"no column {key!r}: there are {', '.join(self.columns)}")
            return self.columns[key]
        if not isinstance(key, slice):
            given = repr(key) if isinstance(key, (int, float)) else f"a {type(key).__name__}"
            raise InputError(f"bars are taken by slice or column name, such as bars[-100:], not {given}")
        if not all(hasattr(end, "__index__") or end is None for end in (key.start, key.stop, key.step)):
            raise InputError(
                f"bars[{key.start!r}:{key.stop!r}]: expected rows, as whole numbers; the row of a time is"
                " bars.ts.searchsorted(int ns)"
            )
        start, stop, step = key.indices(len(self))
        if step != 1 or start >= stop:
            raise InputError(f"bars[{start}:{stop}:{step}] holds no run of bars; there are {len(self)}")
        inside = (self.gap_rows >= start) & (self.gap_rows < stop - 1)
        columns = {name: values[start:stop] for name, values in self.columns.items()}
        return Bars(self.ts[start:stop], columns, self.step, self.gap_rows[inside] - start, self.notes)

    def to_arrow(self) -> Any:
        """A `pyarrow.Table`: ``ts`` as timestamp[ns, UTC], then the columns as float64."""
        import pyarrow as pa  # noqa: PLC0415 - half a second that only users of Arrow need

        times = pa.array(self.ts).cast(pa.timestamp("ns", "UTC"))
        return pa.table({"ts": times, **{name: pa.array(values) for name, values in self.columns.items()}})

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame` with the open times as its index, in UTC."""
        return self.to_arrow().to_pandas().set_index("ts")

    def to_polars(self) -> Any:
        """A `polars.DataFrame` with the column ``ts``."""
        import polars as pl  # noqa: PLC0415 - the user's library, not ours

        return pl.from_arrow(self.to_arrow())

    def __repr__(self) -> str:
        end = time_text(int(self.ts[-1]) + self.step)
        noted = "".join(f"\n  {text}" for text in self.warnings)
        return (
            f"Bars({len(self):,} of {length_text(self.step)}, {time_text(self.ts[0])} to {end}, "
            f"{' '.join(self.columns)}){noted}"
        )

    def _repr_html_(self) -> str:
        rows = range(len(self)) if len(self) <= 6 else (0, 1, 2, None, len(self) - 2, len(self) - 1)
        head = "".join(f"<th>{escape(name)}</th>" for name in ("", "ts", *self.columns))
        body = "".join(f"<tr>{self._cells(row)}</tr>" for row in rows)
        return f"<pre>{escape(repr(self))}</pre><table><tr>{head}</tr>{body}</table>"

    def _cells(self, row: int | None) -> str:
        if row is None:
            return f"<td colspan='{len(self.columns) + 2}'>…</td>"
        values = (f"{values[row]:.10g}" for values in self.columns.values())
        return "".join(f"<td>{text}</td>" for text in (str(row), time_text(self.ts[row]), *values))
