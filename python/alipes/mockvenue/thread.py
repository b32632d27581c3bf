"""A venue in a thread of its own, for programs that run their own event loop or none."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from alipes.mockvenue.server import VenueServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from alipes.mockvenue.config import VenueConfig
    from alipes.mockvenue.hooks import Hooks

    Value = TypeVar("Value")

PATIENCE_S = 60.0
"""Longest wait for the thread, seconds."""


class VenueThread:
    """A venue that listens while its ``with`` block lasts.

    Args:
        config: What to serve.
        hooks: Where faults are put in; none by default.

    Attributes:
        server: The venue; touch it by `call` only.
        addresses: Where it listens, key and secret, as `VenueServer.addresses` gives them.

    Raises:
        InputError: A part of the config is refused, or a port cannot be listened on.
    """

    def __init__(self, config: VenueConfig, hooks: Hooks | None = None) -> None:
        self.server = VenueServer(config, hooks)
        self.addresses: dict[str, str] = {}
        self._loop = asyncio.new_event_loop()
        self._ready: Future[None] = Future()
        self._done = asyncio.Event()
        self._thread = threading.Thread(target=self._work, name="venue", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.result(PATIENCE_S)
        self.addresses = self.server.addresses()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join(PATIENCE_S)

    def call(self, function: Callable[..., Value], *args: object) -> Value:
        """What a function of the venue's objects gives, called in the venue's thread."""

        async def work() -> Value:
            return function(*args)

        return asyncio.run_coroutine_threadsafe(work(), self._loop).result(PATIENCE_S)

    def _work(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:  # noqa: BLE001 - told to who waits for the venue
            if not self._ready.done():
                self._ready.set_exception(error)
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        async with self.server:
            self._ready.set_result(None)
            await self._done.wait()
