"""The figure of a run: equity against holding, drawdown, trades on the price, returns by month."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from alipes.errors import AlipesError
from alipes.report.tearsheet import series
from alipes.report.tearsheet.labels import percent

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from numpy.typing import NDArray

    from alipes.report.tables import Table
    from alipes.report.tearsheet.sheet import Sheet

EQUITY, HOLDING, GAIN, LOSS, PRICE = "#2457d6", "#9aa5b8", "#12925a", "#d2353f", "#4a5568"
INK, FAINT, GRID = "#1c2434", "#6b778c", "#e8ecf2"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FONT = "Inter, 'Segoe UI', system-ui, -apple-system, 'Helvetica Neue', Arial, sans-serif"
TITLES = (
    "Equity",
    "Drawdown",
    (
        f"Trades on the price</b> <span style='color:{FAINT}'> ▲ long ▼ short ○ exit,"
        f" <span style='color:{GAIN}'>won</span>, <span style='color:{LOSS}'>lost</span></span><b>"
    ),
    "Returns by month",
)
ROW_GAP, TOP, BOTTOM = 56, 110, 56
"""Pixels between the rows of the figure, above and below them."""
DRAWN_TRADES = 600
"""Trades up to which every one is marked; of more, those with the largest returns, either way."""


def figure(sheet: Sheet, *, has_months: bool = True) -> go.Figure:
    """Draws a run.

    Args:
        sheet: What to draw.
        has_months: Whether the table of months is a part of it.

    Raises:
        AlipesError: plotly is not installed; the line that installs it is given.
    """
    make_subplots = _plotly().make_subplots
    by_year = series.months(sheet.ts, sheet.equity, sheet.cash) if has_months else {}
    heights = [320, 130, 320] + ([30 * max(len(by_year), 2)] if has_months else [])
    total = sum(heights) + ROW_GAP * (len(heights) - 1)
    chart = make_subplots(
        rows=len(heights),
        cols=1,
        row_heights=heights,
        vertical_spacing=ROW_GAP / total,
        subplot_titles=[f"<b>{title}</b>" for title in TITLES[: len(heights)]],
    )
    _draw_equity(chart, sheet)
    _draw_drawdown(chart, sheet)
    _draw_trades(chart, sheet)
    if has_months:
        _draw_months(chart, by_year)
    _lay_out(chart, sheet, height=total + TOP + BOTTOM)
    return chart


def _plotly() -> Any:
    try:
        from plotly import subplots  # noqa: PLC0415 - optional
    except ImportError as error:
        raise AlipesError("plots need plotly: pip install alipes[report]") from error
    return subplots


def _times(ts: NDArray[np.int64]) -> NDArray[np.datetime64]:
    return ts.astype("datetime64[ns]").astype("datetime64[ms]")


def _draw_equity(chart: go.Figure, sheet: Sheet) -> None:
    held = series.holding(sheet.close, sheet.first_open, sheet.cash)
    for name, values, color, width in (
        ("holding", held, HOLDING, 1.2),
        ("equity", sheet.equity, EQUITY, 1.8),
    ):
        places = series.drawn(values)
        chart.add_scatter(
            x=_times(sheet.ts[places]),
            y=values[places],
            name=name,
            mode="lines",
            line={"color": color, "width": width},
            hovertemplate=f"%{{x|%Y-%m-%d %H:%M}}<br>{name} %{{y:,.2f}}<extra></extra>",
            row=1,
            col=1,
        )
    if min(sheet.equity.min(), held.min()) > 0:
        chart.update_layout(updatemenus=[_scales()])
    chart.add_hline(y=sheet.cash, line={"color": FAINT, "width": 1, "dash": "dot"}, row=1, col=1)


def _scales() -> dict[str, Any]:
    """Two buttons beside the legend: a linear and a logarithmic scale of equity."""
    return {
        "type": "buttons",
        "direction": "right",
        "buttons": [
            {"label": kind, "method": "relayout", "args": [{"yaxis.type": kind}]}
            for kind in ("linear", "log")
        ],
        "x": 0.3,
        "xanchor": "left",
        "y": 1,
        "yanchor": "bottom",
        "pad": {"b": 3, "t": 0},
        "font": {"size": 11, "color": FAINT},
        "bgcolor": "white",
        "bordercolor": GRID,
        "borderwidth": 1,
    }


def _draw_drawdown(chart: go.Figure, sheet: Sheet) -> None:
    values = series.drawdown(sheet.equity, sheet.cash)
    places = series.drawn(values)
    chart.add_scatter(
        x=_times(sheet.ts[places]),
        y=values[places],
        name="drawdown",
        mode="lines",
        fill="tozeroy",
        fillcolor="rgba(210,53,63,0.16)",
        line={"color": LOSS, "width": 1},
        hovertemplate="%{x|%Y-%m-%d %H:%M}<br>%{y:.2%}<extra></extra>",
        showlegend=False,
        row=2,
        col=1,
    )


def _draw_trades(chart: go.Figure, sheet: Sheet) -> None:
    places = series.drawn(sheet.close)
    chart.add_scatter(
        x=_times(sheet.ts[places]),
        y=sheet.close[places],
        name="close",
        mode="lines",
        line={"color": PRICE, "width": 1},
        hovertemplate="%{x|%Y-%m-%d %H:%M}<br>close %{y:,.6~g}<extra></extra>",
        showlegend=False,
        row=3,
        col=1,
    )
    trades = marked(sheet.trades)
    size = 9 if len(trades) <= 60 else 7 if len(trades) <= 200 else 5
    for name, is_picked, color in (
        ("won", trades["pnl"] > 0, GAIN),
        ("lost", trades["pnl"] <= 0, LOSS),
    ):
        picked = trades.where(is_picked)
        if len(picked):
            _draw_spans(chart, picked, color)
            _draw_marks(chart, picked, name, color, size)


def marked(trades: Table) -> Table:
    """The trades to mark: all of a few; of many, those that gained or lost most of what was in them."""
    if len(trades) <= DRAWN_TRADES:
        return trades
    order = np.argsort(-np.abs(trades["return"]), kind="stable")
    mask = np.zeros(len(trades), np.bool_)
    mask[order[:DRAWN_TRADES]] = True
    return trades.where(mask)


def _draw_spans(chart: go.Figure, trades: Table, color: str) -> None:
    """One line from each entry to its exit."""
    nothing = np.full(len(trades), np.datetime64("NaT", "ms"))
    x = np.column_stack([_times(trades["entry_ts"]), _times(trades["exit_ts"]), nothing]).ravel()
    y = np.column_stack([trades["entry_price"], trades["exit_price"], np.full(len(trades), np.nan)]).ravel()
    chart.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": color, "width": 1.2},
        opacity=0.55,
        hoverinfo="skip",
        showlegend=False,
        row=3,
        col=1,
    )


def _draw_marks(chart: go.Figure, trades: Table, name: str, color: str, size: int) -> None:
    """A triangle at each entry, pointing the way it bets, and a ring at each exit, in the trade's colour."""
    told = [_told(row) for row in trades]
    is_short = trades["side"] == "short"
    marks = (
        ("entry", np.where(is_short, "triangle-down", "triangle-up"), size + 1, "white"),
        ("exit", np.where(trades["is_open"], "diamond-open", "circle-open"), size - 1, color),
    )
    for end, symbols, width, rim in marks:
        chart.add_scatter(
            x=_times(trades[f"{end}_ts"]),
            y=trades[f"{end}_price"],
            mode="markers",
            name=f"{name}: {end}",
            marker={
                "symbol": symbols.tolist(),
                "size": width,
                "color": color,
                "line": {"width": 1, "color": rim},
            },
            text=told,
            hovertemplate=f"{end} %{{y:,.6~g}}, %{{x|%Y-%m-%d %H:%M}}<br>%{{text}}<extra></extra>",
            showlegend=False,
            row=3,
            col=1,
        )


