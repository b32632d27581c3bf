"""Every example runs as its first lines say."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from alipes._core import SynthMarket

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def ran(*command: object, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_book_example_prints_a_synced_book(tmp_path: Path):
    printed = ran(EXAMPLES / "book_in_ten_lines.py", cwd=tmp_path)
    assert printed.startswith("synced: ")
    assert printed.count("\n") == 3


def test_the_research_example_reads_a_capture(tmp_path: Path):
    SynthMarket(seed=4).write(tmp_path / "market.jsonl.gz", 20)
    printed = ran(EXAMPLES / "columns_research.py", cwd=tmp_path)
    assert "correlation with the next second" in printed


def test_the_connector_example_follows_an_order_to_its_end(tmp_path: Path):
    lines = ran(EXAMPLES / "connector.py", cwd=tmp_path).splitlines()
    assert "Accepted -> accepted" in lines
    assert lines[-2] == "Cancelled -> cancelled"
    assert lines[-1].startswith("balances:")


def configs(*, of_bars: bool) -> list[str]:
    """Names of the configs, of backtests on bars or of runs of the engine."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*.toml")}
    return sorted(name for name, text in texts.items() if ("[backtest]" in text) is of_bars)


@pytest.mark.parametrize("config", configs(of_bars=True))
def test_every_config_of_bars_is_run_and_swept(tmp_path: Path, config: str):
    folder = shutil.copytree(EXAMPLES, tmp_path / "examples")
    told = json.loads(ran("-m", "alipes", "backtest", folder / config, "--json", cwd=tmp_path))
    assert told["stats"]["trades"] > 0
    told = json.loads(ran("-m", "alipes", "sweep", folder / config, "--json", cwd=tmp_path))
    assert told["done"] == told["combinations"] > 1


def test_the_sweep_example_prints_rows_a_heatmap_and_a_run():
    printed = ran(EXAMPLES / "sma_cross.py", cwd=EXAMPLES)
    assert "in-sample" in printed
    assert "sharpe over fast (across) and slow (down)" in printed
    assert "Max drawdown" in printed


def test_the_backtest_example_prints_a_sweep_and_its_best_run():
    printed = ran(EXAMPLES / "backtest_in_ten_lines.py", cwd=EXAMPLES.parent)
    assert "356 combinations" in printed
    assert "Max drawdown" in printed


@pytest.mark.parametrize("config", configs(of_bars=False))
def test_every_config_runs_and_trades(tmp_path: Path, config: str):
    folder = shutil.copytree(EXAMPLES, tmp_path / "examples")
    printed = ran("-m", "alipes", "run", folder / config, "--json", cwd=tmp_path)
    summary = json.loads(printed)
    assert summary["faults"] == {}
    assert summary["maker"]["fills"] + summary["taker"]["fills"] > 0
    assert summary["market"]["gaps"] == 0


def test_every_example_is_run_by_a_test():
    names = {path.name for path in EXAMPLES.iterdir() if path.suffix == ".py"}
    strategies = {path.with_suffix(".py").name for path in EXAMPLES.glob("*.toml")}
    assert names - strategies == {
        "backtest_in_ten_lines.py", "book_in_ten_lines.py", "columns_research.py", "connector.py",
    }  # fmt: skip
