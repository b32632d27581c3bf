"""The tearsheet: one file that needs no network, equal for equal runs, and a figure with the four parts."""

import re
import sys

import numpy as np
import pytest
from tests.unit.report.sheets import sheet

from alipes.errors import AlipesError
from alipes.report.tearsheet import figure, page
from alipes.report.tearsheet.figure import DRAWN_TRADES, GAIN, LOSS, marked, thinned
from alipes.report.tearsheet.labels import LABELS, percent, written


def trace(chart, name):
    found = [each for each in chart.data if each.name == name]
    assert len(found) == 1, name
    return found[0]


def test_the_page_is_one_file_and_the_same_twice():
    html = page(sheet())
    assert html == page(sheet())
    assert html.startswith("<!doctype html>")
    outside = re.sub(r"<script[^>]*>.*?</script>", "", html, flags=re.DOTALL)
    assert "<script" not in outside
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", outside)
    assert "@import" not in outside
    assert not re.search(r"<script[^>]*src", html)


def test_the_page_shows_statistics_warnings_months_drawdowns_and_settings():
    html = page(sheet())
    outside = re.sub(r"<script[^>]*>.*?</script>", "", html, flags=re.DOTALL)
    assert "<h1>Moving averages &lt;10, 30&gt;</h1>" in outside
    assert '<strong class="good">42.31 %</strong>' in outside
    assert "<b>gaps</b> 3 gaps, the longest of 12 bars" in outside
    assert "<th>2022</th>" in outside
    assert "<td>20.13 %</td><td>2022-01-11</td><td>2022-01-21</td><td>2022-01-31</td><td>20.0</td>" in outside
    assert "<td>not yet</td>" in outside
    assert "<span>fees_bps</span> <code>5</code>" in outside
    for label, _ in LABELS.values():
        assert f"<th>{label}</th>" in outside


def test_a_figure_draws_equity_holding_drawdown_trades_and_months():
    run = sheet()
    chart = figure(run)
    assert trace(chart, "equity").y.tolist() == run.equity.tolist()
    assert trace(chart, "holding").y == pytest.approx(run.close / 3.0, rel=1e-12)
    assert (
        min(trace(chart, "drawdown").y)
        == (run.equity / np.maximum.accumulate(np.maximum(run.equity, 10_000)) - 1).min()
    )
    assert trace(chart, "close").y.tolist() == run.close.tolist()
    heatmap = next(each for each in chart.data if each.type == "heatmap")
    assert list(heatmap.y) == ["2022"]
    assert len(heatmap.z[0]) == 13


def test_trades_are_coloured_by_what_they_brought_and_point_the_way_they_bet():
    run = sheet()
    chart = figure(run, has_months=False)
    pnl, short = run.trades["pnl"], run.trades["side"] == "short"
    for name, mask, color in (("won", pnl > 0, GAIN), ("lost", pnl <= 0, LOSS)):
        entries = trace(chart, f"{name}: entry")
        assert entries.marker.color == color
        assert list(entries.y) == run.trades["entry_price"][mask].tolist()
        assert [mark == "triangle-down" for mark in entries.marker.symbol] == short[mask].tolist()
        assert list(trace(chart, f"{name}: exit").y) == run.trades["exit_price"][mask].tolist()


def test_a_long_run_says_what_is_left_out():
    run = sheet(bars=30_000, trades=700)
    assert thinned(run) == (
        "curves show the lowest and highest of every 10 of 30,000 bars;"
        " of 700 trades the 600 of the largest returns are marked"
    )
    chart = figure(run)
    assert thinned(run) in [note.text for note in chart.layout.annotations]
    assert trace(chart, "equity").y.max() == run.equity.max()
    assert trace(chart, "close").y.min() == run.close.min()
    kept = np.abs(marked(run.trades)["return"])
    assert len(kept) == DRAWN_TRADES
    assert kept.min() >= np.sort(np.abs(run.trades["return"]))[-DRAWN_TRADES]


def test_a_run_without_trades_is_drawn_too():
    html = page(sheet(trades=0))
    assert "Best and worst trades" in html
    assert '<p class="none">none</p>' in html


def test_without_plotly_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(AlipesError, match=r"pip install alipes\[report\]"):
        page(sheet())


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("total_return", 0.1234, "12.34 %"), ("total_return", -0.00001, "0.00 %"),
        ("cagr", 123.4, "12,340 %"), ("turnover", 2.0, "2.00 times cash"),
        ("sharpe", float("nan"), "-"), ("profit_factor", float("inf"), "∞"), ("trades", 1200.0, "1,200"),
        ("max_drawdown_days", 3.25, "3.2 days"), ("fees", 1234.5, "1,234.50"), ("a_new_one", 1.5, "1.50"),
    ],
)  # fmt: skip
def test_a_statistic_is_written_in_its_unit(name, value, text):
    assert written(name, value) == text


def test_large_ratios_have_fewer_digits():
    assert [percent(ratio) for ratio in (0.5, 12.345, 123.456)] == ["50.00 %", "1,234.5 %", "12,346 %"]
