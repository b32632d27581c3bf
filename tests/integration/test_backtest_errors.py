"""What a user can get wrong in `alipes.backtest.run`: one clear error each, before or instead of a result."""

import gzip
import math
from decimal import Decimal

import pytest
from tests.reference.recompute import recompute

import alipes
from alipes._core import SynthMarket
from alipes.errors import ConfigError, DataError, DecodeError, InputError

QUOTER = "alipes.strategy.library:Quoter"


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    path = tmp_path_factory.mktemp("market") / "market.jsonl"
    SynthMarket(seed=5).write(path, 3.0)
    return path


def run(capture, **changes):
    arguments = {
        "strategy": QUOTER, "capture": capture, "venue": "binanceusdm", "instrument": "BTC/USDT:USDT",
        "tick_size": "0.1", "lot_size": "0.001",
    }  # fmt: skip
    return alipes.backtest.run(**(arguments | changes))


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"tick_size": 0}, ConfigError, "tick_size must be above 0: got 0"),
        ({"tick_size": -1}, ConfigError, "tick_size must be above 0"),
        ({"tick_size": math.nan}, ConfigError, "tick_size must be a number"),
        ({"tick_size": "x"}, ConfigError, "tick_size.*'x'"),
        ({"lot_size": 0}, ConfigError, "lot_size must be above 0"),
        ({"tick_size": "1"}, DataError, "never in step.*off the grid of 1"),
        ({"venue": "binanceus"}, InputError, "binanceus.*expected one of binance, binanceusdm"),
        ({"instrument": "BTCUSDT"}, ConfigError, "'BTCUSDT' is not a symbol"),
        ({"instrument": "ETH/USDT:USDT"}, DataError, "no updates of ETH/USDT:USDT.*other symbols"),
        ({"venue": "binance", "instrument": "BTC/USDT"}, DecodeError, "is this a capture of binance"),
        ({"fees": (0.1,)}, ConfigError, "expected two rates"),
        ({"fees": ("x", "0")}, ConfigError, "maker.*'x'"),
        ({"balance": "lots"}, ConfigError, "balance.*'lots'"),
        ({"latency_ms": (-1, 5)}, ConfigError, "latency_ms must not be negative"),
        ({"limits": {"max_pos": "1"}}, ConfigError, "did you mean 'max_position'"),
        ({"params": {"sise": 1}}, ConfigError, "sise.*takes instrument, size"),
        ({"strategy": "x:y"}, ConfigError, "module 'x' does not import"),
        ({"strategy": int}, ConfigError, "int is not a strategy"),
        ({"every": "soon"}, InputError, "duration 'soon'"),
    ],
)
def test_a_wrong_argument_is_one_clear_error(capture, changes, error, says):
    with pytest.raises(error, match=says) as raised:
        run(capture, **changes)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (b"", DataError, "holds no frame"),
        (b"hello\n", DecodeError, "line 1"),
    ],
)
def test_a_capture_that_cannot_be_read_is_named(tmp_path, content, error, says):
    path = tmp_path / "broken.jsonl"
    path.write_bytes(content)
    with pytest.raises(error, match=says):
        run(path)


def test_a_truncated_capture_is_named_with_the_last_good_line(capture, tmp_path):
    path = tmp_path / "short.jsonl.gz"
    path.write_bytes(gzip.compress(capture.read_bytes())[:-5000])
    with pytest.raises(
        DataError, match=r"short\.jsonl\.gz: the gzip data is cut off or damaged after line \d+"
    ):
        run(path)


def test_a_missing_capture_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.jsonl"):
        run(tmp_path / "nowhere.jsonl")


class Subscribes(alipes.Strategy):
    def on_start(self, ctx, resumed):
        ctx.subscribe_book("ETH/USDT:USDT")


def test_a_strategy_that_fails_to_start_is_in_the_summary_with_its_reason(capture):
    result = run(capture, strategy=Subscribes())
    assert "unknown; known are binanceusdm:BTC/USDT:USDT" in result.summary["faults"]["subscribes"]
    assert result.orders == []


def test_an_unknown_table_is_named(capture):
    with pytest.raises(InputError, match="fills, orders, equity"):
        run(capture).table("trades")


def test_results_are_tables_too(capture):
    result = run(capture)
    fills = result.table("fills").to_pylist()
    assert len(fills) == len(result.fills)
    assert recompute(fills, Decimal("0.1"), Decimal("0.000001"))["fees"] == result.summary["fees"]
