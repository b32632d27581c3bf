"""Durations by powers of two: every one lands below the first bound that is not under it."""

from itertools import pairwise

import pytest

from alipes.monitor.histogram import BOUNDS_S, Histogram


def test_bounds_double_from_a_microsecond_to_a_minute():
    assert BOUNDS_S[0] == 1.024e-06
    assert BOUNDS_S[-1] == 68.719476736
    assert all(after == 2 * before for before, after in pairwise(BOUNDS_S))


@pytest.mark.parametrize(
    ("duration", "first"),
    [
        (0, 0),
        (1, 0),
        (1_023, 0),
        (1_024, 1),
        (2_047, 1),
        (2_048, 2),
        (2**36 - 1, 26),
        (2**36, 27),
        (2**60, 27),
    ],
)
def test_a_duration_counts_from_its_bound_on(duration, first):
    histogram = Histogram()
    histogram.add(duration)
    within, total = histogram.distribution()
    assert within == (0,) * first + (1,) * (len(BOUNDS_S) + 1 - first)
    assert total == duration / 1e9


def test_the_last_number_is_of_all_durations():
    histogram = Histogram()
    for duration in (5, 5_000, 5_000_000, 10**12):
        histogram.add(duration)
    within, total = histogram.distribution()
    assert within[-1] == 4
    assert within[-2] == 3
    assert total == (5 + 5_000 + 5_000_000 + 10**12) / 1e9
