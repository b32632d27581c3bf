"""Numbers on the wire, bars and aggregated trades."""

from __future__ import annotations

import random

import pytest

from alipes.errors import InputError
from alipes.mockvenue.candles import DAY_MS, MINUTE_MS, Candle, Candles, kline_row, start_of
from alipes.mockvenue.clients import point
from alipes.mockvenue.config import VenueConfig
from alipes.mockvenue.listing import CATALOG, Listing, Terms
from alipes.mockvenue.server import VenueServer
from alipes.mockvenue.tape import Tape

BTC = Listing(index=0, symbol="BTC/USDT:USDT", terms=CATALOG["BTC/USDT:USDT"])
DOGE = Listing(index=1, symbol="DOGE/USDT:USDT", terms=CATALOG["DOGE/USDT:USDT"])


def test_prices_and_sizes_have_the_venues_decimals():
    assert (BTC.id, BTC.price_text(600_001), BTC.size_text(1_500_000)) == ("BTCUSDT", "60000.10", "1.500")
    assert (BTC.size_text(-1_000), BTC.size_text(1_234), BTC.size_text(0)) == ("-0.001", "0.001234", "0.000")
    assert (DOGE.price_text(20_001), DOGE.size_text(7_000)) == ("0.200010", "7")
    assert BTC.value_text(600_001, 1_500_000) == "90000.15000"


def test_symbols_that_are_no_linear_perpetual_are_refused():
    for symbol in ("BTC/USDT", "BTC/USD:BTC", "BTCUSDT"):
        with pytest.raises(InputError, match="linear perpetual"):
            Listing(index=0, symbol=symbol, terms=Terms())
    with pytest.raises(InputError, match="coarser"):
        Listing(index=0, symbol="A/USDT:USDT", terms=Terms(tick="0.001", price_decimals=2))


def test_a_config_that_contradicts_itself_is_refused(tmp_path):
    for wrong in ({"symbols": ()}, {"symbols": ("A/USDT:USDT",) * 2}, {"speed": -1.0}):
        with pytest.raises(InputError):
            VenueConfig(**wrong)
    with pytest.raises(InputError, match="one symbol"):
        VenueConfig(symbols=("A/USDT:USDT", "B/USDT:USDT"), capture=tmp_path / "x")


def test_minutes_join_to_longer_bars_and_gaps_hold_the_last_price():
    candles = Candles()
    candles.add_trade(0, 1, 100, 1_000, is_buy=True)
    candles.add_trade(59_999, 2, 90, 2_000, is_buy=False)
    candles.add_trade(3 * MINUTE_MS, 3, 120, 3_000, is_buy=True)
    minutes = candles.bars("1m")
    assert [bar.start_ms // MINUTE_MS for bar in minutes] == [0, 1, 2, 3]
    assert (minutes[1].open, minutes[1].close, minutes[1].trades) == (90, 90, 0)
    (five,) = candles.bars("5m")
    assert (five.open, five.high, five.low, five.close) == (100, 120, 90, 120)
    assert (five.volume, five.buy_volume, five.value) == (6_000, 4_000, 100_000 + 180_000 + 360_000)
    assert (five.trades, five.first_id, five.last_id) == (3, 1, 3)
    last = candles.last("3m")
    assert last is not None
    assert (last.start_ms, last.open) == (3 * MINUTE_MS, 120)
    assert candles.bars("1m", from_ms=MINUTE_MS, to_ms=2 * MINUTE_MS) == minutes[1:3]


def test_a_bar_is_written_as_the_venue_writes_it():
    candles = Candles()
    candles.add_trade(60_001, 7, 600_000, 1_500_000, is_buy=True)
    (bar,) = candles.bars("1m")
    assert kline_row(BTC, "1m", bar) == [
        60_000,
        "60000.00",
        "60000.00",
        "60000.00",
        "60000.00",
        "1.500",
        119_999,
        "90000.00000",
        1,
        "1.500",
        "90000.00000",
        "0",
    ]


def test_the_last_24_hours_are_the_minutes_of_the_last_24_hours():
    chance, candles, now_ms = random.Random(7), Candles(), 1_749_427_200_000
    for number in range(4_000):
        now_ms += chance.choice((1_000, 20_000, 60_000, 90_000))
        candles.add_trade(
            now_ms, number, chance.randint(50, 150), chance.randint(1, 9), is_buy=number % 2 == 0
        )
        now_ms += chance.choice((0, 0, 7_000, 130_000))
        day = candles.day(now_ms)
        if number % 40:
            continue
        minutes = [bar for bar in candles.bars("1m") if bar.start_ms > now_ms - DAY_MS]
        plain = Candle(minutes[0].start_ms, *[minutes[0].open] * 4)
        plain.high, plain.low = max(bar.high for bar in minutes), min(bar.low for bar in minutes)
        plain.close, plain.volume = minutes[-1].close, sum(bar.volume for bar in minutes)
        plain.value, plain.trades = sum(bar.value for bar in minutes), sum(bar.trades for bar in minutes)
        plain.buy_volume = sum(bar.buy_volume for bar in minutes)
        plain.buy_value = sum(bar.buy_value for bar in minutes)
        ids = [(bar.first_id, bar.last_id) for bar in minutes if bar.trades]
        plain.first_id, plain.last_id = ids[0][0], ids[-1][1]
        assert day == plain, number


def test_weeks_begin_on_monday():
    monday = 1_749_427_200_000  # 2025-06-09
    assert start_of("1w", monday) == monday
    assert start_of("1w", monday - 1) == monday - 7 * 24 * 3600 * 1000


def test_trades_of_one_turn_at_one_price_and_side_are_one_aggregate():
    tape = Tape()
    found = tape.add(
        5_000_000, [(1, 100, 10, True), (2, 100, 5, True), (3, 101, 1, True), (4, 101, 1, False)]
    )
    assert [(each.id, each.price, each.size, each.first_id, each.last_id) for each in found] == [
        (1, 100, 15, 1, 2),
        (2, 101, 1, 3, 3),
        (3, 101, 1, 4, 4),
    ]
    assert [each.id for each in tape.add(6_000_000, [(5, 101, 1, False)])] == [4]
    assert [each.time_ms for each in tape.trades] == [5, 5, 5, 5, 6]


def test_only_scheme_and_host_of_a_clients_addresses_change():
    urls = {
        "a": "https://fapi.binance.com/fapi/v1",
        "ws": {"linear": "wss://fstream.binance.com/ws"},
        "x": None,
    }
    assert point(urls, rest="http://127.0.0.1:1", stream="ws://127.0.0.1:2") == {
        "a": "http://127.0.0.1:1/fapi/v1",
        "ws": {"linear": "ws://127.0.0.1:2/ws"},
        "x": None,
    }


def test_the_same_seed_gives_the_same_keys_and_another_gives_others():
    def keys(seed: int) -> list[str]:
        config = VenueConfig(symbols=("BTC/USDT:USDT",), seed=seed, speed=0, history_s=0)
        accounts = VenueServer(config).exchange.accounts
        accounts.open()
        return [text for key in accounts.keys for text in (key.key, key.secret)]

    assert keys(1) == keys(1)
    assert len({*keys(1), *keys(2)}) == 8
