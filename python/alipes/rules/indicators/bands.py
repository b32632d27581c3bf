"""Bands around a price."""

from __future__ import annotations

from typing import NamedTuple

from alipes.rules.indicators.averages import ema, sma
from alipes.rules.indicators.trend import atr
from alipes.rules.operators import close, high, low
from alipes.rules.terms import Expr, Number, Window, named, number, varying, window


class Bands(NamedTuple):
    """What `bollinger`, `keltner` and `donchian` give, in price."""

    upper: Expr
    middle: Expr
    lower: Expr


class Supertrend(NamedTuple):
    """What `supertrend` gives: the line in price, the direction as +1 (up) or -1 (down)."""

    line: Expr
    direction: Expr


def bollinger(x: Expr, n: Window = 20, k: Number = 2.0, *, ddof: int = 0) -> Bands:
    """Bollinger bands: the mean of the last `n` values, and `k` standard deviations around it.

    First value at bar n - 1. As ``talib.BBANDS``, whose deviation has ddof 0.

    Args:
        x: Values, mostly `alipes.rules.close`.
        n: Bars.
        k: Standard deviations.
        ddof: Divisor ``n - ddof`` of the variance.
    """
    term, bars = varying(x, "bollinger: x"), window(n, "n", "bollinger")
    freedom = window(ddof, "ddof", "bollinger", least=0)
    reach = number(k, "bollinger: k") * Expr("std", (term, bars, freedom))
    return _around(sma(term, bars), reach, "bollinger", term, n, k)


def keltner(n: Window = 20, k: Number = 2.0, atr_window: Window = 10) -> Bands:
    """Keltner channel: the EMA of the close over `n` bars, and `k` average true ranges around it.

    First value at the later of bars n - 1 and `atr_window`; seeded as `alipes.rules.ema` and
    `alipes.rules.atr`.
    """
    reach = number(k, "keltner: k") * atr(window(atr_window, "atr_window", "keltner"))
    return _around(ema(close, window(n, "n", "keltner")), reach, "keltner", n, k, atr_window)


def donchian(n: Window = 20) -> Bands:
    """Donchian channel: highest high and lowest low of the last `n` bars, and their mean.

    First value at bar n - 1. This bar is part of the window: for a breakout compare with ``.upper.shift(1)``.
    """
    bars = window(n, "n", "donchian")
    upper, lower = Expr("max", (high, bars)), Expr("min", (low, bars))
    return Bands(
        named(upper, "donchian", n, part="upper"),
        named((upper + lower) / 2, "donchian", n, part="middle"),
        named(lower, "donchian", n, part="lower"),
    )


def supertrend(n: Window = 10, k: Number = 3.0) -> Supertrend:
    """Supertrend: bands of `k` average true ranges around a bar's middle that tighten until crossed.

    The upper band falls and the lower one rises, and each starts anew once the close before lay beyond it.
    The line is the lower band while the direction is up, the upper one while it is down; a close beyond the
    line turns it. First value at bar n (`alipes.rules.atr`), where the direction is down, as on TradingView.
    The state depends on the path since then; two starts agree from a bar on at which both have turned.
    """
    middle = (high + low) / 2
    reach = number(k, "supertrend: k") * atr(window(n, "n", "supertrend"))
    args = (middle + reach, middle - reach, close)
    return Supertrend(
        named(Expr("supertrend", args), "supertrend", n, k, part="line"),
        named(Expr("supertrend_dir", args), "supertrend", n, k, part="direction"),
    )


def _around(middle: Expr, reach: Expr, name: str, *shown: object) -> Bands:
    return Bands(
        named(middle + reach, name, *shown, part="upper"),
        named(middle, name, *shown, part="middle"),
        named(middle - reach, name, *shown, part="lower"),
    )
