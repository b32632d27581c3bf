"""The driver for strategies on bars: bar by bar the account, then the kernel; time is that of the bars."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

import structlog

from alipes._core import BarAccount, InstrumentSpec, Ledger
from alipes.connectors.bars import BarConnector, Exit
from alipes.engine.bar_blotter import BarBlotter
from alipes.engine.bar_desk import BarDesk
from alipes.engine.bar_market import BarDirectory, BarMarket, asset_of, fine_grid
from alipes.engine.bar_world import BarWorld
from alipes.engine.faults import error_text
from alipes.engine.kernel import EXIT, ORDER, START, STOP, TIMERS, Kernel
from alipes.engine.runner import Runner
from alipes.engine.timers import Timers
from alipes.engine.turn import NOTHING, Turn
from alipes.errors import InputError, InvariantError
from alipes.model import Bar, Instrument, NotSent, Rejected, RequestKind
from alipes.orders import Lifecycle, MemoryJournal
from alipes.report.tables import time_text
from alipes.risk import InstrumentLimits, RiskChecks
from alipes.strategy.context import Context
from alipes.strategy.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from alipes.backtest.bars.options import BarOptions
    from alipes.connectors.bars import AccountEvent
    from alipes.data.bars import Bars
    from alipes.engine.turn import Effects
    from alipes.strategy.base import Strategy

MAX_ROUNDS = 1000
"""Rounds of answers at one moment; a strategy could order and be answered for ever."""
_SUBMIT, _CANCEL = RequestKind.SUBMIT, RequestKind.CANCEL
BLOCK = 512
"""Bars that are held as Python numbers at a time."""


class BarDriver:
    """One strategy over one market's bars.

    Args:
        strategy: The strategy.
        bars: What is traded.
        options: On what terms.

    Attributes:
        kernel: The kernel.
        runner: The strategy in its place.
        journal: Intents and events of the run.
    """

    def __init__(self, strategy: Strategy, bars: Bars, options: BarOptions) -> None:
        self._bars = bars
        self._options = options
        name = type(strategy).__name__.lower()
        log = structlog.get_logger("alipes").bind(mode="backtest")
        self.journal = MemoryJournal()
        self._turn = turn = Turn()
        self._timers = timers = Timers()
        self._market = market = _market(bars, options)
        self._account = BarAccount(options.to_terms(bars), bars.step)
        self._ledger = _ledger(market, options)
        self._life = Lifecycle(current=turn)
        blotter = BarBlotter(
            turn=turn, lifecycle=self._life, ledgers={market.instrument.account: self._ledger},
            risk=_risk(market), log=log,
        )  # fmt: skip
        state = State(before_change=turn.require_hook)
        self.runner = runner = Runner(name, strategy, state)
        blotter.runners[name] = runner
        self._connector = connector = BarConnector(
            account=self._account, instrument=market.instrument, grid=market.grid, time=turn, strategy=name,
            slack_steps=0 if market.has_grid else 2 * market.grid.lot_steps,
        )  # fmt: skip
        directory = BarDirectory(market)
        runner.desk = BarDesk(
            runner=runner, blotter=blotter, directory=directory, market=market, connector=connector
        )
        world = BarWorld(runner=runner, turn=turn, market=market, directory=directory, timers=timers)
        runner.ctx = Context(
            name=name, desk=runner.desk, world=world, state=state, log=log.bind(strategy=name)
        )
        self.kernel = Kernel(
            turn=turn, markets=[market], runners=[runner], blotter=blotter, timers=timers, log=log
        )

    def run(self) -> dict[str, Any]:
        """Runs from the first bar to the last and returns what the account leaves.

        Raises:
            InputError: What the strategy raised in `on_start`, or that it asked for no bars there.
            InvariantError: The engine's books and the account disagree.
        """
        self._start()
        for block in self._blocks():
            self._feed(block, int(self._bars.ts[-1]))
        self._connector.is_over = True
        self._input(STOP, self._turn.now, None)
        self._answer(self._turn.now)
        raw: dict[str, Any] = self._account.finish()
        raw["denied"] = [order.denied for order in self._life.orders() if order.denied is not None]
        if self.runner.fault is not None:
            fault = self.runner.fault
            raw["fault"] = (
                f"{fault.hook} at {time_text(fault.ts)}: {fault.error}; nothing was ordered after it"
            )
        return raw

    def _start(self) -> None:
        self._input(START, int(self._bars.ts[0]), frozenset())
        if self.runner.error is not None:
            raise self.runner.error
        if not self._market.series.readers and self._timers.next_due() is None:
            raise InputError(
                f"strategy {self.runner.name}: on_start asked for no bars, so nothing would ever happen:"
                " expected ctx.subscribe_bars(symbol, timeframe)"
            )
        self._connector.fee_asset = asset_of(self._market.instrument)

    # Bar by bar

    def _blocks(self) -> Iterator[Sequence[Iterable[Any]]]:
        """Times, open, high, low, close and volume; then spread and mark, if there is either."""
        bars, columns = self._bars, self._options.columns(self._bars)
        names = ("open", "high", "low", "close", "volume")
        has_more = self._options.spread is not None or "mark" in columns
        for first in range(0, len(bars), BLOCK):
            part = slice(first, first + BLOCK)
            block = [bars.ts[part].tolist(), *(columns[name][part].tolist() for name in names)]
            if has_more:
                count = len(bars.ts[part])
                spread = columns["spread"][part].tolist() if self._options.spread else [0.0] * count
                mark = columns["mark"][part].tolist() if "mark" in columns else [None] * count
                yield [*block, list(zip(spread, mark, strict=True))]
            else:
                yield [*block, repeat(())]

    def _feed(self, block: Sequence[Iterable[Any]], end: int) -> None:
        """Takes a block of bars; the data end with the bar that opens at `end`."""
        begin, settle, connector = self._account.begin, self._account.settle, self._connector
        hear, timers = self.kernel.bar, self._timers.heap
        market = self._market
        instrument, series, step = market.instrument, market.series, market.step_ns
        for ts, open_, high, low, close, volume, more in zip(*block):  # noqa: B905 - the last one has no end
            events = begin(ts, open_, high, low, close, *more) if more else begin(ts, open_, high, low, close)
            if connector.is_between:
                connector.begin()
            if events:
                self._take(events, ts)
            now = ts + step
            bar = Bar(instrument, ts, now, open_, high, low, close, volume)
            effects = hear(now, series, bar)
            if effects is not NOTHING:
                self._carry_out(effects)
                if connector.answers:
                    self._answer(now)
            if timers:
                self._ring(now)
            events = settle(ts == end)
            if events:
                connector.is_between = True
                self._take(events, now)

    def _ring(self, now: int) -> None:
        """Lets timers happen that are due by the decision at `now`."""
        due = self._timers.next_due()
        if due is not None and due <= now:
            self._input(TIMERS, now, None)
            self._answer(now)

    def _take(self, events: Sequence[AccountEvent], ts: int) -> None:
        """Lets the engine hear what happened in the account, each at its own time and at `ts` or later."""
        connector, turn, kernel = self._connector, self._turn, self.kernel
        is_alone = len(events) == 1
        for i, event in enumerate(events, 1):
            now = event[9]
            if now < ts or now < turn.now:
                now = max(ts, turn.now)
            fill = connector.whole_fill(event, now) if is_alone else None
            if fill is not None:  # the usual case
                self._carry_out(kernel.order(now, fill))
                if connector.answers:
                    self._answer(now)
                continue
            is_last = i == len(events) or all(later[0] != event[0] for later in events[i:])
            for told in connector.translate(event, now, is_last=is_last):
                self._carry_out(kernel.process((EXIT if type(told) is Exit else ORDER, now, told)))
                if connector.answers:
                    self._answer(now)
        self._check()

    def _check(self) -> None:
        """Passes books that agree with the account."""
        held, units = self._connector.held, self._account.units
        steps = self._ledger.position_steps(None, 0)
        if held != units or steps != self._connector.steps:
            raise InvariantError(
                f"the account holds {units!r}, its reports add up to {held!r}, and the books hold {steps}"
                f" size steps where {self._connector.steps} mirror it"
            )

    # Carrying out

    def _input(self, kind: int, now: int, payload: Any) -> None:
        self._carry_out(self.kernel.process((kind, now, payload)))

    def _carry_out(self, effects: Effects) -> None:
        self.journal.records += effects.records
        connector = self._connector
        for kind, order in effects.requests:
            try:
                if kind is _SUBMIT:
                    connector.submit(order)
                elif kind is _CANCEL:
                    connector.cancel(order)
                else:
                    connector.amend(order)
            except InvariantError:
                raise
            except Exception as error:  # noqa: BLE001 - what the account refuses this way it never took
                now, name, text = self._turn.now, order.client_order_id, error_text(error)
                is_new = kind is _SUBMIT
                connector.answer(
                    Rejected(name, now, now, text) if is_new else NotSent(name, now, now, text, kind)
                )

    def _answer(self, now: int) -> None:
        connector = self._connector
        for _ in range(MAX_ROUNDS):
            if not connector.answers:
                return
            for event in connector.poll(now):
                self._carry_out(self.kernel.order(now, event))


def _market(bars: Bars, options: BarOptions) -> BarMarket:
    spec = options.instrument
    books = spec
    if books is None:
        lowest, highest = float(bars.columns["low"].min()), float(bars.columns["high"].max())
        books = fine_grid(highest=highest, most_units=options.cash * options.leverage / lowest)
    return BarMarket(spec, books, bars.step)


def _ledger(market: BarMarket, options: BarOptions) -> Ledger:
    ledger = Ledger()
    ledger.deposit(market.instrument.spec.settle, options.cash)
    ledger.add_instrument(0, market.instrument.spec)
    return ledger


def _risk(market: BarMarket) -> RiskChecks:
    """Latches and the grid; the least notional is judged at the fill, by the account."""
    spec = market.instrument.spec
    judged = InstrumentSpec(
        symbol=spec.symbol, kind=spec.kind, base=spec.base, quote=spec.quote, settle=spec.settle,
        tick_size=spec.tick_size, lot_size=spec.lot_size, contract_size=spec.contract_size,
    )  # fmt: skip
    risk = RiskChecks()
    instrument = Instrument(market.instrument.account, spec.symbol, 0, judged)
    risk.set_limits(instrument, InstrumentLimits(collar_bps=None))
    return risk
