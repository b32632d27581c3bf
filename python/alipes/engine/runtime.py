"""The driver for the wall clock, paper now, live later: one event loop, one task group, the same engine.

Frames arrive at their time; between them, answers and timers happen when they are due. Time is the feed's:
each input is processed at the time at which it was received or due, however late the loop gets to it, so that
a recorded run replayed by `alipes.backtest` gives the same orders and fills.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import contextmanager, suppress
from time import perf_counter
from typing import TYPE_CHECKING, Any

import structlog

from alipes.clock import SystemClock
from alipes.engine.metering import Meter
from alipes.engine.rerun import without_objects
from alipes.engine.result import EventResult, collect, require_data
from alipes.engine.wiring import build
from alipes.errors import DecodeError
from alipes.feeds import open_feed
from alipes.net.loop import run

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence

    from alipes.clock import Clock
    from alipes.config import Config
    from alipes.engine.engine import Engine, Source
    from alipes.monitor.metrics import Reading
    from alipes.ports import Journal
    from alipes.strategy.base import Strategy

HOOK_BUDGET_NS = 1_000_000_000
"""A hook that takes longer than this is faulted: nothing else of the engine can run meanwhile."""
YIELD_EVERY_NS = 5_000_000
"""While the loop is behind its feed it still lets other tasks run this often."""
DRAIN_NS = 2_000_000_000
"""How long, in feed time, a stop waits for the answers to its cancels."""
METER_EVERY_NS = 100_000_000
"""How often what is new is counted, and how late the loop is."""


class Runtime:
    """Moves one engine along the clock.

    Args:
        engine: The engine, not started.
        frames: ``(ts_recv, frame)`` pairs in order of time.
        speed: Feed seconds per real second; ``inf`` never waits.
        clock: Where real time is read.
        watch: Called with the engine now and then, e.g. to draw it; what it raises is logged.
        watch_every_s: How often, real seconds.
        meter: Takes readings while the engine runs.

    Attributes:
        first: Time of the first frame, int ns UTC; None before.
    """

    def __init__(
        self,
        engine: Engine,
        frames: Iterable[tuple[int, bytes]],
        *,
        speed: float = 1.0,
        clock: Clock | None = None,
        watch: Callable[[Engine], None] | None = None,
        watch_every_s: float = 0.125,
        meter: Meter | None = None,
    ) -> None:
        self.engine = engine
        self.first: int | None = None
        self._frames = iter(frames)
        self._speed = speed
        self._clock = clock or SystemClock()
        self._watch = watch
        self._watch_every = watch_every_s
        self._meter = meter
        self._stopping = asyncio.Event()
        self._anchor = 0
        self._yielded = 0
        self._log = structlog.get_logger("alipes").bind(mode=engine.config.run.mode)

    def stop(self) -> None:
        """Asks for an orderly end: `Strategy.on_stop`, cancels, their answers."""
        self._stopping.set()

    async def run(self) -> None:
        """Runs until the feed ends or `stop` is called.

        Raises:
            InvariantError: Our own books disagree; nothing was sent after that.
            StoreError: The journal could not be written.
        """
        try:
            async with asyncio.TaskGroup() as group:
                tasks: set[asyncio.Task[None]] = set()
                self.engine.spawn = lambda name, work: self._spawn(group, tasks, self._supervise(name, work))
                if self._watch is not None:
                    self._spawn(group, tasks, self._watching(self._watch))
                if self._meter is not None:
                    self._spawn(group, tasks, self._metering(self._meter))
                await self._pump()
                for task in tasks:
                    task.cancel()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            self.engine.spawn = None
        self.engine.finish()
        if self._meter is not None:
            self._meter.read(self.engine.now)

    # Time

    async def _pump(self) -> None:
        engine = self.engine
        source = engine.sources[engine.config.feed_account()]
        for ts_recv, raw in self._frames:
            if self.first is None:
                self.first = ts_recv
                self._anchor = self._clock.monotonic()
                engine.start(ts_recv)
            await self._wait_until(ts_recv)
            engine.advance(ts_recv)
            self._take(source, ts_recv, raw)
            if self._stopping.is_set():
                break
        engine.stop()
        if self._stopping.is_set():
            self._drain(source)
        engine.drain()

    async def _wait_until(self, ts: int) -> None:
        """Waits for the feed's time `ts` and lets happen what is due before."""
        while not self._stopping.is_set():
            now = self._feed_time()
            if now >= ts:
                break
            due = self.engine.next_due()
            wake = ts if due is None else min(due + 1, ts)
            if wake > now:
                await self._sleep((wake - now) / self._speed / 1e9)
            self.engine.advance(min(self._feed_time(), ts))
        if self._clock.monotonic() - self._yielded > YIELD_EVERY_NS:
            self._yielded = self._clock.monotonic()
            await asyncio.sleep(0)

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        self._yielded = self._clock.monotonic()

    def _feed_time(self) -> int:
        if self._speed == float("inf"):
            return 1 << 62
        first = self.first or 0
        return first + int((self._clock.monotonic() - self._anchor) * self._speed)

    def _take(self, source: Source, ts_recv: int, raw: bytes) -> None:
        try:
            self.engine.on_frame(source, ts_recv, raw)
        except DecodeError as error:  # counted by the decoder; the book is untouched
            self._log.warning("frame refused", account=source.account, error=str(error))

    def _drain(self, source: Source) -> None:
        """Lets the market go on until the last cancels are answered: the exchange lives on its time."""
        engine = self.engine
        until = engine.now + DRAIN_NS
        for ts_recv, raw in self._frames:
            if not engine.blotter.lifecycle.open_orders() or ts_recv > until:
                break
            engine.advance(ts_recv)
            self._take(source, ts_recv, raw)

    # Tasks

    def _spawn(
        self, group: asyncio.TaskGroup, tasks: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]
    ) -> None:
        task = group.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _supervise(self, strategy: str, work: Coroutine[Any, Any, Any]) -> None:
        try:
            result = await work
        except (asyncio.CancelledError, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001 - the strategy hears of it, an exit too; the engine goes on
            result = error
        self.engine.message(strategy, result)

    async def _watching(self, watch: Callable[[Engine], None]) -> None:
        while True:
            await asyncio.sleep(self._watch_every)
            try:
                watch(self.engine)
            except Exception as error:  # noqa: BLE001 - a picture that cannot be drawn must not stop trading
                self._log.warning("watching failed", error=f"{type(error).__name__}: {error}")

    async def _metering(self, meter: Meter) -> None:
        meter.read(self.engine.now)
        while True:
            due = self._clock.monotonic() + METER_EVERY_NS
            await asyncio.sleep(METER_EVERY_NS / 1e9)
            meter.loop_lag.add(max(self._clock.monotonic() - due, 0))
            now = self.engine.now
            meter.tick(now if self._speed == float("inf") else max(now, self._feed_time()))


def run_paper(
    config: Config,
    *,
    strategies: Mapping[str, Strategy] | None = None,
    journal: Journal | None = None,
    frames: Iterable[tuple[int, bytes]] | None = None,
    speed: float = 1.0,
    watch: Callable[[Engine], None] | None = None,
    watch_every_s: float = 0.125,
    readers: Sequence[Callable[[Reading], None]] = (),
) -> EventResult:
    """Runs a config on the wall clock over the simulated exchange until its feed ends.

    SIGINT or SIGTERM stops in order: `Strategy.on_stop`, cancels, their answers; a second one interrupts.

    Args:
        config: What to run.
        strategies: Objects that stand in for the classes the config names, by strategy name.
        journal: Where to keep intents and events; in memory if None.
        frames: Frames to use instead of the config's feed.
        speed: Feed seconds per real second; ``inf`` never waits.
        watch: Called with the engine now and then, e.g. to draw it.
        watch_every_s: How often, real seconds.
        readers: Called with a reading of all metrics at the start, once a second and at the end.

    Raises:
        AlipesError: As `alipes.backtest.run`.
    """
    config = without_objects(config, strategies or ())
    engine = build(config, strategies=strategies, journal=journal, hook_budget_ns=HOOK_BUDGET_NS)
    meter = Meter(engine, readers) if readers else None
    feed = iter(open_feed(config) if frames is None else frames)
    started = perf_counter()

    async def main() -> int | None:
        runtime = Runtime(engine, feed, speed=speed, watch=watch, watch_every_s=watch_every_s, meter=meter)
        with stopped_by_signals(runtime):
            await runtime.run()
        return runtime.first

    try:
        first = run(main())
    finally:
        close = getattr(feed, "close", None)
        if close is not None:
            close()
    require_data(engine)
    return collect(engine, first=first, wall_seconds=perf_counter() - started)


@contextmanager
def stopped_by_signals(runtime: Runtime) -> Iterator[None]:
    """The first SIGINT or SIGTERM stops in order; a second one interrupts."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        runtime.stop()
        for each in signals:
            loop.remove_signal_handler(each)

    try:
        for each in signals:
            loop.add_signal_handler(each, stop)
    except NotImplementedError:  # Windows' loops have no signal handlers: Ctrl-C interrupts there
        yield
        return
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
