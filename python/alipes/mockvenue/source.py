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
_SEED_STEP: Final = 1_000_000
"""Between the seeds of an instrument's markets before and after a change of its grids."""

Frame = tuple[int, int, bytes]
"""When it happens at the venue (int ns UTC), index of its instrument, bytes."""


class MarketSource:
    """Frames of all instruments in the order of time, decoded one at a time.

    Args:
        listings: The instruments.
        feeds: The frames of each.
    """

    def __init__(self, listings: list[Listing], feeds: list[Iterator[Frame]]) -> None:
        self._feeds: dict[int, tuple[FeedDecoder, Iterator[Frame]]] = {}
        self._due: list[Frame] = []
        for listing, frames in zip(listings, feeds, strict=True):
            self.restart(listing, frames)

    def restart(self, listing: Listing, frames: Iterator[Frame]) -> None:
        """Plays other frames of an instrument, decoded on its grids of now."""
        decoder = FeedDecoder(WIRE)
        decoder.add(listing.symbol, listing.index, listing.spec, wire_symbol=listing.id)
        self._feeds[listing.index] = (decoder, frames)
        first = next(frames, None)
        others = [frame for frame in self._due if frame[1] != listing.index]
        self._due = others if first is None else [*others, first]
        heapq.heapify(self._due)

    def next_due(self) -> int | None:
        """When the next frame is due, int ns UTC; `None` at the end."""
        return self._due[0][0] if self._due else None

    def decode_next(self) -> tuple[int, FeedDecoder]:
        """Decodes the next frame; there must be one.

        Returns:
            Index of its instrument, and the decoder that holds what it said.

        Raises:
            InputError: There is no further frame.
            DecodeError: A frame of a recording is none of the venue.
        """
        if not self._due:
            raise InputError("the market has no further frame")
        due, index, raw = self._due[0]
        decoder, frames = self._feeds[index]
        if raw.startswith(_SNAPSHOT):
            decoder.on_snapshot(index, raw, due)
        else:
            decoder.on_frame(raw, due)
        following = next(frames, None)
        if following is None:
            heapq.heappop(self._due)
        else:
            heapq.heapreplace(self._due, following)
        return index, decoder


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
        return MarketSource(listings, [_recorded(config.capture, start_ns)])
    return MarketSource(listings, [synthetic(config, listing, start_ns) for listing in listings])


def synthetic(
    config: VenueConfig, listing: Listing, start_ns: int, price: str | None = None
) -> Iterator[Frame]:
    """A synthetic market of one instrument.

    Args:
        config: Its seed and pace.
        listing: The instrument.
        start_ns: Venue time at the start.
        price: Where it begins and what it returns to, on the tick; by default the price of its terms.

    Raises:
        InputError: A parameter is out of range.
    """
    market = SynthMarket(
        symbol=listing.symbol,
        seed=config.seed + listing.index + _SEED_STEP * len(listing.past),
        tick_size=listing.terms.tick,
        lot_size=listing.terms.lot,
        price=price or listing.terms.price,
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
