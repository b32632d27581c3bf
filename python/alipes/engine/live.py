"""The wall-clock driver on a venue's own market: frames are taken the moment they arrive.

The same `alipes.engine.runtime.Runtime`; only what moves it differs. A frame is a turn at once, inside the
read that brought it; answers of the connector and timers wake the loop when they are due.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING, Any

import structlog

from alipes.engine.metering import Meter
from alipes.engine.rerun import without_objects
from alipes.engine.result import EventResult, collect, require_data
from alipes.engine.runtime import HOOK_BUDGET_NS, Runtime, stopped_by_signals
from alipes.engine.venue import Venue
from alipes.engine.wiring import build
from alipes.errors import DecodeError
from alipes.net.loop import run

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from alipes.config import Config
    from alipes.engine.engine import Engine
    from alipes.monitor.metrics import Reading
    from alipes.ports import Journal
    from alipes.strategy.base import Strategy

SETTLE_S = 10.0
"""How long a stop waits for the answers to its cancels, seconds."""
_NEVER = 1 << 62


class LiveRuntime(Runtime):
    """Moves one engine along a venue's market.

    Args:
        engine: The engine, not started.
        venue: Its venue, not open.
        seconds: How long to run; until it is stopped if None.
        options: As `Runtime` takes them.
    """

    def __init__(self, engine: Engine, venue: Venue, *, seconds: float | None = None, **options: Any) -> None:
        super().__init__(engine, (), **options)
        self._venue = venue
        self._seconds = seconds
        self._source = engine.sources[engine.config.feed_account()]
        self._due = asyncio.Event()
        self._wakes_at = _NEVER
        self._failure: Exception | None = None
        self._is_on = False
        self._is_settling = False

    def stop(self) -> None:
        """Asks for an orderly end: `Strategy.on_stop`, cancels, their answers."""
        super().stop()
        self._due.set()

    # The feed's sink

    def on_frame(self, ts_recv: int, raw: bytes, snapshot_of: int | None = None) -> int:
        """Takes a frame as a turn, and what was due before it."""
        if not self._is_on or self._failure is not None:
            return 0
        engine, recorder = self.engine, self._venue.recorder
        try:
            engine.advance(ts_recv)
            if recorder is not None:
                recorder.write(ts_recv, raw)
            packed = engine.on_frame(self._source, ts_recv, raw, snapshot_of)
        except DecodeError as error:  # counted by the decoder; the book is untouched
            self._log.warning("frame refused", account=self._source.account, error=str(error))
            return 0
        except Exception as error:  # noqa: BLE001 - out of here it would end in ccxt's receive loop, unseen
            self._fail(error)
            return 0
        due = engine.next_due()
        if self._is_settling or (due is not None and due < self._wakes_at):
            self._due.set()
        return packed

    def on_disconnect(self, ts_recv: int) -> None:
        """Puts the books out of step until new snapshots arrive."""
        if self._is_on:
            self.engine.on_disconnect(self._source, ts_recv)

    def _fail(self, error: Exception) -> None:
        self._failure = error
        self._due.set()

    # Time

    async def _pump(self) -> None:
        engine, venue = self.engine, self._venue
        try:
            await venue.open(engine, self, spawn=self._background, wake=self._due.set)
            self.first = now = self._clock.now()
            engine.start(now)
            self._is_on = True
            until = _NEVER if self._seconds is None else now + round(self._seconds * 1e9)
            while not self._stopping.is_set() and self._clock.now() < until:
                await self._turn(until)
            engine.stop()
            await self._settle()
        finally:
            self._is_on = False
            await venue.close()
        engine.advance(_NEVER)  # what the connector says of requests that were cut off
        engine.drain()

    async def _turn(self, until: int) -> None:
        """Waits for what is due next, at most until `until` (int ns UTC), and lets it happen."""
        self._due.clear()
        now = self._clock.now()
        self.engine.advance(now + 1)
        if self._failure is not None:
            raise self._failure
        due = self.engine.next_due()
        self._wakes_at = until if due is None else min(due, until)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._due.wait(), max(self._wakes_at - now, 0) / 1e9)

    async def _settle(self) -> None:
        """Lets answers arrive until nothing is open any more, or time is up."""
        self._is_settling = True  # a frame may bring the last answer
        until = self._clock.now() + round(SETTLE_S * 1e9)
        while self.engine.blotter.lifecycle.open_orders() and self._clock.now() < until:
            await self._turn(until)

    def _feed_time(self) -> int:
        return self._clock.now()

    def _background(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Starts a task of the venue's, which ends it itself; a failure that it lets out ends the run."""
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            self._fail(error)


def run_venue(
    config: Config,
    *,
    strategies: Mapping[str, Strategy] | None = None,
    journal: Journal | None = None,
    environ: Mapping[str, str] | None = None,
    watch: Callable[[Engine], None] | None = None,
    watch_every_s: float = 0.125,
    readers: Sequence[Callable[[Reading], None]] = (),
) -> EventResult:
    """Runs a config on its venue's market until its time is up or it is stopped.

    In mode ``paper`` orders go to the simulated exchange, in mode ``testnet`` to the venue. SIGINT or SIGTERM
    stops in order: `Strategy.on_stop`, cancels, their answers; a second one interrupts.

    Args:
        config: What to run; its feed is the venue's.
        strategies: Objects that stand in for the classes the config names, by strategy name.
        journal: Where to keep intents and events; in memory if None.
        environ: Where the names of keys are looked up; the process's environment if None.
        watch: Called with the engine now and then, e.g. to draw it.
        watch_every_s: How often, real seconds.
        readers: Called with a reading of all metrics at the start, once a second and at the end.

    Raises:
        ConfigError: A key is missing, or the account is not as the config says.
        VenueError: The venue did not answer at the start.
        AlipesError: As `alipes.backtest.run`.
    """
    config = without_objects(config, strategies or ())
    engine = build(config, strategies=strategies, journal=journal, hook_budget_ns=HOOK_BUDGET_NS)
    meter = Meter(engine, readers) if readers else None
    started = perf_counter()

    async def main() -> int | None:
        venue = Venue(config) if environ is None else Venue(config, environ)
        if config.run.mode == "testnet":
            structlog.get_logger("alipes").warning(
                "orders go to the venue", mode=config.run.mode, venue=venue.session.venue,
                endpoints=sorted(config.accounts[config.feed_account()].endpoints.values()) or "its testnet",
            )  # fmt: skip
        seconds = getattr(config.feed, "seconds", None)
        runtime = LiveRuntime(
            engine, venue, seconds=seconds, watch=watch, watch_every_s=watch_every_s, meter=meter
        )
        with stopped_by_signals(runtime):
            await runtime.run()
        return runtime.first

    first = run(main())
    require_data(engine)
    return collect(engine, first=first, wall_seconds=perf_counter() - started)
