"""Which parameter sets of a sweep are allowed: by a text, a condition on parameters, or a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from alipes.config.names import nearest
from alipes.errors import InputError
from alipes.rules import Condition, Constraint, Expr, parse_constraint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from alipes.backtest.sweeps.grid import ParamSets


def as_constraint(where: Any, names: tuple[str, ...]) -> Callable[[ParamSets], NDArray[np.bool_]] | None:
    """A constraint as a function of parameter sets to a (n,) bool mask; None stays None.

    Args:
        where: a text such as ``"fast < slow"`` (a grammar of its own, never run as Python) or a condition on
            `alipes.rules.param`, both computed for all sets at once; or a function that takes one set as a
            dict and returns True or False, called once a set and therefore slower.
        names: the parameters there are.

    Raises:
        InputError: another type, a text outside the grammar, an unknown parameter (the nearest is named), a
            condition that reads bars.
    """
    if where is None:
        return None
    if callable(where) and not isinstance(where, (Condition, Expr)):
        return lambda sets: _asked(where, sets)
    try:
        constraint = parse_constraint(where)
    except InputError as error:
        raise InputError(f"where: {error}") from error
    for name in constraint.names or ():
        if name not in names:
            raise InputError(f"where: {constraint.text!r}: no parameter {name!r}{nearest(name, names)}")
    return lambda sets: _evaluated(constraint, sets)


def _evaluated(constraint: Constraint, sets: ParamSets) -> NDArray[np.bool_]:
    try:
        return constraint.evaluate({name: sets.column(name) for name in sets.names})
    except InputError as error:
        raise InputError(f"where: {error}") from error


def _asked(function: Callable[[Mapping[str, float]], Any], sets: ParamSets) -> NDArray[np.bool_]:
    mask = np.empty(len(sets), dtype=np.bool_)
    for index in range(len(sets)):
        row = sets.row(index)
        try:
            answer = function(row)
        except Exception as error:
            error.add_note(f"raised by where, called with {row}")
            raise
        if not isinstance(answer, (bool, np.bool_)):
            raise InputError(f"where: {row} gave {answer!r}: expected True or False")
        mask[index] = answer
    return mask
