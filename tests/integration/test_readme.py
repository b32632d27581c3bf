"""What the README shows runs: its Python blocks and its ``alipes`` commands, word for word."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import alipes
from alipes import SynthMarket

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    shlex.split(command.replace("\\\n", " "))
    for command in re.findall(r"^    (alipes (?:.*\\\n)*.*)$", README, re.MULTILINE)
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with what the README takes for granted: a capture, and the strategy saved as ``my_bot.py``."""
    SynthMarket(seed=5, depth_interval_ms=50).write(tmp_path / "CAPTURE.jsonl.gz", 10)
    strategies = [block for block in BLOCKS if "alipes.Strategy" in block]
    (tmp_path / "my_bot.py").write_text(strategies[0], encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[-1][:40] for block in BLOCKS])
def test_each_python_block_runs(block: str, monkeypatch: pytest.MonkeyPatch, folder: Path):
    monkeypatch.chdir(folder)
    market = SynthMarket(seed=1, seconds=2)
    messages = [raw for _, raw in market][1:]  # the first one is the snapshot
    given = {"messages": messages, "rest_depth": market.snapshot, "__name__": "readme"}
    exec(compile(block, "README.md", "exec"), given)  # noqa: S102 - our own README
    strategy = given.get("Quoter")
    if strategy is not None:
        grids = {"tick_size": "0.1", "lot_size": "0.001"}
        market_of = {"venue": "binanceusdm", "instrument": "BTC/USDT:USDT", **grids}
        result = alipes.backtest.run(strategy, "CAPTURE.jsonl.gz", **market_of)
        assert result.summary["faults"] == {}
        assert len(result.fills) > 0


@pytest.mark.parametrize("command", COMMANDS, ids=[" ".join(command[:3]) for command in COMMANDS])
def test_each_command_runs(command: list[str], folder: Path):
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_the_readme_has_something_to_run():
    assert len(BLOCKS) >= 2
    assert len(COMMANDS) >= 1
