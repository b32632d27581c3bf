"""A condition of parameters alone, over columns of parameter values: the same semantics as on bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from alipes.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from alipes.rules.graph import Graph


def _comparison(function: Callable[..., Any]) -> Callable[..., Any]:
    """Undefined where an operand is."""
    return lambda a, b: np.where(np.isnan(a) | np.isnan(b), np.nan, function(a, b))


def _kleene(a: NDArray[np.float64], b: NDArray[np.float64], *, decisive: float) -> NDArray[np.float64]:
    is_decided = (a == decisive) | (b == decisive)
    return np.where(is_decided, decisive, np.where(np.isnan(a), np.nan, b))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "pow": np.power,
    "min2": np.minimum,
    "max2": np.maximum,
    "neg": np.negative,
    "abs": np.abs,
    "log": np.log,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "sign": np.sign,
    "gt": _comparison(np.greater),
    "lt": _comparison(np.less),
    "ge": _comparison(np.greater_equal),
    "le": _comparison(np.less_equal),
    "eq": _comparison(np.equal),
    "ne": _comparison(np.not_equal),
    "not": lambda a: 1.0 - a,
    "and": lambda a, b: _kleene(a, b, decisive=0.0),
    "or": lambda a, b: _kleene(a, b, decisive=1.0),
    "where": lambda a, b, c: np.where(np.isnan(a), np.nan, np.where(a == 1.0, b, c)),
    "defined": lambda a: np.where(np.isnan(a), 0.0, 1.0),
}


def evaluate_term(graph: Graph, columns: Mapping[str, NDArray[np.float64]]) -> NDArray[np.bool_]:
    """Whether the graph's last node, a condition, is true for each parameter set; undefined is false.

    Raises:
        InputError: A node that depends on bars.
    """
    length = len(next(iter(columns.values()), ()))
    values: list[NDArray[np.float64]] = []  # conditions are 1, 0 and nan
    for op, args, value in graph.nodes:
        values.append(_node(op, [values[arg] for arg in args], value, columns, length))
    return np.asarray(values[-1] == 1.0)


def _node(
    op: str,
    args: list[NDArray[np.float64]],
    value: Any,
    columns: Mapping[str, NDArray[np.float64]],
    length: int,
) -> NDArray[np.float64]:
    if op == "param":
        return np.asarray(columns[value], dtype=np.float64)
    if op in {"const", "true", "false"}:
        return np.full(length, {"true": 1.0, "false": 0.0}.get(op, value), dtype=np.float64)
    function = _FUNCTIONS.get(op)
    if function is not None:
        made = function(*args)
        return np.where(np.isfinite(made), made, np.nan)
    raise InputError(f"constraint: {op} reads bars; expected an expression of parameters and numbers only")
