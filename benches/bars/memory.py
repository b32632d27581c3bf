"""Memory of a large sweep, in a process of its own: the peak above what it was with the data loaded.

    python benches/bars/memory.py FOLDER FAST SLOW WORKERS

FOLDER holds `ts.npy`, `close.npy` and `volume.npy`.
"""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
from grids import dual_sma_of


def main() -> None:
    """Loads, sweeps, and prints one JSON line."""
    folder, (fast, slow, workers) = Path(sys.argv[1]), map(int, sys.argv[2:5])
    loaded = {name: np.load(folder / f"{name}.npy") for name in ("ts", "close", "volume")}
    bars = loaded | dict.fromkeys(("open", "high", "low"), loaded["close"])
    grid = dual_sma_of(fast, slow)
    before = resident_mb()
    started = time.perf_counter()
    swept = grid.run(bars, workers=workers)
    wall = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = used.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    told = {
        "combinations": len(swept),
        "bars": len(loaded["ts"]),
        "workers": workers,
        "wall_s": wall,
        "cpu_s": used.ru_utime + used.ru_stime,
        "before_mb": before,
        "peak_mb": peak,
        "above_mb": peak - before,
    }
    print(json.dumps(told))


def resident_mb() -> float:
    """Resident memory now, MB; the peak so far where the system does not tell."""
    status = Path("/proc/self/statm")
    if status.is_file():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
