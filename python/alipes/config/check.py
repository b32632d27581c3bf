"""Whether the parts of a config fit together: names that must exist, modes that can run."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from alipes.config.names import check_account, check_venue, full_name, nearest, parse_symbol, split_instrument
from alipes.config.tables import CaptureFeed, CcxtFeed, Config
from alipes.errors import ConfigError

_LIVE_LIMITS = ("max_order_notional", "max_position", "daily_loss", "drawdown")


def checked(config: Config, folder: Path | None = None) -> Config:
    """The config with full instrument names and resolved paths.

    Raises:
        ConfigError: an empty table, an unknown or ambiguous name, or a mode that cannot run.
    """
    _check_present(config)
    _check_mode(config)
    for account in config.accounts:
        check_account(account)
    instruments = {full_name(name, config.accounts): value for name, value in config.instruments.items()}
    if len(instruments) < len(config.instruments):
        raise ConfigError("[instruments] names one instrument twice, with and without its account")
    limits = {full_name(name, config.accounts): value for name, value in config.risk.instruments.items()}
    for name in limits:
        if name not in instruments:
            raise ConfigError(
                f'[risk.instruments."{name}"] is no instrument of this config{nearest(name, instruments)}'
            )
    _check_feed(config)
    risk = msgspec.structs.replace(config.risk, instruments=limits)
    run = msgspec.structs.replace(config.run, out=_beside(folder, config.run.out))
    strategies = {
        name: msgspec.structs.replace(each, folder=_beside(folder, each.folder))
        for name, each in config.strategies.items()
    }
    resolved = msgspec.structs.replace(
        config,
        run=run,
        instruments=instruments,
        risk=risk,
        feed=_feed(config, folder),
        strategies=strategies,
    )
    for account in config.accounts:
        balances(resolved, account)
    for name in instruments:
        owner, symbol = split_instrument(name)
        check_venue(symbol, config.accounts[str(owner)].venue)
    return resolved


def balances(config: Config, account: str) -> dict[str, Decimal]:
    """Opening balance of an account by asset; a plain amount is in the settle asset of its instruments.

    Raises:
        ConfigError: a plain amount while the account's instruments settle in several assets.
    """
    amount = config.accounts[account].balance
    if isinstance(amount, dict):
        return dict(amount)
    owners = (split_instrument(name) for name in config.instruments)
    assets = {parse_symbol(symbol).settle: None for owner, symbol in owners if owner == account}
    if len(assets) > 1:
        raise ConfigError(
            f"[accounts.{account}] balance = {amount} names no asset while its instruments settle in"
            f" {' and '.join(assets)}: write balance = {{ {next(iter(assets))} = {amount} }}"
        )
    return dict.fromkeys(assets, amount)


def _check_present(config: Config) -> None:
    hints = {
        "accounts": '[accounts.main] with venue = "binanceusdm"',
        "instruments": '[instruments."main:BTC/USDT:USDT"] with tick_size and lot_size',
        "strategies": '[strategies.NAME] with class = "module:Class"',
    }
    for name, hint in hints.items():
        if not getattr(config, name):
            raise ConfigError(f"[{name}] is empty: add {hint}")


def _check_mode(config: Config) -> None:
    if config.run.mode != "live":
        return
    lacking = [f"[risk] {name}" for name in _LIVE_LIMITS if getattr(config.risk, name) is None]
    parts = ["durable recovery, which this version does not have yet", *lacking]
    raise ConfigError(
        f"[run] mode = 'live' trades real money and cannot run: it needs {', '.join(parts)};"
        " use 'testnet', 'paper' or 'backtest'"
    )


def _check_feed(config: Config) -> None:
    account = config.feed.account
    if account is None and len(config.accounts) > 1:
        raise ConfigError(f"[feed] lacks 'account': which of {', '.join(config.accounts)} it is a feed of")
    if account is not None and account not in config.accounts:
        raise ConfigError(f"[feed] account {account!r} is not an account{nearest(account, config.accounts)}")
    mode, feed = config.run.mode, config.feed
    if mode != "backtest" and isinstance(feed, CaptureFeed):
        raise ConfigError(
            f"[run] mode = {mode!r} runs on the wall clock and a capture does not: use mode = 'backtest'"
        )
    if mode == "backtest" and isinstance(feed, CcxtFeed):
        raise ConfigError(
            "[run] mode = 'backtest' needs data that have happened: record this feed with mode = 'paper',"
            " or use a capture or the synthetic market"
        )
    if mode == "testnet" and not isinstance(feed, CcxtFeed):
        raise ConfigError("[run] mode = 'testnet' trades at the venue and needs its market: type = 'ccxt'")
    if isinstance(feed, CcxtFeed):
        _check_venue_feed(config)


def _check_venue_feed(config: Config) -> None:
    if len(config.accounts) > 1:
        raise ConfigError(f"[feed] type = 'ccxt' serves one account, not {', '.join(config.accounts)}")
    record = getattr(config.feed, "record", None)
    if record is not None and len(config.instruments) > 1:
        raise ConfigError(
            f"[feed] record: a recording holds one instrument, not {', '.join(config.instruments)}"
        )


def _feed(config: Config, folder: Path | None) -> Any:
    name = "path" if isinstance(config.feed, CaptureFeed) else "record"
    return msgspec.structs.replace(config.feed, **{name: _beside(folder, getattr(config.feed, name))})


def _beside(folder: Path | None, path: str | None) -> str | None:
    """A path of the config as an absolute one; without a folder it stays as it is."""
    return path if folder is None or path is None else str((folder / path).absolute())
