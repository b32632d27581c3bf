"""What an option must be by itself: each check names the option, the value and what was expected."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from alipes.config.names import nearest
from alipes.errors import DataError, InputError, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from alipes.data.bars import Bars


def number(
    *, above: float | None = None, at_least: float | None = None, below: float | None = None
) -> Callable[[str, Any], float]:
    """A check for a finite number within bounds; texts and bools are none."""
    bounds = ((">", above), (">=", at_least), ("<", below))
    wanted = " and ".join(f"{sign} {bound:,g}" for sign, bound in bounds if bound is not None)

    def check(name: str, value: Any) -> float:
        if isinstance(value, (bool, np.bool_)) or not isinstance(
            value, (int, float, np.integer, np.floating)
        ):
            raise InputError(f"{name}={shown(value)}: expected a number {wanted}")
        found = float(value)
        is_within = (
            math.isfinite(found)
            and (above is None or found > above)
            and (at_least is None or found >= at_least)
            and (below is None or found < below)
        )
        if not is_within:
            kind = "number" if math.isfinite(found) else "finite number"
            raise InputError(f"{name}={shown(value)}: expected a {kind} {wanted}")
        return found

    return check


def whole(*, at_least: int, at_most: int = 2**53) -> Callable[[str, Any], int]:
    """A check for a whole number within bounds."""

    def check(name: str, value: Any) -> int:
        is_whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        if not is_whole or value < at_least:
            raise InputError(f"{name}={shown(value)}: expected a whole number >= {at_least}")
        if value > at_most:
            raise InputError(f"{name}={shown(value)}: expected a whole number <= {at_most:,}")
        return int(value)

    return check


def word(*choices: str) -> Callable[[str, Any], str]:
    """A check for one of some words; a wrong one is told the nearest."""

    def check(name: str, value: Any) -> str:
        if isinstance(value, str) and value in choices:
            return value
        hint = nearest(value, choices) if isinstance(value, str) else ""
        hint = hint if hint.startswith("; did") else ""
        raise InputError(f"{name}={shown(value)}: expected one of {', '.join(map(repr, choices))}{hint}")

    return check


def text(expected: str) -> Callable[[str, Any], str]:
    """A check for a non-empty text."""

    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or not value:
            raise InputError(f"{name}={shown(value)}: expected {expected}")
        return value

    return check


def flag(name: str, value: Any) -> bool:
    """Passes True and False.

    Raises:
        InputError: It is anything else.
    """
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(f"{name}={shown(value)}: expected True or False")
    return bool(value)


def optional(check: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """The check, and None passes too."""
    return lambda name, value: None if value is None else check(name, value)


class Seen:
    """Bars as they were when something was worked out from them, told by the sum of their closes.

    Args:
        bars: The bars; their arrays may be the caller's own, who may change them.
    """

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._sum = self._added()

    def require_unchanged(self, what: str) -> None:
        """Passes bars whose closes are what they were.

        Args:
            what: What the bars were used for, and what can no longer be done.

        Raises:
            DataError: They were changed.
        """
        if self._added() != self._sum:
            raise DataError(
                f"the arrays of the bars were changed after the {what}; "
                "give alipes.bars a copy of arrays that are changed later"
            )

    def _added(self) -> float:
        return float(np.sum(self._bars.columns["close"]))
