"""One stream connection: its subscriptions, the requests it sends, and writing to it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import orjson
from aiohttp import WSMsgType, web

from alipes.mockvenue.streams.frames import text_frame
from alipes.mockvenue.streams.names import path_of

if TYPE_CHECKING:
    from asyncio import Transport

    from alipes.mockvenue.streams.hub import Hub

MOST_UNSENT: Final = 8 << 20
"""Bytes that a client may leave unread before its connection ends."""
MOST_HELD: Final = 64 << 10
"""Bytes that are held back for one write."""
PING_S: Final = 180.0
_INVALID: Final = {"code": 2, "msg": "Invalid request: invalid stream"}
_MALFORMED: Final = {"code": 3, "msg": "Invalid JSON: expected value"}
_UNKNOWN: Final = {"code": 2, "msg": "Invalid request: unknown variant"}


class StreamConnection:
    """A client's connection to ``/public``, ``/market``, ``/private`` or the withdrawn path without one.

    Args:
        hub: Where it subscribes.
        request: The upgrade request.
        kind: ``"public"``, ``"market"``, ``"private"`` or ``""``.
        symbols: Ids of the listed symbols, lower case.
        is_combined: Whether messages carry their stream's name.
        events: Events of the user data stream that it wants; all of them if empty.
    """

    def __init__(
        self,
        hub: Hub,
        request: web.Request,
        *,
        kind: str,
        symbols: frozenset[str],
        is_combined: bool,
        events: frozenset[str] = frozenset(),
    ) -> None:
        self._hub = hub
        self._transport: Transport | None = None
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._symbols = symbols
        self._events = events
        self._streams: dict[str, None] = {}
        self._kind = kind
        self.path = request.path
        self.address = request.remote or ""
        self.is_combined = is_combined

    def wants_event(self, event: str) -> bool:
        """Whether it wants an event of a user data stream."""
        return not self._events or event in self._events

    def send_frame(self, frame: bytes) -> None:
        """Writes a whole frame, together with all others of this turn of the event loop: writes are dear.

        A client that does not read is cut off, as the venue does it.
        """
        if not self._held:
            asyncio.get_running_loop().call_soon(self._flush)
        self._held.append(frame)
        self._held_bytes += len(frame)
        if self._held_bytes > MOST_HELD:
            self._flush()

    def _flush(self) -> None:
        data = b"".join(self._held)
        self._held.clear()
        self._held_bytes = 0
        if not data or self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > MOST_UNSENT:
            self._transport.abort()
            return
        self._transport.write(data)

    def drop(self) -> None:
        """Ends the connection without a closing handshake, after the frames that it was given."""
        self._flush()
        if self._transport is not None:
            self._transport.abort()

    def subscribe(self, stream: str) -> bool:
        """Adds a stream.

        Returns:
            Whether there is such a stream. One of another path is accepted and stays silent.
        """
        if self._kind == "private":
            self._add(stream)
            return True
        path = path_of(stream, self._symbols)
        if path is None:
            return False
        if path == self._kind:
            self._hub.subscribe(self, stream)
        self._streams[stream] = None
        return True

    def _add(self, stream: str) -> None:
        self._hub.subscribe(self, stream)
        self._streams[stream] = None

    async def run(self, request: web.Request, first: list[str]) -> web.WebSocketResponse:
        """Serves the connection until it ends.

        Args:
            request: The upgrade request.
            first: Streams that its address names.
        """
        socket = web.WebSocketResponse(compress=False, heartbeat=PING_S)
        await socket.prepare(request)
        self._transport = request.transport
        for stream in first:
            self.subscribe(stream)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self.send_frame(text_frame(orjson.dumps(self._answer(message.data))))
        finally:
            self._hub.leave(self, list(self._streams))
            self._streams.clear()
        return socket

    def _answer(self, text: str) -> dict[str, Any]:
        try:
            request = orjson.loads(text)
        except orjson.JSONDecodeError:
            return {"error": _MALFORMED}
        if not isinstance(request, dict) or not isinstance(request.get("params") or [], list):
            return {"error": _MALFORMED}
        return {**self._do(request.get("method"), request.get("params") or []), "id": request.get("id")}

    def _do(self, method: object, given: list[Any]) -> dict[str, Any]:
        result: object = None
        match method:
            case "SUBSCRIBE":
                if not all(isinstance(each, str) and self._is_known(each) for each in given):
                    return {"error": _INVALID}
                for stream in given:
                    self.subscribe(stream)
            case "UNSUBSCRIBE":
                for stream in filter(self._streams.__contains__, map(str, given)):
                    self._hub.unsubscribe(self, stream)
                    del self._streams[stream]
            case "LIST_SUBSCRIPTIONS":
                result = list(self._streams)
            case "SET_PROPERTY":
                self.is_combined = bool(given[1:] and given[1])
            case "GET_PROPERTY":
                result = self.is_combined
            case _:
                return {"error": _UNKNOWN}
        return {"result": result}

    def _is_known(self, stream: str) -> bool:
        return self._kind == "private" or path_of(stream, self._symbols) is not None
