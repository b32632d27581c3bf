"""What a run leaves: orders, fills, equity and a summary; as objects, Arrow tables or files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alipes import report
from alipes.config import to_toml
from alipes.engine.rerun import kept
from alipes.errors import DataError, InputError

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from alipes.config import Config
    from alipes.engine.engine import Engine
    from alipes.engine.market import Market
    from alipes.model import Fill, Order
    from alipes.report import EquityPoint, Summary

NS_PER_S = 1_000_000_000
OUT_OF_STEP_SHARE = 0.01
"""A book that could not be followed for more than this share of a run, and for a second, is warned of."""


class EventResult:
    """The result of a run over events.

    Attributes:
        config: What ran.
        orders: Every order in its final state, oldest first.
        fills: Every fill, in the order in which they were applied.
        equity: Balance, unrealised profit and equity per account and asset, sampled.
        summary: Counts, money and timings; see `alipes.report.Summary`. Only its part ``measured`` depends on
            the machine.
    """

    def __init__(
        self,
        *,
        config: Config,
        orders: list[Order],
        fills: list[Fill],
        equity: list[EquityPoint],
        summary: Summary,
    ) -> None:
        self.config = config
        self.orders = orders
        self.fills = fills
        self.equity = equity
        self.summary = summary

    def table(self, name: str) -> pa.Table:
        """``"fills"``, ``"orders"`` or ``"equity"`` as an Arrow table with exact decimals.

        Raises:
            InputError: Another name.
        """
        from alipes.report.files import FILES  # noqa: PLC0415
        from alipes.report.parquet import table  # noqa: PLC0415 - pyarrow is slow to import

        if name not in FILES:
            raise InputError(f"table {name!r}: expected one of {', '.join(FILES)}")
        return table(FILES[name], getattr(self, name))

    def write(self, folder: str | Path) -> Path:
        """Writes fills, orders, equity, summary and config to a new folder; equal runs give equal bytes.

        Raises:
            InputError: The folder is in use.
            StoreError: It could not be written.
        """
        tables: dict[str, Any] = {"fills": self.fills, "orders": self.orders, "equity": self.equity}
        return report.write(
            folder, tables=tables, summary=report.repeatable(self.summary), config=to_toml(kept(self.config))
        )

    def __repr__(self) -> str:
        return f"EventResult({len(self.orders)} orders, {len(self.fills)} fills)"


def collect(engine: Engine, *, first: int | None, wall_seconds: float) -> EventResult:
    """The result of an engine that has finished.

    Args:
        engine: The engine.
        first: Time of its first frame, int ns UTC; None if it had none.
        wall_seconds: How long it ran.
    """
    orders = engine.blotter.lifecycle.orders()
    summary = report.summarise(
        run=_run(engine, first),
        market=_market(engine),
        books=_books(engine),
        decisions=sum(runner.decisions for runner in engine.runners),
        orders=orders,
        fills=engine.fills,
        positions=engine.equity.positions(),
        faults={
            runner.name: f"{runner.fault.hook}: {runner.fault.error}"
            for runner in engine.runners
            if runner.fault
        },
        restrictions={
            scope: f"{state}: {reason}"
            for scope, (state, reason) in engine.blotter.risk.latches.status().items()
        },
        warnings=_warnings(engine, first),
        wall_seconds=wall_seconds,
        latencies={
            "decode_and_apply": engine.decode_time.summary(),
            "tick_to_decision": engine.decision_time.summary(),
        },
    )
    return EventResult(
        config=engine.config, orders=orders, fills=engine.fills, equity=engine.equity.points, summary=summary
    )


def _run(engine: Engine, first: int | None) -> dict[str, Any]:
    config = engine.config
    feed: Any = config.feed
    return {
        "mode": config.run.mode,
        "venue": ", ".join(account.venue for account in config.accounts.values()),
        "instruments": list(config.instruments),
        "strategies": list(config.strategies),
        "feed": getattr(feed, "path", None) or str(feed.__struct_config__.tag),
        "seed": None if hasattr(feed, "path") else config.run.seed,
        "first": first,
        "last": None if first is None else engine.now,
    }


def _market(engine: Engine) -> dict[str, int]:
    counts: dict[str, int] = {}
    for source in engine.sources.values():
        for name, count in source.decoder.stats().items():
            counts[name] = counts.get(name, 0) + count
    return counts


def _books(engine: Engine) -> dict[str, report.BookRow]:
    return {
        market.instrument.name: report.BookRow(
            out_of_step_seconds=market.out_of_step_ns(engine.now) / NS_PER_S,
            in_step_at_end=market.is_in_step,
        )
        for market in engine.markets
    }


def _warnings(engine: Engine, first: int | None) -> list[str]:
    """Books that could not be followed for a part of the run that matters."""
    lasted = engine.now - (engine.now if first is None else first)
    warnings = []
    for market in engine.markets:
        out = market.out_of_step_ns(engine.now)
        if market.is_in_step and out < max(NS_PER_S, lasted * OUT_OF_STEP_SHARE):
            continue
        how = f"out of step for {out / NS_PER_S:,.1f} s of" if market.was_in_step else "never in step in"
        text = f"the book of {market.instrument} was {how} {lasted / NS_PER_S:,.1f} s"
        if not market.is_in_step:
            text += ", to the end: nothing was decided on it meanwhile"
            if any(engine.blotter.position_steps(each.name, market.instrument) for each in engine.runners):
                text += ", and the open position is marked at a stale price"
        reason = market.decoder.reason(market.instrument.index)
        warnings.append(f"{text} ({reason})" if reason else text)
    return warnings


def require_data(engine: Engine) -> None:
    """Passes an engine whose feed was of its instruments and could be followed.

    Raises:
        DataError: It held nothing of them (what it held instead is counted), or a book was never in step.
    """
    source = engine.sources[engine.config.feed_account()]
    counts = source.decoder.stats()
    markets = [market for market in engine.markets if market.instrument.account == source.account]
    used = counts["messages"] - counts["other_symbols"] - counts["other_streams"]
    blind = [market for market in markets if _is_blind(market)]
    if not (counts["depths"] or counts["trades"] or counts["touches"] or blind):
        names = ", ".join(market.instrument.symbol for market in markets)
        raise DataError(
            f"the feed holds no updates of {names}: {counts['messages']} messages, of them"
            f" {counts['other_symbols']} of other symbols and {counts['other_streams']} of other streams"
            f" of {source.decoder.venue}"
        )
    if blind and not any(market.was_in_step for market in markets):
        instrument = blind[0].instrument
        raise DataError(
            f"the book of {instrument} was never in step with the feed, so nothing could be decided: {used}"
            f" updates and {counts['snapshots']} usable snapshots"
            f" ({source.decoder.reason(instrument.index) or 'still waiting for one'})"
        )


def _is_blind(market: Market) -> bool:
    """Whether there is depth that its book could not be built from."""
    index = market.instrument.index
    is_waiting = market.decoder.snapshot_from(index) is not None
    return not market.was_in_step and (is_waiting or market.decoder.reason(index) is not None)
