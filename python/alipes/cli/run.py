"""``alipes run``: a config file, or a recording replayed through one strategy."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from alipes.cli.console import Flag, Signed, Text  # noqa: TC001 - cyclopts reads the annotations
from alipes.cli.execute import execute, search_folder
from alipes.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alipes.config import Config


def run(
    config: Path | None = None,
    /,
    *,
    replay: Path | None = None,
    strategy: Text = None,
    venue: Text = None,
    instrument: Text = None,
    tick: Text = None,
    lot: Text = None,
    fees: Signed = None,
    balance: Signed = None,
    latency: Signed = None,
    param: Annotated[list[str] | None, Parameter(negative=())] = None,
    out: Path | None = None,
    json: Flag = False,
) -> int:
    """Run a config, or replay a recording through one strategy.

    Args:
        config: Config file (TOML); it says everything, only --out and --json go with it.
        replay: Recording to replay instead; the flags below describe it.
        strategy: Strategy as module:Class, also from the current folder.
        venue: Venue id, such as binanceusdm. A recording made by Alipes carries these four.
        instrument: Symbol, such as BTC/USDT:USDT.
        tick: Price step, such as 0.1.
        lot: Size step, such as 0.001.
        fees: MAKER,TAKER rates, such as -0.0001,0.0005 (a rebate); 0.0002,0.0005 by default.
        balance: Opening balance in the settle asset; 100000 by default.
        latency: ENTRY,RESPONSE of the simulated exchange in ms, or one number for both; 5,5 by default.
        param: Strategy parameter as name=value; may be repeated.
        out: New folder for fills, orders and equity (Parquet), the summary and the config.
        json: Print the summary as JSON.
    """
    market = {"venue": venue, "instrument": instrument, "tick": tick, "lot": lot}
    terms = {"fees": fees, "balance": balance, "latency": latency}
    if config is not None and replay is None:
        loaded = _from_file(config, {"strategy": strategy, **market, **terms, "param": param})
    else:
        loaded = _from_flags(None if config else replay, strategy, market, terms, param or [])
    return execute(loaded, out=out, as_json=json)


def _from_file(path: Path, flags: Mapping[str, object]) -> Config:
    from alipes.config import load

    given = [f"--{name}" for name, value in flags.items() if value is not None]
    if given:
        raise ConfigError(f"{' and '.join(given)} goes with --replay: with a config file, say it in {path}")
    loaded = load(path)
    search_folder(path.parent)
    return loaded


def _from_flags(
    capture: Path | None,
    strategy: str | None,
    market: Mapping[str, str | None],
    terms: Mapping[str, str | None],
    params: list[str],
) -> Config:
    from alipes.cli.replay import market_of, replay_config

    if capture is None:
        raise ConfigError("alipes run takes either a config file or --replay CAPTURE")
    if strategy is None:
        raise ConfigError("alipes run --replay needs --strategy module:Class")
    return replay_config(capture, market_of(capture, market), strategy=strategy, params=params, **terms)
