"""Funding as times and rates, and the forward-filled column that is refused (B13)."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from tests.unit.data.made_bars import MINUTE, START, made

import alipes
from alipes.data import as_funding
from alipes.data.bars.funding import forward_fill
from alipes.errors import DataError, InputError

HOUR = 60 * MINUTE
TIMES = START + np.arange(3) * 8 * HOUR
RATES = [0.0001, -0.0002, 0.0]
INDEX = pd.DatetimeIndex(TIMES, tz="UTC").as_unit("ms")


def per_bar(rows: dict[int, float], count: int = 1_000, **columns) -> alipes.Bars:
    rates = np.zeros(count)
    for row, rate in rows.items():
        rates[row] = rate
    return alipes.bars(made(count, funding=rates, **columns))


@pytest.mark.parametrize(
    "source",
    [
        {"ts": TIMES, "rate": RATES}, {"time": INDEX, "fundingRate": RATES}, (TIMES, RATES), (INDEX, RATES),
        list(zip(TIMES.tolist(), RATES, strict=True)), list(zip(INDEX, RATES, strict=True)),
        pd.Series(RATES, INDEX), pd.DataFrame({"anything": RATES}, INDEX),
        pl.DataFrame({"ts": INDEX, "rate": RATES}),
        pd.DataFrame({"funding_time": INDEX, "funding_rate": RATES, "mark": [1.0, 2.0, 3.0]}),
        [{"datetime": str(time), "rate": rate} for time, rate in zip(INDEX, RATES, strict=True)],
    ],
)  # fmt: skip
def test_each_kind_of_series_gives_times_and_rates(source):
    times, rates = as_funding(source, alipes.bars(made()))
    assert (times.dtype, times.tolist()) == (np.int64, TIMES.tolist())
    assert (rates.dtype, rates.tolist()) == (np.float64, RATES)
    assert as_funding(source)[0].tolist() == TIMES.tolist()


def test_no_funding_is_empty():
    times, rates = as_funding(None, alipes.bars(made()))
    assert (times.dtype, len(times), rates.dtype, len(rates)) == (np.int64, 0, np.float64, 0)


def test_a_column_gives_the_bars_at_which_it_is_due():
    bars = per_bar({0: 0.1, 60: -0.2, 480: 0.3, 999: np.nan})
    times, rates = as_funding("funding", bars)
    assert ((times - START) // MINUTE).tolist() == [0, 60, 480]
    assert rates.tolist() == [0.1, -0.2, 0.3]
    assert as_funding(bars["funding"], bars)[0].tolist() == times.tolist()


def test_a_forward_filled_column_is_refused():
    with pytest.raises(
        DataError, match=r"'funding' looks forward-filled: row 61 .*0\.2, 1min after the rate of row 60"
    ):
        as_funding("funding", per_bar({0: 0.1, 60: 0.2, 61: 0.2}))
    with pytest.raises(DataError, match="looks forward-filled"):
        as_funding("funding", per_bar({0: 0.1, 59: 0.1}))
    hourly = per_bar({}, ts=START + np.arange(1_000) * HOUR)
    assert len(as_funding(np.full(1_000, 0.1), hourly)[0]) == 1_000


@pytest.mark.parametrize(
    ("source", "error", "text"),
    [
        ({"ts": TIMES[::-1], "rate": RATES}, DataError, "funding, row 1: .* is before the time of row 0"),
        ({"ts": TIMES[[0, 1, 1]], "rate": RATES}, DataError, "funding, row 2: .* repeats the time of row 1"),
        (
            {"ts": TIMES, "rate": [0.1, np.nan, 0.1]},
            DataError,
            r"funding, row 1 \(2022-01-01T08:00:00Z\): rate nan",
        ),
        ({"ts": TIMES, "rate": [0.1, 0.1, np.inf]}, DataError, "row 2 .*rate inf"),
        ({"ts": TIMES, "rate": RATES[:2]}, InputError, "differ in length"),
        ((TIMES, RATES[:2]), InputError, "3 times and 2 rates"),
        ({"ts": TIMES, "price": RATES}, InputError, "needs a column of times .* named rate"),
        ({"rate": RATES}, InputError, "needs a column of times"),
        (
            {"timestamp": TIMES // 10**6, "rate": RATES},
            InputError,
            r'milliseconds: alipes.data.as_funding\(x, unit="ms"\)',
        ),
        ({"ts": TIMES // 10**6, "rate": RATES}, InputError, "look like milliseconds"),
        (np.array(RATES), InputError, "3 rates for 6 bars"),
        ([(1, 2, 3)], InputError, r"row 0 is \(1, 2, 3\): expected \(time, rate\)"),
        ("premium", InputError, "no column 'premium'"),
        (7, InputError, "cannot read"),
    ],
)
def test_bad_funding_is_refused(source, error, text: str):
    with pytest.raises(error, match=text):
        as_funding(source, alipes.bars(made()))


def test_a_rate_a_bar_needs_the_bars():
    with pytest.raises(InputError, match="needs the bars"):
        as_funding("funding")


def hourly(rates: list[float]) -> tuple[np.ndarray, np.ndarray]:
    return HOUR * np.arange(len(rates)), np.array(rates)


def test_payments_of_eight_hours_repeated_each_hour_are_told_of():
    filled = [rate for rate in (1e-4, 2e-4, 3e-4, 1e-4, 2e-4) for _ in range(8)]
    assert forward_fill(*hourly(filled)) == (
        "rates come every 1h and change only every 8h, as if each was repeated until the next one: they are "
        "all paid"
    )


QUARTER = HOUR // 4


def test_a_rate_that_is_repeated_within_the_hour_is_told_of():
    times = QUARTER * np.arange(96)
    assert forward_fill(times, np.full(96, 1e-4)) == (
        "rates come every 15min and 95 of 95 payments repeat the one before, as if each was repeated until "
        "the next one: they are all paid"
    )
    two = np.repeat([1e-4, 2e-4, 3e-4], 32)
    assert "come every 15min and 93 of 95 payments repeat the one before" in forward_fill(times, two)


@pytest.mark.parametrize(
    "rates",
    [
        [1e-4, *[0.0] * 31] * 3,
        [1e-4 * (row % 7) for row in range(96)],
        [0.0] * 96,
        [1e-4] * 4 + [2e-4 + 1e-6 * row for row in range(92)],
        [1e-4] * 4,
    ],
    ids=["due every 8 hours", "moving", "nothing", "a few at a cap", "too few"],
)
def test_payments_within_the_hour_that_move_or_are_not_due_are_not_told_of(rates: list[float]):
    assert forward_fill(QUARTER * np.arange(len(rates)), np.array(rates)) == ""


@pytest.mark.parametrize(
    "rates",
    [
        [1e-4] * 50,
        [1e-4, 2e-4] * 20,
        [1e-4, 1e-4, 2e-4, 2e-4, 2e-4, 1e-4, 3e-4, 3e-4, 1e-4, 2e-4],
        [rate for rate in (1e-4, 2e-4, 3e-4, 1e-4) for _ in range(8)],
    ],
    ids=["constant", "each its own", "repeats at odd places", "too few changes to tell"],
)
def test_payments_that_a_venue_can_have_made_are_not(rates: list[float]):
    assert forward_fill(*hourly(rates)) == ""


def test_rates_of_eight_hours_that_change_at_even_places_are_not_told_of():
    rates = [2e-4 if row in {10, 11, 20, 21, 40, 41} else 1e-4 for row in range(60)]
    times, values = hourly(rates)
    assert forward_fill(8 * times, values) == ""


@pytest.mark.parametrize(
    "more", [{}, {"info": {"a": 1}, "symbol": "BTC/USDT:USDT", "datetime": "2022-01-01"}]
)
def test_the_list_of_ccxt_is_in_milliseconds(more):
    rows = [
        {"timestamp": int(time) // 10**6, "fundingRate": rate} | more
        for time, rate in zip(TIMES, RATES, strict=True)
    ]
    rows[-1]["previous"] = None
    times, rates = as_funding(rows)
    assert times.tolist() == TIMES.tolist()
    assert rates.tolist() == list(RATES)
    with pytest.raises(InputError, match="look like seconds"):
        as_funding([row | {"timestamp": row["timestamp"] // 1000} for row in rows])


def test_a_unit_may_be_given_for_integer_times():
    for source in (
        {"time": TIMES // 10**9, "rate": RATES},
        (TIMES // 10**9, RATES),
        list(zip((TIMES // 10**9).tolist(), RATES, strict=True)),
    ):
        assert as_funding(source, unit="s")[0].tolist() == TIMES.tolist()
