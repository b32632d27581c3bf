"""Values of parameters as they are typed or written in a file: numbers, lists, ranges, distributions."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from alipes.config import nearest
from alipes.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

_CALL = re.compile(r"\s*(?P<name>[A-Za-z_]+)\s*\((?P<args>[^()]*)\)\s*")
_FORMS = (
    "expected a number, a list 5,10,20, a range start:stop:step, or a distribution such as uniform(0.5, 3)"
)
MOST_VALUES = 1_000_000
"""Values that a range may have."""


def split_params(typed: list[str] | None) -> dict[str, str]:
    """Text by name of each ``name=value``.

    Raises:
        ConfigError: there is no name or no value, or a name is there twice.
    """
    found: dict[str, str] = {}
    for text in typed or ():
        name, _, value = (part.strip() for part in text.partition("="))
        if not name.isidentifier() or not value:
            raise ConfigError(f"--param {text!r}: expected name=value")
        if name in found:
            raise ConfigError(f"--param {name} is given twice: {found[name]} and {value}")
        found[name] = value
    return found


def swept_values(place: str, given: Any) -> Any:
    """The values of a parameter in a sweep.

    Args:
        place: what errors call it.
        given: a number, a list of numbers, or a text: ``5,10,20``; ``start:stop:step`` with the stop left
            out, as in Python's range; ``uniform(a, b)``, ``log_uniform(a, b)``, ``integers(a, b)``,
            ``choice(a, b, c)``.

    Raises:
        ConfigError: it is none of these.
    """
    if not isinstance(given, str):
        return given
    call = _CALL.fullmatch(given)
    if call is not None:
        return _distribution(place, given, call["name"], call["args"])
    if ":" in given:
        return _range(place, given)
    return [_as_float(_decimal(place, given, part)) for part in given.split(",")]


def _range(place: str, text: str) -> list[float]:
    parts = [_decimal(place, text, part) for part in text.split(":")]
    if len(parts) > 3:
        raise ConfigError(f"{place} {text!r}: {_FORMS}")
    start, stop, step = (*parts, Decimal(1))[:3]
    if step == 0 or (stop - start) * step <= 0:
        raise ConfigError(f"{place} {text!r}: this range holds no value; the stop is left out")
    count = int(((stop - start) / step).to_integral_value("ROUND_CEILING"))
    if count > MOST_VALUES:
        raise ConfigError(
            f"{place} {text!r}: this range holds {count:,} values: expected at most {MOST_VALUES:,}"
        )
    return [_as_float(start + step * index) for index in range(count)]


def _distribution(place: str, text: str, name: str, arguments: str) -> Any:
    from alipes.backtest.sweeps import choice, integers, log_uniform, uniform

    kinds: dict[str, Callable[..., Any]] = {
        "uniform": uniform,
        "log_uniform": log_uniform,
        "integers": integers,
        "choice": lambda *values: choice(values),
    }
    if name not in kinds:
        raise ConfigError(f"{place} {text!r}: there is no distribution {name!r}{nearest(name, kinds)}")
    numbers = [_as_float(_decimal(place, text, part)) for part in arguments.split(",")]
    if name != "choice" and len(numbers) != 2:
        raise ConfigError(f"{place} {text!r}: expected two bounds, {name}(low, high)")
    try:
        return kinds[name](*numbers)
    except InputError as error:
        raise ConfigError(f"{place} {text!r}: {error}") from error


def _decimal(place: str, text: str, part: str) -> Decimal:
    try:
        value = Decimal(part.strip())
    except InvalidOperation as error:
        raise ConfigError(f"{place} {text!r}: {_FORMS}") from error
    if not value.is_finite():
        raise ConfigError(f"{place} {text!r}: {_FORMS}")
    return value


def _as_float(value: Decimal) -> float:
    return int(value) if value == value.to_integral_value() else float(value)
