"""Range and direction: true range, ATR, and Wilder's directional movement."""

from __future__ import annotations

from alipes.rules.indicators.averages import wilder
from alipes.rules.operators import abs as absolute
from alipes.rules.operators import close, defined, high, low, maximum, where, while_defined
from alipes.rules.terms import Expr, Window, named, window


def true_range() -> Expr:
    """Range of the bar, extended to the close before it; in price.

    First value at bar 1. As ``talib.TRANGE``.
    """
    before = close.shift(1)
    reach = maximum(maximum(high - low, absolute(high - before)), absolute(low - before))
    return named(reach, "true_range")


def atr(n: Window = 14) -> Expr:
    """Wilder's average true range, in price.

    First value at bar n, seeded with the mean of the first `n` true ranges (bars 1 to n), then ``alpha = 1 /
    n``. As ``talib.ATR``.
    """
    return named(wilder(true_range(), window(n, "n", "atr")), "atr", n)


def plus_di(n: Window = 14) -> Expr:
    """Positive directional indicator, 0 to 100.

    First value at bar n. The sums of directional movement and true range are seeded over bars 1 to n - 1 and
    smoothed from bar n on with ``alpha = 1 / n``. As ``talib.PLUS_DI`` for n > 1.
    """
    bars = window(n, "n", "plus_di", least=2)
    return named(_directional(bars, is_up=True), "plus_di", n)


def minus_di(n: Window = 14) -> Expr:
    """Negative directional indicator, 0 to 100; otherwise as `plus_di`. As ``talib.MINUS_DI`` for n > 1."""
    bars = window(n, "n", "minus_di", least=2)
    return named(_directional(bars, is_up=False), "minus_di", n)


def adx(n: Window = 14) -> Expr:
    """Wilder's average directional index, 0 to 100.

    First value at bar 2n - 1, seeded with the mean of the first `n` values of ``DX = 100 * |+DI - -DI| / (+DI
    + -DI)`` (bars n to 2n - 1), then ``alpha = 1 / n``. As ``talib.ADX``.
    """
    bars = window(n, "n", "adx", least=2)
    plus, minus = _directional(bars, is_up=True), _directional(bars, is_up=False)
    return named(wilder(100 * absolute(plus - minus) / (plus + minus), bars), "adx", n)


def _directional(bars: Expr, *, is_up: bool) -> Expr:
    up, down = high - high.shift(1), low.shift(1) - low
    mine, others = (up, down) if is_up else (down, up)
    movement = where((mine > 0) & (mine > others), mine, 0)
    reach = true_range()
    ratio = _smoothed(movement, bars) / _smoothed(reach, bars)
    # The seed at bar n - 1 lacks the first smoothing step: it counts from bar n on.
    return while_defined(100 * ratio, reach.shift(bars - 1))


def _smoothed(x: Expr, bars: Expr) -> Expr:
    """Wilder's sum over n - 1 bars then decayed, as a mean: the bar without a predecessor counts as zero."""
    return wilder(where(defined(close.shift(1)), x, 0 * close), bars)
