"""Signals from outside: bools of any library in, one clear error for what is none."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from tests.unit.backtest.runs import HOUR, START, bars_of

import alipes.rules as r
from alipes.backtest.bars.arrays import conditions, distances
from alipes.errors import InputError

BARS = bars_of([10.0, 11.0, 12.0])
TIMES = pd.to_datetime(BARS.ts)


@pytest.mark.parametrize(
    "value",
    [
        np.array([True, False, False]),
        [True, False, False],
        [True, None, False],
        np.array([True, None, False], object),
        np.array([True, np.nan, False], object),
        np.ma.MaskedArray([True, True, False], mask=[False, True, False]),
        pd.Series([True, False, False]),
        pd.Series([True, None, False], dtype="boolean"),
        pd.Series([True, None, False], dtype="boolean", index=TIMES),
        pd.Series([True, False, False], index=TIMES.tz_localize("UTC").tz_convert("Asia/Tokyo")),
        pd.Series([True, False, False], index=TIMES.as_unit("ms")),
        pl.Series([True, None, False]),
        pa.array([True, None, False]),
        pa.chunked_array([[True], [None, False]]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_bools_of_any_library_are_taken_and_an_absent_one_is_false(value):
    found = conditions("entries", value, BARS)
    assert found.dtype == np.bool_
    assert found.flags.c_contiguous
    assert found.tolist() == [True, False, False]


def test_a_strided_array_becomes_contiguous_and_a_ready_one_is_not_copied():
    ready = np.array([True, False, True])
    assert conditions("entries", ready, BARS) is ready
    strided = conditions("entries", np.array([True, False, False, True, True, True])[::2], BARS)
    assert strided.flags.c_contiguous
    assert strided.tolist() == [True, False, True]


def test_no_signal_is_none():
    assert conditions("exits", None, BARS) is None


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (np.zeros(4, bool), "entries: 4 values for 3 bars: expected one a bar"),
        (np.zeros((3, 1), bool), "entries: 3 by 1 values for 3 bars"),
        (True, "^entries: True is a single value: expected one a bar, 3 of them$"),
        ("close > 1", "^entries: 'close > 1' is a single value: expected one a bar, 3 of them$"),
        (np.array([1, 0, 1]), "entries: values of int64: expected bools"),
        (np.array([1.0, 0.0, np.nan]), "entries: values of float64: expected bools"),
        (np.array([True, "x", False], object), "entries: 'x' at row 1: expected True, False or nothing"),
        (
            pd.Series([True, False, True], index=TIMES + pd.Timedelta("1h")),
            "entries: its index is 2023-11-15 01:00:00 at row 0, where the bar opens at 2023-11-15 00:00:00",
        ),
        (
            pd.Series([True, False, True], index=[1, 2, 3]),
            "its index is neither the bars' open times nor 0, 1, 2",
        ),
        (pd.Series([True, False, True], index=list("abc")), "its index is neither"),
    ],
)
def test_what_is_no_signal_of_these_bars_is_named(value, says):
    with pytest.raises(InputError, match=says):
        conditions("entries", value, BARS)


@pytest.mark.parametrize(
    "value",
    [
        np.array([1.0, np.nan, 2.0]),
        [1, None, 2],
        pd.Series([1, None, 2], dtype="Int64"),
        pd.Series([1.0, None, 2.0], index=TIMES),
        pl.Series([1.0, None, 2.0]),
        pa.array([1.0, None, 2.0]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_distances_are_numbers_and_an_absent_one_is_undefined(value):
    found = distances("stop_loss", value, BARS)
    assert found.dtype == np.float64
    assert np.array_equal(found, [1.0, np.nan, 2.0], equal_nan=True)


def test_distances_that_are_no_numbers_are_refused():
    with pytest.raises(InputError, match="stop_loss: expected numbers"):
        distances("stop_loss", ["a", None, 2], BARS)
    with pytest.raises(InputError, match="stop_loss: values of bool: expected numbers"):
        distances("stop_loss", np.zeros(3, bool), BARS)
    with pytest.raises(InputError, match="stop_loss: 2 values for 3 bars"):
        distances("stop_loss", np.zeros(2), BARS)


def test_times_of_another_length_are_not_compared():
    with pytest.raises(InputError, match="4 values for 3 bars"):
        conditions("entries", pd.Series([True] * 4, index=pd.to_datetime(START + HOUR * np.arange(4))), BARS)


@pytest.mark.parametrize(
    ("name", "slot"),
    [
        ("entries", "enter_long"),
        ("exits", "exit_long"),
        ("short_entries", "enter_short"),
        ("short_exits", "exit_short"),
    ],
)
def test_an_expression_is_sent_to_run(name: str, slot: str):
    with pytest.raises(InputError) as caught:
        conditions(name, r.close > r.sma(r.close, 20), BARS)
    assert str(caught.value) == (
        f"{name}: close > sma(close, 20) is an expression: expected an array of bools, one a bar; what is "
        f"made of alipes.rules is run by alipes.backtest.run(Rules({slot}=...), bars)"
    )
    with pytest.raises(InputError, match=rf"^{name}: Rules\(.*\) are rules: expected an array of bools"):
        conditions(name, r.Rules(enter_long=r.close > 1), BARS)
