"""Options against the bars they are for: what is refused before a run, a sweep and signals."""

import numpy as np
import pytest
from tests.unit.backtest.runs import HOUR, START, bars_of

import alipes.rules as r
from alipes import InstrumentSpec, backtest
from alipes.data.bars import bars as read_bars
from alipes.errors import DataError, InputError

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


def walk(count, seed=5):
    """Closes of a random walk around 100."""
    return 100 + np.cumsum(np.random.default_rng(seed).integers(-3, 4, count)) / 8


def coarser(fine, parts):
    """Bars of so many finer ones each."""
    grouped = {name: values.reshape(-1, parts) for name, values in fine.columns.items()}
    return read_bars(
        {
            "ts": fine.ts[::parts],
            "open": grouped["open"][:, 0],
            "high": grouped["high"].max(axis=1),
            "low": grouped["low"].min(axis=1),
            "close": grouped["close"][:, -1],
        }
    )


def without(bars, rows):
    """The bars but for some rows."""
    kept = np.delete(np.arange(len(bars)), rows)
    return read_bars({"ts": bars.ts[kept], **{name: bars[name][kept] for name in bars.columns}})


def changed(bars, **columns):
    """Bars with other columns."""
    return read_bars({"ts": bars.ts, **bars.columns, **columns})


FINE = bars_of(walk(240), step=HOUR // 4)
HOURS = coarser(FINE, 4)


@each_way
def test_finer_bars_that_make_up_the_bars_pass(way):
    assert "detail" not in "".join(way(HOURS, detail=FINE).warnings)
    way(HOURS, detail=without(FINE[8:], [3]))


@each_way
@pytest.mark.parametrize("factor", [0.1, 10, 1 + 1e-6])
def test_finer_bars_at_other_prices_are_refused(way, factor):
    other = changed(FINE, **{name: factor * FINE[name] for name in ("open", "high", "low", "close")})
    ours, theirs = float(HOURS["open"][0]), float(other["open"][0])
    with pytest.raises(
        InputError,
        match=rf"detail: 60 of 60 bars are not what their finer bars make up, first row 0 "
        rf"\(2023-11-15 00:00:00\): open {ours}, theirs {theirs}: expected finer bars of the same market",
    ):
        way(HOURS, detail=other)


@each_way
def test_finer_bars_stamped_with_their_close_are_refused_and_say_how_they_are_read(way):
    shifted = read_bars({"ts": FINE.ts + FINE.step, **FINE.columns})
    with pytest.raises(InputError, match=r"of 59 bars are not .*label='close'\) takes close times"):
        way(HOURS, detail=shifted)
    way(HOURS, detail=read_bars({"ts": FINE.ts + FINE.step, **FINE.columns}, label="close"))


@pytest.mark.parametrize(("name", "row"), [("open", 0), ("high", 2), ("low", 4), ("close", 59)])
def test_few_bars_that_differ_from_their_finer_ones_are_a_warning(name, row):
    values = HOURS[name].copy()
    values[row] += 0.01 if name == "high" else -0.01 if name == "low" else 0
    highs, lows = HOURS["high"].copy(), HOURS["low"].copy()
    if name in {"open", "close"}:
        values[row] = (highs[row] + lows[row]) / 2 + 1e-3
        highs[row], lows[row] = max(highs[row], values[row]), min(lows[row], values[row])
    bars = changed(HOURS, **{"high": highs, "low": lows, name: values})
    told = by_run(bars, detail=FINE).warnings["detail"]
    assert told.startswith(f"1 bar: not what the finer bars make up, first row {row} (")
    assert f"{name} {float(values[row])}, theirs {float(HOURS[name][row])}" in told


def test_bars_that_lack_a_finer_one_are_not_compared():
    bars = changed(HOURS, high=HOURS["high"] + 0.5)
    thinned = without(FINE, np.arange(0, len(FINE), 4))
    assert "detail" not in by_run(bars, detail=thinned).warnings


def spec(tick="0.1", lot="0.001"):
    return InstrumentSpec(symbol="BTC/USDT:USDT", base="BTC", quote="USDT", tick_size=tick, lot_size=lot)


@each_way
def test_a_tick_above_the_lowest_price_is_refused_with_both(way):
    bars = bars_of([100.0, 120.0, 90.0, 95.0])
    with pytest.raises(
        InputError,
        match=r"tick_size=1000 of BTC/USDT:USDT is above the lowest price, 90.0 at row 2 \(2023-11-15 02:",
    ):
        way(bars, instrument=spec(tick="1000"))
    way(bars, instrument=spec(tick="90"))


@each_way
def test_a_lot_that_no_money_buys_is_a_warning_with_its_cost(way):
    bars = bars_of([100.0, 120.0, 90.0, 95.0])
    warnings = way(bars, instrument=spec(lot="1000"), leverage=2).warnings
    text = (
        warnings["lot"] if way is not by_sweep else next(each for each in warnings if each.startswith("lot"))
    )
    assert text.removeprefix("lot: ") == (
        "one lot, 1000 of BTC/USDT:USDT, costs 90,000 at the lowest price, 90.0 at row 2"
        " (2023-11-15 02:00:00), and cash times leverage is 20,000: nothing can be bought"
    )
    assert "one lot" not in str(way(bars, instrument=spec(lot="1000"), leverage=9).warnings)


@each_way
def test_a_spread_that_leaves_no_price_names_its_row(way):
    close = np.array([100.0, 120.0, 90.0, 95.0])
    with pytest.raises(
        InputError,
        match=r"spread: column 'wide' is 180.0 at row 2 \(2023-11-15 02:00:00\), where the low is 90.0",
    ):
        way(bars_of(close, wide=np.array([1.0, 199.0, 180.0, 500.0])), spread="wide")
    way(bars_of(close, wide=np.array([199.0, 199.0, 179.0, 0.0])), spread="wide")


@each_way
@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("close", -3.0, r"row 5 \(2023-11-15T05:00:00Z\): close -3.0 is no finite price above 0"),
        ("high", np.nan, r"row 5 .*: high nan is no finite price"),
        ("ts", START, r"row 5: the time 2023-11-15T00:00:00Z is before row 4"),
    ],
)
def test_bars_whose_arrays_were_changed_since_say_so(way, name, value, says):
    whole = bars_of(walk(24))
    own = {"ts": whole.ts.copy(), **{each: values.copy() for each, values in whole.columns.items()}}
    bars = read_bars(own)
    own[name][5] = value
    with pytest.raises(DataError, match=f"changed after alipes.bars had checked them: {says}.* a copy"):
        way(bars)
