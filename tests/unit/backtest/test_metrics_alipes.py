"""Our own statistics: worked by hand, held to a plain reference, and undefined rather than infinite."""

import math
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from tests.counts import scaled
from tests.reference.curves import HOUR, MONDAY, Plan, cases, make, regular
from tests.reference.metrics import DAY, Curve, TradeRow, daily_equity, statistics
from tests.unit.backtest.metrics_of import differing, measured

from alipes import _core
from alipes.backtest.stats import METRICS
from alipes.errors import InputError


def daily(*equity, initial=100.0, trades=()):
    """A run of one bar a day that closes at midnight."""
    return Curve(initial, regular(MONDAY, DAY, len(equity)), DAY, list(equity), list(trades))


def trade(pnl, ratio, **changes):
    row = TradeRow(pnl, ratio, MONDAY, MONDAY + DAY, 0, 1, fees=0.5, value=200.0)
    return replace(row, **changes)


def test_every_statistic_is_there_in_order():
    assert list(measured(daily(100.0))) == list(METRICS)


def test_four_days_worked_by_hand():
    # Returns +10 %, -10 %, +10 %, 0 %: mean 2.5 %, offsets 7.5 -12.5 7.5 -2.5, squares 275 (in 1e-4).
    stats = measured(daily(110.0, 99.0, 108.9, 108.9))
    spread = math.sqrt(0.0275 / 3)
    assert stats["total_return"] == pytest.approx(0.089)
    assert stats["cagr"] == pytest.approx(1.089 ** (365 / 4) - 1)
    assert stats["volatility"] == pytest.approx(spread * math.sqrt(365))
    assert stats["sharpe"] == pytest.approx(0.025 / spread * math.sqrt(365))
    assert stats["sortino"] == pytest.approx(0.025 / math.sqrt(0.01 / 4) * math.sqrt(365))
    assert stats["omega"] == pytest.approx(2.0)
    assert stats["max_drawdown"] == pytest.approx(0.1)
    assert stats["max_drawdown_days"] == 3.0  # from the close of the first day to the end
    assert stats["calmar"] == pytest.approx(stats["cagr"] / 0.1)
    assert stats["var_95"] == pytest.approx(-0.1 + 0.15 * 0.1)
    cubes = 2 * 7.5**3 - 12.5**3 - 2.5**3
    assert stats["skew"] == pytest.approx(4 * math.sqrt(3) / 2 * cubes / 275**1.5)
    fourths = 2 * 7.5**4 + 12.5**4 + 2.5**4
    assert stats["kurtosis"] == pytest.approx(30 * fourths / 275**2 - 13.5)


def test_trades_worked_by_hand():
    rows = [
        trade(30.0, 0.3),
        trade(-10.0, -0.1, entry_ts=MONDAY + DAY, exit_ts=MONDAY + DAY + 12 * HOUR),
        trade(0.0, 0.0, entry_ts=MONDAY + 2 * DAY, exit_ts=MONDAY + 2 * DAY),
        trade(500.0, 5.0, entry_ts=MONDAY + 3 * DAY, exit_ts=MONDAY + 4 * DAY, value=100.0, is_open=True),
    ]
    stats = measured(daily(100.0, 130.0, 120.0, 120.0, trades=rows))
    assert stats["trades"] == 3.0
    assert stats["win_rate"] == pytest.approx(1 / 3)
    assert stats["profit_factor"] == 3.0
    assert stats["expectancy"] == pytest.approx(20 / 3)
    spread = math.sqrt(((30 - 20 / 3) ** 2 + (-10 - 20 / 3) ** 2 + (20 / 3) ** 2) / 2)
    assert stats["sqn"] == pytest.approx(math.sqrt(3) * 20 / 3 / spread)
    assert stats["exposure"] == pytest.approx(2.5 / 4)
    assert stats["fees"] == 2.0
    assert stats["turnover"] == 7.0
    assert (stats["best_trade"], stats["worst_trade"]) == (0.3, -0.1)
    assert stats["avg_trade"] == pytest.approx(0.2 / 3)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_run_has_the_statistics_of_the_plain_reference(case):
    assert differing(measured(case.curve), statistics(case.curve)) == {}


def test_random_runs_have_the_statistics_of_the_plain_reference():
    random = Random(7)
    for seed in range(scaled(60, 2_000)):
        step = random.choice((HOUR, 6 * HOUR, DAY, 5 * HOUR))
        start = MONDAY + random.randrange(48) * HOUR
        gap = random.randrange(200)
        ts = [t + (i > 40) * gap * step for i, t in enumerate(regular(start, step, random.randrange(1, 160)))]
        plan = Plan("random", ts, step, trading=random.choice((0.02, 0.3)), fee=random.choice((0.0, 0.002)))
        curve = make(plan, seed).curve
        assert differing(measured(curve), statistics(curve)) == {}, seed


