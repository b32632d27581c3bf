"""Measures backtests on bars: equality with vectorbt, then speed beside it, memory and scaling.

    python benches/bars/run.py [--quick] [--without-peers] [--page]

Prints tables, what is asked beside what was found, and as the last line one JSON object. The exit status is 1
where vectorbt disagrees; a missed figure is told, not an error, since machines differ.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import peer
import sections
import tables
from grids import dual_sma
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sections import QUICK, Row, Sizes
from walks import closes, flat

CONSOLE = Console(width=130)
PAGE = peer.ROOT / "docs" / "benchmarks-bars.md"
TITLES = {
    "vectorbt": "Dual-SMA grid beside vectorbt, one core",
    "shapes": "Other graphs without stops, one core: how many times slower than the dual SMA",
    "stops": "ATR stops at the next open, one core",
    "memory": "A large sweep on two cores",
    "passes": "One pass, one core",
    "scaling": "Scaling",
}


def main() -> int:
    """Measures section by section; returns the exit status."""
    parser = argparse.ArgumentParser(description="Measures backtests on bars.")
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it out")
    parser.add_argument("--without-peers", action="store_true", help="leave vectorbt and equality out")
    parser.add_argument("--page", action="store_true", help=f"put the figures into docs/{PAGE.name}")
    asked = parser.parse_args()
    sizes = QUICK if asked.quick else Sizes()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(sizes, Path(folder), with_peers=not asked.without_peers)
    if asked.page:
        tables.put_into(PAGE, {TITLES[title]: rows for title, rows in found.items()})
    told: dict[str, Any] = {title: sections.as_json(rows) for title, rows in found.items()}
    every = [row for rows in found.values() for row in rows]
    missed = [row.key for row in every if row.is_met is False]
    print(json.dumps({"is_quick": asked.quick, **told, "missed": missed}))
    return 0


def measure(sizes: Sizes, folder: Path, *, with_peers: bool) -> dict[str, list[Row]]:
    """The rows of every section, with a bar for those who wait."""
    found: dict[str, list[Row]] = {}
    columns = (TextColumn("{task.description:40}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=CONSOLE, transient=True) as progress:
        task = progress.add_task("", total=len(TITLES))

        def section(title: str, rows: Callable[[], Iterable[Row]]) -> None:
            progress.update(task, description=TITLES[title].split(",")[0])
            found[title] = []
            for row in rows():
                found[title].append(row)
                progress.update(task, description=row.name[:40])
            CONSOLE.print(tables.of(TITLES[title], found[title]))
            progress.advance(task)

        section("vectorbt", lambda: beside_vectorbt(sizes, folder, with_peers=with_peers))
        rate = next(row.value for row in found["vectorbt"] if row.key == "rate") or 1.0
        section("shapes", lambda: sections.shapes(sizes, rate))
        section("stops", lambda: sections.stops(sizes))
        section("memory", lambda: sections.memory(sizes, folder))
        section("passes", lambda: sections.passes(sizes))
        section("scaling", lambda: sections.scaling(sizes))
    return found


def beside_vectorbt(sizes: Sizes, folder: Path, *, with_peers: bool) -> Iterable[Row]:
    """Equality first, then times: ours before and after vectorbt's, the better one counts."""
    grid = dual_sma()
    answers: dict[str, Any] = {}
    if with_peers:
        work = {
            "windows": list(grid.params["fast"]),
            "fees": grid.options["fees_bps"] / 1e4,
            "cash": grid.options["cash"],
            "single_bars": sizes.backtesting_bars,
            "rounds": sizes.peer_rounds,
        }
        answers = peer.ask(closes(sizes.bars), work, folder)
        yield equality(grid.run(flat(sizes.bars)), answers)
    timing, work_done = sections.headline(sizes)
    rate = timing.rate(work_done)
    name = f"{work_done // sizes.bars} combinations x {sizes.bars:,} bars, from raw arrays"
    yield Row("rate", name, rate, "M/s", sections.told(timing), least=250)
    yield from sections.own_terms(sizes)
    if answers:
        theirs = answers["vectorbt_s"]
        peak = f"{answers['vectorbt_peak_mb']:,.0f} MB at most"
        detail = f"{theirs:.1f} s, {work_done / theirs / 1e6:.2f} M/s, {peak}"
        name = "times as fast as vectorbt (rust)"
        yield Row("times_vectorbt", name, theirs / timing.wall, "x", detail, least=250)
        one = sizes.backtesting_bars / answers["backtesting_s"] / 1e6
        name = "times as fast as backtesting.py, a bar"
        yield Row("times_backtesting", name, rate / one, "x", f"{one:.3f} M/s")
    yield from sections.floor(sizes, work_done // sizes.bars, folder)


def equality(swept: Any, answers: dict[str, Any]) -> Row:
    """The largest difference from vectorbt; ends the program where one is beyond 1e-9."""
    largest, beyond = peer.differences(swept, answers)
    if beyond:
        print("\n".join(beyond[:50]))
        print(json.dumps({"equality": "failed", "beyond_1e-9": len(beyond), "largest": largest}))
        sys.exit(1)
    detail = ", ".join(f"{name} {apart:.1e}" for name, apart in largest.items())
    name = f"largest difference from vectorbt, {len(swept)} combinations"
    return Row("difference", name, max(largest.values()), "", detail, most=peer.TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())
