"""Fan-out: who wants which stream. A message is encoded once and framed once, whoever many want it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from alipes.mockvenue.streams.frames import combined, text_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from alipes.mockvenue.hooks import Hooks


class StreamSubscriber(Protocol):
    """A connection, as the hub sees it."""

    @property
    def address(self) -> str:
        """Where the client connected from."""
        ...

    @property
    def path(self) -> str:
        """The path it connected to."""
        ...

    @property
    def is_combined(self) -> bool:
        """Whether messages carry their stream's name."""
        ...

    def wants_event(self, event: str) -> bool:
        """Whether it wants an event of a user data stream."""
        ...

    def send_frame(self, frame: bytes) -> None:
        """Writes a whole frame."""
        ...

    def drop(self) -> None:
        """Ends the connection."""
        ...


class Hub:
    """Subscriptions by stream name, in the order in which they were made.

    Args:
        hooks: Asked about each frame, if they have faults for frames.
    """

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks
        self._by_stream: dict[str, dict[StreamSubscriber, None]] = {}
        self.published = 0
        self.frames = 0

    def subscribe(self, subscriber: StreamSubscriber, stream: str) -> None:
        """Adds a subscription; one that stands is kept."""
        self._by_stream.setdefault(stream, {})[subscriber] = None

    def unsubscribe(self, subscriber: StreamSubscriber, stream: str) -> None:
        """Takes a subscription away; one that is not there is no error."""
        wanted = self._by_stream.get(stream)
        if wanted is None:
            return
        wanted.pop(subscriber, None)
        if not wanted:
            del self._by_stream[stream]

    def leave(self, subscriber: StreamSubscriber, streams: Iterable[str]) -> None:
        """Takes all of a connection's subscriptions away."""
        for stream in streams:
            self.unsubscribe(subscriber, stream)

    def wants(self, stream: str) -> bool:
        """Whether anybody wants a stream."""
        return stream in self._by_stream

    def subscribers(self, stream: str) -> list[StreamSubscriber]:
        """Who wants a stream."""
        return list(self._by_stream.get(stream, ()))

    def publish(self, stream: str, encode: Callable[[], bytes], *, event: str = "") -> None:
        """Sends a message to all who want it.

        Args:
            stream: Its stream.
            encode: Makes its JSON; not called where nobody wants it.
            event: Its event, on user data streams.
        """
        wanted = self._by_stream.get(stream)
        if not wanted:
            return
        payload = encode()
        raw = text_frame(payload)
        named: bytes | None = None
        has_faults = self._hooks.has_frame_faults()
        self.published += 1
        for subscriber in tuple(wanted):
            if event and not subscriber.wants_event(event):
                continue
            frame = raw
            if subscriber.is_combined:
                named = named or text_frame(combined(stream, payload))
                frame = named
            if has_faults:
                self._write_by_hooks(subscriber, stream, frame)
            else:
                subscriber.send_frame(frame)
                self.frames += 1

    def _write_by_hooks(self, subscriber: StreamSubscriber, stream: str, frame: bytes) -> None:
        for each in self._hooks.on_frame(subscriber, stream, frame):
            subscriber.send_frame(each)
            self.frames += 1
