"""Functions that take the options of a backtest show them one by one, with their defaults."""

from __future__ import annotations

import dataclasses
import inspect
from typing import TYPE_CHECKING, TypeVar

from alipes.backtest.bars.options import BarOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

F = TypeVar("F", bound="Callable[..., Any]")


def with_options(function: F) -> F:
    """The function, its ``**options`` spelt out for `help`, editors and notebooks; calls are as before."""
    signature = inspect.signature(function)
    own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
    options = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=field.type
        )
        for field in dataclasses.fields(BarOptions)
    ]
    function.__signature__ = signature.replace(parameters=[*own, *options])  # type: ignore[attr-defined]
    return function
