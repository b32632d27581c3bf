"""A heatmap as a figure of plotly, or as a picture that needs no screen; both want the ``report`` extra."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from alipes.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from alipes.backtest.sweeps.heatmap import Heatmap

FORMATS = (".html", ".png")
"""Endings of the files `write_plot` can make."""


def figure(heatmap: Heatmap) -> Any:
    """The heatmap as a plotly figure; a line where there is one parameter.

    Raises:
        ImportError: plotly is not installed.
    """
    from plotly import graph_objects as go  # noqa: PLC0415 - optional

    if heatmap.y is None:
        trace = go.Scatter(x=heatmap.x_values, y=heatmap.values[0], mode="lines+markers")
        return _titled(go.Figure(trace), heatmap.title, heatmap.x, heatmap.metric)
    trace = go.Heatmap(
        x=heatmap.x_values,
        y=heatmap.y_values,
        z=heatmap.values,
        colorscale="Viridis",
        colorbar={"title": heatmap.metric},
        hovertemplate=f"{heatmap.x} %{{x}}<br>{heatmap.y} %{{y}}<br>%{{z:.4g}}<extra></extra>",
    )
    return _titled(go.Figure(trace), heatmap.title, heatmap.x, heatmap.y)


def check_plot(path: Path) -> None:
    """Refuse a plot that cannot be made; call it before the work.

    Raises:
        InputError: the name ends otherwise, or what draws it is not installed.
    """
    if path.suffix not in FORMATS:
        raise InputError(f"--plot {path}: expected a name that ends with {' or '.join(FORMATS)}")
    library = "plotly" if path.suffix == ".html" else "matplotlib"
    try:
        __import__(library)
    except ImportError as error:
        raise InputError(
            f"--plot {path}: {library} is not installed: pip install 'alipes[report]'"
        ) from error


def write_plot(heatmap: Heatmap, path: Path) -> None:
    """Write the heatmap as a page (.html) or a picture (.png).

    Raises:
        InputError: as `check_plot`.
    """
    check_plot(path)
    if path.suffix == ".html":
        figure(heatmap).write_html(path, include_plotlyjs=True)
    else:
        _write_png(heatmap, path)


def _write_png(heatmap: Heatmap, path: Path) -> None:
    from matplotlib.figure import Figure  # noqa: PLC0415 - optional; drawn in memory, no window system

    drawn = Figure(figsize=(9, 6), dpi=120, layout="constrained")
    axes = drawn.add_subplot()
    axes.set_title(heatmap.title, fontsize=10)
    axes.set_xlabel(heatmap.x)
    if heatmap.y is None:
        axes.plot(heatmap.x_values, heatmap.values[0], marker="o")
        axes.set_ylabel(heatmap.metric)
    else:
        across, down = np.arange(len(heatmap.x_values)), np.arange(len(heatmap.y_values))
        cells = axes.pcolormesh(across, down, np.ma.masked_invalid(heatmap.values), cmap="viridis")
        _ticks(axes.set_xticks, heatmap.x_values)
        _ticks(axes.set_yticks, heatmap.y_values)
        axes.set_ylabel(heatmap.y)
        drawn.colorbar(cells, label=heatmap.metric)
    drawn.savefig(path, format="png")


def _ticks(set_ticks: Any, values: np.ndarray[Any, Any]) -> None:
    """At most a dozen labels, each under its own cell."""
    places = np.unique(np.linspace(0, len(values) - 1, min(len(values), 12)).round().astype(int))
    set_ticks(places, [f"{values[place]:.4g}" for place in places])


def _titled(drawn: Any, title: str, x: str, y: str) -> Any:
    drawn.update_layout(title=title, xaxis_title=x, yaxis_title=y, template="plotly_white")
    return drawn
