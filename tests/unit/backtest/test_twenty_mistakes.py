"""Twenty mistakes of naive vectorised code: the product gives the right number, the naive formula another.

The right numbers are worked out beside each test; the wrong formulas are in tests/reference/bar_mistakes.py.
"""

import math
import random
from typing import Any

import numpy as np
import pytest
from tests.reference import bar_mistakes as naive

import alipes
import alipes.rules as r
from alipes import backtest
from alipes.data.bars import Bars
from alipes.errors import InputError

MINUTE, HOUR, DAY = (count * 1_000_000_000 for count in (60, 3_600, 86_400))
MIDNIGHT = 1_704_067_200_000_000_000
GO_LONG = r.column("side") > 0
GO_SHORT = r.column("side") < 0


def bars_of(close: list[float], step: int = MINUTE, **columns: Any) -> Bars:
    """Bars that open at the last close, unless `open` says otherwise."""
    opens = np.array(columns.pop("open", [close[0], *close[:-1]]), float)
    closes, ts = np.array(close, float), MIDNIGHT + step * np.arange(len(close))
    prices = {"open": opens, "high": np.maximum(opens, closes), "low": np.minimum(opens, closes)}
    ts = columns.pop("ts", ts)
    rest = {name: np.array(values, float) for name, values in columns.items()}
    return alipes.bars({"ts": ts, **prices, "close": closes, "volume": np.ones(len(close)), **rest})


def run(rules: r.Rules, bars: Bars, **options: Any) -> Any:
    return backtest.run(rules, bars, **{"cash": 1000.0, **options})


def last(result: Any) -> float:
    return float(result.equity["equity"][-1])


def walk(count: int, seed: int) -> list[float]:
    """A random walk of prices around 100."""
    rng, found = random.Random(seed), [100.0]
    while len(found) < count:
        found.append(found[-1] * (1 + rng.gauss(0, 0.002)))
    return found


def test_01_the_first_warm_bar_is_no_cross() -> None:
    bars = bars_of([float(price) for price in range(100, 140)])
    fast, slow = (naive.rolling_mean(bars.columns["close"], n) for n in (3, 5))
    assert (
        np.count_nonzero(np.diff(naive.side(fast, slow)) == 2) == 1
    )  # prices rise throughout: there is no cross
    result = run(r.Rules(enter_long=r.cross_above(r.sma(r.close, 3), r.sma(r.close, 5))), bars)
    assert len(result.orders) == 0
    assert last(result) == 1000.0


def test_02_a_tie_holds_the_state() -> None:
    fast = [1.0, 3.0, 2.0, 3.0, 3.0]
    bars = bars_of([100.0, 100.0, 110.0, 90.0, 120.0], fast=fast)
    position = naive.side(np.array(fast), np.full(5, 2.0))
    assert naive.equity_of(np.maximum(position, 0), bars.columns["close"], 1000)[-1] == pytest.approx(
        1000 * 1.1 * 4 / 3
    )
    cross = {
        "enter_long": r.cross_above(r.column("fast"), 2),
        "exit_long": r.cross_below(r.column("fast"), 2),
    }
    result = run(r.Rules(**cross), bars)
    assert last(result) == pytest.approx(1200.0, abs=1e-9)  # bought at 100 and held through the tie
    assert len(result.trades) == 1


def test_03_a_level_holds_from_the_first_bar_and_a_cross_does_not() -> None:
    bars = bars_of([100.0, 110.0, 121.0, 133.1])
    assert not naive.entries_by_prepend(bars.columns["close"] > 90).any()
    level = run(r.Rules(enter_long=r.close > 90), bars)
    assert last(level) == pytest.approx(1331.0, abs=1e-9)  # bought at the open of bar 1, 100
    assert len(run(r.Rules(enter_long=r.cross_above(r.close, 90)), bars).orders) == 0


def test_04_an_exit_is_no_short() -> None:
    side = [1.0, -1.0, -1.0, -1.0]
    bars = bars_of([100.0, 110.0, 100.0, 80.0], side=side)
    wrong = naive.equity_of(np.array(side), bars.columns["close"], 1000)[-1]
    assert wrong == pytest.approx(1000 * 1.1 * (1 + 1 / 11) * 1.2)
    flat = run(r.Rules(enter_long=GO_LONG, exit_long=GO_SHORT), bars)
    assert last(flat) == pytest.approx(1100.0, abs=1e-9)
    short = run(r.Rules(enter_long=GO_LONG, enter_short=GO_SHORT), bars)
    assert last(short) == pytest.approx(1400.0, abs=1e-9)  # 10 units short from 110 to 80


