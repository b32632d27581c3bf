"""`alipes.bars` takes the same bars from every kind of source."""

import gzip
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import csv, parquet
from tests.unit.data.made_bars import MINUTE, START, made

import alipes
from alipes.errors import DataError, InputError

ROWS = [
    [START // 1_000_000 + 60_000 * row, *(float(made()[name][row]) for name in list(made())[1:])]
    for row in range(6)
]
RECORD = np.dtype([("ts", "<i8"), *((name, "<f8") for name in list(made())[1:])])


def frame(**changes) -> pd.DataFrame:
    return pd.DataFrame(made(**changes))


def indexed(unit: str = "ns", tz: str | None = None) -> pd.DataFrame:
    index = pd.DatetimeIndex(made()["ts"], tz="UTC").as_unit(unit)
    made_frame = frame().drop(columns="ts").set_index(index)
    return made_frame.tz_convert(tz) if tz else made_frame.tz_localize(None)


def named(name: str, unit: str = "ns", tz: str | None = None) -> pd.DataFrame:
    return indexed(unit, tz).rename_axis(name).reset_index()


def each(change) -> dict:
    return {name: change(values) for name, values in made().items()}


def structured() -> np.ndarray:
    return np.array(list(zip(*made().values(), strict=True)), RECORD)


def same(bars: alipes.Bars) -> bool:
    want = made()
    return (
        bars.ts.dtype == np.int64
        and bars.ts.tolist() == want["ts"].tolist()
        and list(bars.columns) == list(want)[1:]
        and all(bars[name].tolist() == want[name].tolist() for name in bars.columns)
        and bars.step == MINUTE
        and bars.warnings == ()
    )


SOURCES = {
    "mapping": made,
    "mapping of lists": lambda: each(np.ndarray.tolist),
    "mapping of Series": lambda: each(pd.Series),
    "mapping of polars": lambda: each(pl.Series),
    "mapping of arrow": lambda: each(pa.array),
    "mapping, big endian": lambda: each(lambda values: values.astype(values.dtype.newbyteorder(">"))),
    "mapping, strided": lambda: each(lambda values: np.repeat(values, 2)[::2]),
    "structured array": structured,
    "rows of dictionaries": lambda: frame().to_dict("records"),
    "pandas": frame,
    "pandas, capitals": lambda: frame().rename(columns=str.title),
    "pandas, letters": lambda: frame().rename(columns=lambda name: {"ts": "ts"}.get(name, name[0].upper())),
    "pandas, index in ns": indexed,
    "pandas, index in us": lambda: indexed("us"),
    "pandas, index in s": lambda: indexed("s"),
    "pandas, aware index": lambda: indexed("us", "America/New_York"),
    "pandas, index by name": lambda: frame().set_index("ts"),
    "pandas, date column": lambda: named("Date"),
    "pandas, objects": lambda: named("date").astype({"date": object}),
    "pandas, texts": lambda: frame(ts=pd.DatetimeIndex(made()["ts"]).strftime("%Y-%m-%dT%H:%M:%SZ")),
    "pandas, nullable": lambda: frame().convert_dtypes(),
    "pandas, on arrow": lambda: frame().convert_dtypes(dtype_backend="pyarrow"),
    "pandas, arrow times": lambda: named("date").convert_dtypes(dtype_backend="pyarrow"),
    "polars": lambda: pl.DataFrame(made()),
    "polars, ms": lambda: pl.from_pandas(named("time", "ms")),
    "polars, aware": lambda: pl.from_pandas(named("time", "us", "Asia/Tokyo")),
    "polars, Float32": lambda: pl.DataFrame(made()).cast({"close": pl.Float32}),
    "polars, chunks": lambda: pl.concat([pl.DataFrame(made())[:2], pl.DataFrame(made())[2:]], rechunk=False),
    "arrow": lambda: pa.table(made()),
    "arrow, decimals": lambda: pa.table(made(close=[Decimal(str(price)) for price in made()["close"]])),
    "arrow, dictionaries": lambda: pa.table(made(close=pa.array(made()["close"]).dictionary_encode())),
    "arrow, batch": lambda: pa.RecordBatch.from_pydict(each(pa.array)),
    "arrow, aware": lambda: pa.table(made(ts=pa.array(made()["ts"]).cast(pa.timestamp("ns", "UTC")))),
    "datetimes": lambda: made(ts=[datetime.fromtimestamp(t // 10**9, UTC) for t in made()["ts"].tolist()]),
    "offsets": lambda: made(
        ts=[datetime.fromtimestamp(t // 10**9, timezone(timedelta(hours=2))) for t in made()["ts"].tolist()]
    ),
    "Timestamps": lambda: made(ts=list(pd.DatetimeIndex(made()["ts"]))),
    "mixed offsets": lambda: made(
        ts=[
            "2022-01-01T00:00Z",
            "2022-01-01T01:01+01:00",
            *pd.DatetimeIndex(made()["ts"][2:], tz="UTC").map(str),
        ]
    ),
    "Bars": lambda: alipes.bars(made()),
    "Bars to arrow": lambda: alipes.bars(made()).to_arrow(),
    "Bars to pandas": lambda: alipes.bars(made()).to_pandas(),
    "Bars to polars": lambda: alipes.bars(made()).to_polars(),
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_each_source_gives_the_same_bars(source):
    assert same(alipes.bars(source()))


@pytest.mark.parametrize(
    "rows", [ROWS, np.array(ROWS), tuple(map(tuple, ROWS))], ids=["list", "array", "tuple"]
)
def test_ccxt_rows_need_their_unit(rows):
    assert same(alipes.bars(rows, unit="ms"))
    with pytest.raises(InputError, match=r'alipes\.bars\(x, unit="ms"\)'):
        alipes.bars(rows)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
@pytest.mark.parametrize("kind", ["integers", "times", "aware"])
def test_files_give_the_same_bars(tmp_path: Path, suffix: str, kind: str):
    path = tmp_path / f"BTC{suffix}"
    table = pa.table(made())
    if kind != "integers":
        zone = "UTC" if kind == "aware" else None
        table = table.set_column(0, "timestamp", table["ts"].cast(pa.timestamp("ns", zone)))
    if suffix == ".parquet":
        parquet.write_table(table, path)
    elif suffix == ".csv":
        csv.write_csv(table, path)
    else:
        with pa.CompressedOutputStream(path, "gzip") as file:
            csv.write_csv(table, file)
    assert same(alipes.bars(path))
    assert same(alipes.bars(str(path)))


def test_ready_arrays_are_taken_in_place_and_only_read():
    arrays = made(mine=np.arange(6.0))
    bars = alipes.bars(arrays)
    for name, values in {"ts": bars.ts, **bars.columns}.items():
        assert np.shares_memory(values, arrays[name]), name
        assert not values.flags.writeable
        assert arrays[name].flags.writeable


def test_polars_and_arrow_columns_are_taken_in_place():
    table = pa.table(made())
    assert np.shares_memory(alipes.bars(table)["close"], table["close"].chunk(0).to_numpy())


def test_columns_of_the_user_keep_their_names_and_gaps():
    extra = {"RSI 14": [None, 1, 2, 3, 4, 5], "is_up": [True, False] * 3, "SPREAD": np.full(6, 0.1)}
    bars = alipes.bars(pd.DataFrame(made(**extra)))
    assert list(bars.columns)[5:] == ["RSI 14", "is_up", "spread"]
    np.testing.assert_array_equal(bars["RSI 14"], [np.nan, 1, 2, 3, 4, 5])
    assert bars["is_up"].tolist() == [1.0, 0.0] * 3


def test_columns_of_no_numbers_are_left_out_and_named():
    extra = {
        "symbol": ["BTC"] * 6,
        "close_time": pd.DatetimeIndex(made()["ts"]),
        "took": pd.to_timedelta([1] * 6),
    }
    bars = alipes.bars(pd.DataFrame(made(**extra)))
    assert len(bars.columns) == 5
    assert bars.warnings == (
        "columns left out, as they hold no numbers or their name is taken: symbol, close_time, took",
    )


def test_a_second_column_of_times_does_not_hide_the_times():
    bars = alipes.bars(indexed().assign(ts=1))
    assert bars.warnings == ("columns left out, as they hold no numbers or their name is taken: ts",)
    assert alipes.bars(bars.to_arrow()).ts.tolist() == made()["ts"].tolist()


def test_infinite_values_of_the_user_become_undefined_and_are_counted():
    bars = alipes.bars(made(ratio=np.array([1.0, np.inf, 2.0, -np.inf, 3.0, 4.0])))
    np.testing.assert_array_equal(bars["ratio"], [1.0, np.nan, 2.0, np.nan, 3.0, 4.0])
    assert bars.warnings == (
        "column 'ratio': 2 infinite values are undefined, the first in row 1 (2022-01-01T00:01:00Z)",
    )


def test_a_missing_volume_is_zero_and_said():
    mapping = made()
    del mapping["volume"]
    bars = alipes.bars(mapping)
    assert bars["volume"].tolist() == [0.0] * 6
    assert bars.warnings == ("no volume column: volume is 0 in every bar",)


def test_masked_values_are_no_numbers():
    masked = np.ma.MaskedArray(made()["close"], mask=[0, 0, 1, 0, 0, 0])
    with pytest.raises(alipes.errors.DataError, match=r"row 2 .*close nan"):
        alipes.bars(made(close=masked))


def test_importing_alipes_imports_no_data_frames():
    code = (
        "import sys, alipes, numpy as np\n"
        "n = np.arange(3)\n"
        "alipes.bars({'ts': 1640995200000000000 + n, **dict.fromkeys('ohlcv', n + 1.0)})\n"
        "assert not {'pandas', 'polars', 'pyarrow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_real_minutes_are_equal_from_every_library(data_dir: Path):
    path = data_dir / "btc_perp_1m_20211231_20220201.csv.gz"
    if not path.is_file():
        pytest.skip(f"no {path}")
    bars = alipes.bars(path)
    assert (len(bars), bars.step, bars.warnings) == (45_031, MINUTE, ())
    assert bars.ts[[0, -1]].tolist() == [1_640_991_660_000_000_000, 1_643_693_460_000_000_000]
    assert [bars[name][0] for name in bars.columns] == [46319.0, 46385.0, 46319.0, 46377.0, 2300413.7295]
    assert (bars["low"].min(), bars["high"].max()) == (32837.0, 48080.0)
    others = {
        "polars of texts": pl.read_csv(path),
        "polars of times": pl.read_csv(path, try_parse_dates=True),
        "pandas of times": pl.read_csv(path, try_parse_dates=True).to_pandas(),
        "arrow": csv.read_csv(path),
    }
    for name, other in others.items():
        loaded = alipes.bars(other)
        assert loaded.ts.tobytes() == bars.ts.tobytes(), name
        assert all(loaded[key].tobytes() == bars[key].tobytes() for key in bars.columns), name
    # Older pandas reads the last digit of a volume in another way, so its numbers are compared to that digit.
    for times in ({}, {"parse_dates": ["timestamp"], "index_col": "timestamp"}):
        loaded = alipes.bars(pd.read_csv(path, **times))
        assert loaded.ts.tobytes() == bars.ts.tobytes()
        for key in bars.columns:
            np.testing.assert_allclose(loaded[key], bars[key], rtol=3e-16, atol=0, err_msg=key)


TEXT = frame().to_csv(index=False)


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (TEXT.replace("volume", "volumé").encode("latin-1"), DataError, "expected a CSV saved as UTF-8"),
        (gzip.compress(TEXT.encode()), DataError, "compressed by gzip: .*name it .csv.gz"),
        (b"", DataError, "no bars: there is no row under a line of names"),
        (TEXT.split("\n")[0].encode(), DataError, "no bars: there is no row under a line of names"),
        (b"timestamp,open,high,low,close,volume\n", InputError, "no bars: the data is empty"),
        (
            TEXT.split("\n", 1)[1].encode(),
            InputError,
            r"first line looks like a bar \(1640995200000000000, 99.5",
        ),
        (
            b"2022-01-01,1.5,2,1,1.75,9\n2022-01-02,1.5,2,1,1.75,9",
            InputError,
            "the file needs a line of column names, such as ts,open,high,low,close,volume",
        ),
        (TEXT.replace("103.0,101.0", "103.0,n/k").encode(), InputError, "'low' holds text, 'n/k' in row 2"),
    ],
)
def test_a_file_that_is_no_table_of_bars_says_what_it_is(tmp_path, content, error, says):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(error, match=says) as caught:
        alipes.bars(path)
    assert "row" in says or "no bars" in says or str(path) in str(caught.value)


def test_the_first_text_that_is_no_number_is_named():
    for source in (
        made(close=["1", "2", "three", "4", "5", "six"]),
        made(close=[1.0, None, "three", 4, 5, 6]),
    ):
        with pytest.raises(InputError, match="'close' holds text, 'three' in row 2"):
            alipes.bars(source)
    with pytest.raises(InputError, match="'close' holds text, '1' in row 0: convert it to float"):
        alipes.bars(made(close=list("123456")))


def test_an_index_of_numbers_is_told_to_be_none_of_times():
    with pytest.raises(
        InputError, match=r"index holds numbers and is not read as times.* pd.to_datetime\(df.index"
    ):
        alipes.bars(indexed().set_index(made()["ts"] // 10**9), unit="s")
