"""What faults of stream frames do. Each sees every frame of a connection, and whether its trigger fired."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from alipes.mockvenue.streams.frames import close_frame, payload_of, text_frame

if TYPE_CHECKING:
    from alipes.mockvenue.faults.requests import Turn
    from alipes.mockvenue.hooks import Subscriber

GOING_AWAY: Final = 1001
_PRINTABLE: Final = b"0123456789abcdefghijklmnopqrstuvwxyz#"


class FrameFault:
    """Does nothing."""

    def pass_on(self, subscriber: Subscriber, frames: list[bytes], turn: Turn, *, fires: bool) -> list[bytes]:
        """The frames to write now in place of `frames`."""
        del subscriber, turn, fires
        return frames


class Dropped(FrameFault):
    """Loses the frame."""

    def pass_on(self, subscriber: Subscriber, frames: list[bytes], turn: Turn, *, fires: bool) -> list[bytes]:  # noqa: D102
        del subscriber, turn
        return [] if fires else frames


class Doubled(FrameFault):
    """Sends the frame twice."""

    def pass_on(self, subscriber: Subscriber, frames: list[bytes], turn: Turn, *, fires: bool) -> list[bytes]:  # noqa: D102
        del subscriber, turn
        return frames * 2 if fires else frames


@dataclass(slots=True)
class Reordered(FrameFault):
    """Sends the frame after the next one of its connection."""

    _held: WeakKeyDictionary[Subscriber, list[bytes]] = field(default_factory=WeakKeyDictionary)

    def pass_on(self, subscriber: Subscriber, frames: list[bytes], turn: Turn, *, fires: bool) -> list[bytes]:  # noqa: D102
        del turn
        held = self._held.pop(subscriber, None)
        if held is not None:
            return [*frames, *held]
        if fires:
            self._held[subscriber] = frames
            return []
        return frames


@dataclass(slots=True)
class Corrupted(FrameFault):
    """Puts other characters into the message; the frame around it stays whole."""

    size: int

    def pass_on(self, subscriber: Subscriber, frames: list[bytes], turn: Turn, *, fires: bool) -> list[bytes]:  # noqa: D102
        del subscriber
        return [text_frame(self._spoil(payload_of(each), turn)) for each in frames] if fires else frames

    def _spoil(self, payload: bytes, turn: Turn) -> bytes:
        spoilt = bytearray(payload)
        for place in turn.random.sample(range(len(spoilt)), min(self.size, len(spoilt))):
            spoilt[place] = turn.random.choice(_PRINTABLE.replace(payload[place : place + 1], b""))
        return bytes(spoilt)


@dataclass(slots=True)
class Shortened(FrameFault):
    """Cuts the message off; the frame around it stays whole."""

    keep: float

    def pass_on(self, subscriber: Subscriber, frames: list[bytes], turn: Turn, *, fires: bool) -> list[bytes]:  # noqa: D102
        del subscriber, turn
        return [self._shorten(payload_of(each)) for each in frames] if fires else frames

    def _shorten(self, payload: bytes) -> bytes:
        return text_frame(payload[: min(int(len(payload) * self.keep), len(payload) - 1)])


@dataclass(slots=True)
class Stalled(FrameFault):
    """Loses every frame of the connection for a while; pings are still answered. 0 ms is for ever."""

    ms: float
    _until: WeakKeyDictionary[Subscriber, float] = field(default_factory=WeakKeyDictionary)

    def pass_on(self, subscriber: Subscriber, frames: list[bytes], turn: Turn, *, fires: bool) -> list[bytes]:  # noqa: D102
        now = turn.pace.elapsed_ms()
        if fires and now >= self._until.get(subscriber, 0):
            self._until[subscriber] = now + self.ms if self.ms else float("inf")
        return [] if now < self._until.get(subscriber, 0) else frames


@dataclass(slots=True)
class Disconnected(FrameFault):
    """Ends the connection in place of the frame, with a closing handshake or without."""

    is_clean: bool
    _ended: WeakKeyDictionary[Subscriber, bool] = field(default_factory=WeakKeyDictionary)

    def pass_on(self, subscriber: Subscriber, frames: list[bytes], turn: Turn, *, fires: bool) -> list[bytes]:  # noqa: D102
        del turn
        if subscriber in self._ended:
            return []
        if not fires:
            return frames
        self._ended[subscriber] = True
        if self.is_clean:
            return [close_frame(GOING_AWAY)]
        subscriber.drop()
        return []


@dataclass(slots=True)
class Late(FrameFault):
    """Sends the frame later: those behind it wait, as on a slow line, or overtake it."""

    ms: float
    jitter_ms: float
    keeps_order: bool
    _queues: WeakKeyDictionary[Subscriber, deque[list[bytes]]] = field(default_factory=WeakKeyDictionary)
    _due: WeakKeyDictionary[Subscriber, float] = field(default_factory=WeakKeyDictionary)

    def pass_on(self, subscriber: Subscriber, frames: list[bytes], turn: Turn, *, fires: bool) -> list[bytes]:  # noqa: D102
        delay_ms = turn.spread(self.ms, self.jitter_ms) if fires else 0.0
        if not self.keeps_order:
            if fires:
                turn.pace.later(delay_ms, lambda: _send(subscriber, frames))
            return [] if fires else frames
        queue = self._queues.setdefault(subscriber, deque())
        if not fires and not queue:
            return frames
        now_ms = turn.pace.elapsed_ms()
        due_ms = max(now_ms + delay_ms, self._due.get(subscriber, 0))
        self._due[subscriber] = due_ms
        queue.append(frames)
        turn.pace.later(due_ms - now_ms, lambda: _send(subscriber, queue.popleft()))
        return []


def _send(subscriber: Subscriber, frames: list[bytes]) -> None:
    for frame in frames:
        subscriber.send_frame(frame)
