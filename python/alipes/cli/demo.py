"""``alipes demo``: a quoter on the synthetic market, watched live."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.table import Table
from rich.text import Text

from alipes.cli.console import Flag, log_to_stderr, output
from alipes.cli.files import check_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from alipes.config import Config
    from alipes.engine.result import EventResult

STRATEGY = "alipes.strategy.library:Quoter"
_PARAMS = {"size": "0.05", "max_position": "0.3", "half_spread_bps": 0.02, "skew_bps": 0.6, "step_bps": 0.02}
_FEES = {"maker": "-0.00005", "taker": "0.0005"}
"""Those of a market maker: half a basis point back on what rests."""


def demo(
    *,
    seconds: float = 30.0,
    seed: int = 3,
    record: Annotated[Path | None, Parameter(show_default=False)] = None,
    sockets: Flag = False,
    json: Flag = False,
) -> int:
    """Watch a quoter trade a synthetic market; needs no network and no keys.

    Args:
        seconds: How long it runs.
        seed: Seed of the market: the same seed gives the same market.
        record: File to record the market to (jsonl, or jsonl.gz).
        sockets: Trade on a local exchange through real sockets (`alipes venue`) instead of in process.
        json: Print the summary as JSON, and nothing else.
    """
    from alipes.cli.execute import exit_code, show
    from alipes.cli.watch import run_wall_clock
    from alipes.report.lines import five_lines

    if record is not None:
        check_file(record, "--record")
    console = output()
    log_to_stderr()
    if sockets:
        result = _through_sockets(seconds, seed, record, is_quiet=json, console=console)
    else:
        result = run_wall_clock(demo_config(seconds, seed, record), is_quiet=json, console=console)
    if json:
        show(result.summary, as_json=True)
        return exit_code(result.summary)
    console.print()
    fees = result.config.accounts["demo"].fees
    console.print(_results(five_lines(result.summary, fees.maker)))
    console.print("\nTry next", style="bold")
    for command in next_commands(record):
        console.print(Text(f"  {command}"), soft_wrap=True)
    return exit_code(result.summary)


def _through_sockets(
    seconds: float, seed: int, record: Path | None, *, is_quiet: bool, console: Console
) -> EventResult:
    """The same quoter on a local exchange, by the way that orders to a real one take."""
    from alipes.cli.watch import run_wall_clock
    from alipes.mockvenue import VenueConfig, VenueThread

    venue = VenueConfig(seed=seed, maker_fee=_FEES["maker"], taker_fee=_FEES["taker"])
    with VenueThread(venue) as local:
        addresses = local.addresses
        endpoints = {"https": addresses["rest"], "wss": addresses["stream"]}
        environ = {"ALIPES_DEMO_KEY": addresses["key"], "ALIPES_DEMO_SECRET": addresses["secret"]}
        config = demo_config(seconds, seed, record, endpoints)
        return run_wall_clock(config, is_quiet=is_quiet, console=console, environ=environ)


def _results(lines: list[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 0, 0, 2))
    for label, text in lines:
        grid.add_row(Text(label, style="bold cyan"), text)
    return grid


def demo_config(
    seconds: float, seed: int, record: Path | None, endpoints: Mapping[str, str] | None = None
) -> Config:
    """The config that the demo runs: a file like it is in examples/.

    Args:
        seconds: how long it runs.
        seed: of the market.
        record: where to record it to.
        endpoints: addresses of a local exchange; the simulated one in this process if None.
    """
    from alipes.config import from_tables

    feed: dict[str, Any] = (
        {"type": "synthetic", "depth_interval_ms": 50} if endpoints is None else {"type": "ccxt"}
    )
    feed["seconds"] = seconds
    if record is not None:
        feed["record"] = str(record)
    tables = {
        "run": {"mode": "paper" if endpoints is None else "testnet", "seed": seed, "latency_ms": [2, 2]},
        "accounts": {"demo": {"venue": "binanceusdm", "fees": _FEES, "endpoints": dict(endpoints or {})}},
        "instruments": {"BTC/USDT:USDT": {"tick_size": "0.1", "lot_size": "0.001"}},
        "feed": feed,
        "strategies": {"quoter": {"class": STRATEGY, "params": _PARAMS}},
        "risk": {"max_order_size": "1", "max_position": "1", "collar_bps": 50.0},
    }
    return from_tables(tables, source="alipes demo")


def next_commands(record: Path | None) -> list[str]:
    """Three commands that work as they stand, each on what the one before it left."""
    name = quote(str(record or "market.jsonl.gz"))
    first = "alipes demo --seconds 10 --seed 2" if record else f"alipes demo --seconds 10 --record {name}"
    return [
        first,
        f"alipes run --replay {name} --strategy {STRATEGY} --out results",
        f"alipes data columns {name} --columns ts_recv,mid,spread,ofi --every 100ms --out features.parquet",
    ]
