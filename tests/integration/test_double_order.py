"""A bot that sends again doubles its order where the engine does not; docs/faults.md shows the output."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRINTED = """\
A bot that tries again after a timeout:
  attempt 1: RequestTimeout, so it tries again
  order placed, it believes that it holds 0.01
  the exchange accepted 2 orders and holds 0.02
The same bot as a strategy of the engine:
  it knows that it holds 0.01
  the exchange accepted 1 order and holds 0.01
"""


def test_the_naive_bot_buys_twice_and_the_strategy_once(tmp_path):
    command = [sys.executable, ROOT / "examples" / "double_order" / "compare.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240)
    assert done.stdout == PRINTED, done.stderr


def test_the_page_shows_what_the_example_prints():
    assert f"```\n{PRINTED}```" in (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
