"""Rules and the same logic written as `on_bar` fill alike: bar, side, price, size, fee, to the last bit.

The logic needs no rounding (highest high, lowest low), so that both sides see the same signals.
"""

import csv
import gzip
from collections import deque
from datetime import UTC, datetime

import numpy as np
import pytest

import alipes
import alipes.rules as r
from alipes import backtest
from alipes.strategy import Strategy

MINUTE = 60_000_000_000
SYMBOL = "BTC/USDT:USDT"
FILLER = (*range(242, 249), *range(17_522, 17_529))
"""Rows of the real bars that are straight lines, some at half prices: not trading, and off the tick."""
SPEC = alipes.InstrumentSpec(
    symbol=SYMBOL, base="BTC", quote="USDT", tick_size="0.5", lot_size="0.001", min_notional="5"
)
FILLS = ("next_open", "same_close", "next_close")
SIZES = {"units": 0.05, "notional": 3_000.0}


def donchian(n, kind, value, **exits):
    above, below = r.rolling_max(r.high, n).shift(1), r.rolling_min(r.low, n).shift(1)
    half = n // 2
    return r.Rules(
        enter_long=r.close > above,
        exit_long=r.close < r.rolling_min(r.low, half).shift(1),
        enter_short=r.close < below,
        exit_short=r.close > r.rolling_max(r.high, half).shift(1),
        size=getattr(r, kind)(value),
        **exits,
    )


class Donchian(Strategy):
    """The rules above by hand, one bar at a time."""

    def __init__(self, n, kind, value, **exits):
        self.n, self.kind, self.value, self.exits = n, kind, value, exits

    def on_start(self, ctx, resumed):
        self.market = ctx.subscribe_bars(SYMBOL, "1m")
        self.highs, self.lows = deque(maxlen=self.n), deque(maxlen=self.n)

    def on_bar(self, ctx, bar):
        highs, lows, n, half = list(self.highs), list(self.lows), self.n, self.n // 2
        self.highs.append(bar.high)
        self.lows.append(bar.low)
        whole, part = len(highs) == n, len(highs) >= half
        el, es = whole and bar.close > max(highs), whole and bar.close < min(lows)
        xl, xs = part and bar.close < min(lows[-half:]), part and bar.close > max(highs[-half:])
        size = ctx.position(self.market).size
        if not size:
            if el or es:
                self.enter(ctx, ctx.buy if el else ctx.sell)
        elif size > 0 and (xl or es):
            self.leave(ctx, ctx.sell, size, turns=es)
            if es:
                self.enter(ctx, ctx.sell)
        elif size < 0 and (xs or el):
            self.leave(ctx, ctx.buy, -size, turns=el)
            if el:
                self.enter(ctx, ctx.buy)

    def leave(self, ctx, order, size, *, turns):
        order(self.market, size, reduce_only=True)

    def enter(self, ctx, order):
        sized = {"size": self.value} if self.kind == "units" else {"notional": self.value}
        order(self.market, **sized, **self.exits)


class Turning(Donchian):
    """The same in units, a reversal being one order for what is held and what is wanted."""

    def enter(self, ctx, order):
        held = abs(float(ctx.position(self.market).size))
        order(self.market, held + self.value, **self.exits)

    def leave(self, ctx, order, size, *, turns):
        if not turns:
            super().leave(ctx, order, size, turns=turns)


def equal_fills(left, right):
    filled = [result.orders.where(np.equal(result.orders["status"], "filled")) for result in (left, right)]
    assert len(filled[0]) > 0
    for name in ("bar", "kind", "side", "size", "fill_bar", "fill_ts", "price", "fee", "is_maker", "trade"):
        np.testing.assert_array_equal(*(np.asarray(table[name]) for table in filled), err_msg=name)
    for name in ("equity", "position"):
        np.testing.assert_array_equal(left.equity[name], right.equity[name], err_msg=name)
    return filled[0]


def made_up(n=4_000, seed=11):
    rng = np.random.default_rng(seed)
    close = np.round(40_000 * np.exp(np.cumsum(rng.normal(0, 0.001, n))), 1)
    open_ = np.round(np.append(close[0], close[:-1]) * (1 + rng.normal(0, 1e-4, n)), 1)
    high = np.round(np.maximum(open_, close) * (1 + np.abs(rng.normal(0, 5e-4, n))), 1)
    low = np.round(np.minimum(open_, close) * (1 - np.abs(rng.normal(0, 5e-4, n))), 1)
    columns = {"open": open_, "high": high, "low": low, "close": close, "volume": np.ones(n)}
    return alipes.bars({"ts": 1_700_000_040_000_000_000 + MINUTE * np.arange(n), **columns})


