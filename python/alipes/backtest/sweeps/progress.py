"""How far a sweep is: told to a function, or drawn as a bar with the time left where someone watches."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Any

from alipes.backtest.progress import tell
from alipes.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

QUIET_S = 1.0
"""Seconds of work before a bar appears."""


class Watch:
    """Shows progress while it is entered, and keeps what the showing raised.

    Attributes:
        before: sets that were done before those that `report` counts.
        error: what was raised while reporting: Ctrl-C, or an error of the caller's function.
    """

    def __init__(self, progress: bool | Callable[[int, int], object] | None, total: int) -> None:  # noqa: FBT001
        """A watch.

        Args:
            progress: a function of (done, total); True for a bar, False for none; None for a bar if stderr is
                a terminal.
            total: sets there are.

        Raises:
            InputError: `progress` is something else.
        """
        if not (progress is None or isinstance(progress, bool) or callable(progress)):
            raise InputError(
                f"progress={shown(progress)}: expected True, False or a function of (done, total)"
            )
        self.before = 0
        self.error: BaseException | None = None
        self._show = progress if callable(progress) else None
        self._has_bar = progress is True or (progress is None and sys.stderr.isatty())
        self._is_forced = progress is True
        self._total = total
        self._started = monotonic()
        self._shown = -1
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def report(self, done: int) -> None:
        """Show that so many more than `before` are done.

        Raises:
            BaseException: what the caller's function, or a signal meanwhile, raised; it is kept in `error`.
        """
        count = self.before + done
        if count == self._shown:
            return
        self._shown = count
        try:
            if self._show is not None:
                tell(self._show, count, self._total)
            elif self._has_bar:
                self._draw(count)
        except BaseException as error:
            self.error = error
            raise

    def _draw(self, done: int) -> None:
        if self._bar is None:
            if not self._is_forced and monotonic() - self._started < QUIET_S:
                return
            self._bar = _bar()
            self._bar.start()
            self._task = self._bar.add_task("sweep", total=self._total, completed=done)
        self._bar.update(self._task, completed=done)


def _bar() -> Any:
    from rich.console import Console  # noqa: PLC0415 - slow to import, and mostly not needed
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("sweep"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
