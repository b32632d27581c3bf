"""The driver for recorded data: frame by frame, time taken from the recording, no clock of its own."""

from __future__ import annotations

from decimal import Decimal
from time import perf_counter
from typing import TYPE_CHECKING, Any

from alipes import config as configs
from alipes.backtest.progress import tell
from alipes.engine.metering import Meter
from alipes.engine.rerun import is_named, without_objects
from alipes.engine.result import EventResult, collect, require_data
from alipes.engine.wiring import build
from alipes.errors import ConfigError, DecodeError
from alipes.feeds import open_feed
from alipes.strategy.durations import duration_ns
from alipes.strategy.load import load_strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from alipes.config import Config
    from alipes.engine.engine import Engine
    from alipes.monitor.metrics import Reading
    from alipes.ports import Journal
    from alipes.strategy.base import Strategy
    from alipes.strategy.load import StrategyLike

PROGRESS_EVERY = 1000
"""Frames between two reports of progress."""


def run(
    strategy: StrategyLike,
    capture: str | Path,
    *,
    venue: str,
    instrument: str,
    tick_size: float | str | Decimal,
    lot_size: float | str | Decimal,
    params: Mapping[str, Any] | None = None,
    fees: tuple[float | str | Decimal, float | str | Decimal] = ("0.0002", "0.0005"),
    balance: float | str | Decimal | Mapping[str, Any] = "100000",
    latency_ms: tuple[float, float] = (5.0, 5.0),
    limits: Mapping[str, Any] | None = None,
    every: str | float = "1s",
    progress: Callable[[int], None] | None = None,
) -> EventResult:
    """Runs one strategy over a capture: same kernel, risk checks, order lifecycle and fill model as paper.

    Args:
        strategy: A `alipes.Strategy` object, its class, or ``"module:Class"``.
        capture: A ``.jsonl`` or ``.jsonl.gz`` recording of one venue's frames.
        venue: The venue's id: ``"binance"`` (spot) or ``"binanceusdm"``.
        instrument: Unified symbol, e.g. ``"BTC/USDT:USDT"``; the account is named as the venue.
        tick_size: Price step, quote units, > 0.
        lot_size: Size step of orders, base units, > 0.
        params: Keyword arguments of the strategy class.
        fees: Maker and taker rates as fractions (0.0002 is 2 bps); a negative maker rate is a rebate.
        balance: Opening balance in the settle asset, or amounts by asset.
        latency_ms: Order entry and response latency of the simulated exchange.
        limits: ``max_order_size``, ``max_order_notional``, ``max_position``, ``collar_bps``; absent ones do
            not limit (the collar is 100 bps).
        every: Interval of equity samples.
        progress: Called with the number of frames done, now and then.

    Raises:
        ConfigError: A missing or wrong argument, or a strategy that does not load.
        InputError: A tick or lot that is not positive, an unknown venue or symbol, a capture that cannot be
            read.
        DataError: A truncated or empty capture, or one that is not of this venue and instrument.
    """
    chosen = load_strategy(strategy, params)
    name = type(chosen).__name__.lower()
    if len(fees) != 2:
        raise ConfigError(f"backtest.run: fees {fees!r}: expected two rates, (maker, taker)")
    maker, taker = fees
    config = configs.from_tables(
        {
            "run": {
                "mode": "backtest",
                "latency_ms": list(latency_ms),
                "sample_every_s": Decimal(duration_ns(every)) / 10**9,
            },
            "accounts": {
                venue: {"venue": venue, "balance": balance, "fees": {"maker": maker, "taker": taker}}
            },
            "instruments": {instrument: {"tick_size": tick_size, "lot_size": lot_size}},
            "feed": {"type": "capture", "path": str(capture)},
            "strategies": {name: _strategy_table(chosen, params or {}, is_object=chosen is strategy)},
            "risk": dict(limits or {}),
        },
        source="backtest.run",
    )
    return _run(build(config, strategies={name: chosen}), open_feed(config), progress)


def _strategy_table(chosen: Strategy, params: Mapping[str, Any], *, is_object: bool) -> dict[str, Any]:
    """What the config says of the strategy; one that a file cannot name is marked as not to be run again."""
    kind = type(chosen)
    is_kept = not is_object and is_named(kind, params)
    return {
        "class": f"{kind.__module__}:{kind.__qualname__}",
        "params": dict(params) if is_kept else {},
        "rerun": is_kept,
    }


def run_config(
    config: Config,
    *,
    strategies: Mapping[str, Strategy] | None = None,
    journal: Journal | None = None,
    frames: Iterable[tuple[int, bytes]] | None = None,
    progress: Callable[[int], None] | None = None,
    readers: Sequence[Callable[[Reading], None]] = (),
) -> EventResult:
    """Runs what a config describes in simulated time.

    Args:
        config: The config; its feed is a capture or the synthetic market.
        strategies: Objects that stand in for the classes the config names, by strategy name.
        journal: Where to keep intents and events; in memory if None.
        frames: Frames to use instead of the config's feed: (ts_recv int ns, bytes).
        progress: Called with the number of frames done, now and then.
        readers: Called with a reading of all metrics, once a second of real time.

    Raises:
        AlipesError: As `run`.
    """
    config = without_objects(config, strategies or ())
    engine = build(config, strategies=strategies, journal=journal)
    feed = open_feed(config) if frames is None else frames
    if not readers:
        return _run(engine, feed, progress)
    meter = Meter(engine, readers)

    def report(done: int) -> None:
        meter.tick(engine.now)
        if progress is not None:
            progress(done)

    return _run(engine, feed, report)


def _run(
    engine: Engine, frames: Iterable[tuple[int, bytes]], progress: Callable[[int], None] | None
) -> EventResult:
    started = perf_counter()
    first = drive(engine, frames, progress)
    return collect(engine, first=first, wall_seconds=perf_counter() - started)


def drive(
    engine: Engine, frames: Iterable[tuple[int, bytes]], progress: Callable[[int], None] | None = None
) -> int | None:
    """Moves an engine through frames, from its start to its stop, and returns the time of the first frame.

    Raises:
        DecodeError: A frame is no message of the venue; its number is named.
    """
    source = engine.sources[engine.config.feed_account()]
    advance, on_frame = engine.advance, engine.on_frame
    first: int | None = None
    done = 0
    for ts_recv, raw in frames:
        if first is None:
            first = ts_recv
            engine.start(ts_recv)
        advance(ts_recv)
        try:
            on_frame(source, ts_recv, raw)
        except DecodeError as error:
            venue = source.decoder.venue
            raise DecodeError(f"frame {done + 1}: {error}; is this a capture of {venue}?") from error
        done += 1
        if progress is not None and not done % PROGRESS_EVERY:
            tell(progress, done)
    if first is not None:
        engine.stop()
        engine.drain()
        engine.finish()
    require_data(engine)
    if progress is not None:
        tell(progress, done)
    return first
