"""No operator looks ahead: other bars after a point change no value before it, in no bit."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.counts import scaled
from tests.property import rules_terms as terms
from tests.property.test_rules_against_reference import INDICATORS, beside
from tests.unit.rules.values import HAS_CORE, evaluate

import alipes.rules as r

pytestmark = pytest.mark.skipif(not HAS_CORE, reason="the compiled engine is not built")
LOOSE = settings(
    max_examples=scaled(100, 3000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large],
)
X, Y = r.close, r.column("signal")
UP = r.close > r.open
WEEK = 7 * 86_400_000_000_000
PRICES = ("open", "high", "low", "close")
OPERATORS = [
    X + Y, X - Y, X * Y, X / Y, X**Y, -X, abs(X), r.log(X), r.exp(X / 50), r.sqrt(X), r.sign(Y),
    r.minimum(X, Y), r.maximum(X, Y),
    X > Y, X < Y, X >= Y, X <= Y, X == Y, X != Y,
    UP & (Y > 0), UP | (Y > 0), ~(Y > 0), r.defined(Y), r.where(Y > 0, X, r.open),
    X.shift(2), UP.shift(1), r.diff(X, 3), r.pct_change(X, 2),
    r.rolling_sum(X, 5), r.rolling_mean(X, 5), r.rolling_std(X, 5), r.rolling_var(X, 5),
    r.rolling_min(X, 5), r.rolling_max(X, 5), r.rolling_argmin(X, 5), r.rolling_argmax(X, 5),
    r.rolling_median(X, 5), r.rolling_quantile(X, 5, 0.3), r.rolling_rank(X, 5), r.rolling_mad(X, 5),
    r.rolling_zscore(X, 5), r.rolling_corr(X, r.volume, 5), r.rolling_slope(X, 5), r.wma(X, 5),
    r.ema(X, 5), r.wilder(X, 5), r.ewm_mean(X, span=5), r.ewm_std(X, span=5),
    r.cumsum(X), r.cumprod(1 + Y / 100), r.cummax(X), r.cummin(X),
    r.sum_since(X, UP), r.bars_since(UP), r.value_when(UP, X),
    r.cross_above(X, r.open), r.cross_below(X, r.open),
    r.new_bucket("5m"), r.hour, r.minute, r.weekday,
    r.tf("3m", X), r.tf("5m", UP), r.other("ETH", X), r.other("ETH", UP, max_age=3),
]  # fmt: skip


def with_another_future(data, last, seed):
    """The same bars up to the time `last`, others after it."""
    ts, columns = data
    cut, length = int(np.searchsorted(ts, last, side="right")), 20
    _, later = terms.made_bars(seed, length, 0)
    steps = 1 + np.random.default_rng(seed).integers(0, 3, length)
    more = last + np.cumsum(steps) * terms.MINUTE
    joined = {name: np.concatenate([x[:cut], later[name] + 7]) for name, x in columns.items()}
    return np.concatenate([ts[:cut], more]), joined


def assert_past_stays(term, data, other, seed):
    """The other instrument's future changes too: what closes after the cut may differ."""
    ts, columns = data
    cut = 1 + seed % len(ts)
    changed_ts, changed = with_another_future(data, ts[cut - 1], seed)
    other_changed = with_another_future(other, ts[cut - 1], seed + 1)
    before = evaluate(term, ts, columns, {"p": 2}, engine="core", others=beside(other))
    after = evaluate(term, changed_ts, changed, {"p": 2}, engine="core", others=beside(other_changed))
    np.testing.assert_array_equal(before[:cut], after[:cut], err_msg=repr(term))


@pytest.mark.parametrize("term", OPERATORS + INDICATORS, ids=repr)
def test_no_operator_and_no_indicator_looks_ahead(term):
    for seed in range(scaled(20, 500)):
        data, other = (
            terms.made_bars(seed, 70, 28_333_300 + seed),
            terms.made_bars(seed + 500, 70, 28_333_300 + seed),
        )
        assert_past_stays(term, data, other, seed * 31)


@LOOSE
@given(st.one_of(terms.condition(), terms.smooth()), terms.bars(), terms.bars(), st.integers(0, 1000))
def test_no_composed_expression_looks_ahead(term, data, other, seed):
    assert_past_stays(term, data, other, seed)


@LOOSE
@given(terms.condition(), terms.condition(), terms.bars(), st.integers(1, 3))
def test_a_stream_gives_the_signals_of_a_batch_that_began_at_the_same_bar(enter, leave, data, parameter):
    ts, columns = data
    ts = ts + 2_000 * WEEK  # stamps of 1970 look like milliseconds
    lift = max(0.0, 1 - columns["low"].min())
    columns = columns | {name: columns[name] + lift for name in PRICES}
    rules = r.Rules(enter_long=enter, exit_long=leave)
    if rules.others:
        return
    params = dict.fromkeys(rules.params, parameter)
    stream = rules.stream(params, step="1m")
    batches = [evaluate(term, ts, columns, params, engine="core") for term in (enter, leave)]
    read = {name: values for name, values in columns.items() if name in {*rules.columns, *PRICES, "volume"}}
    for i, at in enumerate(ts):
        signals = stream.push(int(at), **{name: float(values[i]) for name, values in read.items()})
        for found, batch in zip(signals[:2], batches, strict=True):
            assert found is (None if np.isnan(batch[i]) else bool(batch[i])), (i, rules)
        assert signals[2:] == (None, None)
