"""Reading a raw capture the plain way."""

import gzip
from collections.abc import Iterator
from pathlib import Path


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Receive time in ns and message of each line."""
    with gzip.open(path, "rb") as file:
        for line in file:
            ts_recv, raw = line.rstrip(b"\n").split(b" ", 1)
            yield int(ts_recv), raw


def raw_messages(path: Path) -> Iterator[bytes]:
    """The messages alone."""
    return (raw for _, raw in lines(path))
