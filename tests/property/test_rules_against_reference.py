"""Random expressions: compiled engine and plain reference agree on every value and on what is undefined."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.counts import scaled
from tests.property import rules_terms as terms
from tests.unit.rules.values import HAS_CORE, evaluate

import alipes.rules as r

pytestmark = pytest.mark.skipif(not HAS_CORE, reason="the compiled engine is not built")
LOOSE = settings(
    max_examples=scaled(120, 5000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large],
)


ENGINES = ("core", "reference")


def both(term, data, other, parameter):
    """Values by the compiled engine and by the reference."""
    ts, columns = data
    return [evaluate(term, ts, columns, {"p": parameter}, engine=engine, others=other) for engine in ENGINES]


def beside(bars):
    ts, columns = bars
    return {"ETH": (ts, columns, terms.MINUTE)}


@LOOSE
@given(terms.exact(), terms.bars(), terms.bars(), st.integers(1, 3))
def test_exact_expressions_agree_to_the_last_bit(term, data, other, parameter):
    ours, theirs = both(term, data, beside(other), parameter)
    np.testing.assert_array_equal(ours, theirs, err_msg=repr(term))


@LOOSE
@given(terms.condition(), terms.bars(), terms.bars(), st.integers(1, 3))
def test_conditions_agree_on_true_false_and_undefined(term, data, other, parameter):
    ours, theirs = both(term, data, beside(other), parameter)
    np.testing.assert_array_equal(ours, theirs, err_msg=repr(term))


@LOOSE
@given(terms.smooth(), terms.bars(), terms.bars(), st.integers(1, 3))
def test_rounded_expressions_agree(term, data, other, parameter):
    ours, theirs = both(term, data, beside(other), parameter)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-8, equal_nan=True, err_msg=repr(term))


INDICATORS = [
    *r.macd(r.close, 3, 5, 2),
    *r.stochastic(4, 2, 2),
    *r.bollinger(r.close, 5),
    *r.keltner(5, 1.5, 3),
    *r.donchian(4),
    *r.supertrend(3, 0.7),
    r.rsi(r.close, 4),
    r.atr(3),
    r.adx(3),
    r.plus_di(4),
    r.minus_di(2),
    r.obv(),
    r.vwap("1h"),
    r.vwap(r.column("signal") > 2),
    r.roc(r.close, 3),
    r.cci(5),
    r.mfi(4),
    r.ewm_std(r.close, span=4),
    r.rolling_corr(r.close, r.volume, 5),
    r.rolling_zscore(r.volume, 5),
    r.cumprod(1 + r.column("signal") / 100),
    r.tf("5m", r.rsi(r.close, 2)),
    r.other("ETH", r.atr(2), max_age=3),
]


@pytest.mark.parametrize("term", INDICATORS, ids=repr)
def test_indicators_agree(term):
    for seed in range(scaled(5, 200)):
        data = terms.made_bars(seed, 90, 28_333_300 + seed)
        ours, theirs = both(term, data, beside(terms.made_bars(seed + 1000, 90, 28_333_290 + seed)), 1)
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9, equal_nan=True, err_msg=f"seed {seed}")


TRUTHS = {"true": 1.0, "false": 0.0, "undefined": np.nan}


@pytest.mark.parametrize(("a", "b"), list(itertools.product(TRUTHS, TRUTHS)))
def test_logic_follows_kleenes_tables(a, b):
    tables = {"and": {"false"}, "or": {"true"}}
    columns = {"a": np.array([TRUTHS[a]]), "b": np.array([TRUTHS[b]])}
    left, right = r.column("a") == 1, r.column("b") == 1
    for name, term in {"and": left & right, "or": left | right}.items():
        decisive = next(iter(tables[name]))
        neutral = "false" if name == "or" else "true"
        expected = decisive if decisive in {a, b} else "undefined" if "undefined" in {a, b} else neutral
        found = evaluate(term, np.array([0]), columns, engine="core")
        np.testing.assert_array_equal(found, [TRUTHS[expected]])
    negated = {"true": 0.0, "false": 1.0, "undefined": np.nan}[a]
    np.testing.assert_array_equal(evaluate(~left, np.array([0]), columns, engine="core"), [negated])
