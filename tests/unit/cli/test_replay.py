"""The flags of a replay as a config."""

from decimal import Decimal
from pathlib import Path

import pytest

from alipes import config
from alipes._core import SynthMarket
from alipes.cli.replay import market_of, parameter, replay_config
from alipes.errors import AlipesError, ConfigError

MARKET = {"venue": "binanceusdm", "instrument": "BTC/USDT:USDT", "tick": "0.1", "lot": "0.001"}
NONE = dict.fromkeys(MARKET)
FRAME = '1723161255030314667 {"stream":"x","data":{}}\n'


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    path = tmp_path / "bare.jsonl"
    path.write_text(FRAME)
    return path


def test_every_missing_flag_is_named(bare: Path):
    with pytest.raises(ConfigError, match="needs --venue and --instrument and --tick and --lot"):
        market_of(bare, NONE)
    with pytest.raises(ConfigError, match="needs --tick: it has no header"):
        market_of(bare, MARKET | {"tick": None})


def test_a_recording_made_by_alipes_carries_its_market(tmp_path: Path):
    path = tmp_path / "recorded.jsonl.gz"
    SynthMarket(seed=3).write(path, 0.5)
    assert market_of(path, NONE) == MARKET
    assert market_of(path, NONE | {"tick": "0.10"}) == MARKET | {"tick": "0.10"}


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"tick": "0.5"}, r"--tick 0\.5 contradicts the header of .*recorded\.jsonl, which says 0\.1"),
        ({"lot": "1"}, r"--lot 1 contradicts .* which says 0\.001"),
        ({"venue": "binance"}, "--venue binance contradicts .* which says binanceusdm"),
        ({"instrument": "ETH/USDT:USDT"}, "--instrument ETH/USDT:USDT contradicts .* which says BTC"),
        ({"tick": ""}, "--tick '': expected a value"),
        ({"venue": " "}, "--venue ' ': expected a value"),
    ],
)
def test_a_flag_that_is_empty_or_contradicts_the_recording_is_refused(
    tmp_path: Path, flags: dict[str, str], expected: str
):
    path = tmp_path / "recorded.jsonl"
    SynthMarket(seed=3).write(path, 0.5)
    with pytest.raises(ConfigError, match=expected):
        market_of(path, NONE | flags)


@pytest.mark.parametrize(
    ("venue", "symbol", "meant"),
    [("binanceusdm", "BTC/USDT", "BTC/USDT:USDT"), ("binance", "BTC/USDT:USDT", "BTC/USDT")],
)
def test_a_symbol_that_the_venue_does_not_trade_is_refused(bare: Path, venue: str, symbol: str, meant: str):
    with pytest.raises(ConfigError, match=f"did you mean '{meant}'"):
        market_of(bare, MARKET | {"venue": venue, "instrument": symbol})


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b\x08\x00trunc", b"not a capture\n"])
def test_a_file_that_is_no_capture_is_one_error(tmp_path: Path, content: bytes):
    path = tmp_path / "bad.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(AlipesError, match=r"bad\.jsonl\.gz"):
        market_of(path, NONE)


def test_flags_become_the_same_config_as_a_file(bare: Path):
    made = replay_config(
        bare,
        MARKET,
        strategy="mine:Quoter",
        params=["size=0.01", "name=abc", "levels=[1, 2]", 'text="0.5"', "on=true"],
        fees="0.0002,0.0005",
        balance="5000",
        latency="2",
    )
    assert made.accounts["binanceusdm"].fees == config.Fees(maker=Decimal("0.0002"), taker=Decimal("0.0005"))
    assert config.balances(made, "binanceusdm") == {"USDT": Decimal(5000)}
    assert made.run.latency_ms == (2.0, 2.0)
    params = {"size": 0.01, "name": "abc", "levels": [1, 2], "text": "0.5", "on": True}
    assert made.strategies["quoter"].params == params
    assert list(made.instruments) == ["binanceusdm:BTC/USDT:USDT"]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"fees": "0.1"}, "--fees '0.1': expected MAKER,TAKER"),
        ({"fees": "a,b"}, "[accounts.binanceusdm.fees] maker: invalid decimal string, got 'a'"),
        ({"latency": "fast"}, "--latency 'fast': expected a number"),
        ({"latency": "-1"}, "latency_ms must not be negative"),
        ({"balance": "much"}, "[accounts.binanceusdm] balance"),
        ({"params": ["=3"]}, "--param '=3': expected name=value"),
    ],
)
def test_each_wrong_flag_is_named(bare: Path, flags: dict[str, object], expected: str):
    with pytest.raises(ConfigError) as caught:
        replay_config(bare, MARKET, strategy="mine:Quoter", **flags)  # type: ignore[arg-type]
    assert expected in str(caught.value)


def test_a_value_that_is_no_toml_is_text():
    assert parameter("path=a/b") == ("path", "a/b")
    assert parameter("x=1e-3") == ("x", 0.001)
