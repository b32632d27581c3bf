"""Rows as tables: for the terminal, and for the page in docs."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.table import Table
from sections import Row

MARK = "<!-- figures: written by benches/bars/run.py --page -->"
WORDS = {True: "met", False: "missed", None: ""}


def cells(row: Row) -> tuple[str, str, str, str, str]:
    """What was measured, what was found, what was asked, whether it is met, and the detail."""
    bounds = ((">=", row.least), ("<=", row.most))
    asked = "".join(f"{sign} {bound:g}" for sign, bound in bounds if bound is not None)
    found = "-" if row.value is None else f"{row.value:,.4g} {row.unit}".rstrip()
    return row.name, found, asked, WORDS[row.is_met], row.detail


def of(title: str, rows: Iterable[Row]) -> Table:
    """A table for the terminal."""
    table = Table(title=title, title_justify="left", width=128)
    table.add_column("what")
    table.add_column("found", justify="right", no_wrap=True)
    table.add_column("asked", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("detail")
    for row in rows:
        table.add_row(*cells(row))
    return table


def put_into(page: Path, found: Mapping[str, Iterable[Row]]) -> None:
    """Puts the figures in place of those after the page's mark."""
    before, mark, _ = page.read_text(encoding="utf-8").partition(MARK)
    if not mark:
        raise SystemExit(f"{page}: expected the line {MARK}")
    lines = [before.rstrip("\n"), "", MARK]
    for title, rows in found.items():
        lines += ["", f"### {title}", "", "| what | found | asked | | detail |", "|---|---:|---:|---|---|"]
        lines += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    page.write_text("\n".join([*lines, ""]), encoding="utf-8")
