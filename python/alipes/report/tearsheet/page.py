"""The tearsheet as one HTML file that needs nothing else: no network; equal runs give equal bytes."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from alipes.report.tables import time_text
from alipes.report.tearsheet import series
from alipes.report.tearsheet.figure import MONTHS, TOP, figure
from alipes.report.tearsheet.labels import HEADLINE, label, percent, tone, written
from alipes.report.tearsheet.style import CSS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from alipes.report.tearsheet.sheet import Sheet

SHOWN_DRAWDOWNS = 5
SHOWN_TRADES = 5
WIDE_SETTING = 24
"""Letters of a setting above which it has a line of its own."""


def page(sheet: Sheet) -> str:
    """The whole page as text; plotly.js is in it.

    Raises:
        AlipesError: plotly is not installed; the line that installs it is given.
    """
    chart = figure(sheet, has_months=False)
    chart.update_layout(title=None, margin_t=44, height=chart.layout.height - TOP + 44)
    drawn = chart.to_html(
        full_html=False,
        include_plotlyjs=True,
        div_id="run",
        config={"displaylogo": False, "responsive": True, "modeBarButtonsToRemove": ["lasso2d", "select2d"]},
    )
    parts = (
        _head(sheet),
        _warnings(sheet.warnings),
        _cards(sheet),
        f'<section class="chart">{drawn}</section>',
        _months(sheet),
        f'<div class="columns">{_statistics(sheet.stats)}',
        f"<div>{_drawdowns(sheet)}{_trades(sheet)}</div></div>",
        _settings(sheet.settings),
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(sheet.title)}</title><style>{CSS}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _head(sheet: Sheet) -> str:
    return f"<header><h1>{escape(sheet.title)}</h1><p>{escape(sheet.subtitle)}</p></header>"


def _warnings(warnings: Mapping[str, str]) -> str:
    if not warnings:
        return ""
    rows = "".join(
        f"<li><b>{escape(name.replace('_', ' '))}</b> {escape(text)}</li>" for name, text in warnings.items()
    )
    return f'<section class="warnings"><ul>{rows}</ul></section>'


def _cards(sheet: Sheet) -> str:
    """The first statistics in large letters; under the total return what holding would have brought."""
    held = float(sheet.close[-1] / sheet.first_open - 1)
    cards = "".join(
        f'<div class="card"><span>{escape(label(name))}</span>'
        f'<strong class="{tone(name, sheet.stats[name])}">{escape(written(name, sheet.stats[name]))}</strong>'
        f"{f'<small>holding {percent(held)}</small>' if name == 'total_return' else ''}</div>"
        for name in HEADLINE
        if name in sheet.stats
    )
    return f'<section class="cards">{cards}</section>'


def _months(sheet: Sheet) -> str:
    by_year = series.months(sheet.ts, sheet.equity, sheet.cash)
    values = [abs(value) for row in by_year.values() for value in row if not np.isnan(value)]
    bound = max(values, default=0.0) or 1.0
    rows = []
    for year in sorted(by_year, reverse=True):
        cells = "".join(_month(value, bound) for value in by_year[year])
        total = series.compounded(by_year[year])
        rows.append(
            f'<tr><th>{year}</th>{cells}<td class="total {_sign(total)}">{percent(total, 1)}</td></tr>'
        )
    heads = "".join(f"<th>{month}</th>" for month in (*MONTHS, "Year"))
    return (
        '<section><h2>Returns by month</h2><div class="wide"><table class="months">'
        f"<thead><tr><th></th>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div></section>"
    )


def _month(value: float, bound: float) -> str:
    if np.isnan(value):
        return "<td></td>"
    color = "18,146,90" if value >= 0 else "210,53,63"
    strength = 0.06 + 0.5 * min(abs(value) / bound, 1.0)
    return f'<td style="background:rgba({color},{strength:.2f})">{percent(value, 1)}</td>'


def _sign(value: float) -> str:
    return "good" if value > 0 else "bad" if value < 0 else ""


def _statistics(stats: Mapping[str, float]) -> str:
    rows = [
        (escape(label(name)), f'<span class="{tone(name, value)}">{escape(written(name, value))}</span>')
        for name, value in stats.items()
    ]
    return f"<section><h2>Statistics</h2>{_pairs(rows)}</section>"


def _drawdowns(sheet: Sheet) -> str:
    rows = [
        (
            percent(row["depth"]),
            time_text(row["peak_ts"])[:10],
            time_text(row["trough_ts"])[:10],
            "not yet" if row["end_ts"] is None else time_text(row["end_ts"])[:10],
            f"{row['days']:,.1f}",
        )
        for row in sheet.drawdowns.head(SHOWN_DRAWDOWNS)
    ]
    return _listed("Deepest drawdowns", ("Depth", "Peak", "Trough", "Recovered", "Days"), rows)


def _trades(sheet: Sheet) -> str:
    closed = sheet.trades.where(~sheet.trades["is_open"])
    order = np.argsort(closed["pnl"], kind="stable")
    ends = np.unique(np.concatenate([order[:SHOWN_TRADES], order[-SHOWN_TRADES:]]))
    mask = np.zeros(len(closed), np.bool_)
    mask[ends] = True
    rows = [
        (
            f"{row['side']}",
            time_text(row["entry_ts"])[:16],
            time_text(row["exit_ts"])[:16],
            str(row["reason"]).replace("_", " "),
            f'<span class="{_sign(row["pnl"])}">{row["pnl"]:+,.2f}</span>',
            f'<span class="{_sign(row["pnl"])}">{percent(row["return"])}</span>',
        )
        for row in sorted(closed.where(mask), key=lambda row: -row["pnl"])
    ]
    return _listed("Best and worst trades", ("Side", "Entry", "Exit", "Ended by", "Pnl", "Return"), rows)


def _settings(settings: Mapping[str, str]) -> str:
    if not settings:
        return ""
    cells = "".join(
        f"<div{' class=long' if len(text) > WIDE_SETTING else ''}><span>{escape(name)}</span>"
        f" <code>{escape(text)}</code></div>"
        for name, text in settings.items()
    )
    return f'<section><h2>Parameters and options</h2><div class="settings">{cells}</div></section>'


def _pairs(rows: Iterable[tuple[str, str]]) -> str:
    body = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows)
    return f'<table class="pairs"><tbody>{body}</tbody></table>'


def _listed(title: str, heads: Iterable[str], rows: Sequence[tuple[str, ...]]) -> str:
    """A table under a title; the cells are HTML."""
    if not rows:
        return f'<section><h2>{title}</h2><p class="none">none</p></section>'
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<section><h2>{title}</h2><div class="wide"><table class="listed"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div></section>"
    )
