"""The synthetic market as a feed: a seeded order flow in the wire format of a real venue.

Knows nothing of pacing: whoever iterates it decides how fast its time passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alipes._core import SynthMarket

if TYPE_CHECKING:
    from collections.abc import Iterator

VENUE = "binanceusdm"
"""The venue whose wire format the synthetic market speaks."""


class SyntheticFeed:
    """Iterates ``(ts_recv, frame)``, int ns and bytes; the same seed gives the same frames.

    Args:
        market: Keyword arguments of `alipes._core.SynthMarket`: symbol, seed, tick_size, lot_size, seconds,
            ….

    Attributes:
        header: What a capture of it says in its header.
    """

    def __init__(self, **market: Any) -> None:
        self._market = market
        self.header: dict[str, Any] = SynthMarket(**market).header

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        return iter(SynthMarket(**self._market))
