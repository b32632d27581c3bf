"""Calls of a caller's progress function: what it raises says whose it is. Knows nothing of the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def tell(progress: Callable[..., object], *counts: int) -> None:
    """Calls a progress function.

    Args:
        progress: The function.
        counts: What it takes: how many are done, and for some work how many there will be.

    Raises:
        Exception: What the function raised, with a note that it was the function.
    """
    try:
        progress(*counts)
    except Exception as error:
        error.add_note(f"raised by progress, called with {', '.join(map(str, counts))}")
        raise
