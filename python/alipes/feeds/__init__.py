"""Where market data comes from: each feed yields ``(ts_recv, frame)`` as received."""

from alipes.feeds.capture import CaptureFeed
from alipes.feeds.open import open_feed
from alipes.feeds.record import Recording
from alipes.feeds.synthetic import SyntheticFeed

__all__ = ["CaptureFeed", "Recording", "SyntheticFeed", "open_feed"]
