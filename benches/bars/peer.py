"""vectorbt's answers: its environment, its run in a process of its own, and ours held against them."""

import json
import os
import subprocess
import venv
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "benches" / "peers"
ENVIRONMENT = ROOT / ".venv-peers-bars"
METRICS = ("total_return", "max_drawdown", "sharpe", "trades")
TOLERANCE = 1e-9


def environment() -> Path:
    """The Python of the peers; the environment is made the first time."""
    python = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin") / "python"
    wanted, stamp = PEERS / "requirements-bars.txt", ENVIRONMENT / ".installed"
    if stamp.exists() and stamp.read_text() == wanted.read_text():
        return python
    print("==> environment of vectorbt and backtesting.py (a minute or two the first time)", flush=True)
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
    stamp.write_text(wanted.read_text())
    return python


def ask(close: np.ndarray, work: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Vectorbt's metrics by name, its windows, and what it took; `benches/peers/bars.py` says which files."""
    np.save(folder / "close.npy", close)
    (folder / "work.json").write_text(json.dumps(work))
    command = [environment(), PEERS / "bars.py", folder]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"the peers failed:\n{done.stderr[-4_000:]}")
    found = {name: np.load(folder / f"{name}.npy") for name in ("windows", *METRICS)}
    return found | json.loads((folder / "told.json").read_text())


def differences(swept: Any, found: dict[str, Any]) -> tuple[dict[str, float], list[str]]:
    """The largest difference of each metric, relative where it is above 1, and the combinations beyond 1e-9.

    vectorbt's drawdown is negative; ours is positive.
    """
    pairs = np.column_stack([swept.sets.column(name) for name in ("fast", "slow")])
    if not np.array_equal(pairs, found["windows"]):
        raise SystemExit("equality: vectorbt has other combinations, or in another order")
    largest: dict[str, float] = {}
    beyond: list[str] = []
    for name in METRICS:
        theirs = np.abs(found[name]) if name == "max_drawdown" else found[name].astype(float)
        apart = np.abs(swept[name] - theirs) / np.maximum(1.0, np.abs(theirs))
        apart[np.isnan(swept[name]) & np.isnan(theirs)] = 0.0
        largest[name] = float(apart.max())
        beyond += [
            f"{name}, fast {pairs[row, 0]:.0f}, slow {pairs[row, 1]:.0f}: {swept[name][row]!r} here,"
            f" {theirs[row]!r} by vectorbt"
            for row in np.flatnonzero(~(apart <= TOLERANCE))
        ]
    return largest, beyond
