"""The kernel: one input in, its effects out. Synchronous, without I/O, the same in backtest, paper and live.

Rules it holds: every input gets one `seq`; no hook runs inside another; state is updated before hooks;
`on_fill` comes before the `on_order` of the same event; a strategy that raises is faulted and the others go
on; an `InvariantError` halts. It must not know whether time is simulated, which venue answers, or where the
journal is.
"""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from alipes.engine.faults import argument_text, error_text, hook_name, place, traceback_text
from alipes.engine.runner import Fault
from alipes.engine.turn import NOTHING, Effects
from alipes.errors import InvariantError
from alipes.model import Control, Side, StateRecord, Trade

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from alipes.connectors.bars import Exit
    from alipes.engine.bars import BarSeries
    from alipes.engine.blotter import Blotter
    from alipes.engine.market import Market
    from alipes.engine.runner import Runner
    from alipes.engine.timers import Timers
    from alipes.engine.turn import Turn
    from alipes.model import Bar, Instrument, OrderEvent
    from alipes.risk import TradingState

FRAME, PART, ORDER, TIMERS, MESSAGE, START, STOP, COMMAND, EXIT = range(9)
"""Kinds of input, and their payload: a decoded frame (packed int); a frame with more to come in the same turn
(packed int); an order event; timers that are due (None); a message for a strategy ((name, message)); start
(names of strategies whose state was restored); stop (None); a command (see `Command`); a fill of an order
that the account made itself (`alipes.connectors.bars.Exit`). A closed bar comes by `Kernel.bar` instead."""

Input = tuple[int, int, Any]
"""(kind, time in int ns UTC, payload)."""


class Command(NamedTuple):
    """A restriction of trading, or its release.

    Attributes:
        scope: An account, an instrument's full name, or ``""`` for everything.
        state: What holds from now on: halted cancels what is open.
        reason: Why, or who says so.
        is_release: Whether it loosens; a restriction never does.
    """

    scope: str
    state: TradingState
    reason: str
    is_release: bool = False


_new: Any = tuple.__new__
UNKNOWN_INSTRUMENT = 0xFFFF
_DEPTH, _TRADE, _AGG_TRADE, _RESET = 0, 2, 3, 4
SYNCED = 2
_SIDES = {side.value: side for side in Side}
MAX_NEWS = 1000
"""Hook calls that one input may bring about for one strategy; one that answers its own answers for ever is
faulted there, and the others hear what is left for them."""


