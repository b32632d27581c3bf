"""Tables of results: the same rows as numpy, Arrow, pandas, polars and dicts, with absent values as nulls."""

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from alipes.errors import InputError
from alipes.report.tables import Coded, Table

DAY = 86_400_000_000_000


@pytest.fixture
def orders():
    return Table(
        {
            "id": np.arange(3),
            "fill_ts": np.array([DAY, -1, 3 * DAY]),
            "price": np.array([1.5, np.nan, 2.5]),
            "side": Coded(np.array([0, 1, 0], np.uint8), ["buy", "sell"]),
            "reason": Coded(np.array([0, 1, -1], np.int8), ["", "below minimum"]),
            "is_maker": np.array([False, False, True]),
        },
        name="orders",
        times=("fill_ts",),
        absent=("fill_ts",),
    )


def test_columns_are_numpy_arrays_with_times_in_nanoseconds(orders):
    assert len(orders) == 3
    assert orders.columns == ("id", "fill_ts", "price", "side", "reason", "is_maker")
    assert orders["fill_ts"].dtype == np.int64
    assert orders["fill_ts"].tolist() == [DAY, -1, 3 * DAY]
    assert orders["side"].tolist() == ["buy", "sell", "buy"]
    assert orders["reason"].tolist() == ["", "below minimum", ""]


def test_a_missing_column_names_the_nearest(orders):
    with pytest.raises(InputError, match="orders: no column 'prise'; did you mean 'price'"):
        orders["prise"]


def test_rows_are_dicts_and_what_is_absent_is_none(orders):
    rows = list(orders)
    assert rows[0] == {
        "id": 0, "fill_ts": DAY, "price": 1.5, "side": "buy", "reason": None, "is_maker": False
    }  # fmt: skip
    assert rows[1]["fill_ts"] is None
    assert rows[1]["price"] is None
    assert rows[1]["reason"] == "below minimum"


def test_arrow_holds_utc_times_strings_and_nulls(orders):
    table = orders.to_arrow()
    assert table.schema.field("fill_ts").type == pa.timestamp("ns", "UTC")
    assert table.schema.field("side").type == pa.string()
    assert table.column("fill_ts").null_count == 1
    assert table.column("price").null_count == 1
    assert table.column("reason").to_pylist() == [None, "below minimum", None]
    assert table.column("is_maker").to_pylist() == [False, False, True]


def test_the_arrow_c_stream_is_what_other_libraries_read(orders):
    assert pa.table(orders).equals(orders.to_arrow())
    assert pl.DataFrame(orders).equals(orders.to_polars())


def test_pandas_and_polars_frames_hold_the_same_rows(orders):
    frame = orders.to_pandas()
    assert frame["fill_ts"].dtype == pd.DatetimeTZDtype("ns", "UTC")
    assert frame["fill_ts"][0] == pd.Timestamp(1970, 1, 2, tz="UTC")
    assert pd.isna(frame["fill_ts"][1])
    assert (frame["side"] == "buy").tolist() == [True, False, True]
    other = orders.to_polars()
    assert other["fill_ts"].to_list() == [
        dt.datetime(1970, 1, 2, tzinfo=dt.UTC), None, dt.datetime(1970, 1, 4, tzinfo=dt.UTC)
    ]  # fmt: skip
    assert other["price"].to_list() == [1.5, None, 2.5]


def test_rows_are_picked_by_a_mask_and_keep_their_kinds(orders):
    bought = orders.where(orders["side"] == "buy")
    assert bought["id"].tolist() == [0, 2]
    assert bought.to_arrow().schema == orders.to_arrow().schema


def test_a_table_shows_its_first_and_last_rows():
    text = repr(Table({"n": np.arange(100)}, name="bars")).splitlines()
    assert text[0] == "bars: 100 rows"
    assert [line.strip() for line in text[1:]] == [
        "n", "0", "1", "2", "3", "4", "…", "95", "96", "97", "98", "99",
    ]  # fmt: skip


def test_a_notebook_shows_times_as_text_and_escapes_words():
    table = Table({"ts": np.array([DAY]), "word": Coded(np.array([0]), ["<b>"])}, name="t", times=("ts",))
    html = table._repr_html_()
    assert "<td>1970-01-02 00:00:00</td><td>&lt;b&gt;</td>" in html


def test_an_empty_table_is_still_a_table():
    empty = Table({"ts": np.zeros(0, np.int64), "side": Coded(np.zeros(0, np.uint8), ["buy"])}, name="trades")
    assert list(empty) == []
    assert empty.to_arrow().num_rows == 0
    assert repr(empty).splitlines()[0] == "trades: 0 rows"


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(InputError, match="different lengths"):
        Table({"a": np.zeros(2), "b": np.zeros(3)}, name="t")


@pytest.mark.parametrize("mask", ["size > 0", [0, 1], [True], np.ones((1, 1), bool)])
def test_a_mask_that_is_none_is_refused_with_its_shape_and_kind(orders, mask):
    with pytest.raises(
        InputError, match=rf"orders: where takes bools, one a row.*expected \({len(orders)},\) of bool, got"
    ):
        orders.where(mask)


@pytest.mark.parametrize("rows", [-1, 1.5, "3", True, None])
def test_a_number_of_rows_that_is_none_is_refused(orders, rows):
    with pytest.raises(InputError, match=r"orders: head\(.*\): expected a whole number >= 0"):
        orders.head(rows)
