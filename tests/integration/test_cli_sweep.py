"""`alipes sweep` as people call it: rows, heatmaps, files; stopped, killed and resumed; wrong input."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet
from tests.integration.bar_commands import Command

import alipes

GRID = ["--param", "fast=2:40:1", "--param", "slow=10:120:2", "--param", "k=3", "--fees-bps", "5"]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command("sweep", tmp_path, capsys, monkeypatch)


def test_a_file_is_swept_and_shown_with_its_heatmap(command: Command):
    printed = command.ran("sma_cross.toml")
    assert "85 combinations, the 10 with the highest sharpe" in printed
    assert "sharpe over fast (across) and slow (down)" in printed
    assert "best of 85 trials, in-sample" in printed


def test_json_is_one_object_and_agrees_with_the_library(command: Command):
    told = json.loads(command.ran("sma_cross.toml", "--json", "--top", 3))
    sys.path.insert(0, str(command.folder))
    import sma_cross  # noqa: PLC0415 - the example

    bars = alipes.bars(command.folder / "sma_cross.csv.gz")
    options = {"fees_bps": 5, "slippage_bps": 1}
    params = {"fast": range(4, 40, 4), "slow": range(10, 120, 10), "k": 3.0}
    result = alipes.backtest.sweep(sma_cross.rules, bars, params=params, where="fast < slow", **options)
    assert told["combinations"] == told["done"] == len(result) == 85
    assert [row["index"] for row in told["best"]] == [row.index for row in result.best(n=3)]
    assert told["best"][0]["metrics"] == result.best().metrics
    assert told["interrupted"] is False


def test_flags_alone_describe_a_sweep(command: Command):
    out = command.folder / "rows.parquet"
    where = ["--where", "fast < slow / 2", "--metrics", "total_return,fees"]
    flags = ["sma_cross:rules", "--bars", "sma_cross.csv.gz", *GRID, *where, "--rank", "fees", "--out", out]
    printed = command.ran(*flags)
    assert "the 10 with the lowest fees" in printed
    table = parquet.read_table(out)
    assert table.column_names == ["fast", "slow", "k", "total_return", "fees", "done"]
    fast, slow = np.meshgrid(np.arange(2, 40), np.arange(10, 120, 2))
    assert table.num_rows == (fast < slow / 2).sum()


def test_a_random_sample_repeats(command: Command):
    flags = ["sma_cross.toml", "--param", "k=uniform(1, 5)", "--sample", 40, "--seed", 3, "--json"]
    one, other = (json.loads(command.ran(*flags)) for _ in range(2))
    assert one == other
    assert one["combinations"] == 40
    assert 1 <= one["best"][0]["params"]["k"] <= 5


def test_plots_and_the_tearsheet_are_written(command: Command):
    pytest.importorskip("matplotlib")
    command.ran("sma_cross.toml", "--plot", "plot.png", "--html", "best.html")
    command.ran("sma_cross.toml", "--plot", "plot.html", "--axes", "slow")
    assert (command.folder / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert "plotly" in (command.folder / "plot.html").read_text(encoding="utf-8")
    assert "<html" in (command.folder / "best.html").read_text(encoding="utf-8")


def stopped(command: Command, number: signal.Signals, *more: str) -> subprocess.CompletedProcess[str]:
    """A sweep in a process of its own that gets a signal once more than 200 combinations are done."""
    (command.folder / "stopped.py").write_text(
        "import os, alipes.backtest.sweeps.progress as progress\n"
        "from sma_cross import rules\n"
        "shown = progress.Watch.report\n"
        "def report(self, done):\n"
        "    shown(self, done)\n"
        "    if self.before + done > 200:\n"
        f"        os.kill(os.getpid(), {int(number)})\n"
        "        [None for _ in range(1000)]\n"  # the signal is seen here, not in what comes after
        "progress.Watch.report = report\n"
    )
    flags = ["stopped:rules", "--bars", "sma_cross.csv.gz", *GRID, "--resume", "rows.parquet", *more]
    line = [sys.executable, "-m", "alipes", "sweep", *flags]
    return subprocess.run(line, cwd=command.folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_shows_and_keeps_what_is_done(command: Command, number: signal.Signals, code: int):
    done = stopped(command, number, "--out", "out.parquet")
    assert done.returncode == code, done.stderr
    assert "the 10 with the highest sharpe" in done.stdout
    assert "of 2,090 combinations are done; the same command goes on from rows.parquet" in done.stderr
    kept = parquet.read_table(command.folder / "rows.parquet").num_rows
    assert 200 < kept < 2090
    assert parquet.read_table(command.folder / "out.parquet")["done"].to_pylist().count(True) == kept
    check_it_goes_on(command)


def test_a_killed_sweep_is_resumed_to_the_same_table(command: Command):
    done = stopped(command, signal.SIGKILL)
    assert done.returncode == -signal.SIGKILL
    assert 0 < parquet.read_table(command.folder / "rows.parquet").num_rows < 2090
    check_it_goes_on(command)


def check_it_goes_on(command: Command) -> None:
    """Resumed, on another number of threads, it is the table of a sweep that nothing stopped."""
    flags = ["sma_cross:rules", "--bars", "sma_cross.csv.gz", *GRID]
    command.ran(*flags, "--resume", "rows.parquet", "--out", "resumed.parquet", "--workers", 1)
    command.ran(*flags, "--out", "whole.parquet")
    names = ("resumed", "whole")
    resumed, whole = (parquet.read_table(command.folder / f"{name}.parquet") for name in names)
    assert resumed.equals(whole)
    assert all(whole["done"].to_pylist())


def test_a_file_of_another_sweep_is_refused(command: Command):
    flags = ["sma_cross:rules", "--bars", "sma_cross.csv.gz", *GRID, "--resume", "rows.parquet"]
    command.ran(*flags)
    message = command.refused(*flags[:-4], "--fees-bps", 6, *flags[-2:])
    assert "which differs in fees_bps (there 5.0, here 6.0)" in message


def test_wrong_input_is_one_line(command: Command):
    flags = ["sma_cross:rules", "--bars", "sma_cross.csv.gz"]
    cases = {
        ("none.toml",): "none.toml: cannot be read: No such file",
        ("sma_cross",): "'sma_cross': expected a TOML file, or module:rules",
        ("sma_cross:rules", *GRID): "sma_cross:rules needs bars: --bars FILE",
        (*flags, "--param", "fast=5"): "params lacks 'slow' (in enter_long, exit_long) and",
        (*flags, *GRID, "--param", "fats=5"): "the rules have no parameter 'fats'; did you mean 'fast'?",
        (*flags, *GRID, "--where", "fast > 50"): "where='fast > 50' removes all 2,090 combinations",
        (*flags, *GRID, "--where", "fats > 5"): "no parameter 'fats'; did you mean 'fast'?",
        (*flags, *GRID, "--where", "print(1)"): "where: constraint",
        (*flags, *GRID, "--metrics", "sharp"): "metrics: there is no 'sharp'; did you mean 'sharpe'?",
        (*flags, *GRID, "--rank", "fees"): "--rank fees: it is not among --metrics total_return,",
        (*flags, *GRID, "--workers", "0"): "workers=0: expected a whole number >= 1",
        (*flags, *GRID, "--plot", "p.svg"): "--plot p.svg: expected a name that ends with .html",
        (*flags, *GRID, "--out", "sma_cross.py"): "--out sma_cross.py: it exists already",
        (*flags, *GRID, "--fill", "next_opne"): "did you mean 'next_open'?",
    }
    for arguments, message in cases.items():
        assert message in command.refused(*arguments)


def test_bars_that_cannot_be_trusted_are_named_with_row_and_value(command: Command):
    rows = (command.folder / "bad.csv").open("w")
    rows.write("ts,open,high,low,close,volume\n2024-01-01,1,2,0.5,1,1\n2024-01-02,1,0.2,0.5,1,1\n")
    rows.close()
    message = command.refused("sma_cross:rules", "--bars", "bad.csv", *GRID, code=1)
    assert "bad.csv: " in message
    assert "row 1" in message


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--axes", "fast,slw"], "--axes fast,slw: no parameter 'slw'; did you mean 'slow'?"),
        (["--axes", "fast,slow,k"], "--axes fast,slow,k: expected one or two parameters, X or X,Y"),
        (["--axes", "fast,fast"], "--axes fast,fast: expected one or two parameters, X or X,Y"),
        (["--axes", ","], "--axes ,: expected one or two parameters, X or X,Y"),
        (["--top", "0"], "--top 0: expected at least 1"),
    ],
)
def test_what_is_to_be_shown_is_checked_before_the_work(command: Command, flags: list[str], message: str):
    assert message in command.refused("sma_cross.toml", "--resume", "rows.parquet", *flags)
    assert not (command.folder / "rows.parquet").exists()
