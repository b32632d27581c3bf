"""Recording: a feed's frames into a capture while they are being used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def record(
    frames: Iterable[tuple[int, bytes]], path: str | Path, header: Mapping[str, Any]
) -> Iterator[tuple[int, bytes]]:
    """Passes frames on and writes each to a new capture first.

    Args:
        frames: ``(ts_recv, frame)`` pairs.
        path: A ``.jsonl`` file; it is replaced.
        header: What the capture says of itself: venue, instrument, tick_size, lot_size.
    """
    with Path(path).open("wb") as file:
        file.write(json.dumps({"alipes": dict(header)}).encode() + b"\n")
        for ts_recv, raw in frames:
            file.write(b"%d %b\n" % (ts_recv, raw))
            yield ts_recv, raw
