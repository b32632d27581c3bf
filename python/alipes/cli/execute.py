"""Carry out a config: run it, show the summary, keep the results."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alipes.cli.console import errors, log_to_stderr, output, print_json, progress
from alipes.cli.files import check_file
from alipes.cli.metrics import metrics
from alipes.config import SyntheticFeed
from alipes.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from alipes.backtest import EventResult
    from alipes.cli.metrics import Readers
    from alipes.config import Config
    from alipes.report import Summary


def execute(config: Config, *, out: Path | None, as_json: bool) -> int:
    """Run a config to its end.

    Args:
        config: what to run.
        out: results folder, instead of the one the config names.
        as_json: print the summary as JSON, and nothing else.

    Returns:
        0, or 1 if a strategy faulted.
    """
    from alipes.report import check_folder

    target = out or config.run.out
    folder = None if target is None else check_folder(target)
    record = getattr(config.feed, "record", None)
    if record is not None:
        check_file(Path(record), "[feed] record")
    search_folder(Path.cwd())
    log_to_stderr()
    with metrics(config) as readers:
        result = _run(config, readers, is_quiet=as_json or not errors().is_terminal)
    if folder is not None:
        result.write(folder)
    show(result.summary, as_json=as_json)
    if folder is not None and not as_json:
        output().print(f"results in {folder}", highlight=False)
    return exit_code(result.summary)


def search_folder(folder: Path) -> None:
    """Let strategies be imported from a folder, as ``python`` does from its script's."""
    path = str(folder.resolve())
    if path not in sys.path:
        sys.path.insert(0, path)


def _run(config: Config, readers: Readers, *, is_quiet: bool) -> EventResult:
    if config.run.mode != "backtest":
        from alipes.cli.watch import run_wall_clock

        return run_wall_clock(config, is_quiet=is_quiet, readers=readers)
    from alipes import backtest
    from alipes.feeds import open_feed

    frames = iter(open_feed(config))
    try:
        with progress("running", _fraction(config, frames), is_quiet=is_quiet) as tick:
            return backtest.run_config(config, frames=frames, progress=tick, readers=readers)
    except DataError as error:
        path = getattr(config.feed, "path", None)
        if path is None or path in str(error):
            raise
        raise type(error)(f"{path}: {error}") from error


def _fraction(config: Config, frames: Any) -> Callable[[], float]:
    """How far a feed has come: the part of the file read, or of the planned seconds."""
    if not isinstance(config.feed, SyntheticFeed):
        return lambda: float(frames.fraction)
    planned, start = config.feed.seconds * 1e9, frames.venue_time
    return lambda: float((frames.venue_time - start) / planned)


def show(summary: Summary, *, as_json: bool) -> None:
    """Print the summary to stdout."""
    if as_json:
        print_json(summary)
        return
    from alipes.report.render import summary_view

    output().print(summary_view(summary))


def exit_code(summary: Summary) -> int:
    """1 if a strategy faulted, else 0; the log named it when it happened, the summary does so again."""
    return 1 if summary["faults"] else 0
