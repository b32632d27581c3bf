"""`alipes backtest` as people call it: the table, JSON, the tearsheet, and wrong input in one line."""

import json
import sys
from pathlib import Path

import pytest
from pyarrow import parquet
from tests.integration.bar_commands import Command

import alipes


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command("backtest", tmp_path, capsys, monkeypatch)


def test_a_file_is_run_and_its_statistics_are_shown(command: Command):
    printed = command.ran("sma_cross.toml")
    for text in ("1,500 bars", "fast 12", "Total return", "Max drawdown", "Profit factor"):
        assert text in printed


def test_json_agrees_with_the_library(command: Command):
    told = json.loads(command.ran("sma_cross.toml", "--param", "fast=8", "--json"))
    sys.path.insert(0, str(command.folder))
    import sma_cross  # noqa: PLC0415 - the example

    bars = alipes.bars(command.folder / "sma_cross.csv.gz")
    params = {"fast": 8, "slow": 60, "k": 3.0}
    result = alipes.backtest.run(sma_cross.rules, bars, params=params, fees_bps=5, slippage_bps=1)
    assert told["params"] == params
    assert told["bars"]["count"] == 1500
    assert told["options"] == {"cash": 10_000.0, "fees_bps": 5.0, "slippage_bps": 1.0}
    expected = {name: None if value != value else value for name, value in result.stats.items()}  # noqa: PLR0124
    assert told["stats"] == expected


def test_flags_go_before_the_file(command: Command):
    cheap = json.loads(command.ran("sma_cross.toml", "--json"))
    dear = json.loads(command.ran("sma_cross.toml", "--fees-bps", "50", "--fill", "next_close", "--json"))
    assert dear["options"]["fees_bps"] == 50
    assert dear["options"]["fill"] == "next_close"
    assert dear["stats"]["total_return"] < cheap["stats"]["total_return"]


def test_files_are_written(command: Command):
    params = ["--param", "fast=12", "--param", "slow=60", "--param", "k=3.0"]
    flags = ["sma_cross:rules", "--bars", "sma_cross.csv.gz", *params]
    trades = json.loads(command.ran(*flags, "--out", "trades.parquet", "--html", "run.html", "--json"))
    table = parquet.read_table(command.folder / "trades.parquet")
    assert table.num_rows - table["is_open"].to_pylist().count(True) == trades["stats"]["trades"]
    assert "<html" in (command.folder / "run.html").read_text(encoding="utf-8")


STRATEGY = """\
import alipes

class Once(alipes.Strategy):
    def __init__(self, size: float, at: int) -> None:
        self.size, self.at, self.seen = size, at, 0

    def on_start(self, ctx, resumed):
        ctx.subscribe_bars("BTC", "4h")

    def on_bar(self, ctx, bar):
        self.seen += 1
        if self.seen == self.at:
            ctx.buy(bar.instrument, self.size)
        elif not ctx.position(bar.instrument).is_flat:
            ctx.sell(bar.instrument, self.size)
"""


def test_a_strategy_is_run_and_its_figures_are_those_of_its_two_fills(command: Command):
    (command.folder / "once.py").write_text(STRATEGY)
    flags = ["once:Once", "--bars", "sma_cross.csv.gz", "--param", "size=0.2", "--param", "at=11"]
    told = json.loads(command.ran(*flags, "--fees-bps", "10", "--json"))
    bought, sold = 42_349.1, 43_381.8  # the opens of bars 11 and 12
    fees = 0.2 * (bought + sold) * 0.001
    assert told["name"] == "Once"
    assert told["params"] == {"size": 0.2, "at": 11}
    assert told["bars"]["count"] == 1500
    assert told["warnings"] == {}
    stats = told["stats"]
    assert (stats["trades"], stats["win_rate"]) == (1, 1)
    assert stats["fees"] == pytest.approx(fees, rel=1e-12)
    assert stats["total_return"] == pytest.approx((0.2 * (sold - bought) - fees) / 10_000, rel=1e-9)
    assert stats["exposure"] == pytest.approx(1 / 1500, rel=1e-12)


def test_a_trade_that_stays_open_is_told(command: Command):
    (command.folder / "once.py").write_text(STRATEGY)
    flags = ["once:Once", "--bars", "sma_cross.csv.gz", "--param", "size=0.2"]
    assert "\none trade is open at the end\n" in command.ran(*flags, "--param", "at=1499")
    assert "open at the end" not in command.ran(*flags, "--param", "at=11")


def test_a_strategy_that_faults_fails_the_command_and_leaves_stdout_to_the_json(command: Command):
    (command.folder / "faulty.py").write_text(STRATEGY.replace("ctx.buy", "ctx.bye"))
    code, out, err = command.called(
        "faulty:Once", "--bars", "sma_cross.csv.gz", "--param", "size=0.2", "--param", "at=11", "--json"
    )
    assert code == 1
    assert json.loads(out)["warnings"]["fault"] == (
        "on_bar at 2024-01-02 20:00:00: AttributeError: 'Context' object has no attribute 'bye'; nothing was "
        "ordered after it"
    )
    assert "strategy faulted" in err


def test_wrong_input_is_one_line(command: Command):
    flags = ["sma_cross:rules", "--bars", "sma_cross.csv.gz"]
    cases = {
        ("none.toml",): "none.toml: cannot be read: No such file",
        ("sma_cross",): "'sma_cross': expected a TOML file, or module:rules",
        ("sma_cross:rules",): "sma_cross:rules needs bars: --bars FILE",
        ("sma_cross:rulse", *flags[1:]): "sma_cross has no 'rulse'; did you mean 'rules'?",
        ("nothing:rules", *flags[1:]): "module 'nothing' does not import: ModuleNotFoundError",
        tuple(flags): "params: no value for 'fast'",
        ("sma_cross.toml", "--param", "fats=5"): "unknown parameter 'fats'; did you mean 'fast'?",
        ("sma_cross.toml", "--param", "fast"): "--param 'fast': expected name=value",
        ("sma_cross.toml", "--param", "fast=5", "--param", "fast=6"): "--param fast is given twice: 5 and 6",
        ("sma_cross.toml", "--bars", "none.csv"): "bars none.csv: there is no such file",
        ("sma_cross.toml", "--fill", "next_opne"): "did you mean 'next_open'?",
        ("sma_cross.toml", "--fee-bps", "1"): "--fee-bps",
        ("sma_cross.toml", "--out", "trades.csv"): "--out trades.csv: the file is Parquet: name it .parquet",
        ("sma_cross.toml", "--html", "sma_cross.py"): "--html sma_cross.py: it exists already",
    }
    for arguments, message in cases.items():
        assert message in command.refused(*arguments)


def test_rules_that_are_no_text_are_named_first(command: Command):
    (command.folder / "five.toml").write_text("[backtest]\nrules = 5\n")
    assert "five.toml: [backtest] rules: expected text, got 5" in command.refused("five.toml")
