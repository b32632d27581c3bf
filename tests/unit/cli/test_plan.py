"""Files and flags of backtests and sweeps: what goes before what, and one clear line for what is wrong."""

import re
from pathlib import Path

import pytest

from alipes.backtest.bars.options import OptionArguments
from alipes.cli.barflags import BarFlags
from alipes.cli.plan import load_bars, load_rules, read_plan
from alipes.errors import ConfigError, DataError

FILE = """
[backtest]
rules = "mine:rules"
bars = "bars.csv"
fees_bps = 5
[params]
fast = 10
[sweep]
where = "fast < slow"
[sweep.params]
slow = "10:50:10"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("sys.path", [])
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "sub" / "plan.toml"
    path.parent.mkdir()
    path.write_text(FILE)
    return path


def test_a_file_says_everything_and_its_paths_are_relative_to_it(file: Path):
    plan = read_plan(str(file), BarFlags())
    assert plan.rules == "mine:rules"
    assert plan.bars == file.parent / "bars.csv"
    assert plan.options == {"fees_bps": 5}
    assert plan.params == {"fast": 10}
    assert plan.sweep == {"where": "fast < slow", "params": {"slow": "10:50:10"}}


def test_flags_go_before_the_file(file: Path):
    flags = BarFlags(bars=Path("other.csv"), fees_bps=7.5, unit="ms", close_at_end=True)
    plan = read_plan(str(file), flags)
    assert plan.bars == Path("other.csv")
    assert plan.reading == {"unit": "ms"}
    assert plan.options == {"fees_bps": 7.5, "close_at_end": True}


def test_bars_say_how_they_are_read(file: Path):
    file.write_text(FILE.replace('"bars.csv"', '{ path = "bars.csv", unit = "ms", tz = "Europe/Berlin" }'))
    plan = read_plan(str(file), BarFlags(tz="UTC"))
    assert plan.bars == file.parent / "bars.csv"
    assert plan.reading == {"unit": "ms", "tz": "UTC"}


def test_rules_and_flags_need_no_file(tmp_path: Path):
    plan = read_plan("mine:rules", BarFlags(bars=tmp_path / "bars.csv", slippage_bps=1.0))
    assert (plan.rules, plan.bars, plan.options) == (
        "mine:rules",
        tmp_path / "bars.csv",
        {"slippage_bps": 1.0},
    )


def test_every_option_has_a_flag_or_a_table():
    flags = set(BarFlags.__dataclass_fields__)
    assert set(OptionArguments.__annotations__) - flags == {"instrument"}
    assert flags - set(OptionArguments.__annotations__) == {"bars", "unit", "label", "tz", "freq"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("fees_bps", "fee_bps", "unknown key 'fee_bps' in [backtest]; did you mean 'fees_bps'?"),
        ("where", "wehre", "unknown key 'wehre' in [sweep]; did you mean 'where'?"),
        ("[params]", "[parms]", "unknown key 'parms' in the file; did you mean 'params'?"),
        ('rules = "mine:rules"', "", '[backtest] lacks rules = "module:name"'),
        ('bars = "bars.csv"', "", "plan.toml: mine:rules needs bars: --bars FILE"),
        ('"bars.csv"', '{ unit = "ms" }', "[backtest] bars lacks path"),
        ('"bars.csv"', '{ path = "b.csv", units = "ms" }', "unknown key 'units' in [backtest] bars; did you"),
        ('"bars.csv"', "3", "[backtest] bars: expected text, got 3"),
        ('"mine:rules"', "3", "[backtest] rules: expected text, got 3"),
        ("[backtest]", "[backtst]", "unknown key 'backtst' in the file; did you mean 'backtest'?"),
        ("[params]\nfast = 10", "", ""),
        ("[sweep.params]\nslow", "params", "[sweep.params] must be a table, got '10:50:10'"),
        ("fast = 10", "fast = ", "not TOML"),
    ],
)
def test_a_wrong_file_is_one_line_with_its_place(file: Path, old: str, new: str, message: str):
    file.write_text(FILE.replace(old, new))
    if not message:
        assert read_plan(str(file), BarFlags()).params == {}
        return
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        read_plan(str(file), BarFlags())
    assert str(caught.value).startswith(f"{file}: ")


def test_a_target_is_a_file_or_rules(file: Path):
    with pytest.raises(ConfigError, match="'plan': expected a TOML file, or module:rules"):
        read_plan("plan", BarFlags())
    with pytest.raises(ConfigError, match=r"none.toml: cannot be read: No such file"):
        read_plan("none.toml", BarFlags())
    with pytest.raises(ConfigError, match="mine:rules needs bars: --bars FILE"):
        read_plan("mine:rules", BarFlags())


def test_rules_are_found_beside_the_file_and_misspelt_ones_are_told_the_nearest(file: Path):
    (file.parent / "mine_in_plan.py").write_text(
        "import alipes.rules as r\nrules = r.Rules(enter_long=r.close > 1)\nother = 3\n"
    )
    read_plan(str(file), BarFlags())
    assert type(load_rules("mine_in_plan:rules")).__name__ == "Rules"
    cases = {
        "mine_in_plan:rule": "mine_in_plan has no 'rule'; did you mean 'rules'?",
        "mine_in_plan:other": "is 3: expected alipes.rules.Rules; known: rules",
        "no_such_module:rules": "module 'no_such_module' does not import: ModuleNotFoundError",
        "mine_in_plan": "expected module:name, such as my_rules:rules",
    }
    for name, message in cases.items():
        with pytest.raises(ConfigError, match=re.escape(message)):
            load_rules(name)


def test_bars_that_cannot_be_read_are_named(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"none\.csv: there is no such file"):
        load_bars(tmp_path / "none.csv", {})
    path = tmp_path / "bars.csv"
    path.write_text("ts,open,high,low,close,volume\n2024-01-01,1,2,0.5,1,1\n2024-01-02,1,0.2,0.5,1,1\n")
    with pytest.raises(DataError, match=re.escape(str(path))):
        load_bars(path, {})


def test_files_and_the_instrument_of_the_options_are_loaded(file: Path):
    rows = "ts,open,high,low,close,volume\n2024-01-01,1,2,0.5,1,1\n2024-01-02,1,2,0.5,1,1\n"
    (file.parent / "bars.csv").write_text(rows)
    (file.parent / "fund.csv").write_text("ts,rate\n2024-01-01T08:00:00,0.0001\n")
    more = """
fees_bps = 5
funding = "fund.csv"
detail = "bars.csv"
instrument = { symbol = "BTC/USDT:USDT", tick_size = 0.1, lot_size = "0.001" }
[backtest.others]
ETH = "bars.csv"
"""
    file.write_text(FILE.replace("fees_bps = 5", more))
    plan = read_plan(str(file), BarFlags())
    assert len(plan.load_bars()) == 2
    options = plan.load_options()
    assert len(options["detail"]) == 2
    assert len(options["others"]["ETH"]) == 2
    assert options["instrument"].kind == "linear"
    assert options["funding"].column_names == ["ts", "rate"]
    file.write_text(FILE.replace("fees_bps = 5", 'instrument = { symbol = "BTC/USDT", tick = 1 }'))
    with pytest.raises(ConfigError, match=r"unknown key 'tick' in \[backtest.instrument\]; did you"):
        read_plan(str(file), BarFlags()).load_options()
