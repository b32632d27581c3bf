"""What a backtest on bars returns: tables as the engine page names them, warnings by name, pages."""

import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from tests.unit.backtest.runs import DAY, HOUR, START, bars_of, raw_run, result_of

from alipes.backtest.bars.options import BarOptions
from alipes.backtest.bars.records import drawdowns_table
from alipes.errors import AlipesError, StoreError


def test_orders_are_words_and_unfilled_ones_have_no_fill():
    orders = result_of().orders
    assert orders["kind"].tolist() == ["open", "open", "close", "open"]
    assert orders["side"].tolist() == ["buy", "buy", "sell", "buy"]
    assert orders["status"].tolist() == ["skipped", "filled", "filled", "pending"]
    rows = list(orders)
    assert rows[0]["reason"] == "below minimum"
    assert rows[1]["reason"] is None
    assert rows[0]["fill_ts"] is None
    assert rows[0]["trade"] is None
    assert rows[0]["price"] is None
    assert rows[1]["fill_ts"] == START + HOUR


def test_trades_say_their_side_and_what_ended_them():
    trades = result_of().trades
    assert list(trades) == [
        {
            "id": 0, "side": "long", "entry_ts": START + HOUR, "entry_bar": 1, "entry_price": 100.0,
            "size": 10.0, "exit_ts": START + 3 * HOUR, "exit_bar": 3, "exit_price": 120.0,
            "fees": 2.2, "funding": 0.0,
            "pnl": 197.8, "return": 0.1978, "reason": "close", "is_open": False, "bars": 2,
        }
    ]  # fmt: skip
    assert trades.to_pandas()["entry_ts"][0] == pd.Timestamp("2023-11-15 01:00", tz="UTC")


def test_an_open_trade_has_no_reason():
    raw = raw_run()
    raw["trades"] |= {"reason": np.array([-1], np.int8), "is_open": np.array([True])}
    assert next(iter(result_of(raw).trades))["reason"] is None


def test_an_open_trade_is_told_wherever_a_result_is_shown():
    raw = raw_run()
    raw["trades"] |= {"reason": np.array([-1], np.int8), "is_open": np.array([True])}
    result = result_of(raw)
    assert result.has_open_trade
    assert "\n  one trade is open at the end" in repr(result)
    assert "</table><p>one trade is open at the end</p>" in result._repr_html_()
    closed = result_of()
    assert not closed.has_open_trade
    assert "open at the end" not in repr(closed) + closed._repr_html_()


def test_the_parameters_are_told_in_a_notebook_as_in_print():
    assert "\n  fast 10\n" in repr(result_of())
    assert "<p>fast 10</p><table>" in result_of()._repr_html_()
    assert "<p></p>" not in result_of(params={})._repr_html_()


def test_equity_stands_at_the_close_times():
    equity = result_of().equity
    assert equity.columns == ("ts", "equity", "position", "close")
    assert equity["ts"].tolist() == [START + HOUR * n for n in (1, 2, 3, 4)]
    assert pl.DataFrame(equity)["equity"].to_list() == [1000.0, 899.0, 1199.0, 1197.8]


def test_skipped_holds_the_skipped_orders():
    result = result_of()
    assert result.skipped["id"].tolist() == [0]
    assert result.warnings["skipped"] == "1 order skipped: 1 below minimum"


def test_drawdowns_are_the_deepest_first_with_their_times():
    drawdowns = result_of().drawdowns
    assert list(drawdowns) == [
        {
            "peak_ts": START + HOUR, "trough_ts": START + 2 * HOUR, "end_ts": START + 3 * HOUR,
            "depth": pytest.approx(0.101), "days": pytest.approx(2 / 24),
        },
        {
            "peak_ts": START + 3 * HOUR, "trough_ts": START + 4 * HOUR, "end_ts": None,
            "depth": pytest.approx(1.2 / 1199), "days": pytest.approx(1 / 24),
        },
    ]  # fmt: skip


def slow_drawdowns(ts, equity, cash):
    """The definition, bar by bar."""
    peak, peak_ts, low, low_ts, rows = cash, ts[0] - HOUR, None, None, []
    for time, value in zip(ts, equity, strict=True):
        if value >= peak:
            if low is not None:
                rows.append((peak_ts, low_ts, time, 1 - low / peak, (time - peak_ts) / DAY))
            peak, peak_ts, low = value, time, None
        elif low is None or value < low:
            low, low_ts = value, time
    if low is not None:
        rows.append((peak_ts, low_ts, None, 1 - low / peak, (ts[-1] - peak_ts) / DAY))
    return sorted(rows, key=lambda row: -row[3])


