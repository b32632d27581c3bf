"""Runs the benchmark suites; prints a table and, as the last line, one JSON object of the same figures.

    python benches/run.py [pytest arguments, such as -k book]

The figure of a benchmark is the best round (the least disturbed one), divided by the work of a round where
the benchmark says what that is: ``benchmark.extra_info["unit"]`` and ``benchmark.extra_info["per_round"]``.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

BENCHES = Path(__file__).resolve().parent


def main() -> int:
    """Runs every suite and reports; returns pytest's exit status."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "benchmarks.json"
        command = [sys.executable, "-m", "pytest", str(BENCHES), "--quiet", "--no-header", "--timeout=0"]
        command += ["-o", "python_files=bench_*.py", "--benchmark-enable", f"--benchmark-json={out}"]
        command += ["--benchmark-disable-gc", "--benchmark-warmup=on", *sys.argv[1:]]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode != 0:
            print(done.stdout)
            return done.returncode
        rows = [figure(bench) for bench in json.loads(out.read_text())["benchmarks"]]
    show(rows)
    print(json.dumps({"unit": "ns", "benchmarks": {row["name"]: row["best_ns"] for row in rows}}))
    return 0


def figure(bench: dict[str, Any]) -> dict[str, Any]:
    """Best and median nanoseconds of one unit of work."""
    info = bench["extra_info"]
    scale = 1e9 / info.get("per_round", 1)
    return {
        "name": bench["name"].removeprefix("test_").removeprefix("bench_"),
        "unit": info.get("unit", "call"),
        "best_ns": round(bench["stats"]["min"] * scale, 2),
        "median_ns": round(bench["stats"]["median"] * scale, 2),
    }


def show(rows: list[dict[str, Any]]) -> None:
    """Prints the table."""
    table = Table(title="Alipes benchmarks (nanoseconds)")
    table.add_column("benchmark")
    table.add_column("per")
    table.add_column("best", justify="right")
    table.add_column("median", justify="right")
    for row in rows:
        table.add_row(escape(row["name"]), row["unit"], f"{row['best_ns']:,.1f}", f"{row['median_ns']:,.1f}")
    Console(width=110).print(table)


if __name__ == "__main__":
    sys.exit(main())
