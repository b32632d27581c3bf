"""Expressions in plain Python: lists of floats and booleans, None where undefined. Slow and obvious.

A second implementation of what docs/expressions.md states, for graphs as `alipes.rules` makes them: nodes are
``(op, args, value)``. Each bar looks at the values it needs from scratch; nothing is kept up to date.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.reference.expression_windows import RECURSIONS, WINDOWS

Series = list[Any]
DAY = 86_400_000_000_000
MINUTE = 60_000_000_000
MONDAY = 4 * DAY  # 1970-01-05


@dataclass
class Bars:
    """A series of bars: open times in ns, their step, columns with None where undefined."""

    ts: list[int]
    step: int
    columns: dict[str, Series]


def finite(function: Callable[..., float], *args: Any) -> float | None:
    """The result, or None: an undefined argument, no such value, or one that is not finite."""
    if any(arg is None for arg in args):
        return None
    try:
        value = function(*args)
    except (ArithmeticError, ValueError):
        return None
    return value if math.isfinite(value) else None


def kleene_and(a: Any, b: Any) -> Any:
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def kleene_or(a: Any, b: Any) -> Any:
    if a is True or b is True:
        return True
    return None if a is None or b is None else False


NUMBERS: dict[str, Callable[..., float]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": math.pow,
    "min2": min,
    "max2": max,
    "neg": lambda a: -a,
    "abs": abs,
    "log": math.log,
    "exp": math.exp,
    "sqrt": math.sqrt,
    "sign": lambda a: (a > 0) - (a < 0),
}
COMPARISONS: dict[str, Callable[..., bool]] = {
    "gt": lambda a, b: a > b,
    "lt": lambda a, b: a < b,
    "ge": lambda a, b: a >= b,
    "le": lambda a, b: a <= b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
}
TRUTHS: dict[str, Callable[..., Any]] = {
    "and": kleene_and,
    "or": kleene_or,
    "not": lambda a: None if a is None else not a,
    "defined": lambda a: a is not None,
    "where": lambda c, a, b: None if c is None else a if c else b,
}


EACH = {*NUMBERS, *COMPARISONS, *TRUTHS}


def each(op: str, row: tuple[Any, ...]) -> Any:
    """The value of an operator that looks at one bar only."""
    if op in NUMBERS:
        return finite(NUMBERS[op], *row)
    if op in COMPARISONS:
        return None if None in row else COMPARISONS[op](*row)
    return TRUTHS[op](*row)


class Evaluator:
    """Values of a graph's nodes on bars."""

    def __init__(
        self, nodes: list[Any], bars: Bars, params: dict[str, float], others: dict[str, Bars] | None = None
    ) -> None:
        self.nodes = nodes
        self.params = params
        self.others = others or {}
        self.domains: dict[Any, Bars] = {None: bars}
        self.known: dict[Any, Series] = {}

    def values(self, node: int, domain: Any = None) -> Series:
        """A value a bar of a domain; None is the bars themselves."""
        key = (node, domain)
        if key not in self.known:
            self.known[key] = self._computed(node, domain)
        return self.known[key]

    def _computed(self, node: int, domain: Any) -> Series:
        op, args, value = self.nodes[node]
        bars = self.domains[domain]
        if op == "tf":
            return self._on_timeframe(args[0], int(value), domain)
        if op == "other":
            return self._on_other(args[0], value, domain)
        if not args:
            return self._leaf(op, value, bars)
        given = [self.values(arg, domain) for arg in args]
        rows = list(zip(*given, strict=True))
        if op in RECURSIONS:
            return RECURSIONS[op](*given)
        if op in EACH:
            return [each(op, row) for row in rows]
        return [self._windowed(op, given, i) for i in range(len(bars.ts))]

    def _leaf(self, op: str, value: Any, bars: Bars) -> Series:
        if op == "col":
            return [None if x is None or not math.isfinite(x) else x for x in bars.columns[value]]
        if op == "new_bucket":
            return new_buckets(bars.ts, int(value))
        times = {
            "hour": lambda ts: ts // (60 * MINUTE) % 24,
            "minute": lambda ts: ts // MINUTE % 60,
            "weekday": lambda ts: (ts - MONDAY) // DAY % 7,
        }
        if op in times:
            return [float(times[op](ts)) for ts in bars.ts]
        constant = {
            "const": lambda: float(value),
            "param": lambda: float(self.params[value]),
            "true": lambda: True,
            "false": lambda: False,
            "bars_per_year": lambda: 365 * DAY / bars.step,
        }[op]()
        return [constant] * len(bars.ts)

    def _windowed(self, op: str, given: list[Series], i: int) -> Any:
        if op == "shift":
            n = int(given[1][i])
            return given[0][i - n] if i >= n else None
        series = given[:2] if op == "corr" else given[:1]
        n = int(given[len(series)][i])
        windows = [values[i - n + 1 : i + 1] if i >= n - 1 else [None] for values in series]
        if any(x is None for window in windows for x in window):
            return None
        rest = [more[i] for more in given[len(series) + 1 :]]
        return finite(WINDOWS[op], *windows, *rest)

    def _on_timeframe(self, arg: int, length: int, domain: Any) -> Series:
        bars = self.domains[domain]
        inner = ("tf", length, domain)
        if inner not in self.domains:
            self.domains[inner] = resampled(bars, length)
        higher = self.domains[inner]
        values = self.values(arg, inner)
        return [_last(values, [end + length <= ts + bars.step for end in higher.ts]) for ts in bars.ts]

    def _on_other(self, arg: int, text: str, domain: Any) -> Series:
        bars = self.domains[domain]
        name, _, age = text.rpartition("|")
        inner = ("other", name)
        self.domains[inner] = self.others[name]
        other, values = self.domains[inner], self.values(arg, inner)
        found = []
        for ts in bars.ts:
            close = ts + bars.step
            seen = [j for j, at in enumerate(other.ts) if at + other.step <= close]
            is_fresh = seen and close - (other.ts[seen[-1]] + other.step) <= int(age) * bars.step
            found.append(values[seen[-1]] if is_fresh else None)
        return found


def _last(values: Series, is_visible: list[bool]) -> Any:
    seen = [value for value, visible in zip(values, is_visible, strict=True) if visible]
    return seen[-1] if seen else None


def bucket(ts: int, length: int) -> int:
    """Start of the bucket that a time falls in; buckets of whole weeks start on a Monday."""
    anchor = MONDAY if length % (7 * DAY) == 0 else 0
    return (ts - anchor) // length * length + anchor


def new_buckets(ts: list[int], length: int) -> list[bool]:
    """Whether each bar is the first of its bucket; the data's first bar is if it opens with the bucket."""
    starts = [bucket(at, length) for at in ts]
    first = [ts[0] == starts[0]] if ts else []
    return first + [now != before for before, now in pairwise(starts)]


def newest(part: Series) -> Any:
    return part[-1]


def resampled(bars: Bars, length: int) -> Bars:
    """Bars of a higher timeframe: the bucket in which the data start only if its first bar is there."""
    starts = [bucket(at, length) for at in bars.ts]
    kept = [start for start in dict.fromkeys(starts) if start in bars.ts[:1] or start != starts[0]]
    parts = {start: [i for i, at in enumerate(starts) if at == start] for start in kept}
    pick: dict[str, Callable[[Series], Any]] = {
        "open": lambda part: part[0],
        "high": max,
        "low": min,
        "volume": math.fsum,
    }
    columns = {
        name: [pick.get(name, newest)([values[i] for i in parts[start]]) for start in kept]
        for name, values in bars.columns.items()
    }
    return Bars(kept, length, columns)
