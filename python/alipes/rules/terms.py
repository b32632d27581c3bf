"""Expressions: immutable terms that say what is computed, not how.

`Expr` is a number a bar, `Condition` a truth a bar; both may be undefined. Operators build new terms and
compute nothing. Equal terms have equal digests, so that a graph holds each sub-expression once however often
it was written. Terms know no data and no engine.
"""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar

from alipes.errors import InputError, shown
from alipes.rules.shown import Call, render

if TYPE_CHECKING:
    from collections.abc import Callable

_FOLDED = frozenset(
    "const param bars_per_year add sub mul div pow min2 max2 neg abs log exp sqrt sign".split()  # noqa: SIM905
)
MOST_BARS = 4_000_000_000
"""The longest window: what the compiled engine takes, more bars than any data have."""
_NO_TRUTH = (
    "an expression is not true or false while rules are being built. Write & | ~ instead of 'and', 'or', "
    "'not', "
    "with each side in parentheses: (a > b) & (c > d). Write (30 < x) & (x < 70) instead of 30 < x < 70, "
    "r.where "
    "instead of 'if', r.minimum and r.maximum instead of min and max"
)


@dataclass(frozen=True, slots=True, eq=False)
class UserFunction:
    """A user operator's function and what was declared about it; see `alipes.rules.user`.

    Attributes:
        function: Takes float64 arrays and gives one.
        causal: ``True`` if declared causal, ``"check"`` if a truncation test is made at each run.
        warmup: Bars before its values count, on top of its arguments' own.
    """

    function: Callable[..., Any]
    causal: bool | str
    warmup: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Term:
    """One node of an expression.

    Attributes:
        op: The operator's name, as the compiled graph knows it.
        args: Terms it works on.
        value: A constant, a name, or a length of time in ns as text.
        label: How it is shown, where that is not by operator.
        digest: Equal for equal terms.
        is_constant: Whether it depends on constants and parameters only.
    """

    op: str
    args: tuple[Term, ...] = ()
    value: float | str | UserFunction | None = None
    label: Call | None = None
    digest: bytes = field(init=False)
    is_constant: bool = field(init=False)

    __hash__ = object.__hash__
    __array_ufunc__ = None  # numpy leaves `array * expr` to us, and we refuse it with the reason

    def __post_init__(self) -> None:
        hashed = blake2b(digest_size=16)
        is_float = isinstance(self.value, float)
        value = self.value.hex() if isinstance(self.value, float) else self.value
        identity = f"#{id(value)}" if isinstance(value, UserFunction) else value
        hashed.update(f"{self.op}|{is_float}|{identity}|".encode())
        for arg in self.args:
            hashed.update(arg.digest)
        object.__setattr__(self, "digest", hashed.digest())
        is_constant = self.op in _FOLDED and all(arg.is_constant for arg in self.args)
        object.__setattr__(self, "is_constant", is_constant)

    def __bool__(self) -> NoReturn:
        raise TypeError(_NO_TRUTH)

    def __repr__(self) -> str:
        return render(self)


class Expr(Term):
    """A number a bar: float64, undefined where it has no value.

    Arithmetic and comparisons take expressions, numbers and `alipes.rules.param`. Division by zero and
    results that are not finite are undefined; a comparison with an undefined side is undefined.
    """

    __slots__ = ()
    __hash__ = Term.__hash__

    def __add__(self, other: Number) -> Expr:
        return _binary("add", self, other)

    def __radd__(self, other: Number) -> Expr:
        return _binary("add", other, self)

    def __sub__(self, other: Number) -> Expr:
        return _binary("sub", self, other)

    def __rsub__(self, other: Number) -> Expr:
        return _binary("sub", other, self)

    def __mul__(self, other: Number) -> Expr:
        return _binary("mul", self, other)

    def __rmul__(self, other: Number) -> Expr:
        return _binary("mul", other, self)

    def __truediv__(self, other: Number) -> Expr:
        return _binary("div", self, other)

    def __rtruediv__(self, other: Number) -> Expr:
        return _binary("div", other, self)

    def __pow__(self, other: Number) -> Expr:
        return _binary("pow", self, other)

    def __rpow__(self, other: Number) -> Expr:
        return _binary("pow", other, self)

    def __neg__(self) -> Expr:
        return Expr("neg", (self,))

    def __pos__(self) -> Expr:
        return self

    def __abs__(self) -> Expr:
        return Expr("abs", (self,))

    def __gt__(self, other: Number) -> Condition:
        return _comparison("gt", self, other)

    def __lt__(self, other: Number) -> Condition:
        return _comparison("lt", self, other)

    def __ge__(self, other: Number) -> Condition:
        return _comparison("ge", self, other)

    def __le__(self, other: Number) -> Condition:
        return _comparison("le", self, other)

    def __eq__(self, other: object) -> Condition:  # type: ignore[override]
        return _comparison("eq", self, other)

    def __ne__(self, other: object) -> Condition:  # type: ignore[override]
        return _comparison("ne", self, other)

    def shift(self, n: Window = 1) -> Expr:
        """The value `n` bars ago, as `alipes.rules.shift`."""
        return Expr("shift", (self, window(n, "n", "shift", least=0)))


