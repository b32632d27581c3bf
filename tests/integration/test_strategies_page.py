"""docs/strategies.md stays true: its block on bars runs as it stands."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "strategies.md").read_text(encoding="utf-8")


def test_the_strategy_on_bars_runs_and_trades(monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.chdir(ROOT)
    section = PAGE.split("## On bars")[1].split("\n## ")[0]
    block = re.findall(r"```python\n(.*?)```", section, re.DOTALL)[0]
    names: dict = {"__name__": "strategies_page"}
    exec(compile(block, "docs/strategies.md", "exec"), names)  # noqa: S102 - our own page
    result = names["result"]
    assert result.warnings == {}
    trades, reason = capsys.readouterr().out.split()
    assert float(trades) == len(result.trades) > 10
    assert reason in {"stop_loss", "take_profit"}
