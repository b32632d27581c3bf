"""`Context.state`: a JSON mapping that survives a restart.

It is journalled with the intents of the hook that changed it. It knows nothing of journals: it only says
whether its content differs from what was last taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

import msgspec

from alipes.errors import InputError


class State(MutableMapping[str, Any]):
    """A mapping of text keys to JSON values.

    A value you read may be changed in place (``ctx.state["seen"].append(7)``); read it through the mapping in
    each hook that changes it, because that is how the change is noticed.

    Args:
        values: What it holds at first.
        before_change: Called before a key is set or deleted; refuses by raising.

    Raises:
        InputError: A key that is no text, or a value that JSON cannot hold or would change: NaN, tuples,
            sets, Decimal, keys that are no text. What is changed in place is judged by `take`.
    """

    __slots__ = ("_before_change", "_taken", "_values", "is_touched")

    def __init__(
        self, values: Mapping[str, Any] | None = None, *, before_change: Callable[[], None] = lambda: None
    ) -> None:
        self._before_change = before_change
        self._values: dict[str, Any] = dict(values or {})
        self._taken = _encode(self._values)
        self.is_touched = False

    def __getitem__(self, key: str) -> Any:
        value = self._values[key]
        if isinstance(value, (dict, list)):
            self.is_touched = True
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        self._before_change()
        if not isinstance(key, str):
            raise InputError(f"state key {key!r}: expected text, got {type(key).__name__}")
        _check(key, value)
        self._values[key] = value
        self.is_touched = True

    def __delitem__(self, key: str) -> None:
        self._before_change()
        del self._values[key]
        self.is_touched = True

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"State({self._values!r})"

    def take(self) -> bytes | None:
        """The content as JSON if it differs from what was last taken, else None.

        Raises:
            InputError: A value that JSON cannot hold or would change.
        """
        self.is_touched = False
        for key, value in self._values.items():
            _check(key, value)
        text = _encode(self._values)
        if text == self._taken:
            return None
        self._taken = text
        return text


def _check(key: str, value: Any) -> None:
    """Passes a value that comes back from JSON as it was."""
    try:
        back = msgspec.json.decode(_encode({key: value}))[key]
        is_kept = bool(back == value)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise InputError(f"state[{key!r}] holds JSON values only: {error}") from error
    if not is_kept:
        raise InputError(
            f"state[{key!r}] = {value!r} would come back from JSON as {back!r}: expected None, bool, int, "
            "finite float, text, and lists and dicts (with text keys) of these"
        )


def _encode(value: Any) -> bytes:
    return msgspec.json.encode(value)
