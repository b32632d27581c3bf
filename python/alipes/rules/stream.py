"""Rules bar by bar: the compiled operators, fed one bar at a time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from alipes import _core
from alipes.config.names import nearest
from alipes.data.bars.checks import check_bar
from alipes.data.bars.times import Reading, ns_utc
from alipes.errors import DataError, InputError, shown
from alipes.rules.domains import step_ns
from alipes.rules.parameters import bound_params

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alipes.rules.rules import Rules


class Signals(NamedTuple):
    """The four conditions at a bar's close; None where undefined (counts as false) or without a rule."""

    enter_long: bool | None
    exit_long: bool | None
    enter_short: bool | None
    exit_short: bool | None


class Stream:
    """Rules bar by bar; made by `alipes.rules.Rules.stream`.

    Args:
        rules: The rules.
        params: Value of each parameter.
        step: Length of a bar, ``"1m"`` or int ns.

    Raises:
        InputError: A parameter without a value; rules with user operators, whose functions take whole arrays,
            or with other instruments.
    """

    def __init__(self, rules: Rules, params: Mapping[str, float], step: str | int) -> None:
        if rules.user_columns:
            raise InputError(
                "stream: the rules have user operators, which take whole arrays; compute them yourself and "
                "give them as a "
                "column: r.column(name) and push(..., name=value)"
            )
        if rules.others:
            raise InputError(
                f"stream: the rules read {', '.join(rules.others)}; a stream has one instrument's bars"
            )
        bound = bound_params(rules.params, params)
        program = _core.BarProgram(rules.nodes, rules.slots)
        self._stream = _core.BarStream(program, bound, step_ns(step, "stream: step"))
        self._columns = tuple(name for name in rules.columns if name not in _PUSHED)
        self._is_first = True

    def push(  # noqa: PLR0917 - a bar, in the order of the trade
        self,
        ts: int,
        open: float,  # noqa: A002 - the column's name
        high: float,
        low: float,
        close: float,
        volume: float,
        **columns: float,
    ) -> Signals:
        """Takes the next bar.

        Args:
            ts: Its open time, int ns UTC, later than the one before by whole steps.
            open: First price.
            high: Highest price.
            low: Lowest price.
            close: Last price.
            volume: Amount traded.
            columns: Further columns that the rules read, nan where undefined; `spread` and `mark` may come
                too.

        Returns:
            The signals at its close.

        Raises:
            InputError: No whole number as the time, a first one that looks like seconds or milliseconds; a
                column that is missing, unknown or no number.
            DataError: A time that is not later; a bar that cannot be, as in `alipes.bars`.
        """
        missing = [name for name in self._columns if name not in columns]
        if missing:
            raise InputError(f"push: no value for {', '.join(missing)}, which the rules read")
        given = {"open": open, "high": high, "low": low, "close": close, "volume": volume, **columns}
        values = {
            name: value if type(value) is float and name in _PUSHED else _number(name, value)
            for name, value in given.items()
        }
        self._check(ts, values)
        signals = Signals(*self._stream.push(int(ts), values))
        self._is_first = False
        return signals

    def _check(self, ts: Any, values: dict[str, float]) -> None:
        """Passes what could be a row of `alipes.bars`."""
        if not isinstance(ts, int | np.integer) or isinstance(ts, bool) or not 0 <= ts < 1 << 63:
            raise InputError(f"push: ts is {shown(ts)}: expected the bar's open time as int ns UTC")
        if self._is_first:
            ns_utc(np.array([ts]), _FIRST)
        if len(values) > len(_PUSHED) + len(self._columns):
            known = (*self._columns, *_OWN)
            for name in values:
                if name not in _PUSHED and name not in known:
                    raise InputError(f"push: the rules read no column {name!r}{nearest(name, known)}")
        try:
            check_bar(int(ts), values)
        except DataError as error:
            raise DataError(f"push: {error}") from None

    def values(self) -> dict[str, float]:
        """The numbers of the rules at the last bar's close, by slot; nan where undefined.

        ``size`` and ``pyramid`` always; ``stop_loss``, ``take_profit``, ``trailing`` and ``max_bars`` where
        the rules have them.
        """
        return self._stream.values()


_PUSHED = frozenset({"open", "high", "low", "close", "volume"})
_OWN = ("spread", "mark")
"""Columns of a bar that may be given whether the rules read them or not."""
_FIRST = Reading("push: ts", None, default_unit="ns", call="multiply by 10**9, or 10**6 from ms, for int ns")


def _number(name: str, value: Any) -> float:
    """A value as float; None is undefined, and so is what is infinite in a column of the user's."""
    if isinstance(value, str | bytes):
        raise InputError(f"push: {name} is text, {shown(value)}: expected a number")
    try:
        found = math.nan if value is None else float(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"push: {name} is {shown(value)}: expected a number") from error
    return math.nan if math.isinf(found) and name not in _PUSHED else found
