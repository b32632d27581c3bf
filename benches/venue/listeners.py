"""Many stream clients in one process that does nothing but read, and take the time if asked.

    python benches/venue/listeners.py '{"host": …, "port": …, "paths": […], "seconds": 5, "clock": {…}}'

Frames are read and thrown away, so that the venue is what limits; or, for lags, counted and timed. The lag
is from the venue time in its ``E``, when the event was *due*, to the moment its bytes were read here, in real
milliseconds. ``E`` is in whole milliseconds, cut off: the true lag is up to one of them less.
"""

import json
import selectors
import socket
import sys
import time
from itertools import cycle
from typing import Any

from host import hold

CHUNK = 1 << 18
MARK = b'"E":'
DIGITS = 13
"""Of a time in ms."""


class Listener:
    """One client.

    Args:
        host: Of the venue.
        port: Of the venue.
        path: Path that names its streams.
    """

    def __init__(self, host: str, port: int, path: str) -> None:
        self.socket = socket.create_connection((host, port))
        lines = (
            f"GET {path} HTTP/1.1",
            f"Host: {host}:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
            "Sec-WebSocket-Version: 13",
        )
        self.socket.sendall("\r\n".join((*lines, "", "")).encode())
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.socket.recv(CHUNK)
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(head.decode())

    def drain(self) -> bytes:
        """What is there."""
        got = self.socket.recv(CHUNK)
        if not got:
            raise ConnectionError("the venue has cut a client off: it reads too slowly")
        return got

    def read(self) -> list[int]:
        """Event times (ms) of the frames that are there."""
        data = self.rest + self.drain()
        at, size, times = 0, len(data), []
        while size - at >= 10:
            length, head = data[at + 1], 2
            if length == 126:
                length, head = int.from_bytes(data[at + 2 : at + 4]), 4
            elif length == 127:
                length, head = int.from_bytes(data[at + 2 : at + 10]), 10
            end = at + head + length
            if end > size:
                break
            mark = data.find(MARK, at, end) + len(MARK)
            times.append(int(data[mark : mark + DIGITS]))
            at = end
        self.rest = data[at:]
        return times


def main() -> None:
    """Listens, and prints one line when it begins and one at the end."""
    hold(1)
    asked: dict[str, Any] = json.loads(sys.argv[1])
    paths = cycle(asked["paths"])
    listeners = [Listener(asked["host"], asked["port"], next(paths)) for _ in range(asked["clients"])]
    work = timed if asked["with_lag"] else drained
    with selectors.DefaultSelector() as ready:
        for listener in listeners:
            ready.register(listener.socket, selectors.EVENT_READ, listener)
        work(ready, asked["settle_s"], asked["clock"])
        print(json.dumps({"ready": True}), flush=True)
        print(json.dumps(work(ready, asked["seconds"], asked["clock"])), flush=True)


def drained(ready: selectors.BaseSelector, seconds: float, clock: dict[str, Any]) -> dict[str, float]:
    """Reads for a time and throws away."""
    del clock
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for key, _ in ready.select(timeout=0.1):
            key.data.drain()
    return {}


def timed(ready: selectors.BaseSelector, seconds: float, clock: dict[str, Any]) -> dict[str, float]:
    """Reads for a time; gives deliveries a second and percentiles of the lag."""
    lags: list[float] = []
    speed, end = clock["speed"], time.monotonic() + seconds
    while time.monotonic() < end:
        for key, _ in ready.select(timeout=0.1):
            times = key.data.read()
            venue_ms = (clock["now"] + (time.monotonic_ns() - clock["monotonic_ns"]) * speed) / 1e6
            lags.extend((venue_ms - each) / speed for each in times)
    lags.sort()
    told = {f"p{share}_ms": lags[len(lags) * share // 100] for share in (50, 99)}
    return {"received_per_s": len(lags) / seconds, **told}


if __name__ == "__main__":
    main()
