"""What the look-ahead check found, as tables and in words."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from alipes.errors import InputError
from alipes.report.tables import Coded, Table, time_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


class ColumnChanges:
    """The bars of one output column whose value depended on how many later bars there were.

    Args:
        full: (n,) float64, the column with all bars.
        tolerance: As of `check_lookahead`.

    Attributes:
        full: As given.
        cut: (n,) int64, the number of bars kept when the value differed most; 0 where it never did.
        truncated: (n,) float64, the value then.
        difference: (n,) float64, by how much; inf if one of the two is undefined, -1 where it never differed.
        reach: How many bars ahead the data lies that a value depends on, at least; 0 without changes.
    """

    __slots__ = ("_allowed", "cut", "difference", "full", "reach", "truncated")

    def __init__(self, full: NDArray[np.float64], tolerance: float) -> None:
        self.full = full
        self.cut = np.zeros(len(full), np.int64)
        self.truncated = np.full(len(full), np.nan)
        self.difference = np.full(len(full), -1.0)
        self.reach = 0
        self._allowed = allowance(full, tolerance)

    def add(self, part: NDArray[np.float64]) -> None:
        """Compare with the column of the first ``len(part)`` bars."""
        kept = len(part)
        rows = np.flatnonzero(differs(self.full[:kept], part, self._allowed[:kept]))
        if not rows.size:
            return
        self.reach = max(self.reach, kept - int(rows[0]))
        with np.errstate(invalid="ignore"):
            apart = np.abs(self.full[rows] - part[rows])
        apart[np.isnan(apart)] = np.inf
        is_larger = apart > self.difference[rows]
        rows, apart = rows[is_larger], apart[is_larger]
        self.cut[rows], self.truncated[rows], self.difference[rows] = kept, part[rows], apart


def allowance(full: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    """How far each value may be off: `tolerance` of the larger of itself and the column's mean size."""
    sizes = np.abs(np.where(np.isfinite(full), full, 0.0))
    allowed: NDArray[np.float64] = tolerance * np.maximum(sizes, sizes.mean())
    return allowed


def differs(
    full: NDArray[np.float64], part: NDArray[np.float64], allowed: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Where two columns disagree, (n,) bool: undefined agrees with undefined alone."""
    with np.errstate(invalid="ignore"):
        is_off: NDArray[np.bool_] = ~(np.abs(full - part) <= allowed) & (full != part)
    is_off &= ~(np.isnan(full) & np.isnan(part))
    return is_off


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class LookaheadReport:
    """What `check_lookahead` found; true where it is `ok`.

    Attributes:
        ok: No value changed when later bars were taken away.
        changed: One row per output column and bar that changed: ``column``, ``bar``, ``ts`` (its open time),
            ``cut`` (the number of bars kept when it differed most), ``full`` (its value with all bars),
            ``truncated`` (its value with the first ``cut``), ``difference`` (inf: one of them is undefined).
        reach: By column: how many bars ahead the data lies that a value depends on, at least.
        warmup: By column: bars after a later start until all values agree with those of the whole history,
            the longest over the starts tried; None if they do not before the data ends.
        bars: Number of bars.
        cuts: (cuts,) int64, the numbers of bars kept.
        starts: (starts,) int64, the bars the data was started at.
        failures: ``(cut, error)`` of cuts, all shorter than half the data, on which the function raised.
    """

    ok: bool
    changed: Table
    reach: Mapping[str, int]
    warmup: Mapping[str, int | None]
    bars: int
    cuts: NDArray[np.int64]
    starts: NDArray[np.int64]
    failures: tuple[tuple[int, str], ...]

    def __bool__(self) -> bool:
        """Whether no value changed, as `ok`."""
        return self.ok

    @property
    def warmup_bars(self) -> int | None:
        """The longest warm-up of any column; None if one never agrees, as a sum over all bars."""
        lengths = [length for length in self.warmup.values() if length is not None]
        return max(lengths, default=0) if len(lengths) == len(self.warmup) else None

    def raise_if_failed(self) -> None:
        """Nothing if all is well.

        Raises:
            InputError: The function looks ahead; the message is the report.
        """
        if not self.ok:
            raise InputError(str(self))

    def __repr__(self) -> str:
        lines = [self._verdict(), *self._examples(), self._warmup_text()]
        if self.failures:
            cut, error = self.failures[0]
            lines.append(
                f"the function failed on {len(self.failures)} short cuts; on the first {cut} bars: {error}"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        table = "" if self.ok else self.changed._repr_html_()
        return f"<pre>{escape(repr(self))}</pre>{table}"

    def _verdict(self) -> str:
        if self.ok:
            return f"no look-ahead found: no value changed in {len(self.cuts)} cuts of {self.bars:,} bars"
        names, counts = np.unique(self.changed["column"], return_counts=True)
        listed = ", ".join(f"{name} {count:,}" for name, count in zip(names, counts, strict=True))
        return (
            f"LOOK-AHEAD: values changed when later bars were taken away (bars changed of {self.bars:,}: "
            f"{listed})"
        )

    def _examples(self) -> list[str]:
        lines: list[str] = []
        columns = self.changed["column"]
        for name in dict.fromkeys(columns.tolist()):
            row = int(np.flatnonzero(columns == name)[-1])
            full, truncated = (_text(float(self.changed[key][row])) for key in ("full", "truncated"))
            bar, ts, cut = (int(self.changed[key][row]) for key in ("bar", "ts", "cut"))
            ahead = f"{self.reach[name]} bar{'s'[: self.reach[name] > 1]} ahead"
            lines.append(
                f"  {name}: bar {bar} ({time_text(ts)}) is {full} with all bars, {truncated} with the "
                f"first {cut}; it uses data at least {ahead}"
            )
        return lines

    def _warmup_text(self) -> str:
        if not len(self.starts):
            return "warm-up: not tried"
        never = [name for name, length in self.warmup.items() if length is None]
        if never:
            return (
                f"warm-up: after a later start {', '.join(never)} never came to agree with the whole history"
            )
        return (
            f"warm-up: values agree {self.warmup_bars:,} bars after a later start (tried {len(self.starts)})"
        )


def changed_table(changes: Mapping[str, ColumnChanges], ts: NDArray[np.int64]) -> Table:
    """All changes as one table, column by column and in order of time."""
    rows = {name: np.flatnonzero(change.cut) for name, change in changes.items()}
    places = [np.full(len(found), place) for place, found in enumerate(rows.values())]

    def joined(kind: str) -> NDArray[np.float64]:
        return np.concatenate([getattr(changes[name], kind)[found] for name, found in rows.items()])

    bar = np.concatenate(list(rows.values()))
    return Table(
        {
            "column": Coded(np.concatenate(places), list(changes)),
            "bar": bar,
            "ts": ts[bar],
            **{kind: joined(kind) for kind in ("cut", "full", "truncated", "difference")},
        },
        name="changed",
        times=("ts",),
    )


def _text(value: float) -> str:
    return "undefined" if np.isnan(value) else f"{value:.10g}"
