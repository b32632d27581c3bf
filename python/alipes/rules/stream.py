"""Rules bar by bar: the compiled operators, fed one bar at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from alipes import _core
from alipes.errors import InputError
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
            ts: Its open time, int ns UTC, later than the one before.
            open: First price.
            high: Highest price.
            low: Lowest price.
            close: Last price.
            volume: Amount traded.
            columns: Further columns that the rules read.

        Returns:
            The signals at its close.

        Raises:
            InputError: A time that is not later, a column that is missing.
        """
        missing = [name for name in self._columns if name not in columns]
        if missing:
            raise InputError(f"push: no value for {', '.join(missing)}, which the rules read")
        values = {"open": open, "high": high, "low": low, "close": close, "volume": volume, **columns}
        return Signals(*self._stream.push(ts, values))

    def values(self) -> dict[str, float]:
        """The numbers of the rules at the last bar's close, by slot; nan where undefined.

        ``size`` and ``pyramid`` always; ``stop_loss``, ``take_profit``, ``trailing`` and ``max_bars`` where
        the rules have them.
        """
        return self._stream.values()


_PUSHED = frozenset({"open", "high", "low", "close", "volume"})
