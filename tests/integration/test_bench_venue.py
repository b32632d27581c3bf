"""The benchmark of the venue runs, and its last line says what it found."""

import json
import math
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).resolve().parents[2] / "benches" / "venue" / "run.py"


def test_a_quick_benchmark_of_the_venue_ends_with_one_line_of_figures():
    command = [sys.executable, str(RUN), "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=280)
    told = json.loads(done.stdout.splitlines()[-1])
    assert set(told) == {"is_quick", "load", "figures", "missed"}
    figures = told["figures"]
    assert {
        "deliveries_per_s",
        "half.lag_p99_ms",
        "speed.1_symbols.3_clients",
        "order.ccxt.place.p99_ms",
    } <= set(figures)
    assert all(math.isfinite(value) and value >= 0 for value in figures.values())
