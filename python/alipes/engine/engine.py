"""The engine: the kernel with everything it acts on, and the one way in which both drivers move it.

A driver (`alipes.backtest`, `alipes.engine.runtime`) decides when; what happens then is here. Time stands
still while an input is processed. Before a frame received at t, everything due before t happens at its own
time; after it, the answers that are due at t.
"""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple

from alipes.engine.faults import error_text
from alipes.engine.kernel import (
    COMMAND,
    FRAME,
    MESSAGE,
    ORDER,
    PART,
    START,
    STOP,
    SYNCED,
    TIMERS,
    UNKNOWN_INSTRUMENT,
    Command,
)
from alipes.engine.timings import BUCKET_NS, BUCKETS, Timings
from alipes.engine.turn import NOTHING
from alipes.errors import InvariantError
from alipes.model import NotSent, RequestKind
from alipes.risk import TradingState

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from decimal import Decimal

    from alipes._core import FeatureSet, FeedDecoder, SimExchange
    from alipes.config import Config
    from alipes.engine.equity import Equity
    from alipes.engine.kernel import Kernel
    from alipes.engine.losses import LossLimits
    from alipes.engine.runner import Runner
    from alipes.engine.turn import Effects
    from alipes.model import Fill, Order, OrderEvent
    from alipes.monitor.tap import Tap
    from alipes.ports import Connector, Journal

MAX_ROUNDS = 1000
"""Rounds of answers at one moment; with no latency at all a strategy could order and be answered for ever."""


class Source(NamedTuple):
    """The market data of one account: its decoder, and what sees each frame after it.

    Attributes:
        account: Name of the account.
        decoder: Owner of the account's books.
        exchange: The simulated exchange; None where orders go to a venue.
        features: Streaming features, if a strategy asks for some.
    """

    account: str
    decoder: FeedDecoder
    exchange: SimExchange | None
    features: FeatureSet | None