def test_05_a_position_earns_from_the_next_open() -> None:
    side, opens = [1.0, -1.0, -1.0], [100.0, 115.0, 118.0]
    bars = bars_of([100.0, 110.0, 120.0], open=opens, side=side)
    rules = r.Rules(enter_long=GO_LONG, exit_long=GO_SHORT)
    wrong = naive.equity_of(np.array([1.0, 0.0, 0.0]), bars.columns["close"], 1000)[-1]
    assert wrong == pytest.approx(1100.0)
    right = run(rules, bars)
    assert last(right) == pytest.approx(1000 * (110 / 115) * (118 / 110), abs=1e-9)  # c/o, then o/c
    assert not right.optimistic
    named = run(rules, bars, fill="same_close")
    assert last(named) == pytest.approx(1100.0, abs=1e-9)
    assert named.optimistic


def test_06_a_bar_does_not_earn_with_its_own_close() -> None:
    bars = bars_of([100.0, 110.0, 99.0, 108.9, 98.01])
    up = r.close > r.close.shift(1)
    position = np.where(naive.returns(bars.columns["close"]) > 0, 1.0, 0.0)
    assert naive.equity_without_shift(position, bars.columns["close"], 1000)[-1] == pytest.approx(1210.0)
    result = run(r.Rules(enter_long=up, exit_long=~up), bars)
    assert last(result) == pytest.approx(810.0, abs=1e-9)  # 110 to 99, then 108.9 to 98.01


def test_07_a_fee_falls_due_at_the_fill() -> None:
    side = [1.0, 1.0, -1.0, -1.0]
    bars = bars_of([100.0] * 4, side=side)
    held = np.maximum(np.array(side), 0)
    wrong = naive.equity_less_turnover(held, bars.columns["close"], 1000, 0.01)
    assert wrong == pytest.approx([1000, 1000, 990, 990])
    result = run(r.Rules(enter_long=GO_LONG, exit_long=GO_SHORT), bars, fees_bps=100)
    bought, sold = 1000 / 1.01, 1000 / 1.01 * 0.99
    assert result.equity["equity"] == pytest.approx([1000, bought, bought, sold], abs=1e-9)
    assert result.stats["fees"] == pytest.approx(2 * 0.01 * bought, abs=1e-9)


def test_08_a_fee_is_paid_from_cash() -> None:
    bars = bars_of([100.0, 110.0, 110.0], side=[1.0, -1.0, -1.0])
    result = run(r.Rules(enter_long=GO_LONG, exit_long=GO_SHORT), bars, fees_bps=100)
    assert 1000 * naive.growth_less_fees(100, 110, 0.01) == pytest.approx(1080.0)
    assert last(result) == pytest.approx(1000 / 1.01 * 1.1 * 0.99, abs=1e-9)


def test_09_a_reversal_is_two_legs() -> None:
    side = [1.0, -1.0, -1.0]
    bars = bars_of([100.0] * 3, side=side)
    result = run(r.Rules(enter_long=GO_LONG, enter_short=GO_SHORT), bars, fees_bps=100)
    assert 1000 * naive.cost_of_changes(np.array(side), 0.01) == pytest.approx(980.1)
    closed = 1000 / 1.01 * 0.99
    assert last(result) == pytest.approx(closed - 0.01 * closed / 1.01, abs=1e-9)
    assert list(result.orders["kind"]) == ["open", "close", "open"]


def test_10_a_short_keeps_its_units() -> None:
    bars = bars_of([100.0, 80.0, 100.0], side=[-1.0, 0.0, 0.0])
    wrong = naive.equity_of(np.array([-1.0, -1.0, -1.0]), bars.columns["close"], 1000)[-1]
    assert wrong == pytest.approx(1000 * 1.2 * 0.75)
    result = run(r.Rules(enter_short=GO_SHORT), bars)
    assert last(result) == pytest.approx(1000.0, abs=1e-9)
    assert result.equity["position"] == pytest.approx([0, -10, -10], abs=1e-12)


