"""``/metrics`` of a run: open while it runs, told on stderr once there is something to see.

So a config that cannot run is refused with its error alone, and a replay that is over at once says nothing.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from alipes.cli.console import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from alipes.config import Config
    from alipes.monitor.metrics import Reading

    Readers = Sequence[Callable[[Reading], None]]


@contextmanager
def metrics(config: Config) -> Iterator[Readers]:
    """Serves the metrics of a run, unless its config says not to.

    Args:
        config: what is to run.

    Yields:
        Who wants readings of the engine.

    Raises:
        ConfigError: the port cannot be listened on.
    """
    if not config.monitor.metrics:
        yield ()
        return
    from alipes.monitor.endpoint import Endpoint

    with Endpoint(config.monitor.metrics_port) as endpoint:
        is_told = False

        def show(reading: Reading) -> None:
            nonlocal is_told
            endpoint.show(reading)
            if not is_told:
                is_told = True
                errors().print(f"metrics at {endpoint.url}", highlight=False, soft_wrap=True)

        yield (show,)
