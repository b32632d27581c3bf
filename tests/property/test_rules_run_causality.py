"""Rules through a whole run: other bars after a point change no decision, fill or equity before it."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.counts import scaled
from tests.property import rules_terms as terms
from tests.property.test_rules_causality import with_another_future
from tests.unit.rules.values import HAS_CORE

import alipes
import alipes.rules as r
from alipes.backtest import run

pytestmark = pytest.mark.skipif(not HAS_CORE, reason="the compiled engine is not built")
SIZES = st.sampled_from(
    [r.equity(1.0), r.units(1), r.notional(500), r.risk(0.01), r.volatility_target(0.5, 3)]
)
DISTANCE = st.sampled_from([None, r.pct(0.05), r.const(2), 1 + r.atr(3), 1 + abs(r.column("signal"))])


@st.composite
def rules(draw):
    size = draw(SIZES)
    return r.Rules(
        enter_long=draw(terms.condition()),
        exit_long=draw(terms.condition()),
        enter_short=draw(st.none() | terms.condition()),
        size=size,
        stop_loss=r.pct(0.05) if size.kind == "risk" else draw(DISTANCE),
        take_profit=draw(DISTANCE),
        trailing=draw(DISTANCE),
        max_bars=draw(st.sampled_from([None, 3])),
        pyramid=draw(st.integers(0, 2)),
        opposite=draw(st.sampled_from(["reverse", "close", "ignore"])),
    )


def result_of(made, data, fill):
    ts, columns = data
    ts = ts + LATER  # times of 1970 would be taken for another unit
    prices = {"open", "high", "low", "close"}
    raised = {name: values + 100 if name in prices else values for name, values in columns.items()}
    bars = alipes.bars({"ts": ts, **raised}, freq="1min")
    others, params = dict.fromkeys(made.others, bars), dict.fromkeys(made.params, 2)
    return run(made, bars, params=params, others=others, fill=fill, fees_bps=5, slippage_bps=2)


LATER = 2600 * 7 * 86_400_000_000_000
"""Whole weeks, so that every bucket of time stays where it was."""


@settings(
    max_examples=scaled(60, 2000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large],
)
@given(
    rules(), terms.bars(), st.integers(0, 1000), st.sampled_from(["next_open", "same_close", "next_close"])
)
def test_the_future_changes_nothing_that_has_happened(made, data, seed, fill):
    ts, _ = data
    cut = 1 + seed % len(ts)
    before = result_of(made, data, fill)
    after = result_of(made, with_another_future(data, ts[cut - 1], seed), fill)
    np.testing.assert_array_equal(*(np.asarray(result.equity["equity"])[:cut] for result in (before, after)))
    first, second = (
        [row for row in result.orders if row["fill_bar"] in range(cut)] for result in (before, after)
    )
    np.testing.assert_equal(first, second)
    decided = [[decision(row) for row in result.orders if row["bar"] < cut] for result in (before, after)]
    assert decided[0] == decided[1]


def decision(row):
    return row["id"], row["bar"], row["kind"], row["side"]
