"""The flags of ``alipes run --replay`` as a config; what no flag says, a recording made by Alipes does."""

from __future__ import annotations

import tomllib
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from alipes import config
from alipes.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_HEADER = {"venue": "venue", "instrument": "instrument", "tick": "tick_size", "lot": "lot_size"}


def market_of(capture: Path, flags: Mapping[str, str | None]) -> dict[str, str]:
    """Venue, instrument, tick and lot of a capture: the flags, else the recording's own header.

    Args:
        capture: the recording.
        flags: ``venue``, ``instrument``, ``tick`` and ``lot`` as given, None where absent.

    Raises:
        ConfigError: neither says it (the message names every missing flag), a flag is empty or contradicts
            the header, or the venue does not trade such an instrument.
    """
    from alipes._core import CaptureReader

    header = CaptureReader(capture).header or {}
    for name, key in _HEADER.items():
        _check_flag(capture, name, flags[name], header.get(key))
    found = {name: flags[name] or header.get(key) for name, key in _HEADER.items()}
    missing = [f"--{name}" for name, value in found.items() if value is None]
    if missing:
        flags_needed = " and ".join(missing)
        raise ConfigError(
            f"{capture} needs {flags_needed}: it has no header, as a recording made by Alipes has"
        )
    market = {name: str(value) for name, value in found.items()}
    config.check_venue(market["instrument"], market["venue"])
    return market


def _check_flag(capture: Path, name: str, flag: str | None, said: object) -> None:
    if flag is None:
        return
    if not flag.strip():
        raise ConfigError(f"--{name} {flag!r}: expected a value")
    if said is not None and not _is_same(flag, str(said)):
        raise ConfigError(
            f"--{name} {flag} contradicts the header of {capture}, which says {said}: leave the flag out"
        )


def _is_same(flag: str, said: str) -> bool:
    try:
        return Decimal(flag) == Decimal(said)
    except InvalidOperation:
        return flag == said


def replay_config(
    capture: Path,
    market: Mapping[str, str],
    *,
    strategy: str,
    params: Sequence[str] = (),
    fees: str | None = None,
    balance: str | None = None,
    latency: str | None = None,
) -> config.Config:
    """The config of a replay.

    Args:
        capture: the recording.
        market: venue, instrument, tick and lot.
        strategy: ``module:Class``.
        params: ``name=value`` for the strategy.
        fees: ``MAKER,TAKER`` rates; 0.0002,0.0005 if None.
        balance: opening balance in the settle asset.
        latency: ``ENTRY,RESPONSE`` in ms, or one number for both.

    Raises:
        ConfigError: a value has another form.
    """
    run: dict[str, Any] = {"mode": "backtest"}
    if latency is not None:
        both = latency if "," in latency else f"{latency},{latency}"
        run["latency_ms"] = [
            _number(each, "--latency") for each in _pair(both, "--latency", "ENTRY,RESPONSE")
        ]
    name = strategy.rpartition(":")[2].lower() or "strategy"
    tables = {
        "run": run,
        "accounts": {market["venue"]: _account(market["venue"], fees, balance)},
        "instruments": {market["instrument"]: {"tick_size": market["tick"], "lot_size": market["lot"]}},
        "feed": {"type": "capture", "path": str(capture.absolute())},
        "strategies": {name: {"class": strategy, "params": dict(map(parameter, params))}},
    }
    return config.from_tables(tables, source="alipes run --replay")


def _account(venue: str, fees: str | None, balance: str | None) -> dict[str, Any]:
    account: dict[str, Any] = {"venue": venue}
    if balance is not None:
        account["balance"] = balance
    if fees is not None:
        account["fees"] = dict(zip(("maker", "taker"), _pair(fees, "--fees", "MAKER,TAKER"), strict=True))
    return account


def parameter(text: str) -> tuple[str, Any]:
    """Read ``name=value``; the value is TOML (a number, true, a list) where it parses as such, else text.

    Raises:
        ConfigError: there is no name or no value.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise ConfigError(f"--param {text!r}: expected name=value")
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name, value


def _pair(text: str, flag: str, form: str) -> tuple[str, str]:
    parts = text.split(",")
    if len(parts) != 2:
        raise ConfigError(f"{flag} {text!r}: expected {form}")
    return parts[0].strip(), parts[1].strip()


def _number(text: str, flag: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ConfigError(f"{flag} {text!r}: expected a number of milliseconds") from error
