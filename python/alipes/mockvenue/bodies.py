"""The JSON object that a control request carries, read key by key: what is wrong is named."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from alipes.config.names import nearest
from alipes.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_keys(
    body: Mapping[str, Any], *, needed: tuple[str, ...] = (), others: tuple[str, ...] = ()
) -> None:
    """Passes a body that has every key it needs and none that nobody reads.

    Raises:
        InputError: A key is unknown, with the nearest one, or missing.
    """
    known = (*needed, *others)
    for name in body:
        if name not in known:
            expected = ", ".join(known) or "no keys"
            raise InputError(f"unknown key {name!r}{nearest(name, known)}: expected {expected}")
    for name in needed:
        if name not in body:
            raise InputError(f"{name} is missing: expected {', '.join(needed)}")


def whole(body: Mapping[str, Any], name: str) -> int:
    """A whole number, written as one or as text.

    Raises:
        InputError: It is something else.
    """
    value = body[name]
    try:
        if isinstance(value, (int, str)) and not isinstance(value, bool):
            return int(value)
    except ValueError:
        pass
    raise _wrong(name, "a whole number", value)


def amount(body: Mapping[str, Any], name: str) -> Decimal:
    """A finite number, written as one or as text.

    Raises:
        InputError: It is something else.
    """
    value = body[name]
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("nan")
    if isinstance(value, bool) or not found.is_finite():
        raise _wrong(name, "a number such as 5000", value)
    return found


def flag(body: Mapping[str, Any], name: str) -> bool:
    """True or false; false where it is not given.

    Raises:
        InputError: It is something else.
    """
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise _wrong(name, "true or false", value)
    return value


def text(body: Mapping[str, Any], name: str) -> str:
    """A text; empty where it is not given.

    Raises:
        InputError: It is something else.
    """
    value = body.get(name, "")
    if not isinstance(value, str):
        raise _wrong(name, "a text", value)
    return value


def _wrong(name: str, expected: str, value: object) -> InputError:
    return InputError(f"{name}: expected {expected}, got {shown(value)}")
