"""One instrument as the kernel sees it: its live book, recent trades, bars, and who listens."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alipes._core import BookView, FeedDecoder
    from alipes.engine.bars import BarSeries
    from alipes.engine.runner import Runner
    from alipes.model import Instrument, Trade

KEPT_TRADES = 1000
"""Recent trades that a context can read back."""


class Market:
    """What is known and who listens, for one instrument.

    Attributes:
        instrument: Which one.
        view: Its read-only book.
        decoder: The decoder of its connection, which holds the trades of the last frame.
        book_readers: Runners that want `on_book` once per turn.
        update_readers: Runners that want `on_book` at each update.
        trade_readers: Runners that want `on_trade`.
        bars: Bar subscriptions by interval (int ns).
        trades: The last trades, oldest first; kept once someone subscribed.
        keeps_trades: Whether trades of this instrument are of interest to anyone.
        trade_kind: The stream that trades are taken from, single or aggregated: the first that had one.
    """

    __slots__ = (
        "bars",
        "book_readers",
        "decoder",
        "instrument",
        "is_dirty",
        "keeps_trades",
        "trade_kind",
        "trade_readers",
        "trades",
        "update_readers",
        "view",
    )  # fmt: skip

    def __init__(self, instrument: Instrument, view: BookView, decoder: FeedDecoder) -> None:
        self.instrument = instrument
        self.view = view
        self.decoder = decoder
        self.book_readers: list[Runner] = []
        self.update_readers: list[Runner] = []
        self.trade_readers: list[Runner] = []
        self.bars: dict[int, BarSeries] = {}
        self.trades: deque[Trade] = deque(maxlen=KEPT_TRADES)
        self.keeps_trades = False
        self.trade_kind = 0
        self.is_dirty = False
