"""A venue while a run lasts: the account's session, its market and, on a testnet, its orders."""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import structlog

from alipes.config import nearest
from alipes.connectors.ccxt import CcxtConnector
from alipes.connectors.ccxt_checks import AccountTerms
from alipes.engine.wiring import SIMULATED
from alipes.errors import AuthError, ConfigError
from alipes.feeds.ccxt import CcxtFeed
from alipes.feeds.record import Recorder
from alipes.net.ccxt_session import CcxtSession
from alipes.net.secrets import Credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from alipes.config import Config
    from alipes.engine.engine import Engine
    from alipes.feeds.ccxt import Sink
    from alipes.model import Instrument

    Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


class Venue:
    """The venue of the config's one account.

    Args:
        config: What runs.
        environ: Where the names of keys are looked up.

    Attributes:
        session: The account's session.
        connector: Where orders go; None while they go to the simulated exchange.
        recorder: Where frames are written; None if they are not.

    Raises:
        ConfigError: A key is missing, or ccxt has no such venue or environment.
    """

    def __init__(self, config: Config, environ: Mapping[str, str] = os.environ) -> None:
        self._config = config
        self._name = name = config.feed_account()
        self._account = account = config.accounts[name]
        self._trades = config.run.mode not in SIMULATED
        is_moved = bool(account.endpoints)
        self.session = CcxtSession(
            account=name,
            venue=account.venue,
            credentials=_credentials(config, environ) if self._trades else None,
            environment="testnet" if self._trades and not is_moved else "production",
            endpoints=account.endpoints if is_moved else None,
        )
        self.connector: CcxtConnector | None = None
        self.recorder: Recorder | None = None
        self._feed: CcxtFeed | None = None
        self._streams: asyncio.Task[None] | None = None

    async def open(self, engine: Engine, sink: Sink, *, spawn: Spawn, wake: Callable[[], None]) -> None:
        """Connects an engine that has not started.

        Args:
            engine: The engine.
            sink: Who takes the market's frames.
            spawn: Starts a task under the driver's supervision.
            wake: Called when the engine has an answer to hear.

        Raises:
            ConfigError: The venue's grid is another one than the config's, the key may do too much or too
                little, the account is kept in another way than the config says, or it holds a position.
            AuthError: The venue refuses the key.
            VenueError: The venue did not answer.
        """
        instruments = [market.instrument for market in engine.markets]
        await self.session.open()
        for instrument in instruments:
            _check_grid(self.session, instrument)
        if self._trades:
            self.connector = connector = CcxtConnector(
                session=self.session, instruments=instruments, spawn=spawn, wake=wake,
                terms=AccountTerms(
                    margin_mode=self._account.margin_mode,
                    accept_key_that_can_withdraw=self._account.accept_key_that_can_withdraw,
                ),
            )  # fmt: skip
            await self._enter(connector)
            await self._take_over(engine, connector)
        record = getattr(self._config.feed, "record", None)
        if record is not None:
            self.recorder = Recorder(record, _header(self._account.venue, instruments[0]))
        symbols = {each.index: each.symbol for each in instruments}
        self._feed = CcxtFeed(session=self.session, symbols=symbols, sink=sink)
        self._streams = spawn(self._feed.run())

    async def close(self) -> None:
        """Ends streams and requests, and completes the recording."""
        if self._feed is not None and self._streams is not None:
            self._streams.cancel()
            await asyncio.gather(self._streams, return_exceptions=True)
            await self._feed.close()
        if self.connector is not None:
            await self.connector.close()
        else:
            await self.session.close()
        if self.recorder is not None:
            self.recorder.close()

    async def _enter(self, connector: CcxtConnector) -> None:
        """Opens the connector; a key that the venue refuses is told with the names that it came by."""
        try:
            await connector.open()
        except AuthError as error:
            names = _key_names(self._config)
            raise AuthError(f"{error}: look at {names['key']} and {names['secret']}") from None

    async def _take_over(self, engine: Engine, connector: CcxtConnector) -> None:
        """Gives the engine what the account holds; orders that are not ours are told of and left alone."""
        held = [
            f"{each.instrument.spec.size(each.size_steps)} {each.instrument.symbol}"
            for each in await connector.positions()
        ]
        if held:
            raise ConfigError(
                f"account {self._name!r} holds {', '.join(held)}: close it first; this version takes over"
                " balances, not positions"
            )
        foreign = await connector.open_orders()
        if foreign:
            structlog.get_logger("alipes").warning(
                "the account has open orders that are not ours; they are left alone",
                account=self._name, orders=[each.venue_order_id for each in foreign],
            )  # fmt: skip
        balances = await connector.balances()
        engine.connect(self._name, connector, {name: each.total for name, each in balances.items()})


def _key_names(config: Config) -> dict[str, str]:
    """Names of the environment's variables by what they hold: key, secret, password."""
    name = config.feed_account()
    account, prefix = config.accounts[name], f"ALIPES_{name.upper().replace('-', '_')}"
    return {
        part: getattr(account, part) or f"{prefix}_{part.upper()}" for part in ("key", "secret", "password")
    }


def _credentials(config: Config, environ: Mapping[str, str]) -> Credentials:
    name, names = config.feed_account(), _key_names(config)
    found = {part: environ.get(variable, "") for part, variable in names.items()}
    missing = [names[part] for part in ("key", "secret") if not found[part]]
    if missing:
        raise ConfigError(
            f"account {name!r} has no key: set {' and '.join(missing)} in the environment;"
            " a config file holds no secrets"
        )
    return Credentials(found["key"], found["secret"], found["password"] or None)


def _check_grid(session: CcxtSession, instrument: Instrument) -> None:
    market = session.exchange.markets.get(instrument.symbol)
    if market is None:
        known = nearest(instrument.symbol, session.exchange.markets)
        raise ConfigError(f"{session.venue} has no {instrument.symbol!r}{known}")
    spec, precision = instrument.spec, market["precision"]
    contract = Decimal(str(market.get("contractSize") or 1))
    for key, ours, theirs in (
        ("tick_size", spec.tick_size, Decimal(str(precision["price"]))),
        ("lot_size", spec.lot_size, Decimal(str(precision["amount"])) * contract),
    ):
        if ours != theirs:
            found = f"{session.venue} has {theirs.normalize():f}"
            raise ConfigError(f'[instruments."{instrument.name}"] {key} = {ours} and {found}')


def _header(venue: str, instrument: Instrument) -> dict[str, Any]:
    spec = instrument.spec
    return {
        "venue": venue, "instrument": instrument.symbol,
        "tick_size": str(spec.tick_size), "lot_size": str(spec.lot_size),
    }  # fmt: skip
