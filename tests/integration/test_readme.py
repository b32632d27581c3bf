"""README stays true: its Python blocks and commands run word for word, its verbs and links exist."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import alipes
from alipes import SynthMarket

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    shlex.split(command.replace("\\\n", " "), comments=True)
    for command in re.findall(r"^    (alipes (?:.*\\\n)*.*)$", README, re.MULTILINE)
]
VERBS = sorted(set(re.findall(r"make ([a-z][a-z-]*)", README)))
LINKS = sorted(set(re.findall(r"\]\(([^):]+)\)", README)))
MAP = README.split("## Where things are")[1].split("\n## ")[0]
FOLDERS = re.findall(r"^\| (`[^|]*`) \|", MAP, re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with what the README takes for granted: the examples, a capture, the strategy in a file."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    SynthMarket(seed=5, depth_interval_ms=50).write(tmp_path / "CAPTURE.jsonl.gz", 10)
    strategies = [block for block in BLOCKS if "alipes.Strategy" in block]
    (tmp_path / "quoter_in_ten_lines.py").write_text(strategies[0], encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[-1][:40] for block in BLOCKS])
def test_each_python_block_runs(block: str, monkeypatch: pytest.MonkeyPatch, folder: Path):
    monkeypatch.chdir(folder)
    given = {"__name__": "readme"}
    exec(compile(block, "README.md", "exec"), given)  # noqa: S102 - our own README
    strategy = given.get("Quoter")
    if strategy is not None:
        grids = {"tick_size": "0.1", "lot_size": "0.001"}
        market_of = {"venue": "binanceusdm", "instrument": "BTC/USDT:USDT", **grids}
        result = alipes.backtest.run(strategy, "CAPTURE.jsonl.gz", **market_of)
        assert result.summary["faults"] == {}
        assert len(result.fills) > 0


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[-1][:40] for block in BLOCKS])
def test_each_python_block_is_an_example(block: str):
    assert any(block in path.read_text(encoding="utf-8") for path in (ROOT / "examples").glob("*.py"))


def served(command: list[str], folder: Path) -> dict[str, str]:
    """The first line of a server, which is asked to end then."""
    with subprocess.Popen(
        [sys.executable, "-m", *command], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.terminate()
        assert process.wait(30) == 0
    told: dict[str, str] = json.loads(line)
    return told


@pytest.mark.parametrize("command", COMMANDS, ids=[" ".join(command[:3]) for command in COMMANDS])
def test_each_command_runs(command: list[str], folder: Path):
    if command[1] == "venue":
        assert set(served(command, folder)) == {"rest", "stream", "control", "key", "secret"}
        return
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_each_make_verb_exists(verb: str):
    assert re.search(rf"^{verb}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("link", LINKS)
def test_each_link_leads_to_a_file(link: str):
    assert (ROOT / link).exists()


def test_each_folder_of_the_map_exists():
    named = [name.strip("`") for row in FOLDERS for name in row.split(", ")]
    bases = (ROOT, ROOT / "python" / "alipes")
    assert named
    assert [name for name in named if not any((base / name).is_dir() for base in bases)] == []


def test_the_readme_has_something_to_run():
    assert len(BLOCKS) >= 2
    assert len(COMMANDS) >= 2
