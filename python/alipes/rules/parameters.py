"""Values of parameters, checked against what the rules ask for."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from alipes.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Iterable


def bound_params(wanted: Iterable[str], given: Mapping[str, Any]) -> dict[str, float]:
    """A float for each parameter.

    Args:
        wanted: Names that the rules use.
        given: Values by name.

    Raises:
        InputError: A name without a value, a value without a name, or a value that is no finite number.
    """
    names = tuple(wanted)
    if not isinstance(given, Mapping):
        raise InputError(f"params {shown(given)}: expected values by name, such as params={{'fast': 10}}")
    missing = [name for name in names if name not in given]
    if missing:
        raise InputError(f"params: no value for {_listed(missing)}; the rules use {_listed(names)}")
    unknown = [name for name in given if name not in names]
    if unknown:
        raise InputError(f"params: {_listed(unknown)} unknown; the rules use {_listed(names)}")
    return {name: _finite(name, given[name]) for name in names}


def _finite(name: str, value: object) -> float:
    if not isinstance(value, numbers.Real) or isinstance(value, bool) or not math.isfinite(value):
        raise InputError(f"params: {name} is {shown(value)}; expected a finite number")
    return float(value)


def _listed(names: Iterable[object]) -> str:
    return ", ".join(repr(name) for name in names) or "no parameters"
