"""Indicators, built from the operators: nothing here is computed by code of its own.

Each docstring states the first bar with a value (bars count from 0), how a recursion is seeded, and which
function of TA-Lib or pandas gives the same numbers. After undefined input a recursion seeds again.
"""

from alipes.rules.indicators.averages import ema, macd, sma, wilder, wma
from alipes.rules.indicators.bands import bollinger, donchian, keltner, supertrend
from alipes.rules.indicators.momentum import cci, roc, rsi, stochastic
from alipes.rules.indicators.trend import adx, atr, minus_di, plus_di, true_range
from alipes.rules.indicators.volume import mfi, obv, vwap

__all__ = [
    "adx",
    "atr",
    "bollinger",
    "cci",
    "donchian",
    "ema",
    "keltner",
    "macd",
    "mfi",
    "minus_di",
    "obv",
    "plus_di",
    "roc",
    "rsi",
    "sma",
    "stochastic",
    "supertrend",
    "true_range",
    "vwap",
    "wilder",
    "wma",
]
