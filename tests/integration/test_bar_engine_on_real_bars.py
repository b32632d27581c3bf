"""The compiled bar engine against its slow twin on real one-minute bars, filler stretches included."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.counts import scaled
from tests.property.test_bar_engine_against_reference import difference
from tests.reference import bar_engine
from tests.reference.bar_adapter import compiled, told
from tests.reference.bar_terms import Bars, Rules, Signal, Terms, Value

import alipes
import alipes.rules as r

FILE = "btc_perp_1m_20211231_20220201.csv.gz"
COUNT = scaled(15_000, 45_000)
MINUTE = 60_000_000_000
FIVE = 5
COSTS: dict[str, Any] = {"fees_bps": 5.0, "maker_fees_bps": 2.0, "slippage_bps": 1.0}
GRID: dict[str, Any] = {"tick": 0.5, "lot": 0.001, "min_notional": 5.0}
HEDGED: dict[str, Any] = {"leverage": 5.0, "path": "nearest"}
TERMS = {
    "next open, on the grid": Terms(**COSTS, **GRID),
    "next close, leverage": Terms(fill="next_close", **COSTS, **HEDGED),
    "same close, optimistic": Terms(fill="same_close", path="optimistic", size_at="decision", **COSTS),
    "detail, funding every eight hours": Terms(path="detail", close_at_end=True, **COSTS, **GRID),
}


@pytest.fixture(scope="module")
def minutes(data_dir: Path) -> Any:
    path = data_dir / FILE
    if not path.is_file():
        pytest.skip(f"no {path}: real one-minute bars")
    return alipes.bars(path)[:COUNT]


def plain(bars: Any) -> Bars:
    columns = {name: bars.columns[name].tolist() for name in ("open", "high", "low", "close")}
    return Bars(bars.ts.tolist(), **columns, step=bars.step)


def in_fives(fine: Bars) -> Bars:
    """Bars of five minutes, anchored at the epoch; the minutes before the first whole one are left out."""
    rows: dict[int, list[float]] = {}
    for ts, *prices in zip(fine.ts, fine.open, fine.high, fine.low, fine.close, strict=True):
        start = ts - ts % (FIVE * MINUTE)
        row = rows.setdefault(start, prices)
        row[1:] = [max(row[1], prices[1]), min(row[2], prices[2]), prices[3]]
    columns = [list(column) for column in zip(*rows.values(), strict=True)]
    return Bars(list(rows), *columns, step=FIVE * MINUTE)


def decided(bars: Bars) -> Rules:
    """Crossings of two averages with stops by the range; the first bars undefined."""
    columns = {name: np.array(getattr(bars, name)) for name in ("open", "high", "low", "close")}
    data = alipes.bars({"ts": np.array(bars.ts), **columns, "volume": np.ones(len(bars))})
    fast, slow = r.sma(r.close, 13), r.ema(r.close, 55)
    up, down = r.evaluate((r.cross_above(fast, slow), r.cross_below(fast, slow)), data)
    width: list[Value] = [None if np.isnan(x) or x <= 0 else float(x) for x in r.evaluate(r.atr(14), data)]
    ups, downs = signal(up), signal(down)
    return Rules(
        ups,
        downs,
        downs,
        ups,
        size_kind="risk",
        size=[0.01] * len(bars),
        stop_loss=("price", [None if x is None else 3 * x for x in width]),
        take_profit=("pct", [0.01] * len(bars)),
        trailing=("price", [None if x is None else 5 * x for x in width]),
        max_bars=[240.0] * len(bars),
    )


def signal(values: Any) -> list[Signal]:
    return [None if np.isnan(value) else bool(value) for value in values]


@pytest.mark.parametrize("name", TERMS)
def test_both_engines_agree_on_real_bars(name: str, minutes: Any) -> None:
    terms, bars = TERMS[name], plain(minutes)
    if terms.path == "detail":
        every = range(bars.ts[0] // (480 * MINUTE) * (480 * MINUTE), bars.ts[-1], 480 * MINUTE)
        funding = [(time, 0.0001) for time in every]
        bars, terms = in_fives(bars), Terms(**vars(terms) | {"detail": bars, "funding": funding})
    rules = decided(bars)
    ours = told(bar_engine.run(bars, rules, terms))
    assert len(ours["trades"]) > len(bars) // 200
    for way in ("signals", "program"):
        found = difference(ours, compiled(way, bars, rules, terms), terms.cash)
        assert not found, f"{way}: {found}"
