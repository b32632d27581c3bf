"""The market that the venue has beside its clients: synthetic, or a recording of a real one.

Both are frames of Binance USD-M with a time; they are decoded as any client of ours would and go into the
matching core as the orders of the outside world.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Final

from alipes._core import CaptureReader, FeedDecoder, SynthMarket
from alipes.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alipes.mockvenue.config import VenueConfig
    from alipes.mockvenue.listing import Listing

WIRE: Final = "binanceusdm"
_SNAPSHOT: Final = b'{"lastUpdateId"'

Frame = tuple[int, int, bytes]
"""When it happens at the venue (int ns UTC), index of its instrument, bytes."""


class MarketSource:
    """Frames of all instruments in the order of time, decoded one at a time.

    Args:
        frames: The frames.
        listings: The instruments.
    """

    def __init__(self, frames: Iterator[Frame], listings: list[Listing]) -> None:
        self.decoder = FeedDecoder(WIRE)
        for listing in listings:
            self.decoder.add(listing.symbol, listing.index, listing.spec, wire_symbol=listing.id)
        self._frames = frames
        self._next: Frame | None = next(frames, None)

    def next_due(self) -> int | None:
        """When the next frame is due, int ns UTC; `None` at the end."""
        return None if self._next is None else self._next[0]

    def decode_next(self) -> int:
        """Decodes the next frame; there must be one. The decoder holds what it said.

        Returns:
            Index of its instrument.

        Raises:
            DecodeError: A frame of a recording is none of the venue.
        """
        if self._next is None:
            raise InputError("the market has no further frame")
        due, index, raw = self._next
        if raw.startswith(_SNAPSHOT):
            self.decoder.on_snapshot(index, raw, due)
        else:
            self.decoder.on_frame(raw, due)
        self._next = next(self._frames, None)
        return index


def open_source(config: VenueConfig, listings: list[Listing], start_ns: int) -> MarketSource:
    """The market that a config describes.

    Args:
        config: The config.
        listings: Its perpetuals.
        start_ns: Venue time at the start.

    Raises:
        InputError: A parameter of the synthetic market is out of range, or the recording is missing.
        DataError: The recording holds no frame.
    """
    if config.capture is not None:
        return MarketSource(_recorded(config.capture, start_ns), listings)
    feeds = [_synthetic(config, listing, start_ns) for listing in listings]
    return MarketSource(heapq.merge(*feeds, key=lambda frame: frame[:2]), listings)


def _synthetic(config: VenueConfig, listing: Listing, start_ns: int) -> Iterator[Frame]:
    market = SynthMarket(
        symbol=listing.symbol,
        seed=config.seed + listing.index,
        tick_size=listing.terms.tick,
        lot_size=listing.terms.lot,
        price=listing.terms.price,
        start_ns=start_ns,
        rate=config.rate,
        depth_interval_ms=config.depth_interval_ms,
    )
    return ((ts_recv, listing.index, raw) for ts_recv, raw in market)


def _recorded(path: Path, start_ns: int) -> Iterator[Frame]:
    shift: int | None = None
    for ts_recv, raw in CaptureReader(path):
        if shift is None:
            shift = start_ns - ts_recv
        yield ts_recv + shift, 0, raw
