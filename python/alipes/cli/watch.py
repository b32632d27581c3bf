"""Watch a paper run: the engine's own driver runs it, a display is shown what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alipes.cli.console import errors
from alipes.cli.display import display
from alipes.cli.panel.take import take

if TYPE_CHECKING:
    from rich.console import Console

    from alipes.cli.metrics import Readers
    from alipes.config import Config
    from alipes.engine.engine import Engine
    from alipes.engine.result import EventResult


def run_paper(
    config: Config, *, is_quiet: bool, console: Console | None = None, readers: Readers = ()
) -> EventResult:
    """Run a config on the wall clock until its feed ends or Ctrl-C.

    Args:
        config: what to run; its mode is paper.
        is_quiet: show nothing.
        console: where to show it; stderr by default.
        readers: who wants readings of its metrics.
    """
    from alipes.engine import runtime

    if is_quiet:
        return runtime.run_paper(config, readers=readers)
    with display(console or errors()) as screen:

        def watch(engine: Engine) -> None:
            if engine.equity.points:
                screen.show(take(engine))

        return runtime.run_paper(config, watch=watch, watch_every_s=screen.interval_s, readers=readers)
