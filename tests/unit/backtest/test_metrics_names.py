"""Statistics as a mapping: names, documentation, what it shows."""

import math
import pickle

import pytest

from alipes.backtest.stats import METRICS, Stats
from alipes.errors import InputError
from alipes.report.tearsheet.labels import LABELS

NAMES = [
    "total_return", "cagr", "volatility", "sharpe", "sortino", "calmar", "omega", "max_drawdown",
    "max_drawdown_days", "trades", "win_rate", "profit_factor", "expectancy", "sqn", "exposure",
    "fees", "turnover", "best_trade", "worst_trade", "avg_trade", "var_95", "skew", "kurtosis",
]  # fmt: skip


def stats(**changes):
    return Stats({"sharpe": 1.5, "total_return": 0.25, "trades": 7, "calmar": math.nan} | changes)


def test_the_statistics_are_those_of_the_contract_in_order():
    assert list(METRICS) == NAMES
    assert list(LABELS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_statistic_says_its_formula_source_unit_range_and_when_it_is_undefined(name):
    metric = METRICS[name]
    assert metric.name == name
    text = getattr(Stats, name).__doc__
    assert text == metric.text()
    for part in (metric.formula, metric.source, metric.unit, metric.range, metric.undefined):
        assert part
        assert part in text


def test_values_come_in_the_order_of_the_contract_and_under_their_attributes():
    found = stats()
    assert list(found) == ["total_return", "sharpe", "calmar", "trades"]
    assert found["sharpe"] == found.sharpe == 1.5
    assert math.isnan(found.calmar)
    assert len(found) == 4
    assert found.to_dict()["trades"] == 7.0


def test_a_name_that_is_no_statistic_is_refused():
    with pytest.raises(InputError, match="'sharp' is no statistic; expected some of total_return, cagr"):
        Stats({"sharp": 1.0})


def test_a_statistic_that_was_not_computed_says_which_were():
    with pytest.raises(AttributeError, match="sortino was not computed; these were: total_return, sharpe"):
        _ = stats().sortino
    with pytest.raises(KeyError):
        _ = stats()["sortino"]


def test_statistics_are_read_only():
    found = stats()
    with pytest.raises(AttributeError, match="read-only"):
        found.sharpe = 3.0
    with pytest.raises(TypeError):
        found["sharpe"] = 3.0
    with pytest.raises(TypeError):
        METRICS["sharpe"] = METRICS["sortino"]
    found.to_dict()["sharpe"] = 3.0
    assert found.sharpe == 1.5


def test_the_text_is_an_aligned_table_under_convention_and_warnings():
    found = Stats({"sharpe": 1.5, "total_return": 0.25}, convention="vectorbt", warnings=["few days"])
    assert repr(found).splitlines() == [
        "Statistics, convention vectorbt",
        "! few days",
        "Total return  25.00 %",
        "Sharpe           1.50",
    ]
    assert repr(Stats({})) == "Statistics, convention alipes"


def test_a_notebook_shows_our_formulas_beside_our_numbers_only():
    assert "std(r, ddof=1)" in stats()._repr_html_()
    theirs = Stats({"sharpe": 1.5}, convention="vectorbt", warnings=["<few>"])._repr_html_()
    assert "std(r" not in theirs
    assert "&lt;few&gt;" in theirs


def test_statistics_survive_a_pickle():
    found = pickle.loads(pickle.dumps(Stats({"sharpe": 1.5}, convention="quantstats", warnings=["w"])))  # noqa: S301
    assert (found.to_dict(), found.convention, found.warnings) == ({"sharpe": 1.5}, "quantstats", ("w",))


def test_an_unknown_statistic_names_the_nearest():
    with pytest.raises(KeyError, match="no statistic 'sharp'; did you mean 'sharpe'"):
        _ = Stats({"sharpe": 1.5}, convention="alipes")["sharp"]
