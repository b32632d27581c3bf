"""Reading a config: what it accepts, and one clear error for everything else."""

from decimal import Decimal
from pathlib import Path

import pytest

from alipes import config
from alipes.errors import ConfigError

GOOD = """
[run]
mode = "backtest"
seed = 7
latency_ms = [2, 3.5]

[accounts.main]
venue = "binanceusdm"
balance = 25_000
fees = { maker = "-0.0001", taker = 0.0005 }

[instruments."BTC/USDT:USDT"]
tick_size = 0.1
lot_size = "0.001"

[feed]
type = "capture"
path = "day.jsonl.gz"

[strategies.quoter]
class = "alipes.strategy.library:Quoter"
params = { size = "0.01", skew = 0.5 }

[risk]
max_position = 2
collar_bps = 50

[risk.instruments."main:BTC/USDT:USDT"]
max_position = "0.5"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "bot.toml"
    path.write_text(text, encoding="utf-8")
    return path


def error_of(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config.load(written(folder, text))
    assert str(caught.value).startswith(f"{folder / 'bot.toml'}: ")
    return str(caught.value)


def test_reads_every_table_with_exact_numbers(tmp_path: Path):
    read = config.load(written(tmp_path, GOOD))
    assert read.run == config.Run(seed=7, latency_ms=(2.0, 3.5))
    assert read.accounts["main"].fees == config.Fees(maker=Decimal("-0.0001"), taker=Decimal("0.0005"))
    assert read.instruments["main:BTC/USDT:USDT"].tick_size == Decimal("0.1")
    assert read.feed == config.CaptureFeed(path=str(tmp_path / "day.jsonl.gz"))
    assert read.strategies["quoter"].params == {"size": "0.01", "skew": 0.5}
    assert read.feed_account() == "main"


def test_paths_are_taken_from_the_folder_of_the_file(tmp_path: Path):
    text = GOOD.replace("seed = 7", 'out = "results"').replace("day.jsonl.gz", "/data/day.jsonl.gz")
    read = config.load(written(tmp_path, text))
    assert read.run.out == str(tmp_path / "results")
    assert isinstance(read.feed, config.CaptureFeed)
    assert read.feed.path == "/data/day.jsonl.gz"


def test_own_limits_of_an_instrument_replace_the_general_ones(tmp_path: Path):
    read = config.load(written(tmp_path, GOOD))
    assert read.limits("main:BTC/USDT:USDT") == config.Limits(max_position=Decimal("0.5"), collar_bps=50.0)
    assert read.limits("main:ETH/USDT:USDT").max_position == Decimal(2)


def test_a_plain_balance_is_in_the_settle_asset(tmp_path: Path):
    read = config.load(written(tmp_path, GOOD))
    assert config.balances(read, "main") == {"USDT": Decimal(25_000)}


def test_written_toml_reads_back_as_the_same_config(tmp_path: Path):
    read = config.load(written(tmp_path, GOOD))
    assert config.load(written(tmp_path, config.to_toml(read))) == read


def test_awkward_text_survives_writing(tmp_path: Path):
    awkward = {"a b": 'say "hi"\n\x7f\\', "ünï": ["x", 1.5, True, {"k": "v"}], "nan": float("inf")}
    read = config.load(written(tmp_path, GOOD))
    strategies = {"odd": config.Strategy(path="a:B", params=awkward)}
    changed = config.Config(
        accounts=read.accounts, instruments=read.instruments, feed=read.feed, strategies=strategies
    )
    assert config.load(written(tmp_path, config.to_toml(changed))).strategies == strategies


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "tick_size",
            "tick_sise",
            "unknown key 'tick_sise' in [instruments.\"BTC/USDT:USDT\"]; did you mean 'tick_size'?",
        ),
        (
            "[strategies.quoter]",
            "[strategy.quoter]",
            "unknown key 'strategy' in the file; did you mean 'strategies'?",
        ),
        (
            "max_position = 2",
            "max_positon = 2",
            "unknown key 'max_positon' in [risk]; did you mean 'max_position'?",
        ),
        ("maker =", "makr =", "unknown key 'makr' in [accounts.main.fees]; did you mean 'maker'?"),
        ("seed = 7", 'seed = "x"', "[run] seed: expected a whole number, got 'x'"),
        ("balance = 25_000", "balance = true", "[accounts.main] balance: expected"),
        ("tick_size = 0.1", "tick_size = 0", "tick_size must be above 0: got 0"),
        ("tick_size = 0.1", "tick_size = nan", "tick_size must be a number: got NaN"),
        ("tick_size = 0.1", 'tick_size = "abc"', "tick_size: invalid decimal string, got 'abc'"),
        ("tick_size = 0.1\n", "", "[instruments.\"BTC/USDT:USDT\"] lacks 'tick_size'"),
        ("latency_ms = [2, 3.5]", "latency_ms = [2, -1]", "[run] latency_ms must not be negative: got -1.0"),
        ("latency_ms = [2, 3.5]", "latency_ms = [2]", "[run] latency_ms: expected a list of length 2"),
        ('type = "capture"', 'type = "captur"', "[feed] type 'captur' is not known; did you mean 'capture'?"),
        ('type = "capture"\n', "", "[feed] lacks type: one of capture, synthetic, ccxt"),
        (
            'mode = "backtest"',
            'mode = "live"',
            "'live' trades real money and cannot run: it needs durable recovery",
        ),
        ('mode = "backtest"', 'mode = "paper"', "'paper' runs on the wall clock and a capture does not"),
        ("seed = 7", "seed = 99999999999999999999999", "[run] seed must not exceed"),
        ("latency_ms = [2, 3.5]", "latency_ms = [2, 1e30]", "[run] latency_ms must not exceed 3600000"),
        ("taker = 0.0005", "taker = 5", "[accounts.main.fees] taker must not exceed 0.1: got 5"),
        (
            "balance = 25_000",
            "balance = { USDT = -1 }",
            "[accounts.main] balance must not be negative: got -1",
        ),
        ('mode = "backtest"', 'mode = "bcktest"', "'live', got 'bcktest'; did you mean 'backtest'?"),
        (
            'mode = "backtest"',
            "mode = 3",
            "[run] mode: expected one of 'backtest', 'paper', 'testnet', 'live', got 3",
        ),
        ("tick_size = 0.1", "tick_size = 1e30", "tick_size must not exceed 1000000000: got 1E+30"),
        ("max_position = 2", "drawdown = 5", "[risk] drawdown must not exceed 1: got 5.0"),
        ('venue = "binanceusdm"', 'venue = "binance"', "trades spot ones: did you mean 'BTC/USDT'?"),
        ('"BTC/USDT:USDT"]', '"mian:BTC/USDT:USDT"]', "no account 'mian'; did you mean 'main'?"),
        ('"BTC/USDT:USDT"]\ntick', '"BTCUSDT"]\ntick', "'BTCUSDT' is not a symbol"),
        ('"BTC/USDT:USDT"]\ntick', '"BTC/USD:BTC-261225-100000-C"]\ntick', "is an option: not supported"),
        ("[accounts.main]", "[accounts.Main]", "account name 'Main': expected lower-case"),
        ("[run]", "[run", "not TOML"),
    ],
)
def test_each_mistake_is_named_with_its_place(tmp_path: Path, old: str, new: str, expected: str):
    assert old in GOOD
    assert expected in error_of(tmp_path, GOOD.replace(old, new, 1))


def test_a_wrong_regime_names_the_right_ones(tmp_path: Path):
    text = GOOD.replace('type = "capture"\npath = "day.jsonl.gz"', 'type = "synthetic"\nregime = "clam"')
    expected = "regime: expected one of 'calm', 'trending', 'volatile', got 'clam'; did you mean 'calm'?"
    assert expected in error_of(tmp_path, text)


def test_live_names_the_limits_it_lacks(tmp_path: Path):
    message = error_of(tmp_path, GOOD.replace('"backtest"', '"live"'))
    assert "[risk] max_order_notional, [risk] daily_loss, [risk] drawdown" in message
    assert "max_position" not in message


def test_a_bare_symbol_is_ambiguous_with_two_accounts(tmp_path: Path):
    text = GOOD + '\n[accounts.other]\nvenue = "binanceusdm"\n'
    assert "write main:BTC/USDT:USDT or other:BTC/USDT:USDT" in error_of(tmp_path, text)


def test_a_plain_balance_is_refused_where_its_asset_is_not_clear(tmp_path: Path):
    text = GOOD + '\n[instruments."BTC/USD:BTC"]\ntick_size = 0.1\nlot_size = 1\n'
    assert "settle in USDT and BTC: write balance = { USDT = 25000 }" in error_of(tmp_path, text)


def test_missing_file_and_missing_tables_are_named(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: No such file"):
        config.load(tmp_path / "none.toml")
    assert "the file lacks [accounts] and [instruments] and [feed]" in error_of(tmp_path, "")


@pytest.mark.parametrize("tables", [{"accounts": 3}, {"accounts": {"main": 3}}])
def test_a_value_in_place_of_a_table_is_refused(tables: dict[str, object]):
    rest = {"instruments": {}, "feed": {"type": "synthetic"}, "strategies": {}}
    with pytest.raises(ConfigError, match="must be a table, got 3"):
        config.from_tables(tables | rest)
