"""Expressions on other bars: a higher timeframe, another instrument."""

from __future__ import annotations

from contextlib import suppress
from typing import overload

from alipes.data.bars.clock import length_ns
from alipes.errors import InputError, shown
from alipes.rules.shown import Call
from alipes.rules.terms import Condition, Expr, Number, Term, named, series, window


def timeframe_ns(text: object, where: str) -> int:
    """Length of a timeframe, int ns.

    Args:
        text: ``"1s"``, ``"15m"`` or ``"15min"``, ``"4h"``, ``"1d"``, ``"1w"``, …
        where: The function and argument, for the message.

    Raises:
        InputError: Not such a text.
    """
    if isinstance(text, str):
        with suppress(InputError):
            return length_ns(text)
    raise InputError(f"{where} is {shown(text)}; expected a text such as '15m', '4h', '1d' or '1w'")


def step_ns(step: object, where: str) -> int:
    """Length of a bar, int ns.

    Args:
        step: A timeframe such as ``"1m"``, or int ns as `alipes.Bars.step` has it.
        where: The function and argument, for the message.

    Raises:
        InputError: Neither, or not positive.
    """
    if isinstance(step, int) and not isinstance(step, bool):
        if step <= 0:
            raise InputError(f"{where} is {shown(step)}; expected more than 0 ns")
        return step
    return timeframe_ns(step, where)


def new_bucket(timeframe: str) -> Condition:
    """Whether the bar is the first of a day, an hour, … of UTC; weeks begin on Monday.

    At the first bar of the data this is so only if the bar opens exactly at such a beginning.

    Args:
        timeframe: Length of the bucket, e.g. ``"1d"``.
    """
    length = timeframe_ns(timeframe, "new_bucket: timeframe")
    return named(Condition("new_bucket", value=str(length)), "new_bucket", timeframe)


@overload
def tf(timeframe: str, x: Condition) -> Condition: ...
@overload
def tf(timeframe: str, x: Number) -> Expr: ...
def tf(timeframe: str, x: Number | Condition) -> Expr | Condition:
    """An expression on bars of a higher timeframe, built from the bars themselves.

    The bucket [T, T+H) becomes visible to the bar that closes at or after T+H and stays until the next one
    ends: never a bucket that has not ended. Buckets are anchored at the epoch, weeks on Monday; the one in
    which the data starts is left out unless its first bar is there.

    Args:
        timeframe: ``"15m"``, ``"1h"``, ``"1d"``, ``"1w"``, …: more than a bar and a multiple of it.
        x: Any expression; its columns are those of the higher timeframe, windows count its bars.

    Raises:
        InputError: Not such a text; an `x` that has `tf`, `other` or `user` inside.
    """
    length = timeframe_ns(timeframe, "tf: timeframe")
    term = series(x, "tf: x")
    _refuse_inside(term, "tf", {"tf", "other", "user"})
    return _moved("tf", term, str(length), Call("tf", (timeframe, term)))


@overload
def other(name: str, x: Condition, *, max_age: int = 1) -> Condition: ...
@overload
def other(name: str, x: Number, *, max_age: int = 1) -> Expr: ...
def other(name: str, x: Number | Condition, *, max_age: int = 1) -> Expr | Condition:
    """An expression on another instrument's bars, read as of the close time.

    Args:
        name: The instrument, as it is named where its bars are given, e.g. ``"ETH/USDT:USDT"``.
        x: Any expression; its columns are those of the other instrument.
        max_age: Bars after which its last value counts no more: older is undefined. At least 1.

    Raises:
        InputError: Not a name, not such an age; an `x` that has `other` or `user` inside.
    """
    if not isinstance(name, str) or not name or "|" in name:
        raise InputError(f"other: name is {shown(name)}; expected an instrument's name without '|'")
    term = series(x, "other: x")
    age = window(max_age, "max_age", "other").value
    if not isinstance(age, float):
        raise InputError(f"other: max_age is {max_age!r}; expected a whole number of bars")
    _refuse_inside(term, "other", {"other", "user"})
    return _moved("other", term, f"{name}|{int(age)}", Call("other", (name, term)))


def _moved(op: str, term: Expr | Condition, value: str, label: Call) -> Expr | Condition:
    return type(term)(op, (term,), value, label)


def _refuse_inside(term: Term, function: str, refused: set[str]) -> None:
    waiting, seen = [term], set()
    while waiting:
        here = waiting.pop()
        if here.digest in seen:
            continue
        seen.add(here.digest)
        if here.op in refused:
            raise InputError(
                f"{function}: x has {here!r} inside; {function} takes bars of its own, so {here.op} goes "
                "outside of it"
            )
        waiting.extend(here.args)
