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
        is_in_step: Whether its book can be trusted, as of the last frame.
        was_in_step: Whether it ever could.
        updated_at: When its last frame came in, int ns UTC; 0 before the first.
        trade_kind: The stream that trades are taken from, single or aggregated: the first that had one.
    """

    __slots__ = (
        "_out_ns",
        "_out_since",
        "bars",
        "book_readers",
        "decoder",
        "instrument",
        "is_dirty",
        "is_in_step",
        "keeps_trades",
        "trade_kind",
        "trade_readers",
        "trades",
        "update_readers",
        "updated_at",
        "view",
        "was_in_step",
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
        self.is_in_step = False
        self.was_in_step = False
        self.updated_at = 0
        self._out_ns = 0
        self._out_since: int | None = None

    def touch(self) -> tuple[int | None, int | None]:
        """Best bid and best ask in ticks; None where that side is empty.

        Raises:
            StaleBookError: The book is out of step with its feed.
        """
        bid, _, ask, _ = self.view.bbo()
        ticks = self.instrument.spec.ticks
        return ticks(bid) if bid == bid else None, ticks(ask) if ask == ask else None  # noqa: PLR0124 - nan

    def turn(self, now: int, *, is_in_step: bool) -> None:
        """Takes note at time `now` (int ns) that the book came into step with its feed, or fell out of it.

        The first call, at the start of the run, says that it is not yet.
        """
        if is_in_step:
            self._out_ns = self.out_of_step_ns(now)
            self._out_since = None
            self.was_in_step = True
        elif self._out_since is None:
            self._out_since = now
        self.is_in_step = is_in_step

    def out_of_step_ns(self, now: int) -> int:
        """How long the book could not be trusted until `now`, int ns."""
        return self._out_ns + (0 if self._out_since is None else now - self._out_since)
