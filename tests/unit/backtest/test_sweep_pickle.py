"""A sweep that was pickled: its rows, its pictures, and any row run in full as before."""

import pickle
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.backtest.runs import bars_of

import alipes.rules as r
from alipes import backtest
from alipes.errors import InputError

BARS = bars_of([10.0, 11, 12, 11, 10, 9, 10, 12, 13, 12, 11, 13])


def doubled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values * 2


def again(result: backtest.SweepResult) -> Any:
    return pickle.loads(pickle.dumps(result))  # noqa: S301 - our own bytes


def swept(function: Any) -> backtest.SweepResult:
    rules = r.Rules(enter_long=r.user(function, r.close) > r.param("level"), exit_long=r.close < 11)
    return backtest.sweep(rules, BARS, params={"level": [21, 23, 25]}, fees_bps=5)


def test_a_row_runs_in_full_after_a_pickle_as_before_it():
    result = swept(doubled)
    kept = again(again(result))
    assert repr(kept) == repr(result)
    assert kept["total_return"].tolist() == result["total_return"].tolist()
    for index in range(3):
        assert kept.run(index).stats.to_dict() == pytest.approx(
            result.run(index).stats.to_dict(), nan_ok=True
        )
        assert kept.run(index).trades.to_arrow().equals(result.run(index).trades.to_arrow())


def test_a_sweep_that_was_run_in_full_still_pickles():
    result = swept(doubled)
    result.run(0)
    assert again(result).run(1).params == {"level": 23.0}


def test_rules_that_cannot_be_pickled_leave_the_rows_and_say_why_none_can_be_run():
    result = swept(lambda values: values * 2)
    kept = again(again(result))
    assert kept["total_return"].tolist() == result["total_return"].tolist()
    with pytest.raises(
        InputError, match=r"the rules did not come through the pickle \(.*<lambda>.*\): run the sweep again"
    ):
        kept.run(0)
    assert result.run(0).params == {"level": 21.0}
