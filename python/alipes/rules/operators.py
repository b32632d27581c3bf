"""Columns, parameters, and the operators on one or two values: choice, history, crossings, events, clocks.

Each operator is causal: its value at a bar depends on that bar and earlier ones only. Where an operand is
undefined the result is, unless the docstring says otherwise.
"""

from __future__ import annotations

from typing import overload

from alipes.errors import InputError, shown
from alipes.rules.terms import (
    Condition,
    Expr,
    Number,
    Truth,
    Window,
    condition,
    named,
    number,
    series,
    window,
)

open = Expr("col", value="open")  # noqa: A001 - the column's name
"""Price of the bar's first trade."""
high = Expr("col", value="high")
"""Highest price of the bar."""
low = Expr("col", value="low")
"""Lowest price of the bar."""
close = Expr("col", value="close")
"""Price of the bar's last trade; known at the bar's end."""
volume = Expr("col", value="volume")
"""Amount traded in the bar."""
hour = Expr("hour")
"""Hour of the bar's open time, 0 to 23, UTC."""
minute = Expr("minute")
"""Minute of the bar's open time, 0 to 59, UTC."""
weekday = Expr("weekday")
"""Day of the week of the bar's open time, UTC: 0 is Monday."""
bars_per_year = Expr("bars_per_year")
"""Bars in 365 days, a constant of the data."""


def column(name: str) -> Expr:
    """A column of the bars, e.g. one that you added.

    Args:
        name: Its name.

    Raises:
        InputError: Not a text, empty, or a name that is kept for user operators (``user:``).
    """
    if not isinstance(name, str) or not name or name.startswith("user:"):
        raise InputError(
            f"column: name is {shown(name)}; expected a column's name, not starting with 'user:'"
        )
    return Expr("col", value=name)


def param(name: str) -> Expr:
    """A parameter: a number that is given when the rules are run, streamed or swept.

    Args:
        name: An identifier, e.g. ``"fast"``.

    Raises:
        InputError: Not an identifier.
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise InputError(f"param: name is {shown(name)}; expected an identifier such as 'fast'")
    return Expr("param", value=name)


def where(when: Truth, then: Number, otherwise: Number) -> Expr:
    """`then` where the condition holds, `otherwise` where it does not, undefined where it is undefined.

    The branch that is not chosen may be undefined.
    """
    args = (
        condition(when, "where: when"),
        number(then, "where: then"),
        number(otherwise, "where: otherwise"),
    )
    return Expr("where", args)


def defined(x: Number | Condition) -> Condition:
    """Whether `x` has a value; never undefined itself."""
    return Condition("defined", (series(x, "defined: x"),))


@overload
def shift(x: Condition, n: Window = 1) -> Condition: ...
@overload
def shift(x: Number, n: Window = 1) -> Expr: ...
def shift(x: Number | Condition, n: Window = 1) -> Expr | Condition:
    """The value `n` bars ago; undefined at the first `n` bars.

    Args:
        x: Numbers or conditions.
        n: Bars, at least 0: there is no way to look ahead.
    """
    return series(x, "shift: x").shift(n)


def diff(x: Number, n: Window = 1) -> Expr:
    """Change over `n` bars: ``x - shift(x, n)``."""
    term = number(x, "diff: x")
    return named(term - term.shift(window(n, "n", "diff")), "diff", term, n)


def pct_change(x: Number, n: Window = 1) -> Expr:
    """Relative change over `n` bars, a ratio: ``x / shift(x, n) - 1``."""
    term = number(x, "pct_change: x")
    return named(term / term.shift(window(n, "n", "pct_change")) - 1, "pct_change", term, n)


def log(x: Number) -> Expr:
    """Natural logarithm; undefined for what is not positive."""
    return Expr("log", (number(x, "log: x"),))


def exp(x: Number) -> Expr:
    """Euler's number to the power of `x`; undefined where that is not finite."""
    return Expr("exp", (number(x, "exp: x"),))


def sqrt(x: Number) -> Expr:
    """Square root; undefined for negative numbers."""
    return Expr("sqrt", (number(x, "sqrt: x"),))


def abs(x: Number) -> Expr:  # noqa: A001 - the word of the public API
    """Absolute value."""
    return Expr("abs", (number(x, "abs: x"),))


def sign(x: Number) -> Expr:
    """-1, 0 or 1."""
    return Expr("sign", (number(x, "sign: x"),))


def minimum(a: Number, b: Number) -> Expr:
    """The smaller of two at each bar; undefined where either is."""
    return Expr("min2", (number(a, "minimum: a"), number(b, "minimum: b")))


def maximum(a: Number, b: Number) -> Expr:
    """The greater of two at each bar; undefined where either is."""
    return Expr("max2", (number(a, "maximum: a"), number(b, "maximum: b")))


def cross_above(a: Number, b: Number) -> Condition:
    """Whether `a` has just come above `b`: above now, and at or below one bar ago; both defined at both bars.

    A series that is above from its first defined value on has not crossed.
    """
    left, right = number(a, "cross_above: a"), number(b, "cross_above: b")
    return named((left > right) & (left <= right).shift(1), "cross_above", left, right)


def cross_below(a: Number, b: Number) -> Condition:
    """Whether `a` has just come below `b`: below now, at or above one bar ago; defined at both bars."""
    left, right = number(a, "cross_below: a"), number(b, "cross_below: b")
    return named((left < right) & (left >= right).shift(1), "cross_below", left, right)


def bars_since(when: Condition) -> Expr:
    """Bars since the condition was last true: 0 at such a bar; undefined before the first one."""
    return Expr("bars_since", (condition(when, "bars_since: when"),))


def value_when(when: Condition, x: Number) -> Expr:
    """`x` at the latest bar, this one included, where the condition was true; undefined before one."""
    return Expr("value_when", (condition(when, "value_when: when"), number(x, "value_when: x")))


def sum_since(x: Number, reset: Condition) -> Expr:
    """Sum of `x` since the latest bar where `reset` was true, that bar included; undefined before one."""
    return Expr("sum_since", (number(x, "sum_since: x"), condition(reset, "sum_since: reset")))


def while_defined(x: Expr, other: Expr) -> Expr:
    """`x` where `other` has a value, else undefined."""
    return where(other == other, x, x)  # noqa: PLR0124 - undefined where `other` is


def cumsum(x: Number) -> Expr:
    """Sum of all values so far; undefined where `x` is, and carried on after.

    Its level depends on the first bar of the data for good: no warm-up makes two starts agree.
    """
    return Expr("cumsum", (number(x, "cumsum: x"),))


def cumprod(x: Number) -> Expr:
    """Product of all values so far; otherwise as `cumsum`."""
    return Expr("cumprod", (number(x, "cumprod: x"),))


def cummax(x: Number) -> Expr:
    """Greatest value so far; otherwise as `cumsum`."""
    return Expr("cummax", (number(x, "cummax: x"),))


def cummin(x: Number) -> Expr:
    """Smallest value so far; otherwise as `cumsum`."""
    return Expr("cummin", (number(x, "cummin: x"),))
