"""The feed that a config describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alipes import config as configs
from alipes.errors import ConfigError
from alipes.feeds.capture import CaptureFeed
from alipes.feeds.record import Recording
from alipes.feeds.synthetic import VENUE, SyntheticFeed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alipes.config import Config


def open_feed(config: Config) -> Iterable[tuple[int, bytes]]:
    """The frames of a config's feed.

    Raises:
        ConfigError: The synthetic market cannot play the config's venue or instruments.
    """
    feed = config.feed
    if isinstance(feed, configs.CaptureFeed):
        return CaptureFeed(feed.path)
    if isinstance(feed, configs.CcxtFeed):
        raise ConfigError("[feed] type = 'ccxt' is no recording: run it with mode = 'paper' or 'testnet'")
    account = config.feed_account()
    venue = config.accounts[account].venue
    if venue != VENUE:
        raise ConfigError(f"the synthetic market speaks the wire format of {VENUE!r} only, not of {venue!r}")
    names = [name for name in config.instruments if configs.split_instrument(name)[0] == account]
    if len(names) != 1:
        raise ConfigError(f"the synthetic market plays one instrument, not {', '.join(names) or 'none'}")
    terms = config.instruments[names[0]]
    synthetic = SyntheticFeed(
        symbol=configs.split_instrument(names[0])[1],
        seed=config.run.seed,
        tick_size=terms.tick_size,
        lot_size=terms.lot_size,
        seconds=feed.seconds,
        regime=feed.regime,
        depth_interval_ms=feed.depth_interval_ms,
    )
    return synthetic if feed.record is None else Recording(synthetic, feed.record, synthetic.header)