def _told(trade: dict[str, Any]) -> str:
    """A trade in two lines."""
    ended = "still open" if trade["is_open"] else str(trade["reason"]).replace("_", " ")
    return (
        f"trade {trade['id']}, {trade['side']} {trade['size']:,.6g}<br>"
        f"pnl {trade['pnl']:+,.2f} ({percent(trade['return'])}), {ended}"
    )


def _draw_months(chart: go.Figure, by_year: dict[int, list[float]]) -> None:
    years = sorted(by_year, reverse=True)
    rows = [[*by_year[year], series.compounded(by_year[year])] for year in years]
    texts = [["" if np.isnan(value) else f"{value:.1%}" for value in row] for row in rows]
    bound = max((abs(value) for row in rows for value in row[:12] if not np.isnan(value)), default=0.0) or 1.0
    chart.add_heatmap(
        z=rows,
        x=[*MONTHS, "Year"],
        y=[str(year) for year in years],
        text=texts,
        texttemplate="%{text}",
        colorscale=[[0, "#e2848a"], [0.5, "#ffffff"], [1, "#6fc29c"]],
        zmin=-bound,
        zmax=bound,
        textfont={"color": INK, "size": 12},
        xgap=2,
        ygap=2,
        showscale=False,
        hovertemplate="%{x} %{y}: %{z:.2%}<extra></extra>",
        row=4,
        col=1,
    )
    chart.update_yaxes(type="category", autorange="reversed", row=4, col=1)


