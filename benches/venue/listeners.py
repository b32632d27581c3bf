"""Many stream clients in one process that does nothing but count frames and take the time.

    python benches/venue/listeners.py '{"host": …, "port": …, "paths": […], "seconds": 5, "clock": {…}}'

A frame's lag is from the venue time in its ``E``, when the event was *due*, to the moment its bytes were read
here, in real milliseconds. ``E`` is in whole milliseconds, cut off: the true lag is up to one of them less.
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

    def read(self, times: list[int] | None) -> int:
        """Reads what is there; gives the number of frames, and adds their event times to `times`."""
        got = self.socket.recv(CHUNK)
        if not got:
            raise ConnectionError("the venue has cut a client off: it reads too slowly")
        data = self.rest + got
        at, size, frames = 0, len(data), 0
        while size - at >= 10:
            length, head = data[at + 1], 2
            if length == 126:
                length, head = int.from_bytes(data[at + 2 : at + 4]), 4
            elif length == 127:
                length, head = int.from_bytes(data[at + 2 : at + 10]), 10
            end = at + head + length
            if end > size:
                break
            if times is not None:
                mark = data.find(MARK, at, end) + len(MARK)
                times.append(int(data[mark : mark + DIGITS]))
            frames += 1
            at = end
        self.rest = data[at:]
        return frames


def main() -> None:
    """Counts, and prints one line."""
    hold(1)
    asked: dict[str, Any] = json.loads(sys.argv[1])
    paths = cycle(asked["paths"])
    listeners = [Listener(asked["host"], asked["port"], next(paths)) for _ in range(asked["clients"])]
    with selectors.DefaultSelector() as ready:
        for listener in listeners:
            ready.register(listener.socket, selectors.EVENT_READ, listener)
        listen(ready, asked["settle_s"], None)
        lags: list[float] = []
        clock = asked["clock"] if asked["with_lag"] else None
        print(json.dumps({"ready": True}), flush=True)
        frames, seconds = listen(ready, asked["seconds"], clock, lags)
    lags.sort()
    told = {f"p{share}_ms": lags[len(lags) * share // 100] for share in (50, 90, 99) if lags}
    print(json.dumps({"deliveries": frames, "seconds": seconds, **told}), flush=True)


def listen(
    ready: selectors.BaseSelector,
    seconds: float,
    clock: dict[str, Any] | None,
    lags: list[float] | None = None,
) -> tuple[int, float]:
    """Reads for a time; gives frames and seconds."""
    began = time.monotonic()
    frames, now = 0, began
    while now - began < seconds:
        for key, _ in ready.select(timeout=0.1):
            times: list[int] | None = None if clock is None else []
            frames += key.data.read(times)
            if clock is not None and lags is not None and times is not None:
                speed = clock["speed"]
                venue_ms = (clock["now"] + (time.monotonic_ns() - clock["monotonic_ns"]) * speed) / 1e6
                lags.extend((venue_ms - each) / speed for each in times)
        now = time.monotonic()
    return frames, now - began


if __name__ == "__main__":
    main()
