"""The per-bar loop in C beside us, compiled when it is measured; see `probe.c`."""

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
from timing import Timing, best_of
from walks import closes

SOURCE = Path(__file__).with_name("probe.c")


def measure(bars: int, passes: int, rounds: int, folder: Path) -> Timing | str:
    """Time of some passes over an array of positions, or the reason why there is none."""
    compiler = os.environ.get("CC") or shutil.which("cc")
    if compiler is None:
        return "no C compiler: neither CC nor cc on PATH"
    library = folder / "probe.so"
    command = [compiler, "-O3", "-march=native", "-shared", "-fPIC", str(SOURCE), "-o", str(library)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        return f"{compiler} failed: {made.stderr.strip().splitlines()[-1]}"
    probe = ctypes.CDLL(str(library)).probe
    close, position, out = closes(bars), positions(bars), np.empty(4)
    arguments = (
        close.ctypes.data_as(ctypes.c_void_p),
        position.ctypes.data_as(ctypes.c_void_p),
        ctypes.c_size_t(bars),
        ctypes.c_double(0.001),
        ctypes.c_double(100.0),
        out.ctypes.data_as(ctypes.c_void_p),
    )

    def passed() -> None:
        for _ in range(passes):
            probe(*arguments)

    return best_of(passed, rounds)


def positions(bars: int) -> np.ndarray:
    """Long while the mean of 20 closes is above that of 50, (bars,) int8."""
    sums = np.concatenate([[0.0], np.cumsum(closes(bars))])
    fast, slow = (np.full(bars, np.nan) for _ in range(2))
    for mean, window in ((fast, 20), (slow, 50)):
        mean[window - 1 :] = (sums[window:] - sums[:-window]) / window
    return (fast > slow).astype(np.int8)
