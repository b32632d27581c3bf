"""The life of one connection, whichever library speaks the protocol: its pings, its deadlines and its end.

There is no task here: deadlines are timers of the loop.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from alipes.net.closed import CloseCause, Closed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from alipes.net.connection import Dialling


class Life:
    """Keeps a connection alive and knows how it ends.

    Args:
        dialling: What the connection was opened with.
        send_ping: Sends a ping with a payload.
        hang_up: Ends the transport at once.

    Attributes:
        latency_ns: Round trip of the last answered ping, int ns; None before the first.
    """

    def __init__(
        self, dialling: Dialling, *, send_ping: Callable[[bytes], None], hang_up: Callable[[], None]
    ) -> None:
        self.latency_ns: int | None = None
        self._loop = asyncio.get_running_loop()
        self._closed: asyncio.Future[Closed] = self._loop.create_future()
        self._deadlines = dialling.deadlines
        self._clock = dialling.clock
        self._on_frames = dialling.on_frames
        self._on_close = dialling.on_close
        self._send_ping = send_ping
        self._hang_up = hang_up
        self._has_begun = False
        self._cause: tuple[CloseCause, str] | None = None
        self._ping_sent = 0
        self._ping = 0
        self._timers: dict[str, asyncio.TimerHandle] = {}

    @property
    def has_begun(self) -> bool:
        """Whether the handshake was done."""
        return self._has_begun

    @property
    def is_leaving(self) -> bool:
        """Whether our side has ended it, for whatever cause."""
        return self._cause is not None

    def begin(self) -> None:
        """The handshake is done."""
        self._has_begun = True
        self._after("ping", self._deadlines.ping_every_s, self._ask)

    def deliver(self, ts_recv: int, messages: Sequence[bytes]) -> None:
        """Hands messages to the receiver; one that raises ends the connection, and the loop is told."""
        try:
            self._on_frames(ts_recv, messages)
        except Exception as error:  # noqa: BLE001 - whatever a receiver raises, its connection ends with it
            self._loop.call_exception_handler(
                {"message": "a receiver of messages raised", "exception": error}
            )
            self.give_up(CloseCause.RECEIVER, f"{type(error).__name__}: {error}")

    def pong(self, payload: bytes) -> None:
        """Takes note of an answer to a ping."""
        if "pong" in self._timers and payload == self._payload():
            self._timers.pop("pong").cancel()
            self.latency_ns = self._clock.monotonic() - self._ping_sent
            self._after("ping", self._deadlines.ping_every_s, self._ask)

    def leave(self, cause: CloseCause, reason: str) -> None:
        """Takes note of why our side ends it; the first cause stays."""
        self._cause = self._cause or (cause, reason)

    def give_up(self, cause: CloseCause, reason: str) -> None:
        """Ends it at once."""
        self.leave(cause, reason)
        self._hang_up()

    def expect_close(self) -> None:
        """From now on the other side has its time to hang up, and is not pinged."""
        if "close" not in self._timers:
            self._stop()
            self._after("close", self._deadlines.close_within_s, self._hang_up)

    def end(self, code: int | None, otherwise: Callable[[], Closed]) -> Closed:
        """It has ended: tells who waits, and the owner where the handshake had been done.

        Args:
            code: Close code of the other side.
            otherwise: How it ended, where our side did not end it.
        """
        self._stop()
        cause = self._cause
        closed = otherwise() if cause is None else Closed(cause[0], code, cause[1])
        self._closed.set_result(closed)
        if self._has_begun:
            self._on_close(closed)
        return closed

    async def wait_closed(self) -> Closed:
        """Waits for the end and says how it came."""
        return await asyncio.shield(self._closed)

    def _stop(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _after(self, name: str, seconds: float, step: Callable[[], None]) -> None:
        self._timers[name] = self._loop.call_later(seconds, step)

    def _payload(self) -> bytes:
        return self._ping.to_bytes(8, "big")

    def _ask(self) -> None:
        self._ping += 1
        self._ping_sent = self._clock.monotonic()
        self._after("pong", self._deadlines.pong_within_s, self._pong_missed)
        self._send_ping(self._payload())

    def _pong_missed(self) -> None:
        waited = self._deadlines.pong_within_s
        self.give_up(CloseCause.PONG_TIMEOUT, f"a ping was not answered within {waited:g} s")
