"""Calls that a first try gets wrong: the error says what was given, what was expected, and where it goes."""

import numpy as np
import pytest
from tests.unit.backtest.runs import bars_of

import alipes.rules as r
from alipes.backtest import run
from alipes.errors import InputError

BARS = bars_of([10.0, 11.0, 12.0, 11.0, 10.0])
RULES = r.Rules(enter_long=r.close > r.sma(r.close, r.param("n")))
N = {"n": 3}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: run(BARS, RULES), r"run: the rules are the second argument: expected run\(rules, bars\)"),
        (lambda: run(r.close > 1, BARS), r"close > 1 is an expression: expected rules, such as Rules\(ent"),
        (lambda: run(np.ones(5, bool), BARS), "of type ndarray: expected rules or a strategy.*by signals"),
        (lambda: run({"enter_long": 1}, BARS), "of type dict: expected rules or a strategy, then the bars"),
        (lambda: run(RULES, BARS, n=3), r"run: 'n' is a parameter of the rules: expected params=\{'n': "),
        (lambda: run(RULES, BARS, parms=N), "unknown option 'parms'; did you mean 'params'"),
        (lambda: run(RULES, BARS.to_pandas()["close"], params=N), "cannot read bars from pandas.*Series"),
        (lambda: run(RULES, {"BTC": BARS}, params=N), "column 'BTC' is a Bars: expected an array, and one"),
        (lambda: run(RULES, BARS, funding=0.0001), r"funding=0.0001: expected payments as \(times, rates\)"),
        (lambda: run(RULES, BARS, funding=[]), "^funding: "),
        (lambda: run(RULES, BARS, funding="fund", params=N), "funding='fund': the bars have no such column"),
        (lambda: run(RULES, BARS, leverage=float("inf")), "leverage=inf: expected a finite number > 0"),
    ],
)
def test_what_a_run_is_given_wrongly(call, message):
    with pytest.raises(InputError, match=message):
        call()
