"""Where output goes: results to stdout, all else to stderr; progress only where someone watches."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated, TextIO, cast

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


Text = Annotated[str | None, Parameter(show_default=False)]
"""A flag with a value."""
Signed = Annotated[str | None, Parameter(show_default=False, allow_leading_hyphen=True)]
"""A flag with a value that may begin with a minus."""
Flag = Annotated[bool, Parameter(negative=(), show_default=False)]
"""A flag that is there or not."""

PIPE_WIDTH = 120
"""Columns of output that nobody watches, unless the environment says otherwise."""


def output() -> Console:
    """The console for results."""
    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_WIDTH
    return console


def print_json(value: object) -> None:
    """One JSON document on stdout."""
    from alipes.report import as_json

    sys.stdout.write(as_json(value).decode())


def errors() -> Console:
    """The console for errors and progress."""
    return Console(stderr=True)


class _Stderr:
    """Whatever stderr is at the time of writing: a live panel puts itself in front of it."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def log_to_stderr() -> None:
    """Send log lines to stderr: stdout is for results alone."""
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=errors().is_terminal),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        logger_factory=structlog.PrintLoggerFactory(file=cast("TextIO", _Stderr())),
    )


def working(label: str) -> AbstractContextManager[object]:
    """A spinner on stderr for work that cannot say how far it is; nothing without a terminal."""
    console = errors()
    return console.status(label) if console.is_terminal else nullcontext()


@contextmanager
def progress(label: str, fraction: Callable[[], float], *, is_quiet: bool) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, gone when the work is done.

    Args:
        label: what is being done.
        fraction: how much of it is done, 0 to 1.
        is_quiet: no bar; there is none without a terminal either.

    Yields:
        A function to call now and then with the number of messages done.
    """
    console = errors()
    if is_quiet or not console.is_terminal:
        yield lambda _done: None
        return
    columns = (
        TextColumn(label),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[note]}", style="dim"),
    )
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(label, total=1.0, note="")
        yield lambda done: bar.update(task, completed=fraction(), note=f"{done:,} messages")
