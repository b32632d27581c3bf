"""The summary as text for people: rich tables, one idea each. What is zero and says nothing is left out."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from alipes.report.summary import PositionRow, Summary

NS_PER_S = 1_000_000_000

_ALWAYS = {"messages", "gaps", "resyncs"}
"""Counters of the feed that say something even when they are zero."""

_STATES = {"filled": "green", "denied": "red", "rejected": "red", "unknown": "bold red", "expired": "yellow"}


def summary_view(summary: Summary) -> Group:
    """Everything the summary holds, ready to print."""
    counts = Table.grid(padding=(0, 5, 0, 0))
    counts.add_row(_market(summary), _orders(summary), _flows(summary))
    parts = [_run(summary), counts, *_positions(summary), _speed(summary)]
    spaced = [piece for part in parts for piece in (part, Text())]
    return Group(*spaced, *_warnings(summary))


def amount(value: Decimal | float | None, digits: int = 2) -> str:
    """A number with thousands separators; a dash for None."""
    return "-" if value is None else f"{value:,.{digits}f}"


def exact(value: Decimal | None) -> str:
    """A decimal in full, without trailing zeros; a dash for None."""
    if value is None:
        return "-"
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def gain(value: Decimal, digits: int = 2) -> str:
    """A number with its sign; what rounds to zero has none."""
    text = f"{value:+,.{digits}f}"
    return text if text.strip("+-0.,") else text[1:]


def signed(value: Decimal, digits: int = 2) -> Text:
    """A gain in green, a loss in red."""
    text = gain(value, digits)
    return Text(text, style={"+": "green", "-": "red"}.get(text[0], ""))


def duration(nanoseconds: float) -> str:
    """A time in the unit that reads best."""
    for limit, unit, scale in ((1e3, "ns", 1.0), (1e6, "µs", 1e3), (1e9, "ms", 1e6)):
        if nanoseconds < limit:
            return f"{nanoseconds / scale:.3g} {unit}"
    return f"{nanoseconds / NS_PER_S:,.3g} s"


def _grid(title: str, *columns: str) -> Table:
    """A table under a title: labels on the left, numbers on the right; without column names, no header."""
    has_header = any(columns)
    grid = Table(title=title, title_justify="left", title_style="bold cyan", box=None, show_header=has_header)
    for index, column in enumerate(columns):
        grid.add_column(Text(column, style="dim"), justify="right" if index else "left", no_wrap=True)
    return grid


def _run(summary: Summary) -> Table:
    run = summary["run"]
    grid = _grid("Run", "", "")
    for name in ("mode", "venue", "instruments", "strategies", "feed", "seed"):
        if run.get(name) is not None:
            grid.add_row(name, _listed(run[name]))
    if run.get("first") is not None and run.get("last") is not None:
        grid.add_row("market time", f"{(run['last'] - run['first']) / NS_PER_S:,.1f} s")
    grid.add_row("decisions", f"{summary['decisions']:,}")
    return grid


def _market(summary: Summary) -> Table:
    grid = _grid("Market data", "", "")
    for name, count in summary["market"].items():
        if count or name in _ALWAYS:
            grid.add_row(name.replace("_", " "), f"{count:,}")
    return grid


def _listed(value: Any) -> str:
    return "\n".join(map(str, value)) if isinstance(value, (list, tuple)) else PurePath(str(value)).name


def _orders(summary: Summary) -> Table:
    orders = summary["orders"]
    grid = _grid("Orders", "", "")
    for state, count in orders["by_state"].items():
        grid.add_row(Text(state.replace("_", " "), style=_STATES.get(state, "")), f"{count:,}")
    for code, count in orders["denied"].items():
        grid.add_row(Text(f"  {code}"), Text(f"{count:,}", style="dim"))
    grid.add_row("all", f"{orders['total']:,}")
    return grid


def _flows(summary: Summary) -> Table:
    grid = _grid("Fills", "", "fills", "volume", "notional")
    for name in ("maker", "taker"):
        flow = summary[name]
        grid.add_row(name, f"{flow['fills']:,}", exact(flow["volume"]), amount(flow["notional"]))
    return grid


def _positions(summary: Summary) -> Iterable[Table]:
    held: list[PositionRow] = summary["positions"]
    if held:
        grid = _grid("Positions", "", "size", "average price", "realized", "unrealized")
        for row in held:
            grid.add_row(
                f"{row['strategy']} {row['instrument']}",
                exact(row["size"]),
                amount(row["average_price"]),
                signed(row["realized"]),
                "-" if row["unrealized"] is None else signed(row["unrealized"]),
            )
        yield grid
    grid = _grid("Profit and loss", "asset", "realized", "unrealized", "fees", "net")
    for asset, pnl in summary["pnl"].items():
        shown = (signed(pnl["realized"]), signed(pnl["unrealized"]), amount(pnl["fees"]), signed(pnl["net"]))
        grid.add_row(asset, *shown)
    yield grid


def _speed(summary: Summary) -> Table:
    measured = summary["measured"]
    rate = f"{measured['wall_seconds']:.2f} s, {measured['messages_per_second']:,.0f} messages a second"
    grid = _grid(f"Measured, {rate}", "", "samples", "p50", "p99", "p99.9", "max")
    for name, found in measured["latency"].items():
        points = (found.get(f"{point}_us") for point in ("p50", "p99", "p99.9", "max"))
        shown = ("-" if point is None else duration(point * 1e3) for point in points)
        grid.add_row(name.replace("_", " "), f"{found.get('count', 0):,}", *shown)
    return grid


def _warnings(summary: Summary) -> Iterable[Text]:
    for message in summary["warnings"]:
        yield Text(f"WARNING {message}", style="bold red")
    for name, message in summary["faults"].items():
        yield Text(f"FAULTED {name}: {message}", style="bold red")
    for scope, message in summary["restrictions"].items():
        yield Text(f"RESTRICTED {scope}: {message}", style="bold red")
