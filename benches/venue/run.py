"""Measures the venue under load: fan-out, lag, speed of its clock, round trips of orders.

    python benches/venue/run.py [--quick] [--page]

The venue is a process held on one core, its clients are another on another. Prints what is asked beside what
was found, and as the last line one JSON object. A missed figure is told, not an error, since machines differ.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "benchmarks-venue.md"
MARKER = "<!-- figures -->"
BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"
CLIENTS = 20
ASKED_RATE = 25_000.0
ASKED_LAG_MS = 5.0
ASKED_SPEED = 100.0
FASTEST = 1e6
"""A speed that no market keeps up with: the venue plays as fast as it can."""
MARGIN = 1.2
"""Over the rate that is asked for: a market is now livelier, now calmer."""
SETTLE_S = 0.5
WARM_UP = 20
PUBLIC = ("depth@100ms", "bookTicker", "trade")
MARKET = ("aggTrade", "kline_1m", "markPrice@1s", "ticker")


@dataclass(frozen=True)
class Row:
    """A figure: its key, what it is, its value, and what is asked of it."""

    key: str
    what: str
    value: float
    asked: str = ""
    is_met: bool | None = None


class Host:
    """A running venue: its addresses and clock in `told`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.told: dict[str, Any] = self._line()

    def figures(self) -> dict[str, float]:
        """What it has used and played so far."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout
        line: dict[str, Any] = json.loads(self._process.stdout.readline())
        return line


@contextmanager
def started(**config: Any) -> Iterator[Host]:
    """A venue while the ``with`` block lasts."""
    command = [sys.executable, str(HERE / "host.py"), json.dumps(config)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Host(process)
            assert process.stdin
            process.stdin.close()
            process.wait(30)
        finally:
            process.kill()


def paths(symbols: tuple[str, ...]) -> list[str]:
    """Paths that clients take in turn: the second of five is on ``/market``, the others on ``/public``."""
    ids = [symbol.split(":")[0].replace("/", "").lower() for symbol in symbols]
    public, market = (
        f"/{name}/ws/" + "/".join(f"{each}@{kind}" for each in ids for kind in kinds)
        for name, kinds in (("public", PUBLIC), ("market", MARKET))
    )
    return [public, market, public, public, public]


def listen(
    host: Host, symbols: tuple[str, ...], seconds: float, *, clients: int = CLIENTS, lag: bool = False
) -> dict[str, float]:
    """Clients that listen for a time: what they saw, and what the venue used and played meanwhile."""
    name, port = host.told["rest"].removeprefix("http://").split(":")
    asked = {
        "host": name,
        "port": int(port),
        "paths": paths(symbols),
        "clients": clients,
        "seconds": seconds,
        "settle_s": SETTLE_S,
        "clock": host.told,
        "with_lag": lag,
    }
    command = [sys.executable, str(HERE / "listeners.py"), json.dumps(asked)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()  # they are ready
        before = host.figures()
        seen: dict[str, float] = json.loads(process.stdout.readline())
        after = host.figures()
    return seen | {key: after[key] - before[key] for key in after}


def fan_out(seconds: float) -> Iterator[Row]:
    """Deliveries a second at full speed; then at the asked rate and half of it, paced by the clock."""
    symbols = (BTC, ETH)
    with started(symbols=symbols, speed=FASTEST) as host:
        found = listen(host, symbols, seconds)
    rate = found["deliveries"] / found["wall_s"]
    yield Row(
        "deliveries_per_s",
        "Deliveries a second to 20 clients, as fast as it can",
        rate,
        "≥ 25,000",
        rate >= ASKED_RATE,
    )
    yield Row(
        "deliveries_per_cpu_s",
        "The same for a second of the venue's CPU",
        found["deliveries"] / found["cpu_s"],
    )
    per_played_s = found["deliveries"] / found["played_s"]
    for name, target in (("full", ASKED_RATE), ("half", ASKED_RATE / 2)):
        with started(symbols=symbols, speed=target * MARGIN / per_played_s) as host:
            found = listen(host, symbols, seconds, lag=True)
        yield from _paced(name, target, found)


def _paced(name: str, target: float, found: dict[str, float]) -> Iterator[Row]:
    text = f"At {target:,.0f} deliveries a second"
    rate = found["received_per_s"]
    yield Row(f"{name}.deliveries_per_s", f"{text}: received", rate, f"≥ {target:,.0f}", rate >= target)
    yield Row(f"{name}.core", f"{text}: share of the core", found["cpu_s"] / found["wall_s"])
    yield Row(f"{name}.lag_p50_ms", f"{text}: median lag, ms", found["p50_ms"])
    is_asked = name == "half"
    yield Row(
        f"{name}.lag_p99_ms",
        f"{text}: lag of the 99th percentile, ms",
        found["p99_ms"],
        f"≤ {ASKED_LAG_MS:g}" if is_asked else "",
        found["p99_ms"] <= ASKED_LAG_MS if is_asked else None,
    )
    yield Row(
        f"{name}.evicted",
        f"{text}: times that others took the core, a second",
        found["evicted"] / found["wall_s"],
    )


def acceleration(seconds: float, markets: tuple[tuple[str, ...], ...]) -> Iterator[Row]:
    """Venue seconds in a real second, with and without clients."""
    for symbols in markets:
        for clients in (0, 3):
            with started(symbols=symbols, speed=FASTEST) as host:
                found = listen(host, symbols, seconds, clients=clients)
            key = f"speed.{len(symbols)}_symbols.{clients}_clients"
            text = f"Symbols: {len(symbols)}, clients: {clients}: times real time"
            speed = found["played_s"] / found["wall_s"]
            yield Row(key, text, speed, f"≥ {ASKED_SPEED:g}", speed >= ASKED_SPEED)
            yield Row(f"{key}.per_cpu_s", f"{text}, for a second of CPU", found["played_s"] / found["cpu_s"])


def round_trips(count: int) -> Iterator[Row]:
    """Orders placed and cancelled, one after the other."""
    with started(symbols=(BTC,), speed=1) as host:
        asked = {**host.told, "count": count, "warm_up": WARM_UP}
        command = [sys.executable, str(HERE / "orders.py"), json.dumps(asked)]
        told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    yield from (
        Row(f"order.{key}", f"Round trip, {key.replace('.', ', ')}", value) for key, value in told.items()
    )
    with started(symbols=(BTC,), speed=0) as host:
        before, began = host.figures(), dict(host.told)
        command[-1] = json.dumps({**began, "count": count, "warm_up": 0, "only": "aiohttp"})
        subprocess.run(command, capture_output=True, check=True)
        used = host.figures()["cpu_s"] - before["cpu_s"]
    yield Row("order.venue_cpu_ms", "CPU of the venue for one request, ms", used * 1e3 / (2 * count))


def main() -> int:
    """Measures, tells, and writes the page if asked."""
    parser = argparse.ArgumentParser(description="Measures the venue under load.")
    parser.add_argument("--quick", action="store_true", help="short, to try it out")
    parser.add_argument("--page", action="store_true", help=f"put the figures into docs/{PAGE.name}")
    asked = parser.parse_args()
    seconds, count = (0.5, 20) if asked.quick else (10.0, 1000)
    markets = ((BTC,),) if asked.quick else ((BTC,), (BTC, ETH))
    rows = [*fan_out(seconds), *acceleration(seconds, markets), *round_trips(count)]
    show(rows)
    if asked.page:
        put_into_page(rows)
    missed = [row.key for row in rows if row.is_met is False]
    figures = {row.key: round(row.value, 3) for row in rows}
    print(
        json.dumps(
            {"is_quick": asked.quick, "load": os.getloadavg()[0], "figures": figures, "missed": missed}
        )
    )
    return 0


def show(rows: list[Row]) -> None:
    """Prints the table."""
    table = Table(title="The venue under load")
    for name in ("figure", "asked", "found"):
        table.add_column(name, justify="left" if name == "figure" else "right")
    for row in rows:
        table.add_row(row.what, row.asked, written(row))
    Console(width=110).print(table)


def written(row: Row) -> str:
    """A value as tables show it."""
    value = f"{row.value:,.0f}" if row.value >= 100 else f"{row.value:.3g}"
    return value + (" (missed)" if row.is_met is False else "")


def put_into_page(rows: list[Row]) -> None:
    """Replaces what follows the page's marker by a table."""
    head = PAGE.read_text(encoding="utf-8").split(MARKER)[0]
    lines = ["| | asked | found |", "|---|---|---|"]
    lines += [f"| {row.what} | {row.asked} | {written(row)} |" for row in rows]
    PAGE.write_text("\n".join([head + MARKER, "", *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
