"""Measures Alipes beside what a user would pick instead: one process, one workload, ratios.

Makes `.venv-peers` with the peers and a freshly built Alipes wheel, then runs `books.py` there.

    python benches/peers/run.py
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv-peers"


def main() -> int:
    """Prepares the environment and runs the comparison; returns its exit status."""
    python = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        print("==> environment of the peers (a minute the first time)", flush=True)
        venv.create(ENVIRONMENT, with_pip=True)
    pip = [python, "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "-r", HERE / "requirements.txt"], check=True)
    print("==> building the wheel", flush=True)
    with tempfile.TemporaryDirectory() as out:
        maturin = Path(sys.executable).with_name("maturin")
        subprocess.run(
            [maturin, "build", "--release", "--out", out], cwd=ROOT, check=True, capture_output=True
        )
        wheel = next(Path(out).glob("*.whl"))
        subprocess.run([*pip, wheel], check=True)
        subprocess.run([*pip, "--force-reinstall", "--no-deps", wheel], check=True)
    print("==> measuring", flush=True)
    return subprocess.run([python, HERE / "books.py", *sys.argv[1:]], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
