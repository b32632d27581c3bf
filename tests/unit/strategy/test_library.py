"""The library's strategies name the parameter that is wrong."""

import pytest
from tests.unit.engine.scripted import SYMBOL, start

from alipes.errors import InputError
from alipes.strategy.library import Momentum, Quoter


@pytest.mark.parametrize(
    ("strategy", "params"),
    [
        (Quoter, {"half_spread_bps": -1}),
        (Quoter, {"half_spread_bps": 10_000}),
        (Quoter, {"size": 0}),
        (Quoter, {"size": None}),
        (Quoter, {"skew_bps": float("nan")}),
        (Quoter, {"step_bps": "1"}),
        (Quoter, {"max_position": "x"}),
        (Quoter, {"max_position": float("inf")}),
        (Momentum, {"size": "-1"}),
        (Momentum, {"entry_bps": float("inf")}),
        (Momentum, {"window": "1w"}),
        (Momentum, {"hold": 0}),
    ],
)
def test_a_wrong_parameter_is_named(strategy, params):
    (name,) = params
    with pytest.raises(InputError, match=f"^{name}.*expected"):
        strategy(**params)


@pytest.mark.parametrize("strategy", [Quoter, Momentum])
def test_the_defaults_run(strategy):
    engine, market = start(strategy(SYMBOL))
    market.depth(bids=[(100.5, 1)]).wait(5)
    assert engine.runners[0].fault is None
    assert engine.runners[0].decisions > 1
