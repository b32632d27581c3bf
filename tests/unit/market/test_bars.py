"""Bars hold exactly the trades of their interval."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alipes._core import InstrumentSpec
from alipes.errors import InputError
from alipes.market import BarBuilder
from alipes.model import Instrument, Side, Trade

SPEC = InstrumentSpec(symbol="BTC/USDT:USDT", base="BTC", quote="USDT", tick_size="0.1", lot_size="0.001")
BTC = Instrument("main", "BTC/USDT:USDT", 0, SPEC)
MINUTE = 60 * 10**9


def trade(ts_event, price=100.0, size=1.0):
    return Trade(BTC, ts_event, price, size, Side.BUY, "1")


def test_a_bar_opens_at_a_multiple_of_its_interval_and_closes_with_the_first_trade_after_its_end():
    builder = BarBuilder(MINUTE)
    assert builder.add(trade(5 * MINUTE + 7, 101.0)) is None
    assert builder.add(trade(6 * MINUTE - 1, 99.0, 2.0)) is None
    bar = builder.add(trade(6 * MINUTE, 100.0))
    assert (bar.ts_open, bar.ts_close) == (5 * MINUTE, 6 * MINUTE)
    assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == (101.0, 101.0, 99.0, 99.0, 3.0)


def test_an_interval_without_trades_has_no_bar():
    builder = BarBuilder(MINUTE)
    builder.add(trade(0))
    assert builder.add(trade(10 * MINUTE)).ts_open == 0
    assert builder.add(trade(11 * MINUTE)).ts_open == 10 * MINUTE


def test_time_closes_a_bar_at_its_end_and_not_before():
    builder = BarBuilder(MINUTE)
    builder.add(trade(30))
    assert builder.advance(MINUTE - 1) is None
    assert builder.advance(MINUTE).ts_close == MINUTE
    assert builder.advance(MINUTE) is None


def test_a_trade_of_an_interval_that_is_over_is_counted_and_left_out():
    builder = BarBuilder(MINUTE)
    builder.add(trade(0))
    builder.advance(MINUTE)
    assert builder.add(trade(MINUTE - 1)) is None
    builder.add(trade(2 * MINUTE))
    builder.add(trade(MINUTE))
    assert builder.late == 2


@pytest.mark.parametrize("interval", [0, -1])
def test_an_interval_must_be_positive(interval):
    with pytest.raises(InputError, match="must be positive"):
        BarBuilder(interval)


@given(
    gaps=st.lists(st.integers(0, 3 * MINUTE), min_size=1, max_size=80),
    prices=st.lists(st.integers(1, 500), min_size=80, max_size=80),
    interval=st.sampled_from([1, 7 * 10**9, MINUTE, 5 * MINUTE]),
)
def test_bars_equal_the_trades_grouped_by_interval(gaps, prices, interval):
    times = itertools.accumulate(gaps)
    trades = [trade(at, float(price), price / 8) for at, price in zip(times, prices, strict=False)]
    builder = BarBuilder(interval)
    bars = [bar for each in trades if (bar := builder.add(each)) is not None]
    bars.append(builder.advance(trades[-1].ts_event + interval))
    groups = [list(group) for _, group in itertools.groupby(trades, lambda each: each.ts_event // interval)]
    assert builder.late == 0
    for bar, group in zip(bars, groups, strict=True):
        held = [each.price for each in group]
        assert bar.ts_open == group[0].ts_event // interval * interval
        assert bar.ts_close == bar.ts_open + interval
        assert (bar.open, bar.high, bar.low, bar.close) == (held[0], max(held), min(held), held[-1])
        assert bar.volume == sum(each.size for each in group)
