"""A strategy in its place: its hooks, its context, whether it still runs, and if not, why."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec

from alipes.strategy.base import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable

    from alipes.engine.desk import StrategyDesk
    from alipes.strategy.context import Context
    from alipes.strategy.state import State


class Status(StrEnum):
    """Whether a strategy's hooks are called."""

    ACTIVE = "active"
    FAULTED = "faulted"
    STOPPED = "stopped"


class Fault(msgspec.Struct, frozen=True):
    """Why a strategy was faulted.

    Attributes:
        hook: The hook that raised or took too long.
        error: Type and text of what it raised.
        argument: The hook's input, as text.
        seq: The input's number.
        ts: The input's time, int ns UTC.
        traceback: Where it was raised, as Python prints it; empty if nothing was.
    """

    hook: str
    error: str
    argument: str
    seq: int
    ts: int
    traceback: str = ""


class Runner:
    """One strategy of the engine.

    Attributes:
        name: Its name, unique in the engine.
        strategy: The user's object.
        ctx: What its hooks get; set by the wiring, once.
        status: Whether its hooks are called.
        fault: Why not, if it was faulted.
        error: What it raised, if it was faulted for that.
        desk: Where its orders go; set by the wiring, once.
        keeps_orders: Whether its open orders stay open when it is faulted.
        decisions: Hook calls on market data or timers so far.
        on_order: The hook, or None where the strategy does not override it; so are `on_fill` and the others.
    """

    __slots__ = (
        "ctx", "decisions", "desk", "error", "fault", "is_active", "keeps_orders", "name", "on_bar",
        "on_book", "on_fill", "on_message", "on_order", "on_start", "on_timer", "on_trade", "state",
        "strategy",
    )  # fmt: skip

    def __init__(self, name: str, strategy: Strategy, state: State) -> None:
        self.name = name
        self.strategy = strategy
        self.state = state
        self.ctx: Context
        self.desk: StrategyDesk
        self.is_active = True
        self.fault: Fault | None = None
        self.error: BaseException | None = None
        self.decisions = 0
        self.keeps_orders = strategy.on_fault != "cancel"
        self.on_start = strategy.on_start
        self.on_timer = strategy.on_timer
        self.on_message = strategy.on_message
        self.on_book = strategy.on_book
        self.on_trade = strategy.on_trade
        self.on_bar = strategy.on_bar
        self.on_order = self._if_overridden("on_order")
        self.on_fill = self._if_overridden("on_fill")

    def _if_overridden(self, hook: str) -> Callable[[Context, Any], None] | None:
        if getattr(type(self.strategy), hook) is getattr(Strategy, hook):
            return None
        bound: Callable[[Context, Any], None] = getattr(self.strategy, hook)
        return bound

    @property
    def status(self) -> Status:
        """Active, faulted or stopped."""
        if self.fault is not None:
            return Status.FAULTED
        return Status.ACTIVE if self.is_active else Status.STOPPED
