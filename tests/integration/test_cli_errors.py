"""The real command with wrong input: one clear line, the right exit code, nothing left behind."""

import gzip
import signal
import subprocess
import sys
from pathlib import Path

import pytest

QUOTER = "alipes.strategy.library:Quoter"
MARKET = ["--venue", "binanceusdm", "--instrument", "BTC/USDT:USDT", "--tick", "0.1", "--lot", "0.001"]
CONFIG = """
[accounts.main]
venue = "binanceusdm"
[instruments."BTC/USDT:USDT"]
tick_size = 0.1
lot_size = 0.001
[feed]
type = "synthetic"
[strategies.quoter]
class = "alipes.strategy.library:Quoter"
"""


def alipes(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "alipes", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)


def refused(cwd: Path, *arguments: object, code: int = 2) -> str:
    """The one line of the error."""
    done = alipes(*arguments, cwd=cwd)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_the_version_is_printed(tmp_path: Path):
    done = alipes("--version", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.count(".") == 2


def test_the_help_documents_the_exit_codes(tmp_path: Path):
    for arguments in ([], ["run", "--help"], ["demo", "--help"], ["data", "columns", "--help"]):
        done = alipes(*arguments, cwd=tmp_path)
        assert done.returncode == 0
        assert "Exit codes: 0 all went well" in " ".join(done.stdout.split())


def test_wrong_usage_names_the_nearest_option_and_command(tmp_path: Path):
    assert "--replya" in refused(tmp_path, "run", "--replya", "x")
    assert "Did you mean --replay?" in refused(tmp_path, "run", "--replya", "x")
    assert 'Did you mean "demo"?' in refused(tmp_path, "dmeo")
    assert "takes either a config file or --replay CAPTURE" in refused(tmp_path, "run")


def test_a_config_error_is_one_line_with_its_place(tmp_path: Path):
    (tmp_path / "bot.toml").write_text(CONFIG.replace("tick_size", "tick_sise"))
    place = "unknown key 'tick_sise' in [instruments.\"BTC/USDT:USDT\"]; did you mean 'tick_size'?"
    assert refused(tmp_path, "run", "bot.toml") == f"error: bot.toml: {place}\n"
    assert "none.toml: cannot be read: No such file" in refused(tmp_path, "run", "none.toml")


def test_debug_shows_the_traceback(tmp_path: Path):
    done = alipes("run", "none.toml", "--debug", cwd=tmp_path)
    assert done.returncode != 0
    assert "Traceback" in done.stderr


def test_flags_beside_a_config_are_refused(tmp_path: Path):
    (tmp_path / "bot.toml").write_text(CONFIG)
    assert "--tick goes with --replay" in refused(tmp_path, "run", "bot.toml", "--tick", "0.1")


def test_every_missing_flag_of_a_replay_is_named(tmp_path: Path):
    (tmp_path / "bare.jsonl").write_text('1723161255030314667 {"stream":"x","data":{}}\n')
    assert "needs --strategy" in refused(tmp_path, "run", "--replay", "bare.jsonl")
    message = refused(
        tmp_path, "run", "--replay", "bare.jsonl", "--strategy", QUOTER, "--venue", "binanceusdm"
    )
    assert "bare.jsonl needs --instrument and --tick and --lot" in message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty.jsonl.gz"),
        (gzip.compress(b'1 {"lastUpdateId":1,"bids":[],"asks":[]}\n' * 1000)[:-20], "cut off"),
        (b"hello\n", "line 1"),
        (b'1 {"a":1}\n', "is this a capture of binanceusdm?"),
    ],
)
def test_a_file_that_is_no_capture_is_one_line(tmp_path: Path, content: bytes, expected: str):
    (tmp_path / "empty.jsonl.gz").write_bytes(content)
    done = alipes("run", "--replay", "empty.jsonl.gz", "--strategy", QUOTER, *MARKET, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "empty.jsonl.gz" in done.stderr
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_a_used_results_folder_is_refused_before_anything_runs(tmp_path: Path):
    (tmp_path / "bot.toml").write_text(CONFIG)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep")
    assert "out: it exists already" in refused(tmp_path, "run", "bot.toml", "--out", "out")
    assert (tmp_path / "out" / "mine.txt").read_text() == "keep"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("nosuch:Quoter", "does not import"),
        ("mine:Quotr", "Quoter"),
        ("mine:Other", "not a strategy"),
        ("mine", "expected 'module:Class'"),
    ],
)
def test_a_strategy_path_that_names_none_is_one_line(tmp_path: Path, path: str, expected: str):
    (tmp_path / "mine.py").write_text(
        "import alipes\nclass Quoter(alipes.Strategy): pass\nclass Other: pass\n"
    )
    (tmp_path / "bot.toml").write_text(CONFIG.replace(QUOTER, path))
    assert expected in refused(tmp_path, "run", "bot.toml")


