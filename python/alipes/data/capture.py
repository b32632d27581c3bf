"""Captures as the rest of the package takes them: a path or frames, and of what market they are."""

import os
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from alipes._core import CaptureReader, SynthMarket
from alipes.errors import InputError

Number: TypeAlias = float | str | Decimal
Frames: TypeAlias = Iterable[tuple[int, bytes]]
Capture: TypeAlias = str | os.PathLike[str] | Frames


class Market(NamedTuple):
    """Of what market a capture is.

    Attributes:
        venue: ccxt's id of the venue.
        instrument: Unified symbol.
        tick_size: Price step.
        lot_size: Size step.
    """

    venue: str
    instrument: str
    tick_size: Number
    lot_size: Number


def open_capture(capture: Capture) -> CaptureReader | SynthMarket | Frames:
    """Open a capture for reading.

    Args:
        capture: A path of a ``.jsonl`` or ``.jsonl.gz`` file, or frames: an iterable of ``(ts_recv, frame)``.

    Returns:
        An iterable of ``(ts_recv, frame)``: int ns UTC and the bytes of one message.

    Raises:
        InputError: The file is missing or unreadable.
        DataError: It holds no frame, or its gzip data is cut off or damaged.
        DecodeError: Its first line is no capture line.
    """
    return CaptureReader(capture) if isinstance(capture, str | os.PathLike) else capture


def market_of(
    capture: Capture,
    *,
    venue: str | None,
    instrument: str | None,
    tick_size: Number | None,
    lot_size: Number | None,
) -> Market:
    """Take what was given, and the rest from the capture's header.

    Raises:
        InputError: Something is in neither place, or they contradict each other.
    """
    given = {"venue": venue, "instrument": instrument, "tick_size": tick_size, "lot_size": lot_size}
    opened = open_capture(capture) if isinstance(capture, str | os.PathLike) else capture
    header: Mapping[str, Any] = getattr(opened, "header", None) or {}
    missing = [name for name, value in given.items() if value is None and name not in header]
    if missing:
        raise InputError(
            f"the capture has no header that names its {', '.join(missing)}: give {missing[0]}=…"
        )
    for name in ("venue", "instrument"):
        if given[name] is not None and name in header and given[name] != header[name]:
            raise InputError(f"the capture is of {name} {header[name]!r}, not {given[name]!r}")
    found: dict[str, Any] = {name: header[name] if value is None else value for name, value in given.items()}
    return Market(**found)