class Engine:
    """Built by `alipes.engine.wiring.build` only.

    Attributes:
        config: What it was built from.
        sources: By account.
        markets: By instrument index.
        fills: Every fill, in order.
        equity: Sampled equity.
        decode_time: Time to decode and apply a frame.
        decision_time: Time from a frame to the end of the hooks it caused, requests handed over.
        tap: What is left for whoever counts; None if nobody does.
    """

    def __init__(
        self,
        *,
        config: Config,
        kernel: Kernel,
        sources: Mapping[str, Source],
        connectors: Mapping[str, Connector],
        journal: Journal,
        equity: Equity,
        losses: LossLimits,
        resumed: frozenset[str],
        sample_every_ns: int,
    ) -> None:
        self.config = config
        self.kernel = kernel
        self.blotter = kernel.blotter
        self.markets = kernel.markets
        self.sources = sources
        self.connectors = dict(connectors)
        self.journal = journal
        self.equity = equity
        self.fills: list[Fill] = []
        self.decode_time = Timings()
        self.decision_time = Timings()
        self.tap: Tap | None = None
        self.spawn: Callable[[str, Coroutine[Any, Any, Any]], None] | None = None
        self._losses = losses
        self._turn = kernel.turn
        self._timers = kernel.timers
        self._resumed = resumed
        self._sample_every = sample_every_ns
        self._sample_at = 0
        self._unsent: list[OrderEvent] = []
        self._connectors = list(connectors.values())

    @property
    def now(self) -> int:
        """The engine's time, int ns UTC."""
        return self._turn.now

    @property
    def runners(self) -> Sequence[Runner]:
        """The strategies."""
        return list(self.kernel.runners.values())

    def connect(self, account: str, connector: Connector, balances: Mapping[str, Decimal]) -> None:
        """Gives an account that trades at a venue its way there, and what it holds; before `start`.

        Args:
            account: Its name.
            connector: Where its orders go.
            balances: What the venue says it holds, by asset.
        """
        self.connectors[account] = connector
        self._connectors.append(connector)
        for asset, amount in balances.items():
            self.blotter.ledgers[account].deposit(asset, amount)
        self.equity.open(account, balances)

    # Inputs

    def start(self, now: int) -> None:
        """Starts the strategies at time `now`, int ns UTC."""
        for market in self.markets:
            market.turn(now, is_in_step=False)
        self._input(START, now, self._resumed)

    def on_frame(self, source: Source, ts_recv: int, raw: bytes, snapshot_of: int | None = None) -> int:
        """Takes one frame as a turn of its own.

        Args:
            source: Where it comes from.
            ts_recv: When it was received, int ns UTC.
            raw: Its bytes.
            snapshot_of: Index of the instrument whose REST snapshot it is, since that does not name it.

        Returns:
            What `alipes._core.FeedDecoder.on_frame` says of it.

        Raises:
            DecodeError: It is no message of the venue; no book was touched.
        """
        turn, decoder = self._turn, source.decoder
        now = max(ts_recv, turn.now)
        started = perf_counter_ns()
        if snapshot_of is None:
            packed = decoder.on_frame(raw, ts_recv)
        else:
            packed = decoder.on_snapshot(snapshot_of, raw, ts_recv)
        decoded = perf_counter_ns() - started
        if source.exchange is not None:
            source.exchange.ingest(decoder)
        if source.features is not None:
            source.features.on_frame(decoder)
        self._follow(packed, now)
        hooks = turn.hooks
        effects = self.kernel.process((FRAME, now, packed))
        if effects is not NOTHING:
            self._carry_out(effects)
            if effects.requests and self.tap is not None:
                self.tap.tick_to_order.add(perf_counter_ns() - started)
        if turn.hooks != hooks:
            self.decision_time.add(perf_counter_ns() - started)
        bucket = decoded // BUCKET_NS
        self.decode_time.counts[bucket if bucket < BUCKETS else -1] += 1
        self.decode_time.slowest = max(self.decode_time.slowest, decoded)
        self._answers(now)
        if now >= self._sample_at:
            self._sample(now)
        return packed

    def on_disconnect(self, source: Source, now: int) -> None:
        """Takes note that market data were lost: the books of the source wait for new snapshots."""
        source.decoder.on_disconnect(now)
        for market in self.markets:
            if market.instrument.account == source.account and market.is_in_step:
                market.turn(max(now, self._turn.now), is_in_step=False)

    def on_read(self, source: Source, frames: Sequence[tuple[int, bytes]]) -> None:
        """Takes the frames of one read as one turn: `on_book` once per instrument, unless asked otherwise."""
        for ts_recv, raw in frames[:-1]:
            packed = source.decoder.on_frame(raw, ts_recv)
            if source.exchange is not None:
                source.exchange.ingest(source.decoder)
            if source.features is not None:
                source.features.on_frame(source.decoder)
            self._follow(packed, ts_recv)
            self._input(PART, ts_recv, packed)
        for ts_recv, raw in frames[-1:]:
            self.on_frame(source, ts_recv, raw)

    def advance(self, until: int) -> None:
        """Lets answers and timers that are due before `until` (int ns UTC) happen, each at its own time."""
        while True:
            answer, timer = self._next_answer(), self._timers.next_due()
            is_answer = answer is not None and (timer is None or answer <= timer)
            due = answer if is_answer else timer
            if due is None or due >= until:
                return
            now = max(due, self._turn.now)
            if is_answer:
                self._answers(now)
            else:
                self._input(TIMERS, now, None)

    def next_due(self) -> int | None:
        """When the next answer or timer is due, int ns UTC; None if nothing is."""
        known = [due for due in (self._next_answer(), self._timers.next_due()) if due is not None]
        return min(known, default=None)

    def message(self, strategy: str, message: object) -> None:
        """Gives a strategy the result of its coroutine."""
        self._input(MESSAGE, self._turn.now, (strategy, message))

    def command(self, command: Command) -> None:
        """Restricts trading, or releases a restriction."""
        self._input(COMMAND, self._turn.now, command)

    def stop(self) -> None:
        """Stops the strategies: `on_stop`, then cancels of what is open."""
        self._input(STOP, self._turn.now, None)

    def drain(self) -> None:
        """Ends the feed: requests under way reach the exchange and are answered, without more data."""
        while True:
            for source in self.sources.values():
                if source.exchange is not None:
                    source.exchange.finish()
            due = self._next_answer()
            if due is None:
                return
            self._answers(max(due, self._turn.now))

    def finish(self) -> None:
        """Takes the last sample."""
        self._sample(self._turn.now)

    def _follow(self, packed: int, now: int) -> None:
        """Takes note of when a market had news, and of its book coming into step or falling out of it."""
        index = packed & 0xFFFF
        if index != UNKNOWN_INSTRUMENT:
            market = self.markets[index]
            market.updated_at = now
            is_in_step = packed >> 26 & 3 == SYNCED
            if is_in_step is not market.is_in_step:
                market.turn(now, is_in_step=is_in_step)

    # Carrying out

    def _input(self, kind: int, now: int, payload: Any) -> None:
        effects = self.kernel.process((kind, max(now, self._turn.now), payload))
        if effects is not NOTHING:
            self._carry_out(effects)

    def _carry_out(self, effects: Effects) -> None:
        append = self.journal.append
        for record in effects.records:
            append(record)
        self.journal.commit()
        if self.tap is not None:
            self.tap.records += effects.records
        for kind, order in effects.requests:
            self._send(kind, order)
        if effects.fills:
            self.fills += effects.fills
        for strategy, coroutine in effects.tasks:
            if self.spawn is not None:
                self.spawn(strategy, coroutine)

    def _send(self, kind: RequestKind, order: Order) -> None:
        """Hands a request over; one that cannot be is its own order's affair, nobody else's."""
        try:
            self._request(kind, order)
        except InvariantError:
            raise
        except Exception as error:  # noqa: BLE001 - what a connector refuses this way never left
            now = self._turn.now
            self._unsent.append(NotSent(order.client_order_id, now, now, error_text(error), kind))

    def _request(self, kind: RequestKind, order: Order) -> None:
        connector = self.connectors[order.instrument.account]
        if kind is RequestKind.SUBMIT:
            connector.submit(order)
        elif kind is RequestKind.CANCEL:
            connector.cancel(order)
        else:
            connector.amend(order)

    def _next_answer(self) -> int | None:
        first = None
        for connector in self._connectors:
            due = connector.next_due()
            if due is not None and (first is None or due < first):
                first = due
        return first

    def _answers(self, now: int) -> None:
        if self._unsent:
            unsent, self._unsent = self._unsent, []
            for event in unsent:
                self._input(ORDER, now, event)
        for connector in self._connectors:
            for _ in range(MAX_ROUNDS):
                due = connector.next_due()
                if due is None or due > now:
                    break
                for event in connector.poll(now):
                    self._input(ORDER, now, event)

    def _sample(self, now: int) -> None:
        self._sample_at = now - now % self._sample_every + self._sample_every
        for breach in self._losses.check(self.equity.sample(now)):
            if self.blotter.risk.latches.state_of(breach.account) is not TradingState.HALTED:
                self.command(Command(breach.account, TradingState.HALTED, breach.reason))
