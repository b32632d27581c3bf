"""Values of expressions on bars, and of user operators before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from alipes import _core
from alipes.data.bars import as_bars
from alipes.errors import InputError
from alipes.rules.graph import Graph, names_of
from alipes.rules.parameters import bound_params
from alipes.rules.terms import series
from alipes.rules.truncation import first_difference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from alipes.data.bars import Bars
    from alipes.rules.graph import Node, UserColumn


def evaluate(
    x: Any, bars: Any, params: Mapping[str, float] | None = None, *, others: Mapping[str, Any] | None = None
) -> Any:
    """Values of an expression, a bar each.

    Args:
        x: An expression, a condition, or a tuple of them such as `macd` gives.
        bars: What `alipes.bars` takes or gives.
        params: Value of each parameter.
        others: Bars of other instruments by name, as `alipes.rules.other` names them.

    Returns:
        A new (n,) float64 array, nan where undefined; conditions give 1.0, 0.0 and nan. For a tuple one
        of the same type, holding arrays.

    Raises:
        InputError: Not an expression; a parameter without a value; a column or instrument that is not
            there; a window that is not whole; a user operator that looks ahead.
    """
    return evaluated(x, as_bars(bars), params, {name: as_bars(each) for name, each in (others or {}).items()})


def evaluated(
    x: Any, bars: Bars, params: Mapping[str, float] | None = None, others: Mapping[str, Bars] | None = None
) -> Any:
    """`evaluate` over bars that were checked in the same call."""
    several = isinstance(x, tuple)
    terms = [series(part, "evaluate: x") for part in (x if several else (x,))]
    graph = Graph()
    outputs = [graph.add(term) for term in terms]
    bound = bound_params(names_of(graph.nodes, "param"), params or {})
    table = Table(bars, bound, dict(others or {}))
    table.add_user_columns(graph.nodes, graph.user_columns)
    arrays = table.evaluate(graph.nodes, outputs)
    if not several:
        return arrays[0]
    return type(x)(*arrays) if hasattr(x, "_fields") else tuple(arrays)


def columns_with_user(
    nodes: Sequence[Node],
    user_columns: Sequence[UserColumn],
    bars: Bars,
    params: Mapping[str, float],
    others: Mapping[str, Bars] | None = None,
    *,
    nth: int = 0,
) -> dict[str, NDArray[np.float64]]:
    """The columns of bars, and those that user operators make of them.

    Args:
        nodes: A graph, as `alipes.rules.Rules.nodes`.
        user_columns: Its user operators, as `alipes.rules.Rules.user_columns`.
        bars: The bars.
        params: Value of each parameter.
        others: Bars of other instruments by name.
        nth: Which combination of a sweep this is; those after the first are tested at fewer places.

    Raises:
        InputError: A user operator that looks ahead, or gives no such array.
    """
    table = Table(bars, params, others or {})
    table.add_user_columns(nodes, user_columns, nth)
    return table.columns


class Table:
    """Bars with parameters and what user operators make of them.

    Args:
        bars: The bars.
        params: Value of each parameter.
        others: Bars of other instruments by name.

    Attributes:
        columns: The bars' columns, and one of each user operator.
    """

    def __init__(self, bars: Bars, params: Mapping[str, float], others: Mapping[str, Bars]) -> None:
        self._bars = bars
        self._params = dict(params)
        self._others = {name: (other.ts, dict(other.columns), other.step) for name, other in others.items()}
        self.columns: dict[str, NDArray[np.float64]] = dict(bars.columns)

    def add_user_columns(
        self, nodes: Sequence[Node], user_columns: Sequence[UserColumn], nth: int = 0
    ) -> None:
        """Computes user operators.

        Args:
            nodes: A graph, as `alipes.rules.Rules.nodes`.
            user_columns: Its user operators, as `alipes.rules.Rules.user_columns`.
            nth: As of `columns_with_user`.

        Raises:
            InputError: A user operator that looks ahead, or gives no such array.
        """
        for made in user_columns:
            self.columns[made.name] = _computed(made, self.evaluate(nodes, list(made.args)), nth)

    def evaluate(self, nodes: Sequence[Node], outputs: list[int]) -> list[NDArray[np.float64]]:
        """Values of nodes, (n,) float64 each, nan where undefined; conditions give 1.0, 0.0 and nan."""
        # What the outputs do not need may read columns of user operators that are yet to be computed.
        needed, places = _only(nodes, outputs)
        wanted = [places[output] for output in outputs]
        bars = self._bars
        found = _core.bar_evaluate(
            needed, wanted, bars.ts, dict(self.columns), bars.step, self._params, self._others or None
        )
        return list(found)


def _only(nodes: Sequence[Node], outputs: list[int]) -> tuple[list[Node], dict[int, int]]:
    """The nodes that outputs need, in their order, and where each has gone."""
    wanted, waiting = set[int](), list(outputs)
    while waiting:
        here = waiting.pop()
        if here not in wanted:
            wanted.add(here)
            waiting.extend(nodes[here][1])
    places = {node: place for place, node in enumerate(sorted(wanted))}
    kept: list[Node] = []
    for node in places:
        op, args, value = nodes[node]
        kept.append((op, tuple(places[arg] for arg in args), value))
    return kept, places


def _computed(made: UserColumn, args: list[NDArray[np.float64]], nth: int) -> NDArray[np.float64]:
    whole = _called(made, args)
    if made.function.causal is True:
        return whole
    found = first_difference(whole, lambda cut: _called(made, [arg[:cut] for arg in args]), nth)
    if found is not None:
        cut, part, same = found
        bar = int(np.argmin(same))
        raise InputError(
            f"user operator {_name(made)} looks ahead: its value at bar {bar} is {float(whole[bar])!r} with "
            f"all {len(whole)} bars and {float(part[bar])!r} with the first {cut}; {int((~same).sum())} "
            "values changed"
        )
    return whole


def _called(made: UserColumn, args: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    try:
        given = np.asarray(made.function.function(*args), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"user operator {_name(made)}: {error}") from error
    except Exception as error:
        error.add_note(f"raised by user operator {_name(made)}")
        raise
    if given.shape != args[0].shape:
        raise InputError(
            f"user operator {_name(made)} gave shape {given.shape}; expected {args[0].shape}, a value a bar"
        )
    return np.where(np.isfinite(given), given, np.nan)


def _name(made: UserColumn) -> str:
    function = made.function.function
    return str(getattr(function, "__qualname__", type(function).__qualname__))
