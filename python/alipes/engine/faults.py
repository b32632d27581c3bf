"""What is said of a strategy that went wrong: its error, its input, its line.

Errors and arguments are the strategy's own objects, so that asking them for their text runs its code once
more. Nothing of that may fail: whatever cannot be told is replaced by words that say so.
"""

from __future__ import annotations

import traceback
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 2000
"""Characters of a text that are kept; the traceback is kept in full."""

_KERNEL = str(Path(__file__).with_name("kernel.py"))
_OURS = (str(Path(__file__).parent), str(Path(__file__).parents[1] / "strategy" / "context.py"))


def error_text(error: BaseException) -> str:
    """Type and text of an error."""
    kind = _told(lambda: type(error).__name__)
    text = _told(lambda: str(error))
    return f"{kind}: {text}" if text else kind


def argument_text(argument: object) -> str:
    """A hook's input as Python shows it."""
    return _told(lambda: repr(argument))


def hook_name(hook: object) -> str:
    """The name of a hook."""
    return _told(lambda: str(getattr(hook, "__name__", None) or type(hook).__name__))


def traceback_text(error: BaseException | None) -> str:
    """Where an error was raised, as Python prints it; empty without one."""
    if error is None:
        return ""
    return _told(lambda: "".join(traceback.format_exception(error)), longest=None)


def place(error: BaseException | None) -> str:
    """The line of the user's code that raised, or that called what raised; empty if there is none."""
    if error is None:
        return ""
    return _told(lambda: _place(error))


def _place(error: BaseException) -> str:
    frames = dropwhile(lambda frame: frame.filename == _KERNEL, traceback.extract_tb(error.__traceback__))
    users = list(takewhile(lambda frame: not frame.filename.startswith(_OURS), frames))
    return f"{users[-1].filename}:{users[-1].lineno}" if users else ""


def _told(text: Callable[[], str], longest: int | None = LONGEST) -> str:
    """A text that can be printed and stored, whatever the objects that it is made of do."""
    try:
        return text()[:longest].encode("utf-8", "backslashreplace").decode()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - telling of a fault must not be one
        return f"<cannot be shown: {type(error).__name__}>"
