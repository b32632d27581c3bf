"""A capture as a feed: the frames of a recorded market, in the order they were received.

Knows nothing of what the frames mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alipes._core import CaptureReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class CaptureFeed:
    """Iterates ``(ts_recv, frame)``, int ns and bytes, of a ``.jsonl`` or ``.jsonl.gz`` capture.

    Raises:
        DataError: While iterating: a truncated or empty file, a line that is not ``<ns> <json>`` (its number
            is named).
    """

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        return iter(CaptureReader(self.path))
