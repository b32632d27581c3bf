"""Sizes and flags of a bar strategy's orders as people write them."""

from decimal import Decimal

import numpy as np
import pytest

import alipes
from alipes import backtest

MINUTE = 60_000_000_000
START = 1_700_000_040_000_000_000


class Once(alipes.Strategy):
    """Orders once, at its first bar."""

    def __init__(self, act):
        self.act, self.is_done = act, False

    def on_start(self, ctx, resumed):
        self.market = ctx.subscribe_bars("AB/CD", "1m")

    def on_bar(self, ctx, bar):
        if not self.is_done:
            self.is_done = True
            self.act(ctx, self.market)


def run(act, price=100.0):
    flat = np.full(6, price)
    bars = {"ts": START + MINUTE * np.arange(6), "open": flat, "high": flat, "low": flat, "close": flat}
    return backtest.run(Once(act), alipes.bars({**bars, "volume": np.ones(6)}), fees_bps=10)


def test_post_only_without_a_price_is_denied_since_it_could_only_take():
    result = run(lambda ctx, market: ctx.buy(market, 1.0, post_only=True))
    assert len(result.trades) == 0
    assert "post_only without a price: a market order always takes" in result.warnings["denied"]


@pytest.mark.parametrize("size", [np.int64(2), np.float32(2.0), 2, "2", Decimal(2)])
def test_a_size_is_any_number(size):
    result = run(lambda ctx, market: ctx.buy(market, size))
    assert "fault" not in result.warnings
    assert result.trades["size"].tolist() == [2.0]


@pytest.mark.parametrize("size", [True, np.ones(1, bool)[0], 1j, [1]])
def test_what_is_no_number_is_named(size):
    result = run(lambda ctx, market: ctx.buy(market, size))
    assert f"size {size!r}: expected a number, its text or a Decimal" in result.warnings["fault"]


def test_a_notional_at_a_price_next_to_nothing_buys_what_it_is_worth():
    result = run(lambda ctx, market: ctx.buy(market, notional=50.0), price=1e-13)
    assert "fault" not in result.warnings
    assert result.trades["size"].tolist() == pytest.approx([5e14], rel=1e-12)
