"""`evaluate`: arrays of what expressions give on bars, user operators and their truncation test."""

import numpy as np
import pytest
from tests.unit.rules.values import HAS_CORE, MINUTE, random_bars

import alipes
import alipes.rules as r
from alipes.errors import InputError

pytestmark = pytest.mark.skipif(not HAS_CORE, reason="the compiled engine is not built")
TS, C = random_bars(120)
BARS = alipes.bars({"ts": TS, **C})


def double(x):
    return 2 * x


def centred(x):
    """Looks ahead: the mean is of all bars."""
    return x - x.mean()


def walk(closes):
    """Bars of these closes, a minute each."""
    ts = TS[0] + MINUTE * np.arange(len(closes))
    return alipes.bars({"ts": ts, **dict.fromkeys(("open", "high", "low", "close"), closes)})


def test_an_expression_gives_a_float_array():
    found = r.evaluate(r.close - r.open, BARS)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, C["close"] - C["open"])


def test_a_condition_gives_ones_zeros_and_nan():
    found = r.evaluate(r.close > r.close.shift(1), BARS)
    assert np.isnan(found[0])
    np.testing.assert_array_equal(found[1:], (np.diff(C["close"]) > 0).astype(float))


def test_an_indicator_of_several_parts_gives_them_by_name():
    bands = r.evaluate(r.donchian(5), BARS)
    assert np.nanmin(bands.upper - bands.lower) >= 0
    np.testing.assert_array_equal(bands.upper[4], C["high"][:5].max())


def test_bars_may_be_whatever_bars_takes():
    np.testing.assert_array_equal(r.evaluate(r.close, {"ts": TS, **C}), C["close"])


def test_parameters_are_bound():
    found = r.evaluate(r.close * r.param("k"), BARS, {"k": 3})
    np.testing.assert_array_equal(found, 3 * C["close"])
    with pytest.raises(InputError, match="no value for 'k'"):
        r.evaluate(r.close * r.param("k"), BARS)


def test_another_instrument_is_read_as_of_the_close():
    late = alipes.bars({"ts": TS[:10], **{name: values[:10] for name, values in C.items()}})
    found = r.evaluate(r.other("ETH", r.close, max_age=3), BARS, others={"ETH": late})
    np.testing.assert_array_equal(found[:10], C["close"][:10])
    np.testing.assert_array_equal(found[10:13], [C["close"][9]] * 3)
    assert np.isnan(found[13:]).all()


@pytest.mark.parametrize(
    ("term", "message"),
    [
        (r.column("mood"), "mood"),
        (r.other("ETH", r.close), "ETH"),
        (r.tf("1s", r.close), "timeframe"),
        (r.tf("90s", r.close), "timeframe"),
        (r.sma(r.close, r.param("n")), "window"),
    ],
)
def test_what_the_bars_cannot_give_is_an_error_that_names_it(term, message):
    params = {"n": 2.5} if message == "window" else {}
    with pytest.raises(InputError, match=message):
        r.evaluate(term, BARS, params)


def test_a_parameter_cannot_make_a_shift_look_ahead():
    with pytest.raises(InputError, match=r"shift.*-1"):
        r.evaluate(r.shift(r.close, r.param("n")), BARS, {"n": -1})


def test_what_is_no_expression_is_refused():
    with pytest.raises(InputError, match="evaluate: x is 'close'"):
        r.evaluate("close", BARS)


def test_a_user_operator_computes_on_arrays_and_may_stand_in_another():
    term = r.user(double, r.user(double, r.close.shift(1)) + r.open)
    expected = 2 * (2 * np.concatenate([[np.nan], C["close"][:-1]]) + C["open"])
    np.testing.assert_array_equal(r.evaluate(term, BARS), expected)


def test_what_is_not_finite_is_undefined_in_a_user_operators_result():
    found = r.evaluate(r.defined(r.user(lambda x: np.where(x > 0, np.inf, x), r.close)), BARS)
    assert not found.any()


def test_a_user_operator_that_looks_ahead_is_named_with_the_bar_that_changed():
    with pytest.raises(
        InputError, match=r"user operator centred looks ahead: its value at bar 0 is .* changed"
    ):
        r.evaluate(r.user(centred, r.close), BARS)


@pytest.mark.parametrize("ahead", [1, 7])
@pytest.mark.parametrize("rate", [0.005, 0.04])
def test_a_user_operator_that_is_rarely_true_is_caught_where_it_looks_ahead(rate, ahead):
    steps = np.random.default_rng(3).normal(size=20_000)
    bars = walk(np.exp(0.001 * np.cumsum(steps)))
    level = np.quantile(steps, 1 - rate)

    def rises(x):
        return np.append(np.diff(np.log(x))[ahead - 1 :] / 0.001 > level, np.zeros(ahead, bool))

    with pytest.raises(InputError, match=r"rises looks ahead: its value at bar \d+ is 1.0 with all 20000"):
        r.evaluate(r.user(rises, r.close), bars)


def test_a_user_operator_that_needs_a_fifth_of_the_bars_is_not_refused_for_short_cuts():
    def long_mean(x):
        if len(x) < 24:
            raise ValueError("too short")
        return np.append(np.full(23, np.nan), np.convolve(x, np.ones(24) / 24, mode="valid"))

    assert np.isfinite(r.evaluate(r.user(long_mean, r.close), BARS)[23:]).all()


def test_the_truncation_test_hands_over_a_bounded_number_of_bars():
    calls = []

    def counted(x):
        calls.append(len(x))
        return np.sign(x - 1.5)

    closes = np.random.default_rng(4).uniform(1, 2, 400_000)
    r.evaluate(r.user(counted, r.close), walk(closes))
    even = sum(400_000 * part // 5 for part in range(1, 6)) + 399_999
    assert 400_000 in calls
    assert 7_000_000 < sum(calls) - even <= 8_000_000


def test_who_answers_for_a_user_operator_is_believed():
    found = r.evaluate(r.user(centred, r.close, causal=True), BARS)
    np.testing.assert_allclose(found, C["close"] - C["close"].mean())


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x[1:], r"gave shape \(119,\); expected \(120,\)"),
        (lambda x: x.sum(), r"gave shape \(\)"),
        (lambda x: ["a"] * len(x), "could not convert"),
        (lambda: 1, "positional argument"),
    ],
)
def test_a_user_operator_that_gives_no_series_is_refused(function, message):
    with pytest.raises(InputError, match=f"user operator .*{message}"):
        r.evaluate(r.user(function, r.close), BARS)


def test_arrays_given_to_a_user_operator_are_not_the_bars_own():
    def spoil(x):
        x[:] = 0
        return x

    r.evaluate(r.user(spoil, r.close), BARS)
    np.testing.assert_array_equal(BARS.columns["close"], C["close"])
    assert BARS.step == MINUTE


def test_what_a_user_operator_raises_says_whose_it_is():
    def broken(values: np.ndarray) -> np.ndarray:
        raise RuntimeError("no such thing")

    with pytest.raises(RuntimeError) as caught:
        r.evaluate(r.user(broken, r.close, causal=True), BARS)
    assert caught.value.__notes__[0].startswith("raised by user operator test_what_a_user_operator")
