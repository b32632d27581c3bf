"""Recording: a feed's frames into a capture while they are being used."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from alipes.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Recorder:
    """A new capture that is written frame by frame.

    Args:
        path: A ``.jsonl`` or ``.jsonl.gz`` file; it is replaced.
        header: What the capture says of itself: venue, instrument, tick_size, lot_size.

    Raises:
        StoreError: The file cannot be written.
    """

    def __init__(self, path: str | Path, header: Mapping[str, Any]) -> None:
        try:
            is_gzip = str(path).endswith(".gz")
            self._file = gzip.open(path, "wb") if is_gzip else Path(path).open("wb")  # noqa: SIM115 - closed later
        except OSError as error:
            raise StoreError(f"recording {path}: {error.strerror or error}") from error
        self._file.write(json.dumps({"alipes": dict(header)}).encode() + b"\n")

    def write(self, ts_recv: int, raw: bytes) -> None:
        """Adds a frame that was received at `ts_recv`, int ns UTC."""
        self._file.write(b"%d %b\n" % (ts_recv, raw))

    def close(self) -> None:
        """Completes the file."""
        self._file.close()


class Recording:
    """Iterates a feed's frames and writes each to a new capture before passing it on.

    Args:
        frames: ``(ts_recv, frame)`` pairs.
        path: As for `Recorder`.
        header: As for `Recorder`.

    Raises:
        StoreError: The file cannot be written.
    """

    def __init__(
        self, frames: Iterable[tuple[int, bytes]], path: str | Path, header: Mapping[str, Any]
    ) -> None:
        self._frames = iter(frames)
        self._recorder = Recorder(path, header)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> tuple[int, bytes]:
        try:
            ts_recv, raw = next(self._frames)
        except StopIteration:
            self.close()
            raise
        self._recorder.write(ts_recv, raw)
        return ts_recv, raw

    def close(self) -> None:
        """Completes the file; the end of the frames does so too."""
        self._recorder.close()

    def __getattr__(self, name: str) -> Any:
        """What else the feed tells of itself, e.g. how far it has come."""
        return getattr(self._frames, name)