def _lay_out(chart: go.Figure, sheet: Sheet, *, height: int) -> None:
    chart.update_layout(
        template="none",
        title={
            "text": f"{escape(sheet.title)}<br>"
            f"<span style='font-size:12px;color:{FAINT}'>{escape(sheet.subtitle)}</span>",
            "x": 0.01,
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 18},
            "font": {"size": 18},
        },
        font={"family": FONT, "size": 12, "color": INK},
        height=height,
        margin={"l": 70, "r": 30, "t": TOP, "b": BOTTOM},
        paper_bgcolor="white",
        plot_bgcolor="white",
        hovermode="closest",
        legend={
            "orientation": "h",
            "x": 0.06,
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "bottom",
            "traceorder": "reversed",
        },
    )
    chart.update_annotations(font={"size": 13, "color": INK}, x=0, xanchor="left", yshift=4)
    _lay_out_axes(chart, sheet)
    _note(chart, thinned(sheet))


def _lay_out_axes(chart: go.Figure, sheet: Sheet) -> None:
    """One axis of time for the three curves, labelled below the last; none of its marks on the months."""
    chart.update_xaxes(gridcolor=GRID, linecolor=GRID, zeroline=False, tickcolor=GRID, ticks="outside")
    chart.update_yaxes(gridcolor=GRID, linecolor=GRID, zeroline=False, tickformat=",.6~g")
    first, last = _times(sheet.ts[[0, -1]])
    edge = (last - first) // 100
    for row in (1, 2, 3):
        chart.update_xaxes(
            type="date",
            range=[first - edge, last + edge],
            matches="x3" if row < 3 else None,
            showticklabels=row == 3,
            showspikes=True,
            spikemode="across",
            spikethickness=1,
            spikecolor=FAINT,
            spikedash="dot",
            row=row,
            col=1,
        )
    chart.update_yaxes(tickformat=".0%", row=2, col=1)
    chart.update_xaxes(showgrid=False, ticks="", row=4, col=1)
    chart.update_yaxes(showgrid=False, tickformat="", row=4, col=1)


def _note(chart: go.Figure, text: str) -> None:
    """A small line below the figure."""
    if text:
        chart.add_annotation(
            text=text,
            xref="paper",
            yref="paper",
            x=1,
            y=0,
            yshift=-36,
            xanchor="right",
            yanchor="top",
            showarrow=False,
            font={"size": 11, "color": FAINT},
        )


def thinned(sheet: Sheet) -> str:
    """What the figure leaves out, said in a line; empty if it shows everything."""
    notes = []
    if len(sheet.ts) > series.FULL_BARS:
        width = len(sheet.ts) / series.BUCKETS
        notes.append(f"curves show the lowest and highest of every {width:,.0f} of {len(sheet.ts):,} bars")
    if len(sheet.trades) > DRAWN_TRADES:
        notes.append(
            f"of {len(sheet.trades):,} trades the {DRAWN_TRADES:,} of the largest returns are marked"
        )
    return "; ".join(notes)
