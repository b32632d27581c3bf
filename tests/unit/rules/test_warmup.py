"""Warm-up read off the graph: exact where windows are finite, else until the seed is forgotten."""

import numpy as np
import pytest
from tests.unit.rules.values import evaluate, random_bars

import alipes.rules as r
from alipes.errors import InputError

TS, C = random_bars(200)
FINITE = [
    r.close,
    r.const(3),
    r.sma(r.close, 20),
    r.sma(r.sma(r.close, 5), 7),
    r.close.shift(9),
    r.diff(r.close, 4),
    r.sma(r.close, 20) - r.close.shift(3),
    r.rolling_corr(r.close, r.close.shift(2), 10),
    r.rolling_zscore(r.volume, 30),
    r.stochastic(14, 3, 5).d,
    r.cci(20),
    r.mfi(14),
    r.true_range(),
    r.bollinger(r.close, 8).lower,
    r.donchian(8).middle,
]


def bars_of(term, params=None, step="1m"):
    return r.Rules(enter_long=term > 0).warmup_bars(params, step=step)


@pytest.mark.parametrize("term", FINITE, ids=repr)
def test_of_finite_windows_it_is_the_first_bar_with_a_value(term):
    assert bars_of(term) == np.flatnonzero(~np.isnan(evaluate(term, TS, C)))[0]


def test_crossings_need_one_bar_more():
    rules = r.Rules(enter_long=r.cross_above(r.sma(r.close, 5), r.sma(r.close, 12)))
    assert rules.warmup_bars() == 12


def test_the_slot_that_needs_most_decides():
    rules = r.Rules(enter_long=r.close > 1, stop_loss=r.donchian(50).upper - r.close)
    assert rules.warmup_bars() == 49


def test_parameters_decide_windows():
    n = r.param("n")
    assert bars_of(r.sma(r.close, 2 * n + 1), {"n": 10}) == 20


@pytest.mark.parametrize(("n", "alpha"), [(10, 2 / 11), (3, 0.5), (200, 2 / 201)])
def test_a_recursion_counts_until_its_seed_weighs_less_than_1e_12(n, alpha):
    decay = bars_of(r.ema(r.close, n)) - (n - 1)
    assert (1 - alpha) ** decay < 1e-12 <= (1 - alpha) ** (decay - 1)


def test_after_the_warm_up_another_past_changes_nothing_that_counts():
    term = r.rsi(r.close, 4)
    other = {name: values.copy() for name, values in C.items()}
    for name in ("open", "high", "low", "close"):
        other[name][0] += 50
    first, second = evaluate(term, TS, C), evaluate(term, TS, other)
    warm = bars_of(term)
    assert abs(first[10] - second[10]) > 1e-3
    np.testing.assert_allclose(first[warm + 1 :], second[warm + 1 :], rtol=0, atol=1e-8)


def test_an_average_that_takes_each_value_whole_has_no_seed_to_forget():
    assert bars_of(r.ewm_mean(r.close, alpha=1, adjust=False)) == 0


def test_a_higher_timeframe_counts_at_its_worst_start():
    # 59 minutes of a bucket that is left out, two whole hours, seen at the second one's last minute.
    assert bars_of(r.tf("1h", r.sma(r.close, 2))) == 59 + 120 - 1
    assert bars_of(r.tf("1h", r.sma(r.close, 2)), step="15m") == 3 + 8 - 1
    assert bars_of(r.tf("1h", r.sma(r.close, 2)), step=900_000_000_000) == 3 + 8 - 1


def test_a_session_counts_until_its_anchor_has_come():
    assert bars_of(r.vwap("1d")) == 1439
    assert bars_of(r.vwap("1d"), step="1h") == 23


def test_a_user_operator_adds_what_it_declares():
    assert bars_of(r.user(abs, r.sma(r.close, 5), warmup=7)) == 11


@pytest.mark.parametrize("step", [0, -1, "1", 1.5, True])
def test_a_step_that_is_no_length_of_time_is_refused(step):
    with pytest.raises(InputError, match="warmup_bars: step is"):
        bars_of(r.close, step=step)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "no value for 'n'; the rules use 'n'"),
        ({"n": 3, "m": 4}, "'m' unknown; the rules use 'n'"),
        ({"n": "3"}, "n is '3'; expected a finite number"),
        ({"n": float("nan")}, "n is nan"),
        ({"n": 2.5}, "mean: a window of 2.5 bars"),
        ({"n": 0}, "mean: a window of 0.0 bars"),
    ],
)
def test_wrong_parameters_are_refused(params, message):
    with pytest.raises(InputError, match=message):
        bars_of(r.sma(r.close, r.param("n")), params)


def test_many_sets_at_once_need_what_each_of_them_needs():
    n, k = r.param("n"), r.param("k")
    rules = r.Rules(
        enter_long=r.cross_above(r.ema(r.close, n), r.tf("1h", r.sma(r.close, r.maximum(n, 2 * k + 1)))),
        exit_long=r.rolling_corr(r.close, r.volume.shift(k), n + 2) > r.ewm_mean(r.close, alpha=1 / (k + 1)),
        stop_loss=r.atr(14),
        max_bars=r.user(abs, r.sma(r.close, n), warmup=5),
    )
    sets = {"n": np.array([2.0, 30, 2, 100]), "k": np.array([1.0, 40, 25, 1])}
    found = rules.warmup_by_set(sets, step="15m")
    each = [rules.warmup_bars({"n": n, "k": k}, step="15m") for n, k in zip(*sets.values(), strict=True)]
    assert found.tolist() == each
    assert (found.dtype, len(set(each))) == (np.int64, 4)


def test_sets_that_change_no_window_all_need_the_same():
    rules = r.Rules(enter_long=r.sma(r.close, 20) > r.param("level"))
    assert rules.warmup_by_set({"level": np.array([1.0, 2.0, 3.0])}).tolist() == [19, 19, 19]


def test_one_wrong_set_is_refused():
    rules = r.Rules(enter_long=r.sma(r.close, r.param("n")) > 0)
    with pytest.raises(InputError, match=r"mean: a window of 2\.5 bars"):
        rules.warmup_by_set({"n": np.array([3.0, 2.5])})
    with pytest.raises(InputError, match="no value for 'n'; the rules use 'n'"):
        rules.warmup_by_set({})