def test_equity_that_never_moves_has_no_ratio():
    stats = measured(daily(*[100.0] * 40))
    assert stats["volatility"] == stats["total_return"] == stats["cagr"] == stats["max_drawdown"] == 0.0
    for name in ("sharpe", "sortino", "calmar", "omega", "skew", "kurtosis", "sqn", "profit_factor"):
        assert math.isnan(stats[name]), name


def test_equity_that_grows_by_the_same_ratio_each_day_has_no_spread_but_rounding():
    equity = [100.0 * 1.01 ** (i + 1) for i in range(200)]
    returns = [b / a - 1 for a, b in zip([100.0, *equity], equity, strict=False)]
    assert len(set(returns)) > 1  # what a plain standard deviation would call risk
    stats = measured(daily(*equity))
    assert stats["volatility"] == 0.0
    assert math.isnan(stats["sharpe"])


def test_profits_that_are_all_alike_have_no_quality_number():
    assert math.isnan(measured(daily(100.0, trades=[trade(0.1, 0.1)] * 7))["sqn"])


def test_nothing_divides_by_zero_into_an_infinity():
    for case in cases():
        assert not any(map(math.isinf, measured(case.curve).values())), case.name


def test_the_peak_starts_at_the_initial_cash():
    stats = measured(daily(90.0, 80.0))
    assert stats["max_drawdown"] == pytest.approx(0.2)
    assert stats["max_drawdown_days"] == 2.0
    # The naive way starts at the first bar.
    naive = measured(daily(90.0, 80.0), "vectorbt")["max_drawdown"]
    assert naive == pytest.approx(1 - 80.0 / 90.0)


def test_a_day_ends_at_midnight_and_an_incomplete_last_one_is_dropped():
    curve = Curve(100.0, regular(MONDAY + 22 * HOUR, HOUR, 27), HOUR, [float(101 + i) for i in range(27)])
    assert daily_equity(curve) == [102.0, 126.0]
    found, shorter = measured(curve), measured(replace(curve, ts=curve.ts[:26], equity=curve.equity[:26]))
    for name in ("volatility", "sharpe", "omega", "var_95"):
        assert (found[name] == shorter[name]) or math.isnan(found[name])


def test_minutes_are_annualised_by_days_and_not_by_the_root_of_365():
    """The naive ratio, mean/std of minutes times sqrt(365), is too small by sqrt(1440)."""
    curve = cases()[1].curve
    equity = [curve.initial, *curve.equity]
    minutes = [b / a - 1 for a, b in zip(equity, curve.equity, strict=False)]
    middle = sum(minutes) / len(minutes)
    spread = math.sqrt(sum((r - middle) ** 2 for r in minutes) / (len(minutes) - 1))
    naive = middle / spread * math.sqrt(365)
    by_bars = measured(curve, "vectorbt")["sharpe"]
    assert by_bars == pytest.approx(naive * math.sqrt(1440))
    assert abs(measured(curve)["sharpe"] / naive) > 5


def test_a_ruined_account_keeps_its_numbers_defined():
    stats = measured(daily(50.0, -5.0, -5.0, -5.0))
    assert stats["total_return"] == pytest.approx(-1.05)
    assert stats["cagr"] == -1.0
    assert stats["max_drawdown"] == pytest.approx(1.05)
    assert stats["var_95"] < -0.5
    assert math.isfinite(stats["sharpe"])


def test_gaps_carry_equity_over_and_count_as_time():
    whole = Curve(100.0, regular(MONDAY, DAY, 6), DAY, [100.0, 110.0, 110.0, 110.0, 121.0, 121.0])
    holed = replace(whole, ts=[whole.ts[i] for i in (0, 1, 4, 5)], equity=[100.0, 110.0, 121.0, 121.0])
    assert differing(measured(holed), measured(whole)) == {}


def test_unknown_conventions_are_refused_with_the_nearest():
    with pytest.raises(InputError, match='unknown convention "vectorbt "; did you mean "vectorbt"\\?'):
        measured(daily(100.0), "vectorbt ")
    with pytest.raises(InputError, match="equity has 1 values, ts has 0"):
        _core.bar_metrics("alipes", 1.0, np.array([], np.int64), np.array([1.0]), 1)