@pytest.fixture(scope="module")
def made_up_bars():
    return made_up()


@pytest.fixture(scope="module")
def real_bars(data_dir):
    path = data_dir / "btc_perp_1m_20211231_20220201.csv.gz"
    if not path.is_file():
        pytest.skip(f"no real bars at {path}")
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    stamps = [datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC) for row in rows]
    columns = {
        name: np.array([float(row[name]) for row in rows])
        for name in ("open", "high", "low", "close", "volume")
    }
    return alipes.bars({"ts": np.array([int(at.timestamp()) for at in stamps]) * 10**9, **columns})


EXITS = {
    "no exits": ({}, {}),
    "ratios": (
        {"stop_loss": r.pct(0.002), "take_profit": r.pct(0.003)},
        {"stop_loss": r.pct(0.002), "take_profit": r.pct(0.003)},
    ),
    "prices": (
        {"stop_loss": r.const(60), "take_profit": r.const(45.5)},
        {"stop_loss": 60, "take_profit": 45.5},
    ),
}


@pytest.mark.parametrize("exits", EXITS)
@pytest.mark.parametrize("kind", SIZES)
@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("instrument", [None, SPEC], ids=["no grid", "instrument"])
def test_fills_are_identical_on_made_up_bars(made_up_bars, instrument, fill, kind, exits):
    terms = {
        "fees_bps": 4.0,
        "maker_fees_bps": 1.0,
        "slippage_bps": 1.5,
        "fill": fill,
        "instrument": instrument,
    }
    ours, theirs = EXITS[exits]
    rules = backtest.run(donchian(8, kind, SIZES[kind], **ours), made_up_bars, **terms)
    by_hand = backtest.run(Donchian(8, kind, SIZES[kind], **theirs), made_up_bars, **terms)
    filled = equal_fills(rules, by_hand)
    assert len(filled) > 300
    if ours:
        assert {"stop_loss", "take_profit"} <= set(filled["kind"])


@pytest.mark.parametrize("kind", SIZES)
@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("instrument", [None, SPEC], ids=["no grid", "instrument"])
def test_fills_are_identical_on_real_bars(real_bars, instrument, fill, kind):
    terms = {"fees_bps": 2.0, "fixed_fee": 0.01, "fill": fill, "instrument": instrument}
    exits = EXITS["ratios"][0]
    rules = backtest.run(donchian(30, kind, SIZES[kind], **exits), real_bars, **terms)
    by_hand = backtest.run(Donchian(30, kind, SIZES[kind], **exits), real_bars, **terms)
    filled = equal_fills(rules, by_hand)
    assert len(filled) > 1_000
    assert set(FILLER) <= set(range(len(real_bars)))


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("instrument", [None, SPEC], ids=["no grid", "instrument"])
def test_one_order_that_turns_the_position_fills_as_a_close_and_an_open(made_up_bars, instrument, fill):
    terms = {"fees_bps": 4.0, "slippage_bps": 1.5, "fill": fill, "instrument": instrument}
    rules = backtest.run(donchian(8, "units", 0.05), made_up_bars, **terms)
    by_hand = backtest.run(Turning(8, "units", 0.05), made_up_bars, **terms)
    assert len(equal_fills(rules, by_hand)) > 300


@pytest.mark.parametrize("kind", SIZES)
@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("instrument", [None, SPEC], ids=["no grid", "instrument"])
def test_rules_as_a_strategy_fill_as_the_rules_do(made_up_bars, instrument, fill, kind):
    terms = {"fees_bps": 4.0, "slippage_bps": 1.5, "fill": fill, "instrument": instrument}
    rules = donchian(8, kind, SIZES[kind], **EXITS["ratios"][0])
    batch = backtest.run(rules, made_up_bars, **terms)
    streamed = backtest.run(rules.strategy(SYMBOL, "1m"), made_up_bars, **terms)
    assert len(equal_fills(batch, streamed)) > 300
