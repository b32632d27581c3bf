"""Take a snapshot of a running engine. Only reads: nothing here changes what the engine does."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING

from alipes.cli.panel.snapshot import FillLine, OwnQuote, Snapshot
from alipes.config import SyntheticFeed
from alipes.errors import StaleBookError
from alipes.model import Side

if TYPE_CHECKING:
    from alipes.config import Config
    from alipes.engine.engine import Engine
    from alipes.engine.market import Market
    from alipes.model import Fill, Order

_DEPTH = 12
_FILLS = 24
_NS_PER_S = 1e9

Levels = list[tuple[float, float]]


def take(engine: Engine) -> Snapshot:
    """What the panel shows of the engine's first instrument, once the first frame is in."""
    market = engine.markets[0]
    instrument, spec = market.instrument, market.instrument.spec
    position = engine.equity.position(None, market)
    bids, asks = _levels(market)
    started_ns = engine.equity.points[0].ts
    config = engine.config
    return Snapshot(
        title=instrument.symbol,
        place=_place(config),
        mode=config.run.mode,
        elapsed_s=max(0.0, (engine.now - started_ns) / _NS_PER_S),
        total_s=config.feed.seconds if isinstance(config.feed, SyntheticFeed) else None,
        digits=max(0, -int(spec.tick_size.normalize().as_tuple().exponent)),
        base=spec.base,
        quote=position["asset"],
        state=str(market.view.state),
        asks=asks,
        bids=bids,
        own=[_own(engine, order) for order in _open_orders(engine, market)],
        position=position["size"],
        average_price=position["average_price"],
        realized=position["realized"],
        unrealized=position["unrealized"],
        fees=sum((fill.fee for fill in engine.fills if fill.instrument is instrument), Decimal(0)),
        equity=[float(point.equity) for point in engine.equity.points[-200:]],
        fills=[_fill(fill, started_ns) for fill in reversed(engine.fills[-_FILLS:])],
        counts=_counts(engine, market),
        latency=_latency(engine),
        warnings=_warnings(engine),
    )


def _place(config: Config) -> str:
    venue = config.accounts[config.feed_account()].venue
    return "synthetic market" if isinstance(config.feed, SyntheticFeed) else venue


def _levels(market: Market) -> tuple[Levels, Levels]:
    try:
        bids, asks = market.view.depth(_DEPTH)
    except StaleBookError:
        return [], []
    return [(row[0], row[1]) for row in bids.tolist()], [(row[0], row[1]) for row in asks.tolist()]


def _open_orders(engine: Engine, market: Market) -> list[Order]:
    return [
        order
        for name in engine.kernel.runners
        for order in engine.blotter.open_orders(name, market.instrument)
        if order.price is not None
    ]


def _own(engine: Engine, order: Order) -> OwnQuote:
    exchange = engine.sources[order.instrument.account].exchange
    spec = order.instrument.spec
    ahead = None
    if exchange is not None and order.venue_order_id is not None:
        ahead = exchange.queue_ahead(order.client_order_id)
    return OwnQuote(
        side=str(order.side),
        price=float(order.price or 0),
        leaves=float(order.leaves),
        ahead=None if ahead is None else float(spec.size(ahead)),
    )


def _fill(fill: Fill, started_ns: int) -> FillLine:
    return FillLine(
        at_s=(fill.ts_recv - started_ns) / _NS_PER_S,
        side="buy" if fill.side is Side.BUY else "sell",
        size=fill.size,
        price=fill.price,
        is_maker=fill.is_maker,
        fee=fill.fee,
    )


def _counts(engine: Engine, market: Market) -> dict[str, int]:
    stats = market.decoder.stats()
    makers = sum(fill.is_maker for fill in engine.fills)
    return {
        "messages": stats["messages"],
        "gaps": stats["gaps"],
        "decisions": sum(runner.decisions for runner in engine.runners),
        "orders": len(engine.blotter.lifecycle.orders()),
        "maker fills": makers,
        "taker fills": len(engine.fills) - makers,
    }


def _latency(engine: Engine) -> dict[str, tuple[float, float]]:
    measured = {"decode+apply": engine.decode_time, "tick\N{RIGHTWARDS ARROW}decision": engine.decision_time}
    points = {
        name: (times.percentile(50) * 1e3, times.percentile(99) * 1e3) for name, times in measured.items()
    }
    return {name: pair for name, pair in points.items() if isfinite(pair[0])}


def _warnings(engine: Engine) -> list[str]:
    faults = [f"{runner.name} FAULTED: {runner.fault.error}" for runner in engine.runners if runner.fault]
    halts = [
        f"{scope} {state}: {reason}"
        for scope, (state, reason) in engine.blotter.risk.latches.status().items()
    ]
    return faults + halts
