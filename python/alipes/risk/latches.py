"""Whether trading goes on: active, reducing or halted, for everything, an account or an instrument.

A latch tightens by itself and never loosens by itself: whatever set it, only a command releases it. Every
change is a row of the journal, so that a restart finds the latch as it was. Cancels pass in every state.
"""

from collections.abc import Iterable
from enum import StrEnum

from alipes.model import Instrument, Record, StateRecord

Refusal = tuple[str, str]
"""Code and detail."""

EVERYTHING = ""
"""The scope of the whole engine; other scopes are account names and instrument names."""
_PREFIX = "latch:"


class TradingState(StrEnum):
    """What may be sent."""

    ACTIVE = "active"
    """Everything."""
    REDUCING = "reducing"
    """Reduce-only orders and cancels."""
    HALTED = "halted"
    """Cancels."""


_SEVERITY = {state: number for number, state in enumerate(TradingState)}


class Latches:
    """The latches of an engine: an order passes those of everything, its account and its instrument.

    Attributes:
        held: State and reason by scope, of every scope that is restricted.
    """

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: dict[str, tuple[TradingState, str]] = {}

    def tighten(
        self, scope: str, state: TradingState, reason: str, *, seq: int, now: int
    ) -> StateRecord | None:
        """Restrict a scope.

        Args:
            scope: `EVERYTHING`, an account name or an instrument name.
            state: The restriction.
            reason: Why, for the operator.
            seq: Number of the input that caused it.
            now: Engine time, int ns UTC.

        Returns:
            The row for the journal; None when the scope is already as tight.
        """
        if _SEVERITY[state] <= _SEVERITY[self.state_of(scope)]:
            return None
        return self._put(scope, state, reason, seq, now)

    def release(self, scope: str, state: TradingState, by: str, *, seq: int, now: int) -> StateRecord | None:
        """Loosen a scope, at the command of someone.

        Args:
            scope: `EVERYTHING`, an account name or an instrument name.
            state: What holds from now on.
            by: Who commands it.
            seq: Number of the input that carried the command.
            now: Engine time, int ns UTC.

        Returns:
            The row for the journal; None when the scope is already as loose.
        """
        if _SEVERITY[state] >= _SEVERITY[self.state_of(scope)]:
            return None
        return self._put(scope, state, f"released by {by}", seq, now)

    def restore(self, records: Iterable[Record]) -> None:
        """Take over the latches of a journal, oldest row first."""
        for record in records:
            if isinstance(record, StateRecord) and record.name.startswith(_PREFIX):
                scope = record.name.removeprefix(_PREFIX)
                self._keep(scope, TradingState(str(record.state["state"])), str(record.state["reason"]))

    def refusal(self, instrument: Instrument, *, is_reduce_only: bool) -> Refusal | None:
        """Why an order may not go; None if it may."""
        if not self.held:
            return None
        scopes = (EVERYTHING, instrument.account, instrument.name)
        scope = max(scopes, key=lambda each: _SEVERITY[self.state_of(each)])
        state, reason = self.held.get(scope, (TradingState.ACTIVE, ""))
        if state is TradingState.ACTIVE or (state is TradingState.REDUCING and is_reduce_only):
            return None
        allowed = "only cancels" if state is TradingState.HALTED else "only reduce-only orders and cancels"
        return str(state), f"{scope or 'trading'} is {state}: {reason}; {allowed} may go"

    def state_of(self, scope: str = EVERYTHING) -> TradingState:
        """The latch of one scope."""
        held = self.held.get(scope)
        return TradingState.ACTIVE if held is None else held[0]

    def status(self) -> dict[str, tuple[str, str]]:
        """Every scope that is restricted, with its state and reason."""
        return {scope or "everything": (str(state), reason) for scope, (state, reason) in self.held.items()}

    def _put(self, scope: str, state: TradingState, reason: str, seq: int, now: int) -> StateRecord:
        self._keep(scope, state, reason)
        return StateRecord(seq, now, _PREFIX + scope, {"state": str(state), "reason": reason})

    def _keep(self, scope: str, state: TradingState, reason: str) -> None:
        if state is TradingState.ACTIVE:
            self.held.pop(scope, None)
        else:
            self.held[scope] = (state, reason)
