"""Statistics over the last `n` bars, and exponentially weighted ones.

A rolling value is defined only where all `n` values are, the newest being this bar's: first at bar n - 1 of a
series that is defined from bar 0. Windows count bars, also across gaps in time.
"""

from __future__ import annotations

import math

from alipes.errors import InputError
from alipes.rules.operators import exp
from alipes.rules.terms import Expr, Number, Window, constant, named, number, window


def rolling_sum(x: Number, n: Window) -> Expr:
    """Sum of the last `n` values."""
    return _rolling("sum", x, n)


def rolling_mean(x: Number, n: Window) -> Expr:
    """Mean of the last `n` values."""
    return _rolling("mean", x, n)


def rolling_std(x: Number, n: Window, *, ddof: int = 1) -> Expr:
    """Standard deviation of the last `n` values, divisor ``n - ddof`` (1 is what pandas takes); n > ddof."""
    return _deviation("std", x, n, ddof)


def rolling_var(x: Number, n: Window, *, ddof: int = 1) -> Expr:
    """Variance of the last `n` values, divisor ``n - ddof``; n > ddof."""
    return _deviation("var", x, n, ddof)


def rolling_min(x: Number, n: Window) -> Expr:
    """Smallest of the last `n` values."""
    return _rolling("min", x, n)


def rolling_max(x: Number, n: Window) -> Expr:
    """Greatest of the last `n` values."""
    return _rolling("max", x, n)


def rolling_argmin(x: Number, n: Window) -> Expr:
    """Bars since the smallest of the last `n` values, 0 to n - 1; of equal ones the newest."""
    return _rolling("argmin", x, n)


def rolling_argmax(x: Number, n: Window) -> Expr:
    """Bars since the greatest of the last `n` values, 0 to n - 1; of equal ones the newest."""
    return _rolling("argmax", x, n)


def rolling_median(x: Number, n: Window) -> Expr:
    """Median of the last `n` values; the mean of the middle two for an even `n`."""
    return _rolling("median", x, n)


def rolling_quantile(x: Number, n: Window, q: Number) -> Expr:
    """Quantile of the last `n` values, with linear interpolation between neighbours.

    Args:
        x: Values.
        n: Bars, at least 1.
        q: From 0 to 1; a number or parameter.
    """
    share = constant(q, "q", "rolling_quantile", below=1.0)
    if isinstance(share.value, float) and share.value < 0:
        raise InputError(f"rolling_quantile: q is {share.value:g}; expected 0 to 1")
    term = number(x, "rolling_quantile: x")
    made = Expr("quantile", (term, window(n, "n", "rolling_quantile"), share))
    return named(made, "rolling_quantile", term, n, q)


def rolling_rank(x: Number, n: Window) -> Expr:
    """Rank of the newest among the last `n` values as a ratio in (0, 1]; equal values share their mean rank.

    As pandas' ``rolling(n).rank(pct=True)``.
    """
    return _rolling("rank", x, n)


def rolling_mad(x: Number, n: Window) -> Expr:
    """Mean absolute deviation of the last `n` values from their mean."""
    return _rolling("mad", x, n)


def rolling_zscore(x: Number, n: Window, *, ddof: int = 1) -> Expr:
    """Distance of the newest of the last `n` values from their mean, in standard deviations.

    Undefined where all are equal.
    """
    term = number(x, "rolling_zscore: x")
    bars = window(n, "n", "rolling_zscore")
    spread = _deviation("std", term, bars, ddof)
    return named((term - Expr("mean", (term, bars))) / spread, "rolling_zscore", term, n)


def rolling_corr(x: Number, y: Number, n: Window) -> Expr:
    """Pearson correlation of the last `n` pairs, -1 to 1; undefined where either does not vary.

    Args:
        x: Values.
        y: Values.
        n: Bars, at least 2.
    """
    left, right = number(x, "rolling_corr: x"), number(y, "rolling_corr: y")
    made = Expr("corr", (left, right, window(n, "n", "rolling_corr", least=2)))
    return named(made, "rolling_corr", left, right, n)


def rolling_slope(x: Number, n: Window) -> Expr:
    """Slope of the least-squares line through the last `n` values, per bar.

    Args:
        x: Values.
        n: Bars, at least 2.
    """
    return _rolling("slope", x, n, least=2)


def ewm_mean(
    x: Number,
    *,
    span: Number | None = None,
    alpha: Number | None = None,
    half_life: Number | None = None,
    adjust: bool = True,
) -> Expr:
    """Exponentially weighted mean, as pandas' ``ewm(...).mean()``.

    Defined from the first value on. After an undefined value it starts again. Warm-up: the bars until the
    first value's weight is below 1e-12.

    Args:
        x: Values.
        span: Weight ``alpha = 2 / (span + 1)``; at least 1.
        alpha: Weight of the newest value, in (0, 1].
        half_life: Bars after which a value counts half; more than 0. Exactly one of the three.
        adjust: True weights by ``(1 - alpha)^k`` and divides by the sum of the weights; False takes the first
            value as it is, then ``y += alpha * (x - y)``.
    """
    weight = _alpha("ewm_mean", span, alpha, half_life)
    term = number(x, "ewm_mean: x")
    made = (
        Expr("ewm_adj", (term, weight)) if adjust else Expr("ewm", (term, weight, Expr("const", value=1.0)))
    )
    return named(made, "ewm_mean", term, _first(span, alpha, half_life))


def ewm_std(
    x: Number, *, span: Number | None = None, alpha: Number | None = None, half_life: Number | None = None
) -> Expr:
    """Exponentially weighted standard deviation, as pandas' ``ewm(adjust=True).std(bias=False)``.

    Defined from the second value on; after an undefined value it starts again. Arguments as for `ewm_mean`.
    """
    weight = _alpha("ewm_std", span, alpha, half_life)
    term = number(x, "ewm_std: x")
    return named(Expr("ewm_std", (term, weight)), "ewm_std", term, _first(span, alpha, half_life))


def _rolling(op: str, x: Number, n: Window, *, least: int = 1) -> Expr:
    name = f"rolling_{op}"
    term = number(x, f"{name}: x")
    return named(Expr(op, (term, window(n, "n", name, least=least))), name, term, n)


def _deviation(op: str, x: Number, n: Window, ddof: int) -> Expr:
    name = f"rolling_{op}"
    term = number(x, f"{name}: x")
    freedom = window(ddof, "ddof", name, least=0)
    bars = window(n, "n", name, least=ddof + 1)
    return named(Expr(op, (term, bars, freedom)), name, term, n)


def _alpha(name: str, span: Number | None, alpha: Number | None, half_life: Number | None) -> Expr:
    if sum(given is not None for given in (span, alpha, half_life)) != 1:
        raise InputError(f"{name}: expected exactly one of span=, alpha= and half_life=")
    if span is not None:
        term = constant(span, "span", name, above=0)
        if isinstance(term.value, float) and term.value < 1:
            raise InputError(f"{name}: span is {term.value:g}; expected at least 1")
        return 2 / (term + 1)
    if alpha is not None:
        return constant(alpha, "alpha", name, above=0, below=1)
    return 1 - exp(-math.log(2) / constant(half_life, "half_life", name, above=0))


def _first(*given: Number | None) -> object:
    return next(value for value in given if value is not None)
