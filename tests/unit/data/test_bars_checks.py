"""Bars that cannot be are refused, naming row and value; bars with gaps are taken and say so."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from tests.unit.data.made_bars import MINUTE, START, made, with_value

import alipes
from alipes.errors import DataError, InputError

BIG = 100_000
"""Rows enough for several blocks of a pass."""


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("close", np.nan, "close nan is no finite price"), ("open", 0.0, r"open 0\.0 is no finite price"),
        ("low", -1.0, r"low -1\.0 is no finite price"), ("high", np.inf, "high inf is no finite price"),
        ("open", np.nan, "open nan"), ("high", np.nan, "high nan"), ("low", np.nan, "low nan"),
        ("high", 98.0, r"high 98\.0 is below low"), ("high", 101.875, r"high 101\.875 is below close 102\.0"),
        ("open", 104.0, r"high 103\.0 is below open 104\.0"),
        ("low", 101.75, r"low 101\.75 is above open 101\.5"),
        ("close", 100.5, r"low 101\.0 is above close 100\.5"),
        ("volume", -0.5, r"volume -0\.5 is no finite number, 0 or more"), ("volume", np.nan, "volume nan"),
        ("volume", np.inf, "volume inf"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("row", "count"), [(2, 6), (70_002, BIG), (BIG - 2, BIG)])
def test_a_price_that_cannot_be_names_row_and_value(name: str, value: float, text: str, row: int, count: int):
    when = np.datetime_as_string(np.datetime64(START + row * MINUTE, "ns"), "s")
    with pytest.raises(DataError, match=rf"^row {row} \({when}Z\): {text}"):
        alipes.bars(with_value(name, row, value, count))


def test_the_first_of_several_faults_is_named():
    mapping = with_value("close", 4, np.nan)
    mapping["volume"][3] = -1.0
    with pytest.raises(DataError, match=r"^row 3 .*volume -1"):
        alipes.bars(mapping)


def test_prices_may_touch_and_volume_may_be_zero():
    flat = np.full(6, 5e-324)
    alipes.bars(made(open=flat, high=flat, low=flat, close=flat, volume=np.zeros(6)))


@pytest.mark.parametrize("null", [None, np.nan])
def test_a_missing_price_names_its_row_in_every_library(null):
    mapping = made(close=[100.0, 101.0, null, 103.0, 100.0, 101.0])
    for source in (mapping, pd.DataFrame(mapping), pl.DataFrame(mapping), pl.DataFrame(mapping).to_arrow()):
        with pytest.raises(DataError, match=r"row 2 .*close nan"):
            alipes.bars(source)


@pytest.mark.parametrize("row", [2, 32_767, 32_768, 70_000])
def test_disorder_names_its_row(row: int):
    mapping = made(BIG)
    mapping["ts"][row] = mapping["ts"][row - 1]
    with pytest.raises(
        DataError, match=rf"^row {row}: the time .* is that of row {row - 1} too: drop the duplicate"
    ):
        alipes.bars(mapping)
    mapping["ts"][row] = mapping["ts"][row - 1] - MINUTE // 2
    with pytest.raises(DataError, match=rf"^row {row}: the time .* is before row {row - 1}, .*: sort"):
        alipes.bars(mapping)


def test_bars_that_run_backwards_are_told_so():
    with pytest.raises(DataError, match=r"row 1: .* is before row 0, 2022-01-01T00:05:00Z: reverse them"):
        alipes.bars(pd.DataFrame(made())[::-1])


def test_steps_are_multiples_of_the_smallest_or_of_freq():
    times = START + np.array([0, 2, 4, 7, 9, 11]) * MINUTE
    with pytest.raises(
        DataError, match=r"row 3: 2022-01-01T00:07:00Z is 3min after row 2, no multiple of the smal"
    ):
        alipes.bars(made(ts=times))
    bars = alipes.bars(made(ts=times), freq="1min")
    assert (bars.step, bars.gap_rows.tolist()) == (MINUTE, [0, 1, 2, 3, 4])
    with pytest.raises(DataError, match=r"row 1: .* is 1min after row 0, no multiple of freq, 1h"):
        alipes.bars(made(), freq="1h")


def test_gaps_are_counted_and_the_longest_is_named():
    keep = np.delete(np.arange(BIG), [3, 40_000, 40_001, 40_002, 70_000])
    bars = alipes.bars({name: values[keep] for name, values in made(BIG).items()})
    assert bars.gap_rows.tolist() == [2, 39_998, 69_995]
    assert bars.gaps == (3, 3 * MINUTE, 39_998)
    assert bars.warnings == (
        "gaps: bars are missing in 3 places, at the longest 3 bars (3min) after 2022-01-28T18:39:00Z",
    )
    assert bars[:3].warnings == ()
    assert bars[2:4].gap_rows.tolist() == [0]
    assert bars[2:4].gaps == (1, MINUTE, 0)


@pytest.mark.parametrize("source", [{}, [], made(0), pd.DataFrame(made(0)), pl.DataFrame(made(0))])
def test_empty_data_is_refused(source):
    with pytest.raises(InputError, match=r"empty|no column of times"):
        alipes.bars(source)


def test_one_bar_needs_freq():
    with pytest.raises(InputError, match="one bar does not tell how long it is: give freq"):
        alipes.bars(made(1))
    assert alipes.bars(made(1), freq="1h").step == 60 * MINUTE


def test_mixed_lengths_are_refused():
    with pytest.raises(InputError, match=r"differ in length: ts 6, .*close 5"):
        alipes.bars(made(close=made(5)["close"]))


def test_a_missing_column_says_which_there_are():
    mapping = made()
    del mapping["high"]
    with pytest.raises(InputError, match=r"no column 'high': there are ts, open, low, close, volume"):
        alipes.bars(mapping)
    del mapping["ts"]
    with pytest.raises(
        InputError, match=r"no column of times: expected one of ts, timestamp, .*there are open, low"
    ):
        alipes.bars(pd.DataFrame(mapping))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"close": [str(price) for price in made()["close"]]}, r"'close' holds text, '100\.0' in row 0"),
        ({"close": made()["close"].astype(complex)}, "dtype complex128"),
        ({"close": pd.DatetimeIndex(made()["ts"])}, "'close' holds times"),
        ({"close": np.ones((6, 1))}, r"shape \(6, 1\)"),
        ({"close": 100.0}, "'close' is 100.0: expected one value a bar"),
        ({"close": [1.0, 2.0, object(), 1.0, 1.0, 1.0]}, "'close', row 2: <object.* is no number"),
        ({"close": pl.Series([[1.0]] * 6)}, "of type .*list"),
        ({"Close": made()["close"]}, "'close' and 'Close' are both there"),
        ({"TS": made()["ts"]}, "'ts' and 'TS' are both there"),
        ({"extra": made()["close"], 7: made()["close"]}, "column 7 has no text as its name"),
        ({"ts": np.ones(6, bool)}, "expected times"),
        ({"ts": [object()] * 6}, "'ts', row 0: <object.* is no time"),
        ({"ts": pd.period_range("2022", periods=6, freq="D")}, "holds periods"),
    ],
)
def test_columns_that_are_none_are_refused(changes, text: str):
    with pytest.raises(InputError, match=text):
        alipes.bars({**made(), **changes})


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (7, "cannot read bars from builtins.int: expected a pandas or polars DataFrame"),
        (pl.DataFrame(made()).lazy(), r"LazyFrame.*collect\(\)"),
        ([[1, 2, 3]], r"row 0 is \[1, 2, 3\]: expected \[time, open, high"),
        ([[1, 2, 3, 4, 5, 6], 7], r"row 1 is 7: expected"),
        ([{"ts": 1}, {"to": 2}], "row 1 is .*expected the keys ts"),
        (np.ones(6), r"shape \(6,\): expected \(n, 6\)"),
        ("bars.txt", r"bars\.txt: expected a file named \.csv"),
        (Path("absent.csv"), r"absent\.csv: no such file"),
        (pd.concat([pd.DataFrame(made())] * 2, axis=1), "column 'ts' is there 2 times"),
        (pd.concat({"BTC": pd.DataFrame(made())}, axis=1), "columns have 2 levels"),
        (pd.concat({"BTC": pd.DataFrame(made()).set_index("ts")}), "index has several levels"),
    ],
)
def test_sources_that_are_none_are_refused(source, text: str):
    with pytest.raises(InputError, match=text):
        alipes.bars(source)


def test_a_file_without_column_names_is_told_so(tmp_path: Path):
    path = tmp_path / "BTCUSDT-1m.csv"
    path.write_text("1640995200000,1.0,2.0,0.5,1.5,7\n1640995260000,1.0,2.0,0.5,1.5,7\n", encoding="utf-8")
    with pytest.raises(InputError, match="needs a line of column names"):
        alipes.bars(path)


@pytest.mark.parametrize("name", ["a.parquet", "a.csv.gz", "a.csv"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str):
    path = tmp_path / name
    path.write_bytes(b"\x1f\x8b no gzip" if name.endswith("gz") else b"a,b\n1,2,3\n")
    with pytest.raises(DataError, match=name):
        alipes.bars(path)


@pytest.mark.parametrize(("seconds", "found"), [(7, "1min 7s"), (-7, "53s"), (20, "1min 20s"), (-20, "40s")])
@pytest.mark.parametrize("row", [1, 5, 9])
def test_a_stamp_that_is_off_is_named_by_the_step_that_most_have(seconds, found, row):
    mapping = made(10)
    mapping["ts"][row] += seconds * 1_000_000_000
    with pytest.raises(
        DataError,
        match=rf"^row {row}: .* is {found} after row {row - 1}, no multiple of the .* step, 1min",
    ):
        alipes.bars(mapping)
