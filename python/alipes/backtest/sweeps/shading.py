"""A heatmap as text, with and without colour: numbers where they fit, shaded blocks where they do not."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import TYPE_CHECKING

import numpy as np
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from alipes.backtest.sweeps.heatmap import Heatmap

PLAIN_WIDTH = 100
"""Columns of a heatmap that nobody's terminal limits."""
MOST_ROWS = 40
"""Rows of cells; more are joined by their mean."""

_SHADES = " ░▒▓█"
_MISSING = "·"
_STOPS = np.array(
    [(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)], dtype=np.float64
)
"""Dark to light, readable with any colour vision (the stops of viridis)."""


def as_text(heatmap: Heatmap, width: int = PLAIN_WIDTH) -> str:
    """The heatmap without colour."""
    return drawing(heatmap, width, is_coloured=False).plain


def drawing(heatmap: Heatmap, width: int, *, is_coloured: bool) -> Text:
    """The heatmap as text.

    Args:
        heatmap: what to draw.
        width: columns there are.
        is_coloured: whether colours will be seen.
    """
    labels = _labels(heatmap)
    room = max(width - max(map(len, labels), default=0) - 1, 8)
    body = None
    if len(heatmap.x_values) <= room // 2 and len(heatmap.y_values) <= MOST_ROWS:
        body = _numbered(heatmap, labels, room, is_coloured=is_coloured)
    if body is None:
        body = _blocks(heatmap, room, is_coloured=is_coloured)
    return Text("\n").join([Text(heatmap.heading, style="bold"), *body, *_extremes(heatmap)])


def _numbered(heatmap: Heatmap, labels: list[str], room: int, *, is_coloured: bool) -> list[Text] | None:
    """The cells as numbers; None if there is no room for them."""
    cells = _numbers(heatmap)
    cell_width = 1 + max(len(text) for text in [*cells.ravel().tolist(), *map(_short, heatmap.x_values)])
    if cell_width * len(heatmap.x_values) > room:
        return None
    side = max(map(len, labels))
    head = Text(
        " " * side + "".join(_short(value).rjust(cell_width) for value in heatmap.x_values), style="dim"
    )
    shares = _shares(heatmap.values)
    lines = [head]
    for label, row, texts in zip(labels, shares, cells, strict=True):
        line = Text(label.rjust(side), style="dim")
        for share, text in zip(row.tolist(), texts.tolist(), strict=True):
            line.append(text.rjust(cell_width), style=_style(share) if is_coloured else "default")
        lines.append(line)
    return lines


def _blocks(heatmap: Heatmap, room: int, *, is_coloured: bool) -> list[Text]:
    count_y, count_x = heatmap.values.shape
    across, down = ceil(count_x / room), ceil(count_y / MOST_ROWS)
    shares = _shares(_joined(heatmap.values, down, across))
    labels = [_short(value) if heatmap.y else "" for value in heatmap.y_values[::down]]
    side = max(map(len, labels))
    cell_width = 2 if 2 * shares.shape[1] <= room else 1
    lines = [Text(" " * (side + 1) + _scale(heatmap.x_values[::across], cell_width), style="dim")]
    for label, row in zip(labels, shares, strict=True):
        line = Text(label.rjust(side) + " ", style="dim")
        for share in row.tolist():
            line.append(
                _block(share, is_coloured=is_coloured) * cell_width,
                style=_style(share) if is_coloured else "",
            )
        lines.append(line)
    if across > 1 or down > 1:
        lines.append(Text(f"each cell is the mean of up to {across} x {down}", style="dim"))
    return lines


def _block(share: float, *, is_coloured: bool) -> str:
    if np.isnan(share):
        return _MISSING
    return " " if is_coloured else _SHADES[1 + min(int(share * 4), 3)]


def _scale(values: NDArray[np.float64], cell_width: int) -> str:
    """Labels over the columns they name, as many as fit without touching."""
    line = ""
    for index, value in enumerate(values.tolist()):
        start = index * cell_width
        if not line or start > len(line):
            line = line.ljust(start) + _short(value)
    return line


def _extremes(heatmap: Heatmap) -> list[Text]:
    values = heatmap.values
    if np.isnan(values).all():
        return [Text("undefined everywhere", style="dim")]
    told = []
    for word, place in (("lowest", np.nanargmin(values)), ("highest", np.nanargmax(values))):
        row, column = np.unravel_index(int(place), values.shape)
        where = f"{heatmap.x} = {_short(heatmap.x_values[column])}"
        if heatmap.y is not None:
            where += f", {heatmap.y} = {_short(heatmap.y_values[row])}"
        told.append(f"{word} {values[row, column]:.4g} at {where}")
    return [Text("; ".join(told), style="dim")]


def _labels(heatmap: Heatmap) -> list[str]:
    return [""] if heatmap.y is None else [_short(value) for value in heatmap.y_values]


def _short(value: float) -> str:
    return f"{value:.6g}"


def _numbers(heatmap: Heatmap) -> NDArray[np.str_]:
    """The cells as numbers, all with as many digits behind the point as give the largest three in all."""
    values = heatmap.values
    largest = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 0.0
    digits = min(max(2 - floor(log10(largest)), 0), 6) if largest > 0 else 0
    texts = [_MISSING if np.isnan(value) else f"{value:.{digits}f}" for value in values.ravel().tolist()]
    return np.array(texts).reshape(values.shape)


def _shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each value lies between the lowest (0) and the highest (1)."""
    if np.isnan(values).all():
        return values
    low, high = np.nanmin(values), np.nanmax(values)
    return np.where(np.isnan(values), np.nan, (values - low) / (high - low if high > low else 1.0))


def _joined(values: NDArray[np.float64], down: int, across: int) -> NDArray[np.float64]:
    """The mean of the defined values of each block of cells."""
    rows, columns = ceil(values.shape[0] / down), ceil(values.shape[1] / across)
    padded = np.full((rows * down, columns * across), np.nan)
    padded[: values.shape[0], : values.shape[1]] = values
    blocks = padded.reshape(rows, down, columns, across)
    counts = (~np.isnan(blocks)).sum(axis=(1, 3))
    return np.where(counts > 0, np.nansum(blocks, axis=(1, 3)) / np.maximum(counts, 1), np.nan)


def _style(share: float) -> str:
    if np.isnan(share):
        return "dim"
    colour = _mixed(share)
    ink = "black" if np.dot(colour, (0.299, 0.587, 0.114)) > 120 else "white"
    return f"{ink} on rgb({','.join(str(round(part)) for part in colour)})"


def _mixed(share: float) -> Sequence[float]:
    place = share * (len(_STOPS) - 1)
    first = min(int(place), len(_STOPS) - 2)
    mixed: list[float] = (_STOPS[first] + (_STOPS[first + 1] - _STOPS[first]) * (place - first)).tolist()
    return mixed
