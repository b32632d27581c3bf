"""The config that results keep: the same run again, from any folder, or a refusal that says why."""

import subprocess
import sys
from pathlib import Path

import pytest

import alipes
from alipes import SynthMarket, backtest, config
from alipes.errors import ConfigError
from alipes.strategy.library import Quoter

MARKET = {"venue": "binanceusdm", "instrument": "BTC/USDT:USDT", "tick_size": "0.1", "lot_size": "0.001"}
CAPTURE = "market.jsonl"
MINE = "import alipes\nclass Mine(alipes.Strategy):\n    def __init__(self, size='1'): self.size = size\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    SynthMarket(seed=5, depth_interval_ms=50).write(tmp_path / CAPTURE, 10)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, *arguments]
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)


def test_a_class_with_parameters_runs_again_from_its_results_folder(folder: Path):
    params = {"size": "0.02", "half_spread_bps": 0.02}
    backtest.run(Quoter, CAPTURE, params=params, every="7s", **MARKET).write("a")
    done = command("-m", "alipes", "run", "config.toml", "--out", "../b", cwd=folder / "a")
    assert done.returncode == 0, done.stderr
    assert contents(folder / "a") == contents(folder / "b")
    assert config.load("a/config.toml").run.sample_every_s == 7


@pytest.mark.parametrize("params", [{}, {"size": None}])
def test_what_a_file_cannot_name_says_so_and_is_refused(folder: Path, params: dict[str, None]):
    class Local(alipes.Strategy):
        def __init__(self, size: object = "0.02") -> None:
            self.size = size

    for given in (Quoter(size="0.02"), Local(), Local):
        wanted = params if given is Local else None
        out = folder / f"out{len(list(folder.iterdir()))}"
        backtest.run(given, CAPTURE, params=wanted, **MARKET).write(out)
        kept = (out / "config.toml").read_text()
        assert kept.startswith("# Cannot run again: a strategy was an object")
        with pytest.raises(ConfigError, match="rerun = false: a strategy was an object"):
            backtest.run_config(config.load(out / "config.toml"))


def test_a_class_of_the_main_script_is_refused_again(folder: Path):
    script = (
        f"{MINE}\nalipes.backtest.run(Mine, {CAPTURE!r}, venue='binanceusdm', instrument='BTC/USDT:USDT',"
        " tick_size='0.1', lot_size='0.001').write('out')\n"
    )
    (folder / "script.py").write_text(script)
    done = command("script.py", cwd=folder)
    assert done.returncode == 0, done.stderr
    again = command("-m", "alipes", "run", "out/config.toml", cwd=folder)
    assert (again.returncode, again.stdout) == (2, "")
    assert "rerun = false" in again.stderr


def test_objects_that_stand_in_for_a_config_are_not_taken_for_its_classes(folder: Path):
    backtest.run(Quoter, CAPTURE, **MARKET).write("a")
    loaded = config.load("a/config.toml")
    result = backtest.run_config(loaded, strategies={"quoter": Quoter(size="0.5")})
    assert "rerun = false" in config.to_toml(result.config)


def test_a_strategy_of_the_first_folder_is_found_from_the_results(folder: Path):
    (folder / "mine.py").write_text(MINE)
    flags = ["--replay", CAPTURE, "--strategy", "mine:Mine", "--out", "a"]
    assert command("-m", "alipes", "run", *flags, cwd=folder).returncode == 0
    done = command("-m", "alipes", "run", "config.toml", "--out", "../b", cwd=folder / "a")
    assert done.returncode == 0, done.stderr
    assert contents(folder / "a") == contents(folder / "b")


def test_a_module_of_the_same_name_from_elsewhere_is_refused(folder: Path):
    (folder / "here").mkdir()
    (folder / "elsewhere").mkdir()
    (folder / "here" / "same_name.py").write_text(MINE)
    tables = {
        "accounts": {"binanceusdm": {"venue": "binanceusdm"}},
        "instruments": {"BTC/USDT:USDT": {"tick_size": "0.1", "lot_size": "0.001"}},
        "feed": {"type": "capture", "path": CAPTURE},
        "strategies": {"mine": {"class": "same_name:Mine", "folder": "here"}},
    }
    backtest.run_config(config.from_tables(tables))
    tables["strategies"]["mine"]["folder"] = "elsewhere"
    with pytest.raises(ConfigError, match=r"'same_name' comes from .*here, not .*elsewhere"):
        backtest.run_config(config.from_tables(tables))


def test_a_run_in_python_and_a_replay_name_the_account_alike(folder: Path):
    result = backtest.run(Quoter, CAPTURE, **MARKET)
    assert list(result.config.instruments) == ["binanceusdm:BTC/USDT:USDT"]


def test_empty_tables_and_dates_among_parameters_survive(folder: Path):
    text = 'class = "a:B"\n[strategies.x.params]\nweights = {}\nday = 2026-01-02\n'
    (folder / "x.toml").write_text(
        '[accounts.a]\nvenue = "binanceusdm"\n[instruments."BTC/USDT:USDT"]\ntick_size = 1\nlot_size = 1\n'
        f'[feed]\ntype = "synthetic"\n[strategies.x]\n{text}'
    )
    loaded = config.load("x.toml")
    (folder / "again.toml").write_text(config.to_toml(loaded))
    assert config.load("again.toml") == loaded
