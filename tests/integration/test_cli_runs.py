"""The real command on real input: what it prints, what it keeps, the same bytes for the same run."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pyarrow import parquet

from alipes import SynthMarket

QUOTER = "alipes.strategy.library:Quoter"
MARKETS = {
    "binanceusdm": ["--instrument", "BTC/USDT:USDT", "--tick", "0.1", "--lot", "0.001"],
    "binance": ["--instrument", "BTC/USDT", "--tick", "0.01", "--lot", "0.00001"],
}
PAPER = """
[run]
mode = "{mode}"
seed = 3
[accounts.main]
venue = "binanceusdm"
[instruments."BTC/USDT:USDT"]
tick_size = 0.1
lot_size = 0.001
[feed]
{feed}
[strategies.quoter]
class = "alipes.strategy.library:Quoter"
params = {{ half_spread_bps = 0.02, step_bps = 0.02 }}
"""


def alipes(*arguments: object, cwd: Path) -> str:
    command = [sys.executable, "-m", "alipes", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if not line.startswith("metrics at http://127.0.0.1:")]
    assert told == [], "no progress without a terminal"
    return done.stdout


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "market.jsonl.gz"
    SynthMarket(seed=5, depth_interval_ms=50).write(path, 10)
    return path


@pytest.mark.parametrize("venue", MARKETS)
def test_a_real_capture_twice_gives_identical_files(tmp_path: Path, captures: dict[str, Path], venue: str):
    flags = ["--replay", captures[venue], "--strategy", QUOTER, "--venue", venue, *MARKETS[venue]]
    fees = ["--fees", "0.0002,0.0005", "--balance", "50000", "--param", "size=0.02"]
    printed = json.loads(alipes("run", *flags, *fees, "--json", "--out", "a", cwd=tmp_path))
    alipes("run", *flags, *fees, "--out", "b", cwd=tmp_path)
    first, second = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert first == second
    assert printed["market"]["gaps"] == 0
    kept = json.loads(first["summary.json"])
    assert kept == {name: value for name, value in printed.items() if name != "measured"}
    fills = parquet.read_table(tmp_path / "a" / "fills.parquet")
    assert fills.num_rows == printed["maker"]["fills"] + printed["taker"]["fills"] > 0


def test_the_kept_config_runs_again_to_the_same_bytes(tmp_path: Path, recording: Path):
    alipes("run", "--replay", recording.name, "--strategy", QUOTER, "--out", "a", cwd=tmp_path)
    alipes("run", "a/config.toml", "--out", "b", cwd=tmp_path)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_the_summary_names_everything_that_counts(tmp_path: Path, recording: Path):
    printed = alipes("run", "--replay", recording, "--strategy", QUOTER, cwd=tmp_path)
    for part in (
        "messages", "gaps", "resyncs", "decisions", "Orders", "filled", "maker", "taker", "volume", "fees",
        "Positions", "realized", "unrealized", "decode and apply", "tick to decision", "p50", "p99",
    ):  # fmt: skip
        assert part in printed, part


def test_a_strategy_of_the_current_folder_that_raises_is_named_and_fails_the_run(
    tmp_path: Path, recording: Path
):
    (tmp_path / "mine.py").write_text(
        "import alipes\n"
        "class Broken(alipes.Strategy):\n"
        "    def on_start(self, ctx, resumed): ctx.subscribe_book('BTC/USDT:USDT')\n"
        "    def on_book(self, ctx, book): 1 / 0\n"
    )
    command = [sys.executable, "-m", "alipes", "run", "--replay", str(recording), "--strategy", "mine:Broken"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert done.stderr.count("ZeroDivisionError") == done.stdout.count("ZeroDivisionError") == 1
    assert "hook=on_book" in done.stderr
    assert "FAULTED broken" in done.stdout


def test_columns_go_to_a_file_of_their_own(tmp_path: Path, recording: Path):
    flags = ["--columns", "ts_recv,mid,imbalance(5)", "--every", "100ms", "--out", "f.parquet"]
    assert "rows of ts_recv, mid, imbalance(5)" in alipes("data", "columns", recording, *flags, cwd=tmp_path)
    table = parquet.read_table(tmp_path / "f.parquet")
    assert table.column_names == ["ts_recv", "mid", "imbalance(5)"]
    assert table.num_rows > 90


def test_the_demo_ends_with_five_lines_and_three_commands_that_work(tmp_path: Path):
    printed = alipes("demo", "--seconds", "2", "--record", "market.jsonl.gz", cwd=tmp_path).splitlines()
    assert len([line for line in printed if " / " in line]) >= 1
    heading = printed.index("Try next")
    labels = [line.split()[0] for line in printed[:heading] if line[:1].isalpha()]
    assert "maker rebate of 0.5 bp" in " ".join(" ".join(printed).split())
    assert labels[-5:] == ["market", "orders", "fills", "profit", "speed"]
    commands = [line.split() for line in printed[heading + 1 :] if line]
    assert [command[:2] for command in commands] == [
        ["alipes", "demo"],
        ["alipes", "run"],
        ["alipes", "data"],
    ]
    for command in commands[1:]:
        alipes(*command[1:], cwd=tmp_path)
    assert (tmp_path / "results" / "fills.parquet").is_file()
    assert (tmp_path / "features.parquet").is_file()


def test_a_recorded_paper_run_replays_to_the_same_fills(tmp_path: Path):
    paper = PAPER.format(mode="paper", feed='type = "synthetic"\nseconds = 3\nrecord = "market.jsonl"')
    replay = PAPER.format(mode="backtest", feed='type = "capture"\npath = "market.jsonl"')
    (tmp_path / "paper.toml").write_text(paper)
    (tmp_path / "replay.toml").write_text(replay)
    alipes("run", "paper.toml", "--out", "a", "--json", cwd=tmp_path)
    alipes("run", "replay.toml", "--out", "b", "--json", cwd=tmp_path)
    first, second = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert parquet.read_table(tmp_path / "a" / "fills.parquet").num_rows > 0
    for name in ("fills.parquet", "orders.parquet"):
        assert first[name] == second[name]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interrupted_demo_still_shows_its_results(tmp_path: Path):
    command = [sys.executable, "-m", "alipes", "demo", "--seconds", "60"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout is not None
        demo.stdout.readline()
        demo.send_signal(signal.SIGINT)
        printed, complaints = demo.communicate(timeout=60)
    assert demo.returncode == 0, complaints
    assert "Try next" in printed
    assert complaints == ""


def test_a_used_recording_is_not_overwritten(tmp_path: Path, recording: Path):
    before = recording.read_bytes()
    command = [sys.executable, "-m", "alipes", "demo", "--seconds", "1", "--record", recording.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert recording.read_bytes() == before