def test_11_cash_lots_minimum_slippage_and_funding_count() -> None:
    names = {"symbol": "BTC/USDT:USDT", "base": "BTC", "quote": "USDT", "kind": "linear"}
    grid = {"tick_size": "0.1", "lot_size": "0.01", "min_notional": "5"}
    btc = alipes._core.InstrumentSpec(**names, **grid)
    bars = bars_of([30_000.0, 30_000.0, 33_000.0], side=[1.0, 0.0, 0.0])
    terms = {"instrument": btc, "slippage_bps": 10, "fees_bps": 10, "funding": ([bars.ts[2]], [0.0001])}
    assert naive.equity_of(np.ones(3), bars.columns["close"], 1000)[-1] == pytest.approx(1100.0)
    result = run(r.Rules(enter_long=GO_LONG), bars, **terms)
    cash = 1000 - 0.03 * 30_030 * 1.001 - 0.03 * 30_000 * 0.0001  # 1000/(30030·1.001) = 0.0333 lots to 0.03
    assert last(result) == pytest.approx(cash + 0.03 * 33_000, abs=1e-9)
    poor = run(r.Rules(enter_long=GO_LONG), bars, **terms | {"cash": 100.0})
    assert list(poor.skipped["reason"]) == ["below minimum"]
    assert last(poor) == 100.0


def test_12_the_peak_starts_at_the_initial_cash_and_ruin_ends_the_run() -> None:
    bars = bars_of([100.0, 90.0, 90.0], side=[1.0, 0.0, 0.0])
    result = run(r.Rules(enter_long=GO_LONG), bars, fees_bps=100, fill="same_close")
    assert naive.max_drawdown(result.equity["equity"]) == pytest.approx(0.1)
    assert result.stats["max_drawdown"] == pytest.approx(1 - 0.9 / 1.01, abs=1e-12)
    bars = bars_of([100.0, 100.0, 40.0, 40.0], open=[100.0, 100.0, 40.0, 40.0], side=[1.0, 1.0, 1.0, 1.0])
    ruin = run(r.Rules(enter_long=GO_LONG, size=r.notional(2000.0)), bars, leverage=2.0)
    assert list(ruin.equity["equity"]) == pytest.approx([1000, 1000, -200, -200], abs=1e-9)  # 20·(40 - 100)
    assert ruin.ruined == 2


def minutes_of_three_days() -> tuple[Bars, Any, np.ndarray]:
    bars = bars_of(walk(3 * 1440, 13))
    result = run(r.Rules(enter_long=r.close > 0), bars)
    at_midnight = result.equity["equity"][1439::1440]
    return (
        bars,
        result,
        np.diff(np.concatenate([[1000.0], at_midnight])) / np.concatenate([[1000.0], at_midnight[:-1]]),
    )


def test_13_the_sharpe_ratio_is_of_utc_days() -> None:
    _, result, daily = minutes_of_three_days()
    equity = result.equity["equity"]
    per_bar = equity[1:] / equity[:-1] - 1
    wrong = naive.sharpe(per_bar, 365)
    assert naive.sharpe(per_bar, 525_600) / wrong == pytest.approx(math.sqrt(1440))  # 37.9 times too small
    right = daily.mean() / daily.std(ddof=1) * math.sqrt(365)
    assert result.stats["sharpe"] == pytest.approx(right, rel=1e-9)
    assert abs(wrong / right) < 0.2


def test_14_deviations_have_one_degree_of_freedom_and_none_has_no_ratio() -> None:
    bars, result, daily = minutes_of_three_days()
    wrong = naive.sharpe(daily, 365, ddof=0)
    assert result.stats["sharpe"] == pytest.approx(
        wrong * math.sqrt(2 / 3), rel=1e-9
    )  # √((n-1)/n), n = 3 days
    idle = run(r.Rules(enter_long=r.close < 0), bars)
    assert naive.sharpe_or_zero(np.zeros(3)) == 0.0
    assert math.isnan(idle.stats["sharpe"])


def test_15_trades_are_round_trips() -> None:
    side = [1.0, 1.0, -1.0, -1.0, 1.0, 1.0]
    bars = bars_of([100.0, 100.0, 110.0, 120.0, 100.0, 90.0], side=side)
    position = np.array(side)
    result = run(r.Rules(enter_long=GO_LONG, enter_short=GO_SHORT, size=r.units(1.0)), bars)
    assert naive.legs(position) == 5
    assert list(result.trades["pnl"]) == pytest.approx([10, 10, -10], abs=1e-9)  # 100-110, 110-100, 100-90
    assert list(result.trades["is_open"]) == [False, False, True]
    assert naive.bar_win_rate(position, bars.columns["close"]) == pytest.approx(2 / 5)
    assert result.stats["win_rate"] == 1.0  # of the two that are closed


