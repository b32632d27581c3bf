"""Showing a run as it goes: the live panel where someone watches, a plain line a second elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

from rich.live import Live

from alipes.cli.panel import line, panel

if TYPE_CHECKING:
    from rich.console import Console

    from alipes.cli.panel import Snapshot


class Display(Protocol):
    """Shows snapshots while it is entered.

    Attributes:
        interval_s: how often it wants one.
    """

    interval_s: float

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def show(self, shot: Snapshot) -> None:
        """Draw one snapshot."""


def display(console: Console) -> Display:
    """What suits the console."""
    return PanelDisplay(console) if console.is_terminal else LineDisplay(console)


class PanelDisplay:
    """The panel, redrawn in place."""

    interval_s = 0.125

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, vertical_overflow="crop")

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def show(self, shot: Snapshot) -> None:
        """Draw one snapshot over the last one."""
        size = self._console.size
        self._live.update(panel(shot, width=size.width, height=size.height), refresh=True)


class LineDisplay:
    """One plain line a second, for a log or a pipe."""

    interval_s = 1.0

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        return

    def show(self, shot: Snapshot) -> None:
        """Print one line."""
        self._console.print(line(shot), highlight=False, soft_wrap=True)
        self._console.file.flush()
