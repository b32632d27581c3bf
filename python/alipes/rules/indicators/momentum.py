"""Oscillators: how far and how fast a price has moved."""

from __future__ import annotations

from typing import NamedTuple

from alipes.rules.indicators.averages import sma, wilder
from alipes.rules.operators import close, diff, high, low, maximum
from alipes.rules.terms import Expr, Window, named, varying, window


class Stochastic(NamedTuple):
    """What `stochastic` gives, each 0 to 100."""

    k: Expr
    d: Expr


def rsi(x: Expr, n: Window = 14) -> Expr:
    """Wilder's relative strength index, 0 to 100.

    First value at bar n: the mean gain and loss are seeded with the means of the first `n` changes, then
    smoothed with ``alpha = 1 / n``. As ``talib.RSI``, except while nothing has moved yet: undefined here, 0
    there.
    """
    term, bars = varying(x, "rsi: x"), window(n, "n", "rsi")
    change = diff(term)
    gain, loss = wilder(maximum(change, 0), bars), wilder(maximum(-change, 0), bars)
    return named(100 * gain / (gain + loss), "rsi", term, n)


def stochastic(n: Window = 14, smooth: Window = 3, d: Window = 3) -> Stochastic:
    """Slow stochastic oscillator of high, low and close.

    ``k`` is the mean over `smooth` bars of ``100 * (close - lowest) / (highest - lowest)``, extremes over `n`
    bars; ``d`` is the mean of ``k`` over `d` bars. First values at bar n + smooth - 2 and n + smooth + d - 3.
    As ``talib.STOCH`` (its first ``k`` comes with its first ``d``), except where highest equals lowest:
    undefined here, 0 there.

    Args:
        n: Bars of the extremes.
        smooth: Bars of the mean that makes the fast ``k`` slow; 1 for none.
        d: Bars of the mean of ``k``.
    """
    bars = window(n, "n", "stochastic")
    lowest, highest = Expr("min", (low, bars)), Expr("max", (high, bars))
    k = sma(100 * (close - lowest) / (highest - lowest), window(smooth, "smooth", "stochastic"))
    mean = sma(k, window(d, "d", "stochastic"))
    return Stochastic(
        named(k, "stochastic", n, smooth, d, part="k"), named(mean, "stochastic", n, smooth, d, part="d")
    )


def roc(x: Expr, n: Window = 10) -> Expr:
    """Rate of change in percent: ``100 * (x / shift(x, n) - 1)``.

    First value at bar n. As ``talib.ROC``.
    """
    term, bars = varying(x, "roc: x"), window(n, "n", "roc")
    return named(100 * (term / term.shift(bars) - 1), "roc", term, n)


def cci(n: Window = 20) -> Expr:
    """Commodity channel index: typical price less its mean, in 0.015 mean absolute deviations.

    First value at bar n - 1. As ``talib.CCI``, except where the typical price has not varied: undefined here,
    0 there.
    """
    bars = window(n, "n", "cci")
    typical = (high + low + close) / 3
    spread = Expr("mad", (typical, bars))
    return named((typical - sma(typical, bars)) / (0.015 * spread), "cci", n)
