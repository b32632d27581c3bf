"""Options against the bars they are for: what is refused before a run, a sweep and signals."""

import numpy as np
import pytest
from tests.unit.backtest.runs import HOUR, START, bars_of

import alipes.rules as r
from alipes import backtest
from alipes.errors import DataError

RULES = r.Rules(enter_long=r.close > 0)


def by_run(bars, **options):
    return backtest.run(RULES, bars, **options)


def by_signals(bars, **options):
    return backtest.signals(bars, entries=np.ones(len(bars), bool), **options)


def by_sweep(bars, **options):
    rules = r.Rules(enter_long=r.close > r.param("level"))
    return backtest.sweep(rules, bars, params={"level": [0.0, 1.0]}, progress=False, **options)


def each_way(test):
    return pytest.mark.parametrize("way", [by_run, by_signals, by_sweep])(test)


@each_way
@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, -5.0])
def test_a_mark_that_is_no_price_where_funding_is_due_names_its_row(way, value):
    mark = np.full(24, 10.0)
    mark[8] = value
    bars = bars_of(np.full(24, 10.0), mark=mark)
    shown = "nan" if value == np.inf else value
    with pytest.raises(
        DataError,
        match=rf"column 'mark' is {shown} at row 8 \(2023-11-15 08:00:00\), where a payment is due: expected "
        "a finite price above 0; 1 of 3 payments",
    ):
        way(bars, funding=(START + 8 * HOUR * np.arange(3), np.full(3, 1e-4)))


@each_way
def test_a_mark_counts_only_where_funding_is_due(way):
    mark = np.full(24, np.nan)
    mark[[0, 8, 16]] = 10.0
    found = way(bars_of(np.full(24, 10.0), mark=mark), funding=(START + 8 * HOUR * np.arange(3), [1e-4] * 3))
    assert found is not None
    way(bars_of(np.full(24, 10.0), mark=np.full(24, np.nan)))
