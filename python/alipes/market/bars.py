"""Time bars from trades, with exact boundaries.

A bar holds exactly the trades whose venue time lies in ``[ts_open, ts_close)``; bars start at multiples of
the interval since 1970. An interval without trades has no bar.
"""

from alipes.errors import InputError
from alipes.model import Bar, Trade


class BarBuilder:
    """Builds the bars of one instrument and interval, one trade at a time.

    Args:
        interval_ns: Length of a bar, int ns.

    Attributes:
        interval_ns: As given.
        late: Trades left out because their interval was over: older than the open bar, or than time itself.

    Raises:
        InputError: The interval is not positive.
    """

    __slots__ = ("_instrument", "_ohlcv", "_start", "interval_ns", "late")

    def __init__(self, interval_ns: int) -> None:
        if interval_ns <= 0:
            raise InputError(f"a bar's interval must be positive, not {interval_ns} ns")
        self.interval_ns = interval_ns
        self.late = 0
        self._start = -(2**63)
        self._ohlcv: list[float] = []

    def add(self, trade: Trade) -> Bar | None:
        """Take a trade.

        Returns:
            The bar that it closes, if it is the first one after that bar's end.
        """
        start = trade.ts_event - trade.ts_event % self.interval_ns
        if start < self._start:
            self.late += 1
            return None
        bar = self._close() if start > self._start else None
        if not self._ohlcv:
            self._start, self._instrument = start, trade.instrument
            self._ohlcv = [trade.price, trade.price, trade.price, trade.price, 0.0]
        held = self._ohlcv
        held[1] = max(held[1], trade.price)
        held[2] = min(held[2], trade.price)
        held[3] = trade.price
        held[4] += trade.size
        return bar

    def advance(self, now: int) -> Bar | None:
        """Let venue time pass without a trade; trades of intervals that ended by then come too late.

        Args:
            now: Venue time, int ns UTC.

        Returns:
            The open bar, if it ended at or before `now`.
        """
        start = now - now % self.interval_ns
        if start <= self._start:
            return None
        bar = self._close()
        self._start = start
        return bar

    def _close(self) -> Bar | None:
        if not self._ohlcv:
            return None
        bar = Bar(self._instrument, self._start, self._start + self.interval_ns, *self._ohlcv)
        self._ohlcv = []
        return bar
