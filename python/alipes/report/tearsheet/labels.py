"""How each statistic is called and written for people: on the page, in a notebook, on the terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PERCENT = "percent"
_NUMBER = "number"
_COUNT = "count"
_DAYS = "days"
_TIMES = "times"

LABELS: dict[str, tuple[str, str]] = {
    "total_return": ("Total return", _PERCENT),
    "cagr": ("CAGR", _PERCENT),
    "volatility": ("Volatility per year", _PERCENT),
    "sharpe": ("Sharpe", _NUMBER),
    "sortino": ("Sortino", _NUMBER),
    "calmar": ("Calmar", _NUMBER),
    "omega": ("Omega", _NUMBER),
    "max_drawdown": ("Max drawdown", _PERCENT),
    "max_drawdown_days": ("Longest drawdown", _DAYS),
    "trades": ("Trades", _COUNT),
    "win_rate": ("Win rate", _PERCENT),
    "profit_factor": ("Profit factor", _NUMBER),
    "expectancy": ("Expectancy", _NUMBER),
    "sqn": ("SQN", _NUMBER),
    "exposure": ("Exposure", _PERCENT),
    "fees": ("Fees", _NUMBER),
    "turnover": ("Turnover", _TIMES),
    "best_trade": ("Best trade", _PERCENT),
    "worst_trade": ("Worst trade", _PERCENT),
    "avg_trade": ("Average trade", _PERCENT),
    "var_95": ("VaR 95 %, a day", _PERCENT),
    "skew": ("Skew", _NUMBER),
    "kurtosis": ("Kurtosis", _NUMBER),
}
"""Label and kind by statistic."""

HEADLINE = (
    "total_return",
    "cagr",
    "sharpe",
    "max_drawdown",
    "trades",
    "win_rate",
    "profit_factor",
    "exposure",
)
"""The statistics that a reader looks for first."""


def label(name: str) -> str:
    """What people call a statistic; its own name if it has no other."""
    return LABELS.get(name, (name.replace("_", " ").capitalize(), _NUMBER))[0]


def written(name: str, value: float) -> str:
    """A statistic as text, in the unit people expect; a dash where it is undefined."""
    kind = LABELS.get(name, ("", _NUMBER))[1]
    if not math.isfinite(value):
        return "-" if math.isnan(value) else "∞" if value > 0 else "-∞"
    match kind:
        case "percent":
            return percent(value)
        case "count":
            return f"{value:,.0f}"
        case "days":
            return f"{value:,.1f} days"
        case "times":
            return f"{value:,.2f} times cash"
        case _:
            return f"{value:,.2f}"


def percent(ratio: float, digits: int = 2) -> str:
    """A ratio in percent: 0.1234 is ``12.34 %``; large ones have fewer digits."""
    shown = ratio * 100
    digits = 0 if abs(shown) >= 10_000 else 1 if abs(shown) >= 1_000 else digits
    return f"{shown:,.{digits}f} %".replace("-0.00 %", "0.00 %")


def tone(name: str, value: float) -> str:
    """``"good"`` or ``"bad"`` for gains and losses, else an empty text."""
    is_gain = name in {
        "total_return",
        "cagr",
        "sharpe",
        "sortino",
        "calmar",
        "expectancy",
        "avg_trade",
        "sqn",
    }
    if not is_gain or math.isnan(value) or value == 0:
        return "bad" if name == "max_drawdown" and value > 0 else ""
    return "good" if value > 0 else "bad"


def written_all(stats: Mapping[str, float]) -> list[tuple[str, str, str]]:
    """Label, text and tone of every statistic, in the order of the mapping."""
    return [(label(name), written(name, value), tone(name, value)) for name, value in stats.items()]
