"""How many bars an expression needs before its values count, read off its graph.

Exact where windows are finite: the first bar with a value. A recursion counts until its seed weighs less than
1e-12. What depends on the whole past (`cumsum`, `bars_since`, a Supertrend's state) counts as its arguments
do.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from alipes.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from alipes.rules.graph import Graph, Node

Value: TypeAlias = "float | NDArray[np.float64]"
"""A number, or (n,) float64 where it differs by parameter set."""
Count: TypeAlias = "int | NDArray[np.int64]"
"""A number of bars, or (n,) int64 where it differs by parameter set."""

SEED_WEIGHT = 1e-12
"""Weight of a recursion's seed below which it counts no more."""
YEAR_NS = 365 * 86_400_000_000_000
_ROLLING = frozenset("sum mean std var min max argmin argmax median rank mad wma slope quantile".split())  # noqa: SIM905
_SINCE = frozenset({"sum_since", "bars_since", "value_when"})

_FOLDS: dict[str, Callable[..., float]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
    "min2": min,
    "max2": max,
    "neg": lambda a: -a,
    "abs": abs,
    "log": math.log,
    "exp": math.exp,
    "sqrt": math.sqrt,
    "sign": lambda a: float((a > 0) - (a < 0)),
}


class _Reader:
    """Walks a graph from its outputs; a node counts once for each length of bar it is evaluated on.

    Parameters may be arrays of a value a set: all sets are then read in one walk.
    """

    def __init__(self, graph: Graph, params: Mapping[str, Value]) -> None:
        self._nodes = graph.nodes
        self._params = params
        self._users = {column.name: column for column in graph.user_columns}
        self._bars: dict[tuple[int, int], Count] = {}
        self._constants: dict[int, list[Value | None]] = {}

    def bars(self, output: int, step: int) -> Count:
        """Bars of a length that an output needs."""
        waiting = [(output, step)]
        while waiting:
            node, length = waiting[-1]
            op, _, value = self._nodes[node]
            of_args = int(value) if op == "tf" else length  # type: ignore[arg-type]
            missing = [(arg, of_args) for arg in self._args(node) if (arg, of_args) not in self._bars]
            if missing:
                waiting.extend(missing)
                continue
            waiting.pop()
            before = _longest(self._bars[arg, of_args] for arg in self._args(node))
            self._bars[node, length] = self._after(node, length, before)
        return self._bars[output, step]

    def _args(self, node: int) -> tuple[int, ...]:
        op, args, value = self._nodes[node]
        user = self._users.get(str(value)) if op == "col" else None
        return args if user is None else user.args

    def _after(self, node: int, step: int, before: Count) -> Count:
        """Bars that a node needs whose arguments need `before`."""
        op, _, value = self._nodes[node]
        if op == "tf":  # at worst the data begin just after a bucket has
            length = _whole_bars(int(value), step)  # type: ignore[arg-type]
            return (length - 1) + (before + 1) * length - 1
        if op == "col" and value in self._users:
            return before + self._users[str(value)].function.warmup
        return before + self._own(self._nodes[node], self._constants_on(step), step)

    def _constants_on(self, step: int) -> list[Value | None]:
        """The number that each node is, once parameters have values; None where it changes by bar."""
        if step not in self._constants:
            found: list[Value | None] = []
            for op, args, value in self._nodes:
                given = [found[arg] for arg in args]
                if op == "const":
                    found.append(float(value))  # type: ignore[arg-type]
                elif op == "param":
                    found.append(self._params[str(value)])
                elif op == "bars_per_year":
                    found.append(YEAR_NS / step)
                elif op in _FOLDS and all(each is not None for each in given):
                    found.append(_each(partial(_folded, op), *given))
                else:
                    found.append(None)
            self._constants[step] = found
        return self._constants[step]

    def _own(self, node: Node, constants: list[Value | None], step: int) -> Count:
        """Bars that a node adds to what its arguments need."""
        op, args, _ = node
        given = [constants[arg] for arg in args]
        own: Count
        if op == "shift":
            own = _each(partial(_window, "shift", least=0), given[1])
        elif op in _ROLLING:
            own = _each(partial(_window, op), given[1]) - 1
        elif op == "corr":
            own = _each(partial(_window, op, least=2), given[2]) - 1
        elif op == "ewm":
            own = _each(partial(_window, "seed of an average"), given[2]) - 1 + _each(_decay, given[1])
        elif op in {"ewm_adj", "ewm_std"}:
            own = _each(_decay, given[1])
        elif op in _SINCE:
            own = max(self._until_bucket(arg, step) for arg in args)
        else:
            own = 0
        return own

    def _until_bucket(self, arg: int, step: int) -> int:
        """Bars until a calendar anchor has surely come, whenever the data begin."""
        op, _, value = self._nodes[arg]
        return _whole_bars(int(value), step) - 1 if op == "new_bucket" else 0  # type: ignore[arg-type]


def warmup_bars(graph: Graph, outputs: list[int], params: Mapping[str, Value], step: int) -> Count:
    """Bars before the first one at which all outputs count.

    Args:
        graph: The graph.
        outputs: Nodes that matter.
        params: Value of each parameter, or (n,) float64 with one of each parameter set.
        step: Length of a bar, int ns.

    Returns:
        An int, or (n,) int64 where parameters that matter are arrays.

    Raises:
        InputError: A window that is no whole number, or too small.
    """
    reader = _Reader(graph, params)
    return _longest(reader.bars(output, step) for output in outputs)


def _longest(counts: Iterable[Count]) -> Count:
    """The largest, set by set; 0 of none."""
    found: Count = 0
    for each in counts:
        is_by_set = isinstance(found, np.ndarray) or isinstance(each, np.ndarray)
        found = np.maximum(found, each) if is_by_set else max(found, each)
    return found


def _each(function: Callable[..., float], *given: Any) -> Any:
    """What a function makes of numbers; of each parameter set's where they differ by set."""
    if not any(isinstance(each, np.ndarray) for each in given):
        return function(*given)
    codes: Any = 0  # equal for sets with equal values: one sort a column is far less than a sort of rows
    for each in given:
        levels, level = np.unique(each, return_inverse=True)
        codes = codes * len(levels) + level.reshape(np.shape(each))
    _, first, places = np.unique(codes, return_index=True, return_inverse=True)
    columns = (np.broadcast_to(each, codes.shape)[first].tolist() for each in given)
    return np.array([function(*row) for row in zip(*columns, strict=True)])[places]


def _folded(op: str, *given: float) -> float:
    try:
        value = _FOLDS[op](*given)
    except (ArithmeticError, ValueError):
        return math.nan
    return value if isinstance(value, float) and math.isfinite(value) else math.nan


def _window(what: str, value: float | None, *, least: int = 1) -> int:
    if value is None or not math.isfinite(value) or value != int(value) or value < least:
        raise InputError(f"{what}: a window of {value} bars; expected a whole number of at least {least}")
    return int(value)


def _decay(alpha: float | None) -> int:
    """Bars until ``(1 - alpha)^k`` is below `SEED_WEIGHT`."""
    if alpha is None or not 0 < alpha <= 1:
        raise InputError(f"a weight (alpha) of {alpha}; expected more than 0 and at most 1")
    if alpha == 1:
        return 0
    bars = max(1, math.floor(math.log(SEED_WEIGHT) / math.log1p(-alpha)))
    while (1 - alpha) ** bars >= SEED_WEIGHT:
        bars += 1
    return bars


def _whole_bars(length: int, step: int) -> int:
    return -(-length // step)
