"""The benchmark of bar backtests runs, and its last line says what it found."""

import json
import math
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).resolve().parents[2] / "benches" / "bars" / "run.py"


def test_a_quick_benchmark_ends_with_one_line_of_figures():
    command = [sys.executable, str(RUN), "--quick", "--without-peers"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["is_quick"] is True
    assert set(told) == {
        "is_quick", "vectorbt", "shapes", "stops", "memory", "passes", "scaling", "missed",
    }  # fmt: skip
    assert len(told["shapes"]) >= 5
    figures = [value for rows in told.values() if isinstance(rows, dict) for value in rows.values()]
    assert all(value is None or (math.isfinite(value) and value > 0) for value in figures)
