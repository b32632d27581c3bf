"""Where market data comes from: each feed yields ``(ts_recv, frame)`` as received."""

from alipes.feeds.capture import CaptureFeed
from alipes.feeds.open import open_feed
from alipes.feeds.record import record
from alipes.feeds.synthetic import SyntheticFeed

__all__ = ["CaptureFeed", "SyntheticFeed", "open_feed", "record"]
