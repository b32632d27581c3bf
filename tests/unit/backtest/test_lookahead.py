"""`check_lookahead` catches what looks ahead, passes what does not, and measures warm-up."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from pyarrow import csv
from tests.counts import scaled

import alipes
from alipes.backtest import check_lookahead
from alipes.errors import DataError, InputError

COUNT = 400
MINUTE = 60_000_000_000


def frame(count: int = COUNT, seed: int = 7) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    close = 100.0 + np.round(np.cumsum(rng.normal(size=count)) * 16) / 64
    start = 1_640_995_200_000_000_000
    index = pd.DatetimeIndex(start + np.arange(count) * MINUTE, tz="UTC", name="ts")
    columns = {"open": close, "high": close + 1.0, "low": close - 1.0, "close": close, "volume": 1.0}
    return pd.DataFrame(columns, index)


def hourly(df: pd.DataFrame) -> pd.Series:
    return df.close.resample("1h").last().reindex(df.index, method="ffill")


def pivots(df: pd.DataFrame) -> pd.Series:
    return df.low == df.low.rolling(11, center=True).min()


def detrended(df: pd.DataFrame) -> pd.Series:
    places = np.arange(len(df)) - len(df) / 2
    return df.close - df.close.mean() - places * (places @ df.close) / max(places @ places, 1)


def waits_for_the_end(df: pd.DataFrame) -> np.ndarray:
    signal = np.zeros(len(df))
    signal[-1] = 1.0
    return signal


LOOKS_AHEAD = {
    "shift(-1)": (lambda df: df.close.shift(-1), 1),
    "entries by shift(-1)": (lambda df: df.close.shift(-1) > df.close, 1),
    "shift(-30)": (lambda df: df.close.shift(-30), 30),
    "centred window": (lambda df: df.close.rolling(9, center=True).mean(), 4),
    "centred minimum": (pivots, 5),
    "z-score of all data": (lambda df: (df.close - df.close.mean()) / df.close.std(), None),
    "rank in all data": (lambda df: df.close.rank(pct=True), None),
    "bfill of the warm-up": (lambda df: df.close.rolling(20).mean().bfill(), 19),
    "bfill of a gap": (lambda df: df.close.where(df.close.index.minute % 10 == 0).bfill(), 9),
    "hours before they end": (hourly, 59),
    "np.gradient": (lambda df: np.gradient(df.close.to_numpy()), 1),
    "reversed cumulative": (lambda df: df.close[::-1].cummax()[::-1], None),
    "interpolation": (lambda df: df.close.where(df.close.index.minute % 5 == 0).interpolate(), 4),
    "quantile of all data": (lambda df: df.close > df.close.quantile(0.9), None),
    "the last bar": (waits_for_the_end, None),
    "linear trend removed": (detrended, None),
}  # fmt: skip
CAUSAL = {
    "shift(1)": lambda df: df.close.shift(1),
    "close": lambda df: df.close,
    "rolling": lambda df: df.close.rolling(20).mean(),
    "cross": lambda df: df.close.rolling(5).mean() > df.close.rolling(20).mean(),
    "ewm": lambda df: df.close.ewm(span=10, adjust=False).mean(),
    "expanding z-score": lambda df: (df.close - df.close.expanding().mean()) / df.close.expanding().std(),
    "ffill": lambda df: df.close.where(df.close.index.minute % 10 == 0).ffill(),
    "hours that ended": lambda df: hourly(df).shift(60),
    "cumulative": lambda df: df.volume.cumsum(),
    "difference": lambda df: np.diff(df.close, prepend=np.nan),
    "nothing": lambda df: np.zeros(len(df)),
    "rows dropped": lambda df: df.close.rolling(3).mean().dropna(),
}


@pytest.mark.parametrize("name", LOOKS_AHEAD)
@pytest.mark.parametrize("seed", range(scaled(2, 20)))
def test_look_ahead_is_found(name: str, seed: int):
    function, reach = LOOKS_AHEAD[name]
    report = check_lookahead(function, frame(), cuts=30, starts=1, seed=seed)
    assert not report.ok
    if reach is not None:
        assert 1 <= report.reach["signal"] <= reach
    with pytest.raises(InputError, match="LOOK-AHEAD: values changed"):
        report.raise_if_failed()


@pytest.mark.parametrize("name", CAUSAL)
def test_what_is_causal_passes(name: str):
    report = check_lookahead(CAUSAL[name], frame(), cuts=50, starts=3)
    assert report.ok, report
    assert (len(report.changed), report.reach, report.failures) == (0, {"signal": 0}, ())
    report.raise_if_failed()


def test_each_change_says_bar_time_and_both_values():
    df = frame()
    report = check_lookahead(lambda bars: bars.close.shift(-2), df)
    rows = list(report.changed)
    assert rows
    for row in rows:
        assert row["cut"] - row["bar"] in {1, 2}
        assert row["full"] == df.close.iloc[row["bar"] + 2]
        assert row["truncated"] is None
        assert row["difference"] == np.inf
        assert row["ts"] == df.index[row["bar"]].value
    assert report.reach == {"signal": 2}
    assert str(report.changed.to_pandas().ts.dtype) == "datetime64[ns, UTC]"


def test_the_largest_difference_of_a_bar_is_kept():
    df = frame(40)
    report = check_lookahead(lambda bars: bars.close - bars.close.mean(), df, cuts=1_000)
    means = df.close.expanding().mean().to_numpy()
    for row in report.changed:
        seen = [cut for cut in report.cuts.tolist() if cut > row["bar"]]
        apart = {cut: abs(means[-1] - means[cut - 1]) for cut in seen}
        assert row["difference"] == pytest.approx(max(apart.values()), rel=1e-9)
        assert apart[row["cut"]] == pytest.approx(max(apart.values()), rel=1e-9)


def test_columns_are_judged_one_by_one():
    def function(df):
        return {"past": df.close.shift(1), "future": df.close.shift(-1) > df.close}

    report = check_lookahead(function, frame())
    assert set(report.changed["column"].tolist()) == {"future"}
    assert report.reach == {"past": 0, "future": 1}
    assert "future: bar " in str(report)
    assert "past: bar" not in str(report)


OUTPUTS = {
    "array": (lambda df: df.close.to_numpy(), ["signal"]),
    "list": (lambda df: df.close.tolist(), ["signal"]),
    "objects": (lambda df: [None, *df.close[1:]], ["signal"]),
    "booleans": (lambda df: (df.close > 100).astype("boolean"), ["signal"]),
    "polars": (lambda df: pl.Series(df.close.to_numpy()), ["signal"]),
    "tuple": (lambda df: (df.close, df.open), ["0", "1"]),
    "matrix": (lambda df: df[["close", "open"]].to_numpy(), ["0", "1"]),
    "frame": (lambda df: df[["close", "open"]], ["close", "open"]),
    "polars frame": (lambda df: pl.from_pandas(df[["close", "open"]]), ["close", "open"]),
    "arrow": (lambda df: pl.from_pandas(df[["close", "open"]]).to_arrow(), ["close", "open"]),
    "mapping": (lambda df: {"a": df.close, "b": df.open.to_numpy()}, ["a", "b"]),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_each_kind_of_output_is_read(name: str):
    function, columns = OUTPUTS[name]
    report = check_lookahead(function, frame(60), cuts=10)
    assert report.ok
    assert list(report.warmup) == columns


def inputs() -> dict:
    df = frame(60).reset_index()
    bars = alipes.bars(df)
    mapping = {"ts": bars.ts, **bars.columns}
    return {
        "pandas": df, "indexed": frame(60), "polars": pl.from_pandas(df), "arrow": bars.to_arrow(),
        "Bars": bars, "mapping": mapping,
        "lists": {name: values.tolist() for name, values in mapping.items()},
        "records": np.array(
            list(zip(*mapping.values(), strict=True)),
            [(name, values.dtype) for name, values in mapping.items()],
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", inputs())
def test_the_function_gets_bars_in_the_type_given(name: str):
    bars = inputs()[name]

    def function(given):
        assert type(given) is type(bars)
        close = np.asarray(given["close"], float)
        return np.append(close[1:], np.nan)

    report = check_lookahead(function, bars, cuts=10)
    assert report.reach == {"signal": 1}


def test_a_path_is_loaded_first(tmp_path: Path):
    path = tmp_path / "bars.csv"
    csv.write_csv(alipes.bars(frame(60)).to_arrow(), path)

    def function(given):
        assert isinstance(given, alipes.Bars)
        return given["close"]

    assert check_lookahead(function, path, cuts=5).ok


@pytest.mark.parametrize("name", ["pandas", "mapping", "records"])
def test_what_a_function_writes_reaches_no_other_call(name: str):
    bars = inputs()[name]
    before = np.array(bars["close"])

    def function(given):
        given["close"][:] = np.cumsum(np.asarray(given["close"]))
        return np.asarray(given["close"])

    if name == "pandas":
        function = lambda given: given.assign(x=1.0).pop("close")  # noqa: E731
    assert check_lookahead(function, bars, cuts=5).ok
    np.testing.assert_array_equal(bars["close"], before)


def test_the_warm_up_of_a_window_is_exact():
    report = check_lookahead(lambda df: df.close.rolling(20).mean(), frame())
    assert report.warmup_bars == 19
    assert "values agree 19 bars after a later start (tried 10)" in str(report)


def test_the_warm_up_of_a_recursive_average_is_until_its_seed_is_forgotten():
    alpha = 2 / 11
    report = check_lookahead(
        lambda df: df.close.ewm(alpha=alpha, adjust=False).mean(), frame(), tolerance=1e-9
    )
    forgotten = np.log(1e-9) / np.log(1 - alpha)
    assert 0.7 * forgotten < report.warmup_bars < 1.05 * forgotten


def test_a_warm_up_that_never_ends_is_said():
    report = check_lookahead(
        lambda df: {"sum": df.volume.cumsum(), "mean": df.close.rolling(5).mean()}, frame()
    )
    assert report.ok
    assert report.warmup == {"sum": None, "mean": 4}
    assert report.warmup_bars is None
    assert "after a later start sum never came to agree" in str(report)


def test_the_warm_up_can_be_left_out():
    report = check_lookahead(lambda df: df.close, frame(60), starts=0)
    assert len(report.starts) == 0
    assert "warm-up: not tried" in str(report)


def test_the_same_seed_gives_the_same_report():
    function = LOOKS_AHEAD["centred window"][0]
    first, again, other = (check_lookahead(function, frame(), cuts=20, seed=seed) for seed in (3, 3, 4))
    assert first.cuts.tolist() == again.cuts.tolist() != other.cuts.tolist()
    assert list(first.changed) == list(again.changed)


def test_progress_counts_calls():
    seen: list[tuple[int, int]] = []
    report = check_lookahead(lambda df: df.close, frame(60), progress=lambda *done: seen.append(done))
    total = len(report.cuts) + len(report.starts)
    assert seen == [(call + 1, total) for call in range(total)]


def test_what_a_progress_function_raises_says_whose_it_is():
    def progress(done: int, total: int) -> None:
        raise KeyError(total)

    with pytest.raises(KeyError) as caught:
        check_lookahead(lambda df: df.close, frame(60), progress=progress)
    assert caught.value.__notes__ == [f"raised by progress, called with 1, {caught.value.args[0]}"]


def test_cuts_too_short_for_the_function_are_listed():
    def function(df):
        if len(df) < 10:
            raise IndexError("ten bars at least")
        return df.close

    report = check_lookahead(function, frame())
    assert report.ok
    assert [cut for cut, _ in report.failures] == [cut for cut in report.cuts.tolist() if cut < 10]
    assert "ten bars at least" in str(report)


def test_a_function_that_fails_on_most_bars_is_refused():
    def function(df):
        if len(df) == COUNT:
            return df.close
        raise IndexError("all or none")

    with pytest.raises(InputError, match=r"fails on the first \d+ bars: IndexError\('all or none'\)"):
        check_lookahead(function, frame())


def test_a_function_that_is_random_is_refused():
    rng = np.random.default_rng(1)
    with pytest.raises(InputError, match="not repeatable: 'signal' at bar 0 is"):
        check_lookahead(lambda df: rng.normal(size=len(df)), frame())


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (7, "expected a function"), (lambda df: 1.0, "returned 1.0 as 'signal': expected one value a bar"),
        (lambda df: df.close.to_numpy()[1:], "returned 59 values as 'signal' for 60 bars"),
        (lambda df: {}, "returned no columns"),
        (lambda df: ["buy"] * len(df), "'signal' holds text, 'buy' in row 0"),
        (lambda df: {str(len(df)): df.close}, "other columns on fewer bars"),
    ],
)  # fmt: skip
def test_functions_that_give_no_signals_are_refused(function, text: str):
    with pytest.raises(InputError, match=text):
        check_lookahead(function, frame(60))


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"cuts": 0}, "cuts=0: expected a whole number >= 1"),
        ({"cuts": "5"}, "cuts='5': expected a whole number >= 1"),
        ({"starts": -1}, "starts=-1: expected a whole number >= 0"),
        ({"starts": 2.5}, "starts=2.5: expected a whole number >= 0"),
        ({"tolerance": -1.0}, "tolerance=-1.0: expected a number >= 0"),
        ({"tolerance": np.nan}, "tolerance=nan: expected a finite number >= 0"),
        ({"seed": -1}, "seed=-1: expected a whole number >= 0"),
        ({"progress": True}, r"progress=True: expected a function of \(done, total\)"),
    ],
)
def test_options_out_of_range_are_refused(option, message):
    with pytest.raises(InputError, match=message):
        check_lookahead(lambda df: df.close, frame(60), **option)


def test_what_the_function_raises_on_all_bars_says_whose_it_is():
    with pytest.raises(AttributeError, match="clse") as caught:
        check_lookahead(lambda df: df.clse, frame(60))
    assert caught.value.__notes__ == ["raised by the function that is checked, called with all 60 bars"]


def test_a_frame_in_the_place_of_the_function_is_named_in_a_few_words():
    with pytest.raises(InputError, match="expected a function that takes bars") as caught:
        check_lookahead(frame(60), lambda df: df.close)
    assert len(str(caught.value)) < 160


def test_bars_that_cannot_be_are_refused():
    with pytest.raises(DataError, match="reverse them"):
        check_lookahead(lambda df: df.close, frame(60)[::-1])


@pytest.mark.parametrize("count", [2, 3])
def test_very_few_bars_still_give_a_report(count: int):
    assert check_lookahead(CAUSAL["close"], frame(count)).ok
    assert not check_lookahead(lambda df: df.close.shift(-1), frame(count)).ok


def test_the_report_reads_as_a_sentence():
    report = check_lookahead(lambda df: df.close.shift(-1), frame(3), cuts=100)
    verdict, example, _ = str(report).splitlines()
    assert verdict == (
        "LOOK-AHEAD: values changed when later bars were taken away (bars changed of 3: signal 2)"
    )
    assert example == (
        f"  signal: bar 1 (2022-01-01 00:01:00) is {frame(3).close.iloc[2]:.10g} with all bars, undefined "
        "with the first 2; it uses data at least 1 bar ahead"
    )
    assert "<table>" in report._repr_html_()
    assert "<table>" not in check_lookahead(lambda df: df.close, frame(3))._repr_html_()


def test_the_real_minutes_are_checked(data_dir: Path):
    path = data_dir / "btc_perp_1m_20211231_20220201.csv.gz"
    if not path.is_file():
        pytest.skip(f"no {path}")
    df = alipes.bars(path).to_pandas()
    centred = check_lookahead(
        lambda bars: bars.close > bars.close.rolling(61, center=True).mean(), df, cuts=40
    )
    assert not centred.ok
    assert check_lookahead(lambda bars: bars.close > bars.close.rolling(61).mean(), df, cuts=40).ok


def test_a_report_is_true_where_nothing_looks_ahead():
    assert check_lookahead(lambda df: df.close, frame())
    assert not check_lookahead(lambda df: df.close.shift(-1), frame())
