"""What one input brings about besides orders: fills, tasks, and the news that hooks still have to hear.

The kernel and the desks of its strategies write here while an input is processed; the driver carries it out
after.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from alipes.errors import InputError
from alipes.orders import Input

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from alipes.engine.runner import Runner
    from alipes.model import Fill, Order, Record, RequestKind


class Effects(NamedTuple):
    """What the driver must do after an input: journal first, then the requests, in order.

    Attributes:
        records: Rows for the journal.
        requests: What connectors are to do.
        fills: Fills that were applied.
        tasks: Coroutines that strategies asked to run, with the strategy's name.
    """

    records: Sequence[Record]
    requests: Sequence[tuple[RequestKind, Order]]
    fills: Sequence[Fill]
    tasks: Sequence[tuple[str, Coroutine[Any, Any, Any]]]


NOTHING = Effects((), (), (), ())
"""The effects of an input that has none."""


class Turn(Input):
    """The input being processed, and what it brings about.

    Attributes:
        hooks: Hook calls so far, of all strategies.
        is_running: Whether an input is being processed.
        fills: Fills applied so far.
        tasks: Coroutines that strategies asked to run.
        news: Hooks to call before the input is done: (runner, hook, argument).
    """

    __slots__ = ("fills", "hooks", "is_running", "news", "tasks")

    def __init__(self) -> None:
        super().__init__()
        self.hooks = 0
        self.is_running = False
        self.fills: list[Fill] = []
        self.tasks: list[tuple[str, Coroutine[Any, Any, Any]]] = []
        self.news: deque[tuple[Runner, Callable[..., None], Any]] = deque()

    def require_hook(self) -> None:
        """Passes while an input is being processed: what is asked for then is part of its effects.

        Raises:
            InputError: Between inputs, e.g. from a coroutine, from another thread or after the run.
        """
        if not self.is_running:
            raise InputError(
                "the context was asked to act outside of a hook: act in on_message (which gets what a "
                "coroutine given to ctx.run returns) or in on_timer (see ctx.timer)"
            )