class Kernel:
    """Processes inputs.

    Args:
        turn: Shared with the desks.
        markets: By instrument index.
        runners: The strategies, in the order in which they hear of things.
        blotter: Orders, positions and what may be ordered.
        timers: Of all strategies.
        log: Where faults are reported.
        hook_budget_ns: A hook that takes longer is faulted when it returns; 0 is no limit (backtests: a slow
            machine must not change a result).
    """

    def __init__(
        self,
        *,
        turn: Turn,
        markets: Sequence[Market],
        runners: Sequence[Runner],
        blotter: Blotter,
        timers: Timers,
        log: Any,
        hook_budget_ns: int = 0,
    ) -> None:
        self.turn = turn
        self.runners = {runner.name: runner for runner in runners}
        self.markets = markets
        self.blotter = blotter
        self._life = blotter.lifecycle
        self.timers = timers
        self._log = log
        self._budget = hook_budget_ns
        self._dirty: list[Market] = []
        self._news = turn.news
        self._handlers: tuple[Callable[[Any], None], ...] = (  # by kind
            self._frame,
            self._part,
            self._order,
            self._timers_due,
            self._message,
            self._start,
            self._stop,
            self._command,
            self._exit,
        )

    def process(self, event: Input) -> Effects:
        """Takes one input and returns what must be done: journal first, then requests.

        Raises:
            InvariantError: Called while an input is being processed, or our own books disagree. Trading must
                halt.
        """
        kind, now, payload = event
        turn = self.turn
        if turn.is_running:
            raise InvariantError(f"an input of kind {kind} arrived inside the processing of input {turn.seq}")
        turn.is_running = True
        turn.seq += 1
        turn.now = now
        self._handlers[kind](payload)
        if self._news:
            self._deliver()
        turn.is_running = False
        if self._life.records or turn.tasks:
            return self._effects()
        return NOTHING

    def bar(self, now: int, series: BarSeries, bar: Bar) -> Effects:
        """Takes a bar that has closed as an input: as `process`, with nothing between input and hook.

        Args:
            now: Engine time, int ns UTC.
            series: The bars that it belongs to.
            bar: The bar.

        Raises:
            InvariantError: As `process`.
        """
        turn = self.turn
        if turn.is_running:
            raise InvariantError(f"a bar arrived inside the processing of input {turn.seq}")
        turn.is_running = True
        turn.seq += 1
        turn.now = now
        series.closed.append(bar)
        series.count = count = series.count + 1
        for runner, warmup in series.readers:
            if count > warmup and runner.is_active:
                runner.decisions += 1
                turn.hooks += 1
                try:
                    runner.on_bar(runner.ctx, bar)
                    if runner.state.is_touched:
                        self._keep_state(runner)
                except (InvariantError, KeyboardInterrupt):
                    raise
                except BaseException as error:  # noqa: BLE001 - as in `_run`
                    self._fault(runner, runner.on_bar, bar, error_text(error), error)
        if self._news:
            self._deliver()
        turn.is_running = False
        return self._effects() if self._life.records or turn.tasks else NOTHING

    def order(self, now: int, event: OrderEvent) -> Effects:
        """Takes an order event as an input: as `process`, without a look at its kind.

        Args:
            now: Engine time, int ns UTC.
            event: What a connector reports.

        Raises:
            InvariantError: As `process`.
        """
        turn = self.turn
        if turn.is_running:
            raise InvariantError(f"an order event arrived inside the processing of input {turn.seq}")
        turn.is_running = True
        turn.seq += 1
        turn.now = now
        self._order(event)
        if self._news:
            self._deliver()
        turn.is_running = False
        return self._effects()

    def _effects(self) -> Effects:
        turn, life = self.turn, self._life
        # `Effects(...)` would cost thrice as much, and it is made once an input.
        done: Effects = _new(Effects, (life.records, life.requests, turn.fills, turn.tasks))
        life.records, life.requests, turn.fills, turn.tasks = [], [], [], []
        return done

    # Market

    def _frame(self, packed: int) -> None:
        if self._dirty:
            self._part(packed)
            self._flush()
            return
        index = packed & 0xFFFF
        if index == UNKNOWN_INSTRUMENT:
            return
        kind = packed >> 16 & 0xFF
        if kind in (_DEPTH, _RESET):
            if packed >> 26 & 3 == SYNCED:
                market = self.markets[index]
                view = market.view
                for runner in market.book_readers:
                    self._decide(runner, runner.on_book, view)
                for runner in market.update_readers:
                    self._decide(runner, runner.on_book, view)
        elif kind in (_TRADE, _AGG_TRADE):
            market = self.markets[index]
            if market.keeps_trades:
                self._trades(market, kind)

    def _part(self, packed: int) -> None:
        index = packed & 0xFFFF
        if index == UNKNOWN_INSTRUMENT:
            return
        market = self.markets[index]
        kind = packed >> 16 & 0xFF
        if kind in (_TRADE, _AGG_TRADE) and market.keeps_trades:
            self._trades(market, kind)
        elif kind in (_DEPTH, _RESET) and packed >> 26 & 3 == SYNCED:
            for runner in market.update_readers:
                self._decide(runner, runner.on_book, market.view)
            if not market.is_dirty:
                market.is_dirty = True
                self._dirty.append(market)

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, []
        for market in dirty:
            market.is_dirty = False
            if market.view.state == "synced":
                for runner in market.book_readers:
                    self._decide(runner, runner.on_book, market.view)

    def _trades(self, market: Market, kind: int) -> None:
        if kind != market.trade_kind:
            if market.trade_kind:
                return  # the same trades again, aggregated
            market.trade_kind = kind
        instrument = market.instrument
        for index, ts_event, price, size, taker, trade_id in market.decoder.last_trades():
            if index != instrument.index:
                continue
            when = self.turn.now if ts_event is None else ts_event
            trade = Trade(instrument, when, price, size, _SIDES[taker], str(trade_id))
            market.trades.append(trade)
            for runner in market.trade_readers:
                self._decide(runner, runner.on_trade, trade)
            for series in market.bars.values():
                bar = series.add(trade)
                if bar is not None:
                    for runner, warmup in series.readers:
                        if series.count > warmup:
                            self._decide(runner, runner.on_bar, bar)

    # Everything else

    def _order(self, event: OrderEvent) -> None:
        order = self.blotter.apply(event)
        if order is not None:
            runner = self.runners[order.strategy]
            if runner.desk.unsettled:
                self._deliver()
                self._run(runner, settle, (runner, order.instrument))

    def _exit(self, exit: Exit) -> None:  # noqa: A002 - the word of the fill model
        order = self.blotter.exit(
            self.runners[exit.strategy], exit.instrument, exit.side, exit.size_steps, exit.reason
        )
        self._order(exit.filled(order, self.turn.now))

    def _timers_due(self, _: None) -> None:
        for timer in self.timers.take(self.turn.now):
            self._decide(timer.runner, timer.runner.on_timer, timer.name)

    def _message(self, payload: tuple[str, Any]) -> None:
        name, message = payload
        runner = self.runners[name]
        self._run(runner, runner.on_message, message)

    def _start(self, resumed: frozenset[str]) -> None:
        for runner in self.runners.values():
            self._run(runner, runner.on_start, runner.name in resumed)

    def _stop(self, _: None) -> None:
        for runner in self.runners.values():
            self._run(runner, on_stop, runner.strategy)
            if runner.is_active:
                self.blotter.cancel_all(runner)
        self._deliver()
        for runner in self.runners.values():
            runner.is_active = False

    def _command(self, command: Command) -> None:
        turn, arguments = self.turn, command._asdict()
        self._life.records.append(Control(turn.seq, turn.now, "latch", arguments))
        if command.is_release:
            self.blotter.release(command.scope, command.state, command.reason)
        elif self.blotter.restrict(command.scope, command.state, command.reason):
            self._log.error("trading restricted", **arguments)

    # Hooks

    def _deliver(self) -> None:
        news = self._news
        heard: dict[Runner, int] = {}
        while news:
            runner, hook, argument = news.popleft()
            self._run(runner, hook, argument)
            heard[runner] = count = heard.get(runner, 0) + 1
            if count == MAX_NEWS:  # the rest of its news finds it faulted
                self._fault(runner, hook, argument, f"{MAX_NEWS} hook calls followed from one input")

    def _decide(self, runner: Runner, hook: Callable[..., None], argument: Any) -> None:
        if runner.is_active:
            runner.decisions += 1
            self._run(runner, hook, argument)

    def _run(self, runner: Runner, hook: Callable[..., None], argument: Any) -> None:
        if not runner.is_active:
            return
        self.turn.hooks += 1
        started = perf_counter_ns() if self._budget else 0
        try:
            hook(runner.ctx, argument)
            if runner.state.is_touched:
                self._keep_state(runner)
        except (InvariantError, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001 - whatever user code raises, an exit too, is its own fault
            self._fault(runner, hook, argument, error_text(error), error)
        if started and perf_counter_ns() - started > self._budget:
            self._fault(runner, hook, argument, f"took longer than {self._budget / 1e6:g} ms")

    def _keep_state(self, runner: Runner) -> None:
        text = runner.state.take()
        if text is not None:
            turn = self.turn
            state = msgspec.json.decode(text)  # a copy: the strategy goes on changing its own
            self._life.records.append(StateRecord(turn.seq, turn.now, f"strategy.{runner.name}", state))

    def _fault(
        self,
        runner: Runner,
        hook: Callable[..., None],
        argument: Any,
        text: str,
        error: BaseException | None = None,
    ) -> None:
        if not runner.is_active:
            return
        turn, name, shown = self.turn, hook_name(hook), argument_text(argument)
        runner.fault = Fault(name, text, shown, turn.seq, turn.now, traceback_text(error))
        runner.error = error
        runner.is_active = False
        self._log.error(
            "strategy faulted",
            strategy=runner.name,
            hook=name,
            error=text,
            argument=shown,
            where=place(error),
        )
        if not runner.keeps_orders:
            self.blotter.cancel_all(runner)


def on_stop(ctx: Any, strategy: Any) -> None:
    """Calls the hook, which has no argument of its own; named like it, since faults name what was called."""
    strategy.on_stop(ctx)


def settle(_: Any, payload: tuple[Runner, Instrument]) -> None:
    """Takes the next step of a strategy's quotes and targets."""
    runner, instrument = payload
    runner.desk.settle(instrument)
