"""docs/bars.md stays true: its blocks run one after another, and what its comments say is what comes out."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "bars.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
PRINTED = re.compile(r"print\(\w+\) +# (.*)")
SHOWN = re.compile(r"^([a-z.]+) +# ([({G].*?)(?:: how.*)?$", re.MULTILINE)
TRUE = re.compile(r"^alipes.* == .*$", re.MULTILINE)


def test_the_page_runs_and_says_what_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict = {"__name__": "bars_page"}
    for block in BLOCKS:
        exec(compile(block, "docs/bars.md", "exec"), names)  # noqa: S102 - our own page
        for expression, said in SHOWN.findall(block):
            assert repr(eval(expression, names)) == said  # noqa: S307 - our own page
        for line in TRUE.findall(block):
            assert eval(line, names), line  # noqa: S307 - our own page
    printed = capsys.readouterr().out.splitlines()
    assert [said for said in PRINTED.findall(PAGE) if said not in printed] == []
    assert [len(found.findall(PAGE)) for found in (PRINTED, SHOWN, TRUE)] == [2, 3, 2]
