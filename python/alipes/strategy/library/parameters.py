"""Parameters of the library's strategies: each refused by its name, before the strategy exists."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from alipes.errors import InputError
from alipes.strategy.durations import duration_ns


def amount(name: str, value: object) -> Decimal:
    """A positive size in base units.

    Raises:
        InputError: Not a finite positive number.
    """
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal(0)
    if not found.is_finite() or found <= 0:
        raise InputError(f"{name} {value!r}: expected a positive number of base units")
    return found


def fraction(name: str, bps: object) -> float:
    """Basis points, 0 or more and below 10,000, as a fraction.

    Raises:
        InputError: Not such a number.
    """
    if not isinstance(bps, (int, float)) or isinstance(bps, bool) or not 0 <= bps < 1e4:
        raise InputError(f"{name} {bps!r}: expected basis points, a number from 0 to below 10000")
    return bps / 1e4


def length_ns(name: str, value: str | float) -> int:
    """A length of time in int ns.

    Raises:
        InputError: Not a length of time.
    """
    try:
        return duration_ns(value)
    except InputError as error:
        raise InputError(f"{name}: {error}") from error
