"""How a connection ended."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class CloseCause(StrEnum):
    """Who or what ended a connection."""

    LOCAL = "local"
    """We closed it."""
    REMOTE = "remote"
    """The other side said goodbye, with a code and perhaps a reason."""
    LOST = "lost"
    """It broke off without a goodbye."""
    PONG_TIMEOUT = "pong_timeout"
    """A ping was not answered in time: it was dead, and we gave it up."""
    PROTOCOL = "protocol"
    """The other side broke the protocol, or sent more than is allowed."""
    RECEIVER = "receiver"
    """Our own receiver of messages raised."""


class Closed(NamedTuple):
    """The end of a connection.

    Attributes:
        cause: Who or what ended it.
        code: WebSocket close code of the other side or of the breach; None where no frame said one.
        reason: In words.
    """

    cause: CloseCause
    code: int | None
    reason: str
