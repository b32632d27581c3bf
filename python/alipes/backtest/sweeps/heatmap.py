"""One metric over two parameters as a table of cells. Computes cells; `shading` draws them as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alipes.backtest.bars import checks
from alipes.config.names import nearest
from alipes.errors import InputError, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rich.console import Console, ConsoleOptions, RenderResult

    from alipes.backtest.sweeps.grid import ParamSets

AGGREGATES = ("mean", "median", "min", "max")
"""How the values that fall into one cell become one."""


@dataclass(frozen=True, eq=False)
class Heatmap:
    """A metric over two parameters. Printed, it draws itself as text; rich draws it in colour.

    Attributes:
        metric: the metric's name.
        x: parameter along the columns.
        y: parameter along the rows; None if there is one row only.
        x_values: (nx,) float64, ascending; the middles of the bins if it was binned.
        y_values: (ny,) float64, ascending.
        values: (ny, nx) float64; NaN where no combination is or the metric is undefined.
        note: what became of the other parameters, empty if there are none.
    """

    metric: str
    x: str
    y: str | None
    x_values: NDArray[np.float64]
    y_values: NDArray[np.float64]
    values: NDArray[np.float64]
    note: str = ""

    @property
    def title(self) -> str:
        """What is shown, in a line."""
        return self._told(self.x, self.y or "")

    @property
    def heading(self) -> str:
        """The title of a drawing as text, which names its axes."""
        return self._told(*((self.x, "") if self.y is None else (f"{self.x} (across)", f"{self.y} (down)")))

    def _told(self, x: str, y: str) -> str:
        return f"{self.metric} over {x}{' and ' + y if y else ''}{', ' + self.note if self.note else ''}"

    def __repr__(self) -> str:
        from alipes.backtest.sweeps.shading import as_text  # noqa: PLC0415 - rich is slow to import

        return as_text(self)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draws itself as wide as the console allows."""
        from alipes.backtest.sweeps.shading import drawing  # noqa: PLC0415

        is_coloured = console.color_system in {"256", "truecolor"}  # 16 colours hold no scale
        yield drawing(self, options.max_width, is_coloured=is_coloured)


def heatmap_of(
    sets: ParamSets,
    values: NDArray[np.float64],
    x: str,
    y: str | None,
    *,
    metric: str,
    others: str | Mapping[str, float] | None,
    bins: int | None,
) -> Heatmap:
    """The heatmap of some values, (n,) float64, one a parameter set.

    Raises:
        InputError: as `alipes.backtest.SweepResult.heatmap`.
    """
    if bins is not None:
        bins = checks.whole(at_least=1)("heatmap: bins", bins)
    axes = [x] if y is None else [x, y]
    for name in axes:
        _check_name(sets, name)
    if x == y:
        raise InputError(f"heatmap: x and y are both {x!r}: expected two parameters")
    mask, note, reduced = _others(sets, axes, others, is_binned=bins is not None)
    columns, x_values = _axis(sets.column(x)[mask], bins)
    rows, y_values = (
        (np.zeros(len(columns), dtype=np.int64), np.zeros(1))
        if y is None
        else _axis(sets.column(y)[mask], bins)
    )
    cells = rows * len(x_values) + columns
    table = _reduced(cells, values[mask], len(x_values) * len(y_values), reduced)
    return Heatmap(metric, x, y, x_values, y_values, table.reshape(len(y_values), len(x_values)), note)


def _check_name(sets: ParamSets, name: str) -> None:
    if name not in sets.names:
        raise InputError(f"heatmap: no parameter {name!r}{nearest(str(name), sets.names)}")


def _others(
    sets: ParamSets, axes: list[str], others: str | Mapping[str, float] | None, *, is_binned: bool
) -> tuple[NDArray[np.bool_], str, str]:
    """Which sets take part, what to say of it, and how those of one cell are joined."""
    rest = [name for name in sets.names if name not in axes]
    varying = [name for name in rest if len(np.unique(sets.column(name))) > 1]
    everything = np.ones(len(sets), dtype=np.bool_)
    if isinstance(others, Mapping):
        return _held(sets, axes, others, varying), _held_note(others), "mean"
    if others is None and not varying:
        return everything, "mean of each bin" if is_binned else "", "mean"
    if others is None:
        first = varying[0]
        value = sets.column(first)[0]
        raise InputError(
            f"heatmap: {' and '.join(map(repr, varying))} varies too: say others='mean' (or another), or"
            f" hold it: others={{{first!r}: {value:g}}}"
        )
    if others not in AGGREGATES:
        raise InputError(
            f"heatmap: others={others!r}: expected {', '.join(AGGREGATES)}, or a dict of values to hold"
            f"{nearest(str(others), AGGREGATES)}"
        )
    over = ", ".join(varying) if varying else "each cell"
    return everything, f"{others} over {over}", others


def _held(
    sets: ParamSets, axes: list[str], others: Mapping[str, float], varying: list[str]
) -> NDArray[np.bool_]:
    mask = np.ones(len(sets), dtype=np.bool_)
    for name, value in others.items():
        _check_name(sets, name)
        if name in axes:
            raise InputError(f"heatmap: {name!r} is an axis and cannot be held at {shown(value)}")
        here = sets.column(name) == value
        if not here.any():
            known = np.unique(sets.column(name))
            close = known[np.argmin(np.abs(known - float(value)))]
            raise InputError(
                f"heatmap: {name} is nowhere {shown(value)} in this sweep; the nearest is {close:g}"
            )
        mask &= here
    if not mask.any():
        raise InputError(f"heatmap: no combination has {dict(others)!r} together")
    left = [name for name in varying if name not in others]
    if left:
        raise InputError(f"heatmap: others leaves {' and '.join(map(repr, left))} open: hold every one")
    return mask


def _held_note(others: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {value:g}" for name, value in others.items())


def _axis(values: NDArray[np.float64], bins: int | None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The place of each value along an axis, and the axis."""
    distinct, places = np.unique(values, return_inverse=True)
    if bins is None or len(distinct) <= bins:
        return places.astype(np.int64), distinct
    edges = np.linspace(distinct[0], distinct[-1], bins + 1)
    inside = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, bins - 1)
    return inside.astype(np.int64), (edges[:-1] + edges[1:]) / 2


def _reduced(
    cells: NDArray[np.int64], values: NDArray[np.float64], size: int, reduced: str
) -> NDArray[np.float64]:
    """One value a cell: of the defined ones that fall into it."""
    table = np.full(size, np.nan)
    is_defined = ~np.isnan(values)
    cells, values = cells[is_defined], values[is_defined]
    if not len(cells):
        return table
    order = np.lexsort((values, cells))
    cells, values = cells[order], values[order]
    filled, starts, counts = np.unique(cells, return_index=True, return_counts=True)
    if reduced == "mean":
        table[filled] = np.add.reduceat(values, starts) / counts
    elif reduced == "median":
        table[filled] = (values[starts + (counts - 1) // 2] + values[starts + counts // 2]) / 2
    else:
        table[filled] = values[starts if reduced == "min" else starts + counts - 1]
    return table
