"""Curves of a tearsheet: what is left out of a long series, and how months are cut."""

import math

import numpy as np
import pytest

from alipes.report.tearsheet import series

DAY = 86_400_000_000_000


def test_a_short_series_is_drawn_in_full():
    assert series.drawn(np.zeros(series.FULL_BARS)).tolist() == list(range(series.FULL_BARS))


def test_a_long_series_keeps_its_ends_and_the_extremes_of_every_stretch():
    rng = np.random.default_rng(3)
    values = np.cumsum(rng.normal(size=100_001))
    places = series.drawn(values)
    assert len(places) <= 2 * series.BUCKETS + 2
    assert np.all(np.diff(places) > 0)
    assert places[0] == 0
    assert places[-1] == len(values) - 1
    kept = set(places.tolist())
    edges = np.linspace(0, len(values), series.BUCKETS + 1).astype(int)
    for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = values[start:stop]
        assert start + int(part.argmin()) in kept
        assert start + int(part.argmax()) in kept


def test_a_drawdown_starts_from_the_initial_cash():
    assert series.drawdown(np.array([90.0, 100.0, 110.0, 99.0]), 100.0) == pytest.approx([-0.1, 0, 0, -0.1])


def test_holding_buys_at_the_first_open():
    assert series.holding(np.array([11.0, 22.0]), 10.0, 100.0).tolist() == [110.0, 220.0]


def test_a_close_at_midnight_belongs_to_the_month_that_ends():
    ts = np.array(["2023-11-30", "2023-12-01", "2023-12-31T12", "2024-02-01"], "datetime64[ns]").astype(
        np.int64
    )
    by_year = series.months(ts, np.array([110.0, 121.0, 60.5, 121.0]), 100.0)
    assert list(by_year) == [2023, 2024]
    assert by_year[2023][10] == pytest.approx(0.21)
    assert by_year[2023][11] == pytest.approx(-0.5)
    assert by_year[2024][0] == pytest.approx(1.0)
    assert math.isnan(by_year[2024][1])
    assert series.compounded(by_year[2023]) == pytest.approx(-0.395)


def test_a_month_after_ruin_has_no_return():
    ts = np.array(["2023-02-01", "2023-03-01"], "datetime64[ns]").astype(np.int64)
    first, second = series.months(ts, np.array([-5.0, -5.0]), 100.0)[2023][:2]
    assert first == pytest.approx(-1.05)
    assert math.isnan(second)
