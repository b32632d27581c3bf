"""What a tearsheet shows: the numbers of one run, as the page and the figure need them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from alipes.report.tables import Table


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheet:
    """One run, ready to be drawn.

    Attributes:
        title: What ran.
        subtitle: On what: bars, period.
        ts: (n,) int64 ns UTC, close times of the bars.
        close: (n,) float64, close prices.
        equity: (n,) float64, equity at each close, quote units.
        cash: Equity before the first bar.
        first_open: Price at which a holder would have bought.
        trades: Trades, with the columns of docs/bar-engine.md.
        drawdowns: Drawdowns, deepest first: peak_ts, trough_ts, end_ts, depth, days.
        stats: Statistic by name.
        warnings: Warning by name.
        settings: Parameters and options as text, by name.
    """

    title: str
    subtitle: str
    ts: NDArray[np.int64]
    close: NDArray[np.float64]
    equity: NDArray[np.float64]
    cash: float
    first_open: float
    trades: Table
    drawdowns: Table
    stats: Mapping[str, float]
    warnings: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
