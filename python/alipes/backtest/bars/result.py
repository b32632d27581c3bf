"""What a backtest on bars returns: statistics, tables, warnings, and the pages that show them."""

from __future__ import annotations

from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from alipes import _core
from alipes.backtest.bars import checks, notes, records
from alipes.backtest.stats import Stats
from alipes.data.bars.clock import length_text
from alipes.errors import StoreError
from alipes.report.tables import time_text
from alipes.report.tearsheet import Sheet, figure, page
from alipes.report.tearsheet.labels import label, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    import plotly.graph_objects as go
    from numpy.typing import NDArray

    from alipes.backtest.bars.options import BarOptions
    from alipes.data.bars import Bars
    from alipes.report.tables import Table

_SHOWN = (
    ("total_return", "trades"), ("cagr", "win_rate"), ("volatility", "profit_factor"),
    ("sharpe", "expectancy"), ("sortino", "avg_trade"), ("max_drawdown", "exposure"),
    ("max_drawdown_days", "fees"),
)  # fmt: skip
"""Statistics that a result shows of itself, two a line."""
OPEN_TRADE = "one trade is open at the end"
"""What is shown of a trade that has no exit."""


class Result:
    """The result of a backtest on bars.

    Attributes:
        params: Value of each parameter.
        options: The terms it ran on.
        bars: What was traded.
        name: What ran, for display.
        rules: The rules as text, by slot; empty for signals.
    """

    def __init__(
        self,
        raw: Mapping[str, Any],
        *,
        bars: Bars,
        options: BarOptions,
        params: Mapping[str, float],
        name: str,
        rules: Mapping[str, str] | None = None,
        warm_up: int = 0,
        first_bar: int = 0,
    ) -> None:
        self.params = dict(params)
        self.options = options
        self.bars = bars
        self.name = name
        self.rules = dict(rules or {})
        self._raw = raw
        self._warm_up = warm_up
        self._first = first_bar
        self._seen = checks.Seen(bars)

    @cached_property
    def _tables(self) -> Mapping[str, Any]:
        """Orders and trades as arrays by field, and the names of their codes; made when first asked for."""
        raw = self._raw
        if "orders" in raw:
            return raw
        rows = raw["records"]
        return {"orders": rows.orders(), "trades": rows.trades(), "names": raw["names"]}

    def __getstate__(self) -> dict[str, Any]:
        """What a pickle keeps: rows as arrays."""
        state = dict(self.__dict__)
        raw = dict(self._raw)
        if "records" in raw:
            raw |= raw.pop("records").holdings() | {name: self._tables[name] for name in ("orders", "trades")}
        state["_raw"] = raw
        return state

    @cached_property
    def _by_bar(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Equity and position after each bar, worked out from what was held when they are first asked for."""
        raw = self._raw
        if "equity" in raw:
            return raw["equity"], raw["position"]
        close = self.bars.columns["close"]
        self._seen.require_unchanged("run: its equity can no longer be worked out")
        held = raw["records"].holdings() if "records" in raw else raw
        return _core.bar_equity(held["holding_bar"], held["holding_cash"], held["holding_units"], close)

    @cached_property
    def stats(self) -> Stats:
        """Statistic by name; `Stats` says the formula of each."""
        told = notes.few_days(self._raw["days"])
        return Stats(self._raw["stats"], convention=self.options.convention, warnings=(told,) if told else ())

    @cached_property
    def equity(self) -> Table:
        """Per bar: ts (close time), equity (quote units), position (base units, short negative), close."""
        return records.equity_table(self.bars, *self._by_bar)

    @cached_property
    def trades(self) -> Table:
        """Per trade, flat to flat: id, side, entry and exit, size, fees, funding, pnl, return, reason."""
        return records.trades_table(self._tables)

    @cached_property
    def orders(self) -> Table:
        """Per order leg: id, decision, kind, side, status and its reason, size, fill, price, fee, trade."""
        return records.orders_table(self._tables)

    @cached_property
    def skipped(self) -> Table:
        """The orders that came to their fill and could not be sized, with the reason."""
        skipped = self.orders.where(np.equal(self.orders["status"], "skipped"))
        skipped.name = "skipped"
        return skipped

    @cached_property
    def drawdowns(self) -> Table:
        """Stretches below the peak, the deepest first: peak_ts, trough_ts, end_ts, depth (ratio), days."""
        return records.drawdowns_table(self.bars, self._by_bar[0], self.options.cash)

    @cached_property
    def warnings(self) -> dict[str, str]:
        """What to know before believing the numbers, by name.

        ``gaps``, ``data``, ``detail``, ``few_days``, ``warm_up``, ``optimistic``, ``conflicts``,
        ``undefined_exits``, ``skipped``, ``reduced``, ``ruin``, ``funding``, ``denied`` and ``fault`` (of a
        strategy): those that apply.
        """
        reduced = int(np.count_nonzero(self.orders["is_reduced"]))
        liquidated = self.trades.where(self.trades["reason"] == "liquidation")
        return notes.warnings_of(
            self.bars, self.options, self._raw, skipped=self.skipped, reduced=reduced, liquidated=liquidated,
            warm_up=self._warm_up,
        )  # fmt: skip

    @property
    def optimistic(self) -> bool:
        """Whether orders filled at the very close that decided them."""
        return bool(self._raw["optimistic"])

    @property
    def has_open_trade(self) -> bool:
        """Whether a trade is open at the end; it is in no statistic of trades."""
        return bool(len(self.trades)) and bool(self.trades["is_open"][-1])

    @property
    def ruined(self) -> int | None:
        """The bar at which no money was left; None if that never happened."""
        row = int(self._raw["ruined"])
        return None if row < 0 else row

    @property
    def conflicts(self) -> int:
        """Bars at which both entries were true while flat."""
        return int(self._raw["conflicts"])

    @property
    def undefined_exits(self) -> int:
        """Stops, targets and trails that were undefined at their trade's decision."""
        return int(self._raw["undefined_exits"])

    def plot(self) -> go.Figure:
        """A plotly figure: equity against holding, drawdown, trades on the price, returns by month.

        More than 20,000 bars are thinned for display, the extremes kept; the figure says so.

        Raises:
            AlipesError: plotly is not installed (``pip install alipes[report]``).
        """
        return figure(self._sheet())

    def to_html(self, path: str | Path) -> Path:
        """Writes the tearsheet as one HTML file that needs no network; equal runs give equal bytes.

        Args:
            path: Where to; an existing file is replaced.

        Returns:
            The path.

        Raises:
            AlipesError: plotly is not installed (``pip install alipes[report]``).
            StoreError: The file could not be written.
        """
        text = page(self._sheet())
        target = Path(path)
        try:
            target.write_text(text, encoding="utf-8")
        except OSError as error:
            raise StoreError(f"{target}: could not be written: {error.strerror or error}") from error
        return target

    def __repr__(self) -> str:
        lines = [f"{self.name}: {self._period()}"]
        if self.params:
            lines.append(f"  {self._params()}")
        for left, right in _SHOWN:
            lines.append(f"  {self._cell(left)}     {self._cell(right)}")
        if self.has_open_trade:
            lines.append(f"  {OPEN_TRADE}")
        lines.extend(f"  warning, {name.replace('_', ' ')}: {text}" for name, text in self.warnings.items())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        shown = [name for row in _SHOWN for name in row]
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(label(name))}</th>"
            f"<td style='text-align:right'>{escape(self._stat(name))}</td></tr>"
            for name in [*shown[::2], *shown[1::2]]
        )
        told = "".join(
            f"<li><b>{escape(name.replace('_', ' '))}</b>: {escape(text)}</li>"
            for name, text in self.warnings.items()
        )
        params = f"<p>{escape(self._params())}</p>" if self.params else ""
        left = f"<p>{OPEN_TRADE}</p>" if self.has_open_trade else ""
        warned = f"<p>Warnings</p><ul>{told}</ul>" if told else ""
        return (
            f"<div><p><b>{escape(self.name)}</b>: {escape(self._period())}</p>{params}"
            f"<table><tbody>{rows}</tbody></table>{left}{warned}</div>"
        )

    def _params(self) -> str:
        return ", ".join(f"{name} {value:g}" for name, value in self.params.items())

    def _cell(self, name: str) -> str:
        return f"{label(name):<18}{self._stat(name):>14}"

    def _stat(self, name: str) -> str:
        return written(name, self.stats[name]) if name in self.stats else "-"

    def _period(self) -> str:
        first, last = int(self.bars.ts[0]), int(self.bars.ts[-1]) + self.bars.step
        bars = f"{len(self.bars):,} bars of {length_text(self.bars.step)}"
        return f"{bars}, {time_text(first)} to {time_text(last)} UTC"

    def _sheet(self) -> Sheet:
        self._seen.require_unchanged("run: what was held can no longer be drawn against them")
        first = self._first
        return Sheet(
            title=self.name,
            subtitle=self._period(),
            ts=self.bars.ts[first:] + self.bars.step,
            close=self.bars.columns["close"][first:],
            equity=self._by_bar[0][first:],
            cash=self.options.cash,
            first_open=float(self.bars.columns["open"][first]),
            trades=self.trades,
            drawdowns=self.drawdowns,
            stats=self.stats,
            warnings=self.warnings,
            settings=self._settings(),
        )

    def _settings(self) -> dict[str, str]:
        params = {name: f"{value:g}" for name, value in self.params.items()}
        options = {name: _setting(value) for name, value in self.options.changed().items()}
        return self.rules | params | options


def _setting(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.10g}"
    return (
        str(value)
        if not isinstance(value, dict)
        else ", ".join(f"{key} {each}" for key, each in value.items())
    )