@pytest.mark.parametrize(
    ("flag", "value", "expected"),
    [
        ("--tick", "0", "tick_size must be above 0: got 0"),
        ("--tick", "-0.1", "tick_size must be above 0: got -0.1"),
        ("--lot", "nan", "lot_size must be a number: got NaN"),
        ("--lot", "much", "lot_size: invalid decimal string, got 'much'"),
        ("--venue", "nasdaq", "nasdaq"),
        ("--instrument", "BTCUSDT", "'BTCUSDT' is not a symbol: expected BASE/QUOTE"),
        ("--instrument", "BTC/USD:BTC-261225-100000-C", "is an option: not supported"),
        ("--fees", "0.1", "--fees '0.1': expected MAKER,TAKER"),
        ("--fees", "-0.5,0.0005", "maker must not exceed 0.1: got -0.5"),
        ("--latency", "-1,2", "latency_ms must not be negative"),
        ("--tick", "", "--tick '': expected a value"),
        ("--fees", "2,5", "maker must not exceed 0.1: got 2"),
        ("--param", "colour=red", "it takes"),
        ("--param", "size=abc", "strategy Quoter(size='abc'): size 'abc': expected a positive"),
    ],
)
def test_each_wrong_term_of_a_replay_is_one_line(tmp_path: Path, flag: str, value: str, expected: str):
    (tmp_path / "c.jsonl").write_text('1 {"lastUpdateId":1,"bids":[],"asks":[]}\n')
    flags = ["--replay", "c.jsonl", "--strategy", QUOTER, *MARKET]
    if flag in flags:
        flags[flags.index(flag) + 1] = value
    else:
        flags += [flag, value]
    assert expected in refused(tmp_path, "run", *flags)


def test_a_config_does_not_overwrite_a_recording(tmp_path: Path):
    (tmp_path / "bot.toml").write_text(CONFIG.replace('"synthetic"', '"synthetic"\nrecord = "m.jsonl"'))
    (tmp_path / "m.jsonl").write_text("keep")
    assert "[feed] record" in refused(tmp_path, "run", "bot.toml")
    assert (tmp_path / "m.jsonl").read_text() == "keep"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_replay_says_that_nothing_was_written(
    tmp_path: Path, number: signal.Signals, code: int
):
    (tmp_path / "bot.toml").write_text(CONFIG.replace('"synthetic"', '"synthetic"\nseconds = 1e6'))
    (tmp_path / "ready.py").write_text(
        "import alipes\nclass Ready(alipes.Strategy):\n"
        "    def on_start(self, ctx, resumed): print('started', flush=True)\n"
    )
    (tmp_path / "bot.toml").write_text((tmp_path / "bot.toml").read_text().replace(QUOTER, "ready:Ready"))
    command = [sys.executable, "-m", "alipes", "run", "bot.toml", "--out", "out"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "started\n"
        run.send_signal(number)
        _, complaints = run.communicate(timeout=60)
    assert (run.returncode, complaints) == (code, "interrupted: no results were written\n")
    assert not (tmp_path / "out").exists()


def test_a_file_that_cannot_be_written_is_refused_before_the_work(tmp_path: Path):
    (tmp_path / "there.parquet").write_bytes(b"keep")
    flags = ["data", "columns", "c.jsonl", "--columns", "mid", "--out"]
    assert "it exists already" in refused(tmp_path, *flags, "there.parquet")
    assert "the file is Parquet: name it .parquet" in refused(tmp_path, *flags, "f.csv")
    assert "there is no folder" in refused(tmp_path, *flags, "nowhere/f.parquet")
    assert "there is no folder" in refused(tmp_path, "demo", "--record", "nowhere/m.jsonl")
    assert (tmp_path / "there.parquet").read_bytes() == b"keep"
