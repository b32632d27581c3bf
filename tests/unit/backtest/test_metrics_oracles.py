"""Statistics by the conventions of others are the numbers that those others compute, to 1e-9."""

import json
import math
from pathlib import Path

import pytest
from tests.reference.curves import PLANS, cases
from tests.reference.metrics_oracle import ORACLES, asked
from tests.unit.backtest.metrics_of import differing, measured

FILE = Path(__file__).with_name("metrics_oracle.json")
KEPT = json.loads(FILE.read_text())
CASES = {case.name: case for case in cases()}


@pytest.mark.parametrize("convention", ORACLES)
@pytest.mark.parametrize("name", CASES)
def test_a_convention_yields_what_its_project_computed(convention, name):
    kept = {metric: float(value) for metric, value in KEPT[convention]["cases"][name].items()}
    assert differing(measured(CASES[name].curve, convention), kept) == {}


@pytest.mark.parametrize("convention", ORACLES)
def test_what_is_kept_covers_every_case_and_mostly_says_something(convention):
    values = [float(x) for case in KEPT[convention]["cases"].values() for x in case.values()]
    assert list(KEPT[convention]["cases"]) == [plan.name for plan in PLANS]
    assert sum(map(math.isfinite, values)) > 0.8 * len(values)


@pytest.mark.parametrize("convention", ORACLES)
def test_a_convention_yields_what_its_project_computes_here(convention):
    try:
        expected = {name: asked(convention, case) for name, case in CASES.items()}
    except ImportError as missing:
        pytest.skip(f"no {missing.name} here; the numbers of {KEPT[convention]['version']} are held above")
    for name, case in CASES.items():
        assert differing(measured(case.curve, convention), expected[name]) == {}


def test_conventions_do_not_agree_with_each_other():
    """Were they all computed alike, the tests above would say little."""
    curve = CASES["hours, from noon"].curve
    by = {name: measured(curve, name) for name in ("alipes", *ORACLES)}
    for metric in ("volatility", "sharpe", "sortino"):
        values = {round(stats[metric], 9) for stats in by.values()}
        assert len(values) == 4, metric