class Condition(Term):
    """True, false or undefined a bar. ``&``, ``|`` and ``~`` are three-valued (Kleene).

    ``false & undefined`` is false and ``true | undefined`` is true; else an undefined side makes the result
    undefined. Undefined in a slot of `alipes.rules.Rules` is no signal.
    """

    __slots__ = ()
    __hash__ = Term.__hash__

    def __and__(self, other: Truth) -> Condition:
        return _logic("and", self, other)

    def __rand__(self, other: Truth) -> Condition:
        return _logic("and", other, self)

    def __or__(self, other: Truth) -> Condition:
        return _logic("or", self, other)

    def __ror__(self, other: Truth) -> Condition:
        return _logic("or", other, self)

    def __invert__(self) -> Condition:
        return Condition("not", (self,))

    def __eq__(self, other: object) -> NoReturn:
        raise InputError(
            f"{self!r} == {_told(other)}: a condition is used as it is; join conditions with & | ~ instead "
            "of =="
        )

    def __ne__(self, other: object) -> NoReturn:
        raise InputError(
            f"{self!r} != {_told(other)}: a condition is used as it is; join conditions with & | ~ instead "
            "of !="
        )

    def shift(self, n: Window = 1) -> Condition:
        """What it was `n` bars ago, as `alipes.rules.shift`."""
        return Condition("shift", (self, window(n, "n", "shift", least=0)))


Number: TypeAlias = "Expr | float"
"""What arithmetic takes: an expression (columns and parameters are some) or a finite number."""
Truth: TypeAlias = "Condition | bool"
"""What logic takes: a condition, or True or False."""
Window: TypeAlias = "Expr | int"
"""A number of bars: a whole number, a parameter, or arithmetic of parameters such as ``2 * r.param("n")``."""

_T = TypeVar("_T", Expr, Condition)


def named(term: _T, name: str, *shown: object, part: str = "") -> _T:
    """The same term, shown as a call of `name`."""
    return type(term)(term.op, term.args, term.value, Call(name, shown, part))


def const(value: float) -> Expr:
    """A constant.

    Args:
        value: A finite number.

    Raises:
        InputError: Anything else.
    """
    return number(value, "const(value)")


def number(value: object, where: str) -> Expr:
    """An expression from an expression or a number.

    Args:
        value: What was given.
        where: The function and argument, for the message.

    Raises:
        InputError: A condition, a bool, a number that is not finite, or another type.
    """
    if isinstance(value, Expr):
        return value
    if isinstance(value, Condition):
        raise InputError(
            f"{where} is the condition {shown(value)}; expected a number: r.where(condition, 1, 0) makes one"
        )
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise InputError(
            f"{where} is {_told(value)}; expected an expression, a number or r.param(name){_hint(value)}"
        )
    try:
        taken = float(value)
    except OverflowError:
        raise InputError(f"{where} is beyond what a float holds; expected a finite number") from None
    if not math.isfinite(taken):
        raise InputError(f"{where} is {shown(value)}; expected a finite number")
    return Expr("const", value=taken)


