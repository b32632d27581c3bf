"""Watch a paper run: the engine's own driver runs it, a display is shown what it says."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from alipes.cli.console import errors
from alipes.cli.display import display
from alipes.cli.panel.take import take

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import Console

    from alipes.cli.metrics import Readers
    from alipes.config import Config
    from alipes.engine.engine import Engine
    from alipes.engine.result import EventResult


def run_wall_clock(
    config: Config,
    *,
    is_quiet: bool,
    console: Console | None = None,
    readers: Readers = (),
    environ: Mapping[str, str] | None = None,
) -> EventResult:
    """Run a config on the wall clock until its feed ends, its time is up, or Ctrl-C.

    Args:
        config: what to run; its mode is paper or testnet.
        is_quiet: show nothing.
        console: where to show it; stderr by default.
        readers: who wants readings of its metrics.
        environ: where the names of keys are looked up; the process's environment if None.
    """
    from alipes.config import CcxtFeed

    run: Callable[..., EventResult]
    if isinstance(config.feed, CcxtFeed):
        from alipes.engine.live import run_venue

        run = partial(run_venue, environ=environ)
    else:
        from alipes.engine.runtime import run_paper

        run = run_paper
    if is_quiet:
        return run(config, readers=readers)
    with display(console or errors()) as screen:

        def watch(engine: Engine) -> None:
            if engine.equity.points:
                screen.show(take(engine))

        return run(config, watch=watch, watch_every_s=screen.interval_s, readers=readers)
