"""The ladder: prices in a column, sizes as bars, our own quotes and the queue ahead of them beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from alipes.cli.panel.snapshot import OwnQuote, Snapshot

_EIGHTHS = " ▏▎▍▌▋▊▉"


def ladder(shot: Snapshot, *, depth: int, bar_width: int) -> Table:
    """The ladder, asks above bids, with a row for the spread between.

    Args:
        shot: what to show.
        depth: price levels a side; a short book leaves blank rows, so that the panel stands still.
        bar_width: cells of the longest bar.
    """
    grid = Table.grid(padding=(0, 1), expand=True)
    for justify in ("right", "right", "left", "left"):
        grid.add_column(justify=justify, no_wrap=True)
    asks, bids = shot.asks[:depth], shot.bids[:depth]
    largest = max((size for _, size in (*asks, *bids)), default=0.0)
    own = {(quote.side, f"{quote.price:.{shot.digits}f}"): quote for quote in shot.own}

    def level(side: str, price: float, size: float) -> tuple[Text, ...]:
        text = f"{price:.{shot.digits}f}"
        quote = own.get((side, text))
        color = "green" if side == "buy" else "red"
        shown = Text(text, style=f"bold {color}" if quote else color)
        return (Text(f"{size:.3f}"), shown, bar(size, largest, color, bar_width), _mark(quote))

    for _ in range(depth - len(asks)):
        grid.add_row("")
    for price, size in reversed(asks):
        grid.add_row(*level("sell", price, size))
    grid.add_row(*_spread(shot))
    for price, size in bids:
        grid.add_row(*level("buy", price, size))
    for _ in range(depth - len(bids)):
        grid.add_row("")
    return grid


def bar(size: float, largest: float, color: str, width: int) -> Text:
    """A bar of at most `width` cells, in steps of an eighth of a cell."""
    eighths = round(8 * width * size / largest) if largest else 0
    full, rest = divmod(eighths, 8)
    return Text(("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width), style=f"dim {color}")


def _mark(quote: OwnQuote | None) -> Text:
    if quote is None:
        return Text("")
    where = "sent" if quote.ahead is None else "first" if quote.ahead == 0 else f"{quote.ahead:.3f} ahead"
    return Text.assemble((f"◀ {quote.leaves:g}", "bold yellow"), (f" {where}", "yellow"))


def _spread(shot: Snapshot) -> tuple[Text, ...]:
    if not shot.asks or not shot.bids:
        return (Text(""), Text("no market", style="dim"))
    spread = shot.asks[0][0] - shot.bids[0][0]
    return (Text("spread", style="dim"), Text(f"{spread:.{shot.digits}f}", style="dim"), Text(""), Text(""))