def condition(value: object, where: str) -> Condition:
    """A condition from a condition, or from True or False.

    Raises:
        InputError: An expression of numbers, or another type.
    """
    if isinstance(value, Condition):
        return value
    if isinstance(value, bool):
        return Condition("true" if value else "false")
    if isinstance(value, Expr):
        raise InputError(
            f"{where} is the number {shown(value)}; expected a condition, such as a comparison: x > 0"
        )
    raise InputError(f"{where} is {_told(value)}; expected a condition, such as r.close > 100{_hint(value)}")


def series(value: object, where: str) -> Expr | Condition:
    """A condition or an expression, whatever was given."""
    return value if isinstance(value, Condition) else number(value, where)


def varying(value: object, where: str) -> Expr:
    """An expression, in the place where a bare number would be a window that was meant for the next argument.

    Raises:
        InputError: A number, or as `number`.
    """
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        raise InputError(
            f"{where} is {shown(value)}; expected an expression, such as r.close, and the number of bars"
            " after it"
        )
    return number(value, where)


def window(
    value: object,
    argument: str,
    function: str,
    *,
    least: int = 1,
    most: float = MOST_BARS,
    of: str = "bars",
) -> Expr:
    """A number of bars, or of something else that is counted.

    Args:
        value: A whole number, a parameter, or arithmetic of parameters and numbers.
        argument: The argument's name, for the message.
        function: The function's name, for the message.
        least: The smallest allowed.
        most: The largest allowed.
        of: What is counted, for the message.

    Raises:
        InputError: Another type, a fraction, a number below `least` or above `most`, or an expression that
            changes by bar.
    """
    expected = f"expected a whole number of {of} of at least {least}, r.param(name), or arithmetic of those"
    if isinstance(value, Expr) and value.op != "const":
        if not value.is_constant:
            raise InputError(
                f"{function}: {argument} is {shown(value)}, which changes from bar to bar; {expected}"
            )
        return value
    count = value.value if isinstance(value, Expr) else value
    is_number = isinstance(count, (numbers.Integral, float)) and not isinstance(count, bool)
    if isinstance(count, float) and not isinstance(value, Expr):
        is_number = False  # 20.0 may have been 20.5: a whole number is written as one
    if is_number and count > most:  # type: ignore[operator]
        raise InputError(f"{function}: {argument} is {_told(count)}; expected at most {most:,} {of}")
    if not is_number or not float(count).is_integer() or count < least:  # type: ignore[arg-type, operator]
        raise InputError(f"{function}: {argument} is {_told(count)}; {expected}")
    return Expr("const", value=float(count))  # type: ignore[arg-type]


def constant(
    value: object, argument: str, function: str, *, above: float | None = None, below: float | None = None
) -> Expr:
    """A number that is the same at every bar: a number, a parameter, or arithmetic of those.

    Args:
        value: What was given.
        argument: The argument's name, for the message.
        function: The function's name, for the message.
        above: What it must exceed, if it is a number by now.
        below: What it must not exceed, if it is a number by now.

    Raises:
        InputError: Another type, or out of range.
    """
    term = number(value, f"{function}: {argument}")
    if not term.is_constant:
        raise InputError(
            f"{function}: {argument} is {term!r}, which changes from bar to bar; expected a number or "
            "r.param(name)"
        )
    if isinstance(term.value, float):
        if above is not None and term.value <= above:
            raise InputError(f"{function}: {argument} is {term.value:g}; expected more than {above:g}")
        if below is not None and term.value > below:
            raise InputError(f"{function}: {argument} is {term.value:g}; expected at most {below:g}")
    return term


def _binary(op: str, left: object, right: object) -> Expr:
    return Expr(op, (number(left, f"left side of {op!r}"), number(right, f"right side of {op!r}")))


def _comparison(op: str, left: object, right: object) -> Condition:
    return Condition(op, (number(left, f"left side of {op!r}"), number(right, f"right side of {op!r}")))


def _logic(op: str, left: object, right: object) -> Condition:
    return Condition(op, (condition(left, f"left side of {op!r}"), condition(right, f"right side of {op!r}")))


def _told(value: object) -> str:
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({type(value).__name__})"


def _hint(value: object) -> str:
    if isinstance(value, str):
        return f'. A column is r.column("{value}"), a parameter r.param("{value}")'
    if hasattr(value, "__array__") or hasattr(value, "__len__"):
        return ". Values from outside go into the bars as a column and are read with r.column(name)"
    if callable(value):
        return ". Was the call forgotten?"
    return ""
