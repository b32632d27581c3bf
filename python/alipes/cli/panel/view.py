"""The panel drawn from a snapshot: the ladder with our quotes; money, fills and speed beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from alipes.cli.panel.ladder import ladder
from alipes.report.render import amount, duration, exact, gain, signed

if TYPE_CHECKING:
    from decimal import Decimal

    from rich.console import RenderableType

    from alipes.cli.panel.snapshot import FillLine, Snapshot

_SPARKS = "▁▂▃▄▅▆▇█"
_NARROW = 76
_SIDE = {"buy": "green", "sell": "red"}


def panel(shot: Snapshot, *, width: int = 100, height: int = 24) -> RenderableType:
    """The whole panel.

    Args:
        shot: what to show.
        width: columns of the terminal; below 76 the parts stand one below the other.
        height: rows of the terminal; they set how many price levels and fills are shown.
    """
    depth = max(3, min(12, (height - 6) // 2))
    head = _head(shot, max(6, min(24, width - 66)))
    book = _framed(ladder(shot, depth=depth, bar_width=max(4, min(14, width - 84))), "book", _state(shot))
    fills = _framed(_fills(shot, max(3, 2 * depth - 14)), "fills")
    right = Group(
        _framed(_money(shot), "account", _spark(shot.equity)), fills, _framed(_speed(shot), "engine")
    )
    if width < _NARROW:
        return Group(head, book, right, _foot(shot))
    body = Table.grid(expand=True, padding=0)
    body.add_column(ratio=10)
    body.add_column(ratio=8)
    body.add_row(book, right)
    return Group(head, body, _foot(shot))


def _foot(shot: Snapshot) -> Text:
    if shot.warnings:
        return Text(f"  {'; '.join(shot.warnings)}", style="bold red", no_wrap=True, overflow="ellipsis")
    return Text("  Ctrl-C ends it and shows the results", style="dim")


def line(shot: Snapshot) -> str:
    """The snapshot as one plain line, for a log or a pipe."""
    bid = f"{shot.bids[0][0]:,.{shot.digits}f}" if shot.bids else "-"
    ask = f"{shot.asks[0][0]:,.{shot.digits}f}" if shot.asks else "-"
    fills = shot.counts.get("maker fills", 0) + shot.counts.get("taker fills", 0)
    return (
        f"{shot.elapsed_s:6.1f} s  {bid} / {ask}  position {exact(shot.position)} {shot.base}  "
        f"net {gain(shot.net)} {shot.quote}  fills {fills}  {_latency_text(shot)}"
    ).rstrip()


def _latency_text(shot: Snapshot) -> str:
    return "  ".join(f"{name} {duration(median)}" for name, (median, _) in shot.latency.items())


def _framed(body: RenderableType, title: str, note: Text | None = None) -> Panel:
    heading = Text.assemble(" ", (title, "bold"), " ", note or "", " " if note else "")
    return Panel(body, title=heading, title_align="left", border_style="bright_black", padding=(0, 1))


def _head(shot: Snapshot, bar_width: int) -> RenderableType:
    grid = Table.grid(expand=True, padding=(0, 1))
    grid.add_column(no_wrap=True, ratio=1)
    grid.add_column(width=bar_width)
    grid.add_column(no_wrap=True, justify="right")
    name = Text.assemble(
        ("alipes ", "bold cyan"), (shot.title, "bold"), (f"  {shot.place}  {shot.mode}", "dim")
    )
    if shot.total_s is None:
        grid.add_row(name, "", Text(f"{shot.elapsed_s:.1f} s", style="dim"))
        return grid
    bar = ProgressBar(total=shot.total_s, completed=shot.elapsed_s, complete_style="cyan")
    grid.add_row(name, bar, Text(f"{shot.elapsed_s:.1f} / {shot.total_s:.0f} s", style="dim"))
    return grid


def _state(shot: Snapshot) -> Text:
    return Text(f"● {shot.state}", style="green" if shot.state == "synced" else "bold yellow")


def _money(shot: Snapshot) -> RenderableType:
    grid = _pairs()
    entry = "" if shot.average_price is None else f" @ {amount(shot.average_price, shot.digits)}"
    grid.add_row("position", Text(f"{exact(shot.position)} {shot.base}{entry}", style=_tilt(shot.position)))
    grid.add_row("realized", signed(shot.realized))
    grid.add_row("unrealized", Text("-") if shot.unrealized is None else signed(shot.unrealized))
    grid.add_row("fees", f"{shot.fees:,.2f}")
    grid.add_row("net", Text.assemble(signed(shot.net), f" {shot.quote}"))
    return grid


def _tilt(position: Decimal) -> str:
    return "" if not position else "green" if position > 0 else "red"


def _spark(values: list[float], width: int = 20) -> Text:
    if len(values) < 2:
        return Text("")
    step = max(1, len(values) // width)
    shown = values[::-step][:width][::-1]
    low, high = min(shown), max(shown)
    scale = (len(_SPARKS) - 1) / (high - low) if high > low else 0.0
    return Text("".join(_SPARKS[int((value - low) * scale)] for value in shown), style="cyan")


def _fills(shot: Snapshot, rows: int) -> RenderableType:
    grid = Table.grid(padding=(0, 1), expand=True)
    for justify in ("right", "left", "right", "right", "left"):
        grid.add_column(justify=justify, no_wrap=True)
    for fill in shot.fills[:rows]:
        grid.add_row(*_fill_cells(fill, shot.digits))
    if not shot.fills:
        grid.add_row(Text("none yet", style="dim"))
    for _ in range(rows - max(1, len(shot.fills))):
        grid.add_row("")
    return grid


def _fill_cells(fill: FillLine, digits: int) -> tuple[Text, ...]:
    side = _SIDE.get(fill.side, "")
    return (
        Text(f"{fill.at_s:.1f} s", style="dim"),
        Text(fill.side, style=side),
        Text(exact(fill.size)),
        Text(amount(fill.price, digits)),
        Text("maker" if fill.is_maker else "taker", style="dim"),
    )


def _speed(shot: Snapshot) -> RenderableType:
    grid = Table.grid(padding=(0, 1), expand=True)
    for justify in ("left", "right", "right"):
        grid.add_column(justify=justify, style="dim", no_wrap=True)
    grid.add_row("", "p50", "p99")
    for name, (median, tail) in shot.latency.items():
        grid.add_row(name, Text(_short(median), style="not dim bold"), _short(tail))
    counts = Table.grid(padding=(0, 3, 0, 0))
    cells = [f"{name} {count:,}" for name, count in shot.counts.items()]
    for row in batched(cells):
        counts.add_row(*row)
    return Group(grid, counts)


def _short(nanoseconds: float) -> str:
    """A time in at most three digits, so that the numbers stand still."""
    number, unit = duration(nanoseconds).split()
    return f"{float(number):.0f} {unit}" if len(number) > 3 else f"{number} {unit}"


def batched(cells: list[str], columns: int = 2) -> list[list[str]]:
    """The cells in rows."""
    return [cells[start : start + columns] for start in range(0, len(cells), columns)]


def _pairs() -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="dim")
    grid.add_column()
    return grid
