"""Moving averages, and what is made of two of them."""

from __future__ import annotations

from typing import NamedTuple

from alipes.rules.terms import Expr, Number, Window, named, number, varying, window


class Macd(NamedTuple):
    """What `macd` gives, in units of its input."""

    line: Expr
    signal: Expr
    histogram: Expr


def sma(x: Number, n: Window) -> Expr:
    """Simple moving average: mean of the last `n` values.

    First value at bar n - 1. As ``talib.SMA``.
    """
    term = number(x, "sma: x")
    return named(Expr("mean", (term, window(n, "n", "sma"))), "sma", term, n)


def ema(x: Number, n: Window) -> Expr:
    """Exponential moving average, ``alpha = 2 / (n + 1)``.

    First value at bar n - 1, seeded with the mean of the first `n` values. As ``talib.EMA``.
    """
    term, bars = number(x, "ema: x"), window(n, "n", "ema")
    return named(Expr("ewm", (term, 2 / (bars + 1), bars)), "ema", term, n)


def wilder(x: Number, n: Window) -> Expr:
    """Wilder's smoothing, ``alpha = 1 / n``.

    First value at bar n - 1, seeded with the mean of the first `n` values.
    """
    term, bars = number(x, "wilder: x"), window(n, "n", "wilder")
    return named(Expr("ewm", (term, 1 / bars, bars)), "wilder", term, n)


def wma(x: Number, n: Window) -> Expr:
    """Weighted moving average: weights n, n - 1, … 1 from the newest value back.

    First value at bar n - 1. As ``talib.WMA``.
    """
    term = number(x, "wma: x")
    return named(Expr("wma", (term, window(n, "n", "wma"))), "wma", term, n)


def macd(x: Expr, fast: Window = 12, slow: Window = 26, signal: Window = 9) -> Macd:
    """Moving average convergence divergence.

    ``line = ema(x, fast) - ema(x, slow)``, ``signal = ema(line, signal)``, ``histogram = line - signal``. The
    line's first value is at bar slow - 1, the others' at bar slow + signal - 2. Each average is seeded as
    `ema`. ``talib.MACD`` begins the fast average later, with the mean of the last `fast` values before bar
    `slow`: the line differs by that seed's remaining weight, below 1e-9 of the price after about 10 `fast`
    bars.
    """
    term = varying(x, "macd: x")
    line = ema(term, window(fast, "fast", "macd")) - ema(term, window(slow, "slow", "macd"))
    mean = ema(line, window(signal, "signal", "macd"))
    shown = (term, fast, slow, signal)
    return Macd(
        named(line, "macd", *shown, part="line"),
        named(mean, "macd", *shown, part="signal"),
        named(line - mean, "macd", *shown, part="histogram"),
    )
