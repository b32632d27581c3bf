"""The one place where every request and every stream frame passes: where faults are put in.

The venue itself is honest and calls these with nothing in them. Whoever wants faults gives the server hooks
of its own; the handlers never know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alipes.mockvenue.call import Call, Reply
    from alipes.mockvenue.server import VenueServer


class Subscriber(Protocol):
    """What a frame hook may ask of the connection that a frame is for."""

    @property
    def address(self) -> str:
        """Where the client connected from."""
        ...

    @property
    def path(self) -> str:
        """The path it connected to, such as ``/public/ws``."""
        ...

    def send_frame(self, frame: bytes) -> None:
        """Writes a whole WebSocket frame, now."""
        ...

    def drop(self) -> None:
        """Ends the connection without a closing handshake."""
        ...


class Hooks:
    """No faults. A hook that waits delays the request; one that raises `DropConnection` ends it."""

    def opened(self, server: VenueServer) -> None:
        """The venue is about to listen."""

    async def closed(self) -> None:
        """The venue has stopped listening."""

    async def before(self, call: Call) -> Reply | None:
        """A request has been read; nothing has happened yet.

        Returns:
            An answer to give in its place (the handler does not run), or `None`.
        """
        del call
        return None

    async def accepted(self, call: Call, reply: Reply) -> Reply:
        """The venue has accepted a request and its effects stand, whatever the client hears of them.

        Returns:
            The answer to give.
        """
        del call
        return reply

    async def on_reply(self, call: Call, reply: Reply) -> Reply:
        """The last point before the bytes are written; errors pass here too.

        Returns:
            The answer to write: `Reply.body` may be cut off or empty.
        """
        del call
        return reply

    async def on_connect(self, address: str, path: str) -> None:
        """A WebSocket is about to be accepted; raising `DropConnection` refuses it without an answer.

        Args:
            address: Where the client connects from.
            path: Where to: ``/public/ws``, ``/ws-fapi/v1``, ….
        """
        del address, path

    def on_frame(self, subscriber: Subscriber, stream: str, frame: bytes) -> Iterable[bytes]:
        """A stream frame is about to be written to one connection.

        Args:
            subscriber: The connection.
            stream: Name of the stream, or the listen key.
            frame: The whole WebSocket frame, shared by all connections.

        Returns:
            The frames to write in its place: none drops it, two duplicate it.
        """
        del subscriber, stream
        return (frame,)

    def has_frame_faults(self) -> bool:
        """Whether `on_frame` must be asked; frames skip it otherwise."""
        return type(self).on_frame is not Hooks.on_frame


class DropConnection(Exception):  # noqa: N818 - an order, not an error
    """Raised by a hook: the connection ends without an answer."""
