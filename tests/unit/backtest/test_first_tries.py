"""Calls that a first try gets wrong: the error says what was given, what was expected, and where it goes."""

import numpy as np
import pytest
from tests.unit.backtest.runs import bars_of

import alipes
import alipes.rules as r
from alipes.backtest import check_lookahead, run, signals, sweep, uniform
from alipes.errors import InputError

BARS = bars_of([10.0, 11.0, 12.0, 11.0, 10.0])
RULES = r.Rules(enter_long=r.close > r.sma(r.close, r.param("n")))
BESIDE = r.Rules(enter_long=r.other("E", r.close) > 1)
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
        (lambda: run(RULES, BARS, funding=(1, 2)), "^funding, row 0 is 1: expected"),
        (lambda: run(BESIDE, BARS, others={"E": None}), r"others\['E'\]: cannot read bars from .*NoneType"),
        (lambda: run(BESIDE, BARS, others={"E": "e.csv"}), r"others\['E'\]: e\.csv: no such file"),
        (lambda: run(RULES, BARS, funding="fund", params=N), "funding='fund': the bars have no such column"),
        (lambda: run(RULES, BARS, leverage=float("inf")), "leverage=inf: expected a finite number > 0"),
    ],
)
def test_what_a_run_is_given_wrongly(call, message):
    with pytest.raises(InputError, match=message):
        call()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"metrics": None}, r"metrics=None: expected names of statistics, such as \['sharpe', 'trades'\]"),
        ({"metrics": 5}, "metrics=5: expected names of statistics"),
        ({"metric": "sharpe"}, "unknown option 'metric'; did you mean 'metrics'"),
        ({"resume": True}, "resume=True: expected the name of a Parquet file, such as 'rows.parquet'"),
        (
            {"params": {"n": [3, 2.5, 0.5]}, "score_from": "common"},
            r"^with n = 2\.5: mean: a window of 2\.5 bars; expected a whole number of at least 1",
        ),
        ({"where": r.close > 1}, "^where: constraint: col reads bars"),
        (
            {"params": {"n": uniform(3, 9)}},
            r"'n': uniform\(3, 9\) has no list of values: say how many to draw",
        ),
    ],
)
def test_what_a_sweep_is_given_wrongly(given, message):
    with pytest.raises(InputError, match=message):
        sweep(RULES, BARS, **({"params": {"n": [2, 3]}} | given))


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (
            lambda found: found.run(found.best("trades")),
            InputError,
            r"no combination Row\(index=0, ...\): expected 0 to 1, such as best\(\)\.index",
        ),
        (
            lambda found: found.best("trades")["sharp"],
            KeyError,
            "no parameter or metric 'sharp'; did you mean",
        ),
        (
            lambda found: found.best(3),
            InputError,
            r"metric=3: expected a name, such as best\('sharpe', n=3\)",
        ),
        (lambda found: found.heatmap("n", bins=1.5), InputError, r"bins=1\.5: expected a whole number >= 1"),
        (lambda found: found.heatmap("n", bins=0), InputError, "bins=0: expected a whole number >= 1"),
    ],
)
def test_what_a_result_of_a_sweep_is_asked_wrongly(ask, error, message):
    with pytest.raises(error, match=message):
        ask(sweep(RULES, BARS, params={"n": [2, 3]}))


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            slice("2023-11-15", None),
            r"bars\['2023-11-15':None\]: expected rows, as whole numbers; the row of a t",
        ),
        (slice(1.0, 3.0), r"bars\[1\.0:3\.0\]: expected rows"),
        (BARS["close"] > 10, "such as bars\\[-100:\\], not a ndarray$"),
        (3, "such as bars\\[-100:\\], not 3$"),
    ],
)
def test_what_bars_are_asked_wrongly(key, message):
    with pytest.raises(InputError, match=message):
        BARS[key]


UP = np.array([True, False, False, False, False])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"entries": {"a": UP}}, r"entries: \{'a': array\(.* is a mapping: expected one array"),
        (
            {"entries": [[True], [False, True]]},
            "entries: rows of different lengths: expected one value a bar",
        ),
        (
            {"entries": lambda bars: bars},
            r"entries: <function .* is a single value: expected one a bar, 5 of",
        ),
        ({"size": 0.5}, "^signals: size is 0.5; its unit is missing"),
        ({"stop_loss": "2%"}, "^signals: stop_loss is '2%'; its unit is missing"),
        (
            {"stop_loss": r.param("k") * r.close},
            r"stop_loss: k \* close reads parameters or other bars, and si",
        ),
        ({"size": r.units(r.other("ETH", r.close))}, "size: other.* and signals takes neither"),
        ({"pyramid": 10**400}, r"pyramid=10{59}\.\.\.: expected a whole number <= 1,000,000,000"),
        ({"max_bars": 10**400}, r"max_bars=10{59}\.\.\.: expected a whole number <= 9,007,199,254,740,992"),
    ],
)
def test_what_signals_are_given_wrongly(given, message):
    with pytest.raises(InputError, match=message):
        signals(BARS, **({"entries": UP} | given))


LONG = np.arange(500.0)


@pytest.mark.parametrize("value", [LONG, LONG.tolist(), BARS.to_pandas()], ids=["array", "list", "frame"])
@pytest.mark.parametrize(
    "call",
    [
        *(lambda x, name=name: run(RULES, BARS, **{name: x}) for name in ("cash", "fill", "spread", "gaps")),
        lambda x: run(RULES, BARS, instrument=x),
        lambda x: r.Rules(enter_long=r.close > 1, stop_loss=x),
        lambda x: r.Rules(enter_long=r.close > 1, size=x),
        r.column,
        lambda x: r.tf(x, r.close),
        lambda x: alipes.bars(BARS.to_pandas(), freq=x),
        lambda x: check_lookahead(len, BARS, cuts=x),
    ],
)
def test_long_values_are_shown_by_their_beginning_on_one_line(call, value):
    with pytest.raises(InputError, match=r"\.\.\.") as caught:
        call(value)
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)
