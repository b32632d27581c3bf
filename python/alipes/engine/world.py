"""The engine as one strategy sees it: instruments, books, trades, bars, features, timers."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from alipes.engine.bars import BarSeries
from alipes.errors import InputError
from alipes.strategy.durations import MAX_NS
from alipes.strategy.terms import check_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alipes._core import BookView, FeatureSet
    from alipes.engine.directory import Directory
    from alipes.engine.market import Market
    from alipes.engine.runner import Runner
    from alipes.engine.timers import Timers
    from alipes.engine.turn import Turn
    from alipes.model import Bar, Instrument, Trade


class StrategyWorld:
    """See `alipes.strategy.context.World`, whose methods these are.

    Args:
        runner: Whose view this is.
        turn: The engine's current input.
        markets: By instrument index.
        directory: Instruments by name.
        timers: Of all strategies.
        features: The streaming features, by account.
        runs_tasks: Whether coroutines can be run beside the engine.
    """

    __slots__ = ("_directory", "_features", "_markets", "_runner", "_runs_tasks", "_timers", "_turn")

    def __init__(
        self,
        *,
        runner: Runner,
        turn: Turn,
        markets: Sequence[Market],
        directory: Directory,
        timers: Timers,
        features: Mapping[str, FeatureSet],
        runs_tasks: bool,
    ) -> None:
        self._runner = runner
        self._turn = turn
        self._markets = markets
        self._directory = directory
        self._timers = timers
        self._features = features
        self._runs_tasks = runs_tasks

    @property
    def now(self) -> int:
        """The engine's time, int ns UTC."""
        return self._turn.now

    def instruments(self) -> tuple[Instrument, ...]:
        """Every instrument."""
        return tuple(market.instrument for market in self._markets)

    def subscribe_book(self, instrument: Instrument | str, *, every_update: bool) -> Instrument:
        """Ask for `on_book`."""
        self._turn.require_hook()
        market = self._directory.find(instrument)
        # New lists, not changed ones: the kernel may be walking the old ones.
        runner = self._runner
        market.book_readers = [each for each in market.book_readers if each is not runner]
        market.update_readers = [each for each in market.update_readers if each is not runner]
        if every_update:
            market.update_readers.append(runner)
        else:
            market.book_readers.append(runner)
        return market.instrument

    def subscribe_trades(self, instrument: Instrument | str) -> Instrument:
        """Ask for `on_trade`."""
        self._turn.require_hook()
        market = self._directory.find(instrument)
        market.keeps_trades = True
        if self._runner not in market.trade_readers:
            market.trade_readers = [*market.trade_readers, self._runner]
        return market.instrument

    def subscribe_bars(self, instrument: Instrument | str, interval_ns: int, warmup: int) -> Instrument:
        """Ask for `on_bar`."""
        self._turn.require_hook()
        if not _is_whole(warmup):
            raise InputError(f"warmup {warmup!r}: expected a number of bars, 0 or more")
        market = self._directory.find(instrument)
        market.keeps_trades = True
        if interval_ns not in market.bars:
            market.bars = {**market.bars, interval_ns: BarSeries(interval_ns)}
        series = market.bars[interval_ns]
        if all(runner is not self._runner for runner, _ in series.readers):
            series.readers = [*series.readers, (self._runner, warmup)]
        return market.instrument

    def book(self, instrument: Instrument | str) -> BookView:
        """The live book."""
        return self._directory.find(instrument).view

    def trades(self, instrument: Instrument | str) -> Sequence[Trade]:
        """The last trades, oldest first."""
        market = self._directory.find(instrument)
        if not market.keeps_trades:
            raise InputError(f"no trades of {market.instrument} are kept: call ctx.subscribe_trades first")
        return tuple(market.trades)

    def bars(self, instrument: Instrument | str, interval_ns: int) -> Sequence[Bar]:
        """The last closed bars, oldest first."""
        market = self._directory.find(instrument)
        series = market.bars.get(interval_ns)
        if series is None:
            raise InputError(f"no such bars of {market.instrument} are built: call ctx.subscribe_bars first")
        return tuple(series.closed)

    def features(self, instrument: Instrument | str) -> Mapping[str, float]:
        """Streaming features by name."""
        found = self._directory.find(instrument).instrument
        features = self._features.get(found.account)
        if features is None:
            raise InputError("no features are computed: name them in the strategy's `features`")
        return features.values(found.index)

    def set_timer(self, name: str, at: int, every: int) -> None:
        """Arm a timer."""
        self._turn.require_hook()
        check_text("timer name", name)
        if not _is_whole(at):
            raise InputError(f"timer {name!r} at {at!r}: expected a time, int ns UTC, as `ctx.now` is")
        self._timers.set(self._runner, name, at, every)

    def drop_timer(self, name: str) -> None:
        """Disarm a timer."""
        self._turn.require_hook()
        check_text("timer name", name)
        self._timers.drop(self._runner, name)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Run a coroutine beside the engine."""
        if not isinstance(coroutine, Coroutine):
            raise InputError(
                f"ctx.run({coroutine!r}): expected a coroutine, what calling an `async def` function returns"
            )
        if not self._turn.is_running:
            coroutine.close()
        self._turn.require_hook()
        if not self._runs_tasks:
            coroutine.close()
            raise InputError("ctx.run: nothing outside of the recorded data may be awaited in a backtest")
        self._turn.tasks.append((self._runner.name, coroutine))


def _is_whole(value: object) -> bool:
    """Whether it is a whole number of something, or a time."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_NS
