"""User operators: a Python function of arrays as part of an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from alipes.errors import InputError, shown
from alipes.rules.terms import Expr, Number, UserFunction, number, window

if TYPE_CHECKING:
    from collections.abc import Callable


def user(
    function: Callable[..., Any],
    *args: Number,
    causal: Literal[True, "check"] = "check",
    warmup: int = 0,
) -> Expr:
    """What a Python function makes of whole series.

    The function is called once a run, before the bars are walked; in a sweep once for each combination of the
    parameters that its arguments use. What it gives at bar i must depend on bars up to i only.
    ``causal="check"`` tests that: it is called again on the first part of the data, cut evenly, at
    random and right after changes of its values (up to about 100 calls; docs/expressions.md says what that
    finds), and a value that changes is an error. A stream has no whole arrays: `alipes.rules.Rules.stream`
    refuses it.

    Args:
        function: Takes as many float64 arrays of shape (n,) as there are `args`, nan where undefined, which
            it must not change; gives an array of shape (n,) that float64 can hold, nan where undefined.
        args: Expressions.
        causal: True if you answer for it, ``"check"`` (the default) to have it tested.
        warmup: Bars before its values count, on top of its arguments' own.

    Raises:
        InputError: Not callable, no arguments, `causal` is neither, a negative warm-up.
    """
    if not callable(function):
        raise InputError(f"user: function is {shown(function)}; expected a function of arrays")
    if not args:
        raise InputError("user: no arguments; expected at least one expression")
    if causal is not True and causal != "check":
        raise InputError(
            f"user: causal is {shown(causal)}; expected True (you answer for it) or 'check' (it is tested at "
            "each run)"
        )
    window(warmup, "warmup", "user", least=0)
    terms = tuple(number(arg, f"user: argument {i}") for i, arg in enumerate(args))
    return Expr("user", terms, UserFunction(function, causal, int(warmup)))