@pytest.mark.parametrize("seed", range(20))
def test_drawdowns_agree_with_their_definition_on_walks_with_ties(seed):
    rng = np.random.default_rng(seed)
    equity = 100.0 + np.cumsum(rng.integers(-2, 3, 200))
    bars = bars_of(np.full(200, 10.0))
    found = [tuple(row.values()) for row in drawdowns_table(bars, equity, 100.0)]
    expected = slow_drawdowns((bars.ts + HOUR).tolist(), equity.tolist(), 100.0)
    assert [row[:3] for row in found] == [row[:3] for row in expected]
    assert [row[3:] for row in found] == [pytest.approx(row[3:]) for row in expected]


def test_a_run_that_never_falls_has_no_drawdown():
    assert len(drawdowns_table(bars_of([1.0, 2.0]), np.array([100.0, 101.0]), 100.0)) == 0


def test_warnings_are_named():
    raw = raw_run(conflicts=2, undefined_exits=1, ruined=2, optimistic=True)
    result = result_of(raw, warm_up=500)
    assert result.warnings == {
        "few_days": "0 daily returns; statistics of fewer than 30 say little",
        "warm_up": "the rules settle after 500 bars and there are 4",
        "optimistic": "orders fill at the very close that decided them",
        "conflicts": "2 bars: both entries were true while flat, so neither was taken",
        "undefined_exits": "1 exit: undefined at the decision, so the trade went without",
        "skipped": "1 order skipped: 1 below minimum",
        "ruin": "no money left at bar 2 (2023-11-15 02:00:00); nothing was traded after it",
    }
    assert result.optimistic is True
    assert result.ruined == 2
    assert (result.conflicts, result.undefined_exits) == (2, 1)


def test_a_run_of_thirty_days_without_trouble_warns_of_nothing():
    bars = bars_of(np.full(30, 10.0), step=DAY)
    raw = raw_run(equity=np.full(30, 1000.0), position=np.zeros(30), days=30)
    raw["orders"] = {name: values[1:3] for name, values in raw["orders"].items()}
    result = result_of(raw, bars)
    assert result.warnings == {}
    assert result.ruined is None
    assert result_of(raw | {"days": 29}, bars).warnings["few_days"].startswith("29 daily returns")


def test_missing_bars_are_a_warning_with_the_longest_stretch():
    whole = bars_of([100.0, 90.0, 120.0, 121.0, 122.0, 123.0, 124.0])
    rows = [0, 2, 5, 6]
    columns = {name: values[rows] for name, values in whole.columns.items()}
    bars = bars_of([1.0]).__class__(whole.ts[rows], columns, HOUR, np.array([0, 1]))
    assert result_of(bars=bars).warnings["gaps"] == (
        "bars are missing in 2 places, at most 2 in a row, after 2023-11-15 02:00:00"
    )


def test_bars_without_finer_ones_are_counted():
    bars = bars_of([100.0, 90.0, 120.0, 121.0])
    detail = bars_of([100.0] * 4 + [90.0] * 4, step=HOUR // 4)
    result = result_of(bars=bars, options=BarOptions(cash=1000.0, detail=detail))
    assert result.warnings["detail"] == "2 bars: without finer bars, taken as pessimistic"


def test_a_result_shows_its_main_statistics_and_warnings():
    lines = repr(result_of()).splitlines()
    assert lines[0] == "Rules: 4 bars of 1h, 2023-11-15 00:00:00 to 2023-11-15 04:00:00 UTC"
    assert lines[1] == "  fast 10"
    assert lines[2].split() == ["Total", "return", "19.78", "%", "Trades", "1"]
    assert "  warning, skipped: 1 order skipped: 1 below minimum" in lines
    html = result_of(name="<b>")._repr_html_()
    assert "&lt;b&gt;" in html
    assert ">19.78 %</td>" in html


def test_the_page_is_written_whole_and_the_same_twice(tmp_path):
    first = result_of().to_html(tmp_path / "a.html")
    second = result_of().to_html(str(tmp_path / "b.html"))
    assert first.read_bytes() == second.read_bytes()
    text = first.read_text(encoding="utf-8")
    assert "<span>fast</span> <code>10</code>" in text
    assert "<span>fees_bps</span> <code>10</code>" in text
    assert "slippage_bps" not in text


def test_a_page_that_cannot_be_written_names_its_path(tmp_path):
    with pytest.raises(StoreError, match="nowhere"):
        result_of().to_html(tmp_path / "nowhere" / "a.html")


def test_a_plot_is_the_figure_of_the_run():
    chart = result_of().plot()
    equity = next(each for each in chart.data if each.name == "equity")
    assert equity.y.tolist() == [1000.0, 899.0, 1199.0, 1197.8]


def test_without_plotly_the_numbers_are_there_and_the_plot_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly", None)
    result = result_of()
    assert result.stats["trades"] == 1.0
    with pytest.raises(AlipesError, match=r"pip install alipes\[report\]"):
        result.plot()
