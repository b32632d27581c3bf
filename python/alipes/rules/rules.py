"""`Rules`: when to enter and leave, how much, and where the exits lie, as expressions.

Frozen values that know their graph. They know no data: a run, a sweep or a stream brings bars and parameters.
"""

from __future__ import annotations

import sys
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from alipes.errors import InputError, shown
from alipes.rules.domains import step_ns
from alipes.rules.graph import Graph, Node, UserColumn, names_of, stable_key
from alipes.rules.parameters import bound_params
from alipes.rules.sizes import Ratio, Size, distance_of, equity, size_of
from alipes.rules.terms import Expr, Number, Truth, condition, window
from alipes.rules.warmup import warmup_bars

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from alipes.rules.strategy import RulesStrategy
    from alipes.rules.stream import Stream

Opposite = Literal["reverse", "close", "ignore"]
SIGNALS = ("enter_long", "exit_long", "enter_short", "exit_short")
"""The four slots that take conditions."""
ALL_OF_EQUITY = equity(1.0)
_MOST_ADDITIONS = 1_000_000_000
"""What the compiled engine takes of `Rules.pyramid`."""
_DISTANCES = ("stop_loss", "take_profit", "trailing")


@dataclass(frozen=True, eq=False, repr=False)
class Rules:
    """What to do at each bar, as expressions.

    The four conditions are judged at each bar's close; an undefined one is false. What is decided fills as
    the run's ``fill`` says, at the next open by default. Sizes, distances and `max_bars` are read at the bar
    of the decision.

    Args:
        enter_long: When to buy.
        exit_long: When to sell what was bought.
        enter_short: When to sell short.
        exit_short: When to buy back.
        size: How much: `units`, `notional`, `equity`, `risk` or `volatility_target`; all of the equity by
            default.
        stop_loss: Distance of the stop from the entry fill: an expression in price, or `pct`. More than 0;
            undefined at the decision means no stop for that trade, which the result counts.
        take_profit: Distance of the target.
        trailing: Distance of the trailing stop from the best price since the entry.
        max_bars: Bars of time after which a position is closed; whole, at least 1.
        pyramid: How many times a position may be added to.
        opposite: What an entry against the position does: ``"reverse"``, ``"close"`` or ``"ignore"``.
        order: ``"market"``, the only kind there is.

    Attributes:
        nodes: The graph, each distinct sub-expression once.
        slots: The node of each slot, as the engine takes them.
        params: Names of the parameters, each with the slots that use it.
        columns: Names of the columns that are read, also on other timeframes and instruments.
        others: Names of the other instruments that are read.
        user_columns: User operators, which a run computes beforehand.

    Raises:
        InputError: No entry, an argument of the wrong type or unit, `risk` without a stop-loss.
    """

    enter_long: Truth | None = None
    exit_long: Truth | None = None
    enter_short: Truth | None = None
    exit_short: Truth | None = None
    _: KW_ONLY
    size: Size = ALL_OF_EQUITY
    stop_loss: Expr | Ratio | None = None
    take_profit: Expr | Ratio | None = None
    trailing: Expr | Ratio | None = None
    max_bars: Number | None = None
    pyramid: Number = 0
    opposite: Opposite = "reverse"
    order: Literal["market"] = "market"

    def __post_init__(self) -> None:
        if self.enter_long is None and self.enter_short is None:
            raise InputError(
                "Rules: neither enter_long nor enter_short is given; rules without an entry never trade"
            )
        if self.opposite not in get_args(Opposite):
            raise InputError(
                f"Rules: opposite is {shown(self.opposite)}; expected 'reverse', 'close' or 'ignore'"
            )
        if self.order != "market":
            raise InputError(f"Rules: order is {self.order!r}; 'market' is the only kind there is")
        if size_of(self.size).kind == "risk" and self.stop_loss is None:
            raise InputError("Rules: size=risk(...) needs a stop_loss: it sizes by the distance to it")
        self._lowered  # noqa: B018 - what is wrong in a slot is said where the rules are written

    @cached_property
    def _lowered(self) -> tuple[Graph, dict[str, Any]]:
        graph = Graph()
        slots: dict[str, Any] = {}
        for slot in SIGNALS:
            given = getattr(self, slot)
            slots[slot] = None if given is None else graph.add(condition(given, f"Rules: {slot}"))
        slots["size"] = (self.size.kind, graph.add(self.size.value))
        for slot in _DISTANCES:
            given = getattr(self, slot)
            kind, term = (None, None) if given is None else distance_of(given, slot)
            slots[slot] = None if term is None else (kind, graph.add(term))
        slots["max_bars"] = None if self.max_bars is None else graph.add(_time_limit(self.max_bars))
        slots["pyramid"] = graph.add(
            window(self.pyramid, "pyramid", "Rules", least=0, most=_MOST_ADDITIONS, of="additions")
        )
        slots["opposite"] = self.opposite
        return graph, slots

    @property
    def nodes(self) -> list[Node]:
        """The graph: ``(op, args, value)`` each, arguments first."""
        return list(self._lowered[0].nodes)

    @property
    def slots(self) -> dict[str, Any]:
        """Node of each slot; sizes and distances as (kind, node); None where a slot is empty."""
        return dict(self._lowered[1])

    @property
    def user_columns(self) -> tuple[UserColumn, ...]:
        """User operators, in the order in which they are computed."""
        return tuple(self._lowered[0].user_columns)

    @cached_property
    def params(self) -> dict[str, tuple[str, ...]]:
        """Names of the parameters in order of appearance, each with the slots that use it."""
        reach = {slot: self._reached_from(node) for slot, node in self._slot_nodes().items()}
        nodes = self._lowered[0].nodes
        return {
            name: tuple(
                slot for slot, seen in reach.items() if any(nodes[i][::2] == ("param", name) for i in seen)
            )
            for name in names_of(nodes, "param")
        }

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that are read, in order of appearance; user operators are not among them."""
        return tuple(name for name in names_of(self._lowered[0].nodes, "col") if not name.startswith("user:"))

    @cached_property
    def others(self) -> tuple[str, ...]:
        """Names of the other instruments that are read, in order of appearance."""
        named = names_of(self._lowered[0].nodes, "other")
        return tuple(dict.fromkeys(name.rpartition("|")[0] for name in named))

    def warmup_bars(self, params: Mapping[str, float] | None = None, *, step: str | int = "1m") -> int:
        """Bars before the first one at which every slot counts: the first value that counts is at that bar.

        Exact for finite windows. A recursion counts until its seed weighs less than 1e-12; what depends on
        the whole past (`cumsum`, `bars_since`, a Supertrend's state) as its arguments do.

        Args:
            params: Value of each parameter.
            step: Length of a bar, ``"1m"`` or int ns; matters where a higher timeframe or a session is used.

        Raises:
            InputError: A parameter without a value or of an unknown name, a window that is not whole.
        """
        bound = bound_params(self.params, params or {})
        outputs = list(self._slot_nodes().values())
        return int(warmup_bars(self._lowered[0], outputs, bound, step_ns(step, "warmup_bars: step")))

    def warmup_by_set(
        self, params: Mapping[str, NDArray[np.float64]], *, step: str | int = "1m"
    ) -> NDArray[np.int64]:
        """`warmup_bars` of many parameter sets, in one walk over the rules.

        Args:
            params: Values of each parameter, (n,) float64, one a set.
            step: As of `warmup_bars`.

        Returns:
            (n,) int64.

        Raises:
            InputError: As `warmup_bars`.
        """
        bound_params(self.params, dict.fromkeys(params, 0.0))
        outputs = list(self._slot_nodes().values())
        count = warmup_bars(self._lowered[0], outputs, params, step_ns(step, "warmup_by_set: step"))
        return np.broadcast_to(np.asarray(count), np.broadcast_shapes(*map(np.shape, params.values())))

    def key(self) -> bytes:
        """SHA-256 of the rules, (32,) bytes: equal for equal rules in any process."""
        return stable_key(*self._lowered)

    def stream(self, params: Mapping[str, float] | None = None, *, step: str | int = "1m") -> Stream:
        """The same rules bar by bar.

        Args:
            params: Value of each parameter.
            step: Length of a bar, ``"1m"`` or int ns.

        Returns:
            An object whose ``push`` takes a bar and gives the signals at its close: those of a run that began
            at the same bar.

        Raises:
            InputError: A parameter without a value; rules with user operators or other instruments.
        """
        from alipes.rules.stream import Stream  # noqa: PLC0415 - the compiled engine loads when it is used

        return Stream(self, params or {}, step)

    def strategy(
        self,
        instrument: str,
        timeframe: str,
        params: Mapping[str, float] | None = None,
        *,
        cash: float = 10_000.0,
    ) -> RulesStrategy:
        """The rules as a strategy that orders through its context.

        Args:
            instrument: What to trade.
            timeframe: Length of a bar.
            params: Value of each parameter.
            cash: What it begins with, in quote currency: sizes that are ratios of the equity count from it.

        Raises:
            InputError: Rules that cannot be streamed (`stream`), that have `trailing` or `max_bars`, or that
                read columns which bars of a feed do not have.
        """
        from alipes.rules.strategy import RulesStrategy  # noqa: PLC0415 - as in `stream`

        return RulesStrategy(self, instrument, timeframe, params or {}, cash=cash)

    def __repr__(self) -> str:
        given = ((name, getattr(self, name)) for name in self.__dataclass_fields__)
        defaults = {"pyramid": 0, "opposite": "reverse", "order": "market"}
        shown = (
            f"{name}={value!r}"
            for name, value in given
            if value is not None and not (name in defaults and value is defaults[name])
        )
        return f"Rules({', '.join(shown)})"

    def _slot_nodes(self) -> dict[str, int]:
        slots = self._lowered[1]
        nodes = {slot: node[1] if isinstance(node, tuple) else node for slot, node in slots.items()}
        return {slot: node for slot, node in nodes.items() if isinstance(node, int)}

    def _reached_from(self, node: int) -> set[int]:
        graph = self._lowered[0]
        users = {column.name: column.args for column in graph.user_columns}
        seen, waiting = set[int](), [node]
        while waiting:
            here = waiting.pop()
            if here not in seen:
                seen.add(here)
                waiting.extend(graph.nodes[here][1])
                waiting.extend(users.get(str(graph.nodes[here][2]), ()))
        return seen


def _time_limit(value: object) -> Expr:
    """A number of bars: whole if it is a number by now, else any expression."""
    if isinstance(value, Expr) and not value.is_constant:
        return value
    return window(value, "max_bars", "Rules", most=sys.float_info.max)
