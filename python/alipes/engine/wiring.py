"""From a config to an engine: the only place where parts are joined, the same for every driver."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog

from alipes._core import FeatureSet, FeedDecoder, InstrumentSpec, Ledger, SimExchange
from alipes.config import balances, parse_symbol, split_instrument
from alipes.connectors.paper import PaperConnector
from alipes.engine.blotter import Blotter
from alipes.engine.desk import StrategyDesk
from alipes.engine.directory import Directory
from alipes.engine.engine import Engine, Source
from alipes.engine.equity import Equity
from alipes.engine.kernel import Kernel
from alipes.engine.losses import LossLimits
from alipes.engine.market import Market
from alipes.engine.rerun import made
from alipes.engine.runner import Runner
from alipes.engine.timers import Timers
from alipes.engine.turn import Turn
from alipes.engine.world import StrategyWorld
from alipes.errors import InputError
from alipes.model import Instrument
from alipes.orders import Lifecycle, MemoryJournal
from alipes.risk import InstrumentLimits, RiskChecks
from alipes.strategy.context import Context
from alipes.strategy.load import checked
from alipes.strategy.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alipes.config import Config
    from alipes.ports import Journal
    from alipes.strategy.base import Strategy


def build(
    config: Config,
    *,
    strategies: Mapping[str, Strategy] | None = None,
    journal: Journal | None = None,
    states: Mapping[str, Mapping[str, Any]] | None = None,
    hook_budget_ns: int = 0,
) -> Engine:
    """Builds an engine.

    Args:
        config: What to build.
        strategies: Objects that stand in for the classes the config names, by strategy name.
        journal: Where to keep intents and events; in memory if None.
        states: Restored `Context.state` by strategy; those strategies start with ``resumed=True``.
        hook_budget_ns: How long a hook may take before its strategy is faulted; 0 is no limit.

    Raises:
        ConfigError: A strategy that does not load, or parts that do not fit together.
        InputError: A tick size, lot size or fee that is not a positive number.
    """
    states = states or {}
    log = structlog.get_logger("alipes").bind(mode=config.run.mode)
    turn, timers = Turn(), Timers()
    objects = _objects(config, strategies or {})
    names = list(dict.fromkeys(name for strategy in objects.values() for name in strategy.features))
    sources = {name: _source(config, name, names) for name in config.accounts}
    markets = _markets(config, sources)
    ledgers = _ledgers(config, markets)
    blotter = Blotter(
        turn=turn, lifecycle=Lifecycle(current=turn), ledgers=ledgers, risk=_risk(config, markets), log=log
    )
    shared = _Shared(
        markets=markets, directory=Directory(markets), blotter=blotter, timers=timers,
        features={name: each.features for name, each in sources.items() if each.features is not None},
        runs_tasks=config.run.mode != "backtest", log=log,
    )  # fmt: skip
    runners = [
        _runner(name, each, State(states.get(name), before_change=turn.require_hook), shared)
        for name, each in objects.items()
    ]
    kernel = Kernel(
        turn=turn, markets=markets, runners=runners, blotter=blotter, timers=timers, log=log,
        hook_budget_ns=hook_budget_ns,
    )  # fmt: skip
    return Engine(
        config=config,
        kernel=kernel,
        sources=sources,
        connectors=_connectors(sources, turn),
        journal=MemoryJournal() if journal is None else journal,
        equity=_equity(config, markets, ledgers),
        losses=LossLimits(daily_loss=config.risk.daily_loss, drawdown=config.risk.drawdown),
        resumed=frozenset(states),
        sample_every_ns=max(1, round(config.run.sample_every_s * 1_000_000_000)),
    )


def _objects(config: Config, given: Mapping[str, Strategy]) -> dict[str, Strategy]:
    return {name: checked(given.get(name) or made(name, terms)) for name, terms in config.strategies.items()}


def _connectors(sources: Mapping[str, Source], turn: Turn) -> dict[str, PaperConnector]:
    return {name: PaperConnector(exchange=source.exchange, time=turn) for name, source in sources.items()}


class _Shared(NamedTuple):
    """What every strategy's desk and world are made of."""

    markets: Sequence[Market]
    directory: Directory
    blotter: Blotter
    timers: Timers
    features: Mapping[str, FeatureSet]
    runs_tasks: bool
    log: Any


def _runner(name: str, strategy: Strategy, state: State, shared: _Shared) -> Runner:
    runner = Runner(name, strategy, state)
    runner.desk = StrategyDesk(runner=runner, blotter=shared.blotter, directory=shared.directory)
    world = StrategyWorld(
        runner=runner,
        turn=shared.blotter.turn,
        markets=shared.markets,
        directory=shared.directory,
        timers=shared.timers,
        features=shared.features,
        runs_tasks=shared.runs_tasks,
    )
    runner.ctx = Context(
        name=name, desk=runner.desk, world=world, state=state, log=shared.log.bind(strategy=name)
    )
    shared.blotter.runners[name] = runner
    return runner


def _equity(config: Config, markets: Sequence[Market], ledgers: Mapping[str, Ledger]) -> Equity:
    deposits = {name: balances(config, name) for name in config.accounts}
    return Equity(markets=markets, ledgers=ledgers, deposits=deposits, strategies=list(config.strategies))


def _source(config: Config, account: str, features: list[str]) -> Source:
    entry, response = (round(latency * 1e6) for latency in config.run.latency_ms)
    exchange = SimExchange(entry_latency_ns=entry, response_latency_ns=response)
    decoder = FeedDecoder(config.accounts[account].venue)
    return Source(account, decoder, exchange, FeatureSet(features) if features else None)


def _markets(config: Config, sources: Mapping[str, Source]) -> list[Market]:
    markets = []
    for index, (name, terms) in enumerate(config.instruments.items()):
        account, symbol = split_instrument(name)
        if account is None:
            raise InputError(f"instrument {name!r}: expected its full name, account:symbol")
        names = parse_symbol(symbol)
        spec = InstrumentSpec(
            symbol=symbol,
            kind=names.kind,
            base=names.base,
            quote=names.quote,
            settle=names.settle,
            tick_size=terms.tick_size,
            lot_size=terms.lot_size,
            contract_size=terms.contract_size,
            min_notional=terms.min_notional,
        )
        source, fees = sources[account], config.accounts[account].fees
        view = source.decoder.add(symbol, index, spec, wire_symbol=terms.wire_symbol)
        source.exchange.add_instrument(
            index, spec, maker_fee=fees.maker, taker_fee=fees.taker, fee_asset=fees.asset
        )
        markets.append(Market(Instrument(account, symbol, index, spec), view, source.decoder))
    return markets


def _ledgers(config: Config, markets: Sequence[Market]) -> dict[str, Ledger]:
    ledgers = {name: Ledger() for name in config.accounts}
    for name, ledger in ledgers.items():
        for asset, amount in balances(config, name).items():
            ledger.deposit(asset, amount)
    for market in markets:
        instrument = market.instrument
        ledgers[instrument.account].add_instrument(instrument.index, instrument.spec)
    return ledgers


def _risk(config: Config, markets: Sequence[Market]) -> RiskChecks:
    risk = RiskChecks()
    for market in markets:
        limits = config.limits(market.instrument.name)
        given = {name: getattr(limits, name) for name in limits.__struct_fields__}
        collar = given.pop("collar_bps")
        if collar is not None:
            given["collar_bps"] = Decimal(str(collar))
        risk.set_limits(market.instrument, InstrumentLimits(**given))
    return risk
