"""The page on sweeps stays true: its code and commands run, its tables name every option, flag and metric."""

import re
import shlex
import shutil
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

import alipes
from alipes.backtest import BarOptions
from alipes.backtest.sweeps.result import LOW_IS_GOOD
from alipes.cli.app import call
from alipes.cli.plan import SWEEP_KEYS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"^    (alipes .*)$", PAGE.replace("\\\n", ""), re.MULTILINE)
RULES = (
    "import alipes.rules as r\n"
    "fast, slow = r.sma(r.close, r.param('fast')), r.sma(r.close, r.param('slow'))\n"
    "rules = r.Rules(enter_long=r.cross_above(fast, slow), stop_loss=STOP)\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with what the page takes for granted."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [str(tmp_path), *sys.path])
    return tmp_path


def test_the_code_runs_and_does_what_it_says(folder: Path):
    (code,) = CODE
    given: dict = {}
    exec(compile(code, "sweeps.md", "exec"), given)  # noqa: S102 - our own page
    result, best = given["result"], given["best"]
    assert len(result) == 85
    assert result["sharpe"].dtype == np.float64
    assert result.run(best.index).stats["sharpe"] == best["sharpe"]
    assert len(result.to_polars()) == 85


@pytest.mark.parametrize("command", COMMANDS, ids=range(len(COMMANDS)))
def test_the_commands_run(command: str, folder: Path, monkeypatch: pytest.MonkeyPatch):
    if "plot.png" in command:
        pytest.importorskip("matplotlib")
    stop = "r.pct(r.param('k'))" if "k=" in command else "r.pct(0.05)"
    (folder / "my_rules.py").write_text(RULES.replace("STOP", stop))
    monkeypatch.delitem(sys.modules, "my_rules", raising=False)
    bars_as_parquet(folder)
    assert call(shlex.split(command)[1:]) == 0


def bars_as_parquet(folder: Path) -> None:
    parquet.write_table(alipes.bars(folder / "examples/sma_cross.csv.gz").to_arrow(), folder / "bars.parquet")


def test_every_option_and_key_is_on_the_page():
    for name in (*(field.name for field in fields(BarOptions)), *SWEEP_KEYS[1:], *LOW_IS_GOOD):
        assert f"`{name}`" in PAGE, name