def test_16_gaps_are_time_and_an_unclosed_bar_is_not_seen() -> None:
    ts = MIDNIGHT + MINUTE * np.array([0, 1, 2, 6, 7])
    bars = bars_of([100.0, 101.0, 102.0, 103.0, 104.0], ts=ts, side=[1.0, 0, 0, 0, 0])
    result = run(r.Rules(enter_long=GO_LONG, max_bars=3), bars)
    by_bars, by_time = 1 + 3, int(np.flatnonzero(ts >= ts[1] + 3 * MINUTE)[0])
    assert (by_bars, by_time) == (4, 3)
    assert list(result.trades["exit_bar"]) == [by_time]
    close = [float(k) for k in range(1, 9)]
    bars = bars_of(close, step=HOUR // 4)
    wrong = naive.bucket_last(np.array(close), bars.ts, HOUR)
    assert list(wrong) == [4, 4, 4, 4, 8, 8, 8, 8]
    seen = r.evaluate(r.tf("1h", r.close), bars)
    nan = math.nan
    assert list(seen) == pytest.approx([nan, nan, nan, 4, 4, 4, 4, 8], nan_ok=True)  # known when it has ended


def test_17_different_warm_ups_are_scored_from_a_common_bar() -> None:
    bars = bars_of([100.0 * 1.01**k for k in range(40)], step=HOUR)
    rules = r.Rules(enter_long=r.close > r.sma(r.close, r.param("n")), size=r.units(1.0))
    params = {"n": [2, 20]}
    own = backtest.sweep(rules, bars, params=params, metrics=("total_return",), cash=1000.0)
    common = backtest.sweep(
        rules, bars, params=params, metrics=("total_return",), cash=1000.0, score_from="common"
    )
    assert own["total_return"][0] > own["total_return"][1]  # only because it began earlier
    close = bars.columns["close"]
    right = (close[39] - close[19]) / 1000  # bar 19 is the first at which both windows are full
    assert common["total_return"] == pytest.approx([right, right], abs=1e-12)


def test_18_integer_times_need_their_unit() -> None:
    days = np.datetime64("2023-01-01") + np.arange(400)
    times = days.astype("datetime64[us]")
    close = np.array(walk(400, 18))
    prices = dict.fromkeys(("open", "high", "low", "close"), close)
    with pytest.raises(InputError, match="unit="):
        alipes.bars({"time": naive.int_stamps(times), **prices, "volume": np.ones(400)})
    bars = alipes.bars({"time": times, **prices, "volume": np.ones(400)})
    result = run(r.Rules(enter_long=r.close > 0), bars)
    wrong_years = np.ptp(naive.int_stamps(times)) / (365 * DAY)
    growth = last(result) / 1000
    right = growth ** (365 / 400) - 1
    assert result.stats["cagr"] == pytest.approx(right, rel=1e-9)
    assert abs(growth ** min(1 / wrong_years, 300) - 1) > 1.5 * abs(right)


def test_19_the_best_of_a_grid_is_in_sample() -> None:
    bars = bars_of(walk(4000, 19))
    train, test = bars[:2000], bars[2000:]
    above = r.close > r.sma(r.close, r.param("n"))
    rules = r.Rules(enter_long=above, exit_long=~above)
    result = backtest.sweep(rules, train, params={"n": range(2, 42)}, metrics=("total_return",))
    wrong = result["total_return"].max()
    n = int(result["n"][result["total_return"].argmax()])
    unseen = backtest.run(rules, test, params={"n": n}).stats["total_return"]
    assert wrong > np.median(result["total_return"])
    assert unseen != pytest.approx(wrong)
    assert result.trials == len(result) == 40
    assert "40 trials, in-sample" in result.caution()


def test_20_a_spike_leaves_no_residue_in_a_window() -> None:
    x = np.full(30, 0.1)
    x[5] = 1e17
    bars = bars_of([100.0] * 30, x=x)
    assert naive.rolling_mean_by_cumsum(x, 4)[-1] == 0.0
    assert r.evaluate(r.rolling_mean(r.column("x"), 4), bars)[-1] == pytest.approx(0.1, rel=1e-15)
