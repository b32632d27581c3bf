"""The flags that ``alipes backtest`` and ``alipes sweep`` share: the bars, and the terms of trading."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from alipes.cli.console import Text  # noqa: TC001 - cyclopts reads the annotations

Amount = Annotated[float | None, Parameter(show_default=False, allow_leading_hyphen=True)]
File = Annotated[Path | None, Parameter(show_default=False)]
READING = ("unit", "label", "tz", "freq")
"""Flags that say how to read the bars."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class BarFlags:
    """What is traded and on what terms; a flag goes before the file.

    Attributes:
        bars: Bars to trade, CSV (also .gz) or Parquet.
        unit: What integer times count: s, ms, us or ns.
        label: Whether times are the bars' open or close times.
        tz: Zone of times that name none; UTC by default.
        freq: Length of a bar, such as 1h; found from the times by default.
        cash: Money at the start; 10000 by default.
        fees_bps: Taker fee in basis points.
        maker_fees_bps: Maker fee in basis points; the taker fee by default.
        fixed_fee: Money per fill.
        slippage_bps: How much worse than the price a market order fills, in basis points.
        spread: Column with the spread in price units; half of it is the slippage instead.
        leverage: Largest entry as a multiple of equity.
        maintenance_margin: Equity over notional at which a position is liquidated.
        funding: Column of funding rates, or a file with times and rates.
        fill: When orders fill: next_open, next_close or same_close.
        path: Way of prices inside a bar: pessimistic, optimistic, nearest or detail.
        detail: Finer bars for --path detail.
        size_at: Sizes come from the fill or from the decision.
        close_at_end: Sell what is open at the last close.
        gaps: keep warns of missing bars, error refuses them.
        score_from: Statistics count from the start, or from the common bar at which all is warm.
        convention: Whose formulas statistics follow: alipes, vectorbt, backtesting.py or quantstats.
    """

    bars: File = None
    unit: Text = None
    label: Text = None
    tz: Text = None
    freq: Text = None
    cash: Amount = None
    fees_bps: Amount = None
    maker_fees_bps: Amount = None
    fixed_fee: Amount = None
    slippage_bps: Amount = None
    spread: Text = None
    leverage: Amount = None
    maintenance_margin: Amount = None
    funding: Text = None
    fill: Text = None
    path: Text = None
    detail: File = None
    size_at: Text = None
    close_at_end: Annotated[bool | None, Parameter(negative=(), show_default=False)] = None
    gaps: Text = None
    score_from: Text = None
    convention: Text = None

    def given(self) -> dict[str, Any]:
        """The flags that were given, by their names in a file; paths as text."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: str(value) if isinstance(value, Path) else value
            for name, value in values.items()
            if value is not None
        }
