"""The market of a backtest on bars: one instrument, its closed bars, and a grid to keep books by.

Without an instrument's terms there is no grid, and the books are kept on one so fine that it rounds nothing
that matters: the numbers that count are the floats of the account.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from msgspec.structs import force_setattr

from alipes._core import InstrumentSpec
from alipes.config import parse_symbol, split_instrument
from alipes.connectors.bar_grid import Grid
from alipes.engine.bars import BarSeries
from alipes.engine.directory import Directory
from alipes.engine.market import Market
from alipes.errors import ConfigError, InputError
from alipes.model import Instrument

if TYPE_CHECKING:
    from alipes.risk.checks import Touch

ACCOUNT = "bars"
UNNAMED = "BARS"
_LARGEST = 13
"""Decimal digits that the largest position and the highest price have on the fine grid."""
_FINEST = 18
"""Most decimals that a grid can have."""
MAX_LOTS = 10**15
"""Lots of an order on the fine grid; more are that many in the books."""


def fine_grid(*, highest: float, most_units: float) -> InstrumentSpec:
    """Terms on which books are kept where there is no grid.

    Args:
        highest: Highest price of the data.
        most_units: Base units that the opening cash could buy at most.
    """

    def step(largest: float) -> str:
        decimals = _LARGEST - math.ceil(math.log10(largest)) if 0 < largest < math.inf else _LARGEST
        return f"1e{-min(decimals, _FINEST)}"

    return InstrumentSpec(
        symbol=UNNAMED, base="BASE", quote="QUOTE", tick_size=step(highest), lot_size=step(most_units)
    )


class BarMarket(Market):
    """The one market of a run over bars.

    Args:
        spec: Its terms, or None for no grid.
        books: Terms that books are kept on: `spec`, or a fine grid.
        step_ns: Length of a bar, int ns.

    Attributes:
        grid: The grid that books are kept on.
        has_grid: Whether prices and sizes must lie on it.
        series: The bars, of which the newest is the one decided on.
        step_ns: As given.
    """

    __slots__ = ("_ticks", "grid", "has_grid", "series", "step_ns")

    def __init__(self, spec: InstrumentSpec | None, books: InstrumentSpec, step_ns: int) -> None:
        symbol = UNNAMED if spec is None else spec.symbol
        nothing: Any = None
        super().__init__(Instrument(ACCOUNT, symbol, 0, books), nothing, nothing)
        self.grid = Grid(books)
        self._ticks = self.grid.ticks_per_unit
        self.has_grid = spec is not None
        self.series = BarSeries(step_ns)
        self.step_ns = step_ns

    def touch(self) -> Touch:
        """The last close on both sides; nothing before the first bar."""
        closed = self.series.closed
        if not closed:
            return None, None
        ticks = round(closed[-1].close * self._ticks)
        return ticks, ticks


class BarDirectory(Directory):
    """Finds the one market, which takes the first name that bars are asked for by if it has none.

    Args:
        market: The market.
    """

    __slots__ = ("_market", "_names", "is_named")

    def __init__(self, market: BarMarket) -> None:
        super().__init__([market])
        self._market = market
        self._names: set[str] = {market.instrument.symbol, market.instrument.name}
        self.is_named = market.has_grid

    def find(self, instrument: Instrument | str) -> BarMarket:
        """The market, by its instrument, its symbol, or its symbol in any account.

        Raises:
            InputError: Another instrument: a run over bars has one.
        """
        market = self._market
        if instrument is market.instrument:
            return market
        if isinstance(instrument, str):
            if instrument in self._names:
                return market
            if split_instrument(instrument)[1] == market.instrument.symbol:
                self._names.add(instrument)
                return market
            raise InputError(
                f"instrument {instrument!r} is unknown; the bars of this run are {market.instrument.symbol}"
            )
        super().find(instrument)
        return market

    def name(self, instrument: Instrument | str) -> None:
        """Gives the market the name that bars are asked for by, if it has none of its own."""
        if self.is_named or not isinstance(instrument, str):
            return
        symbol = split_instrument(instrument)[1]
        if not symbol:
            raise InputError(f"instrument {instrument!r}: expected a symbol such as 'BTC/USDT'")
        found = self._market.instrument
        force_setattr(found, "symbol", symbol)
        force_setattr(found, "name", f"{ACCOUNT}:{symbol}")
        self._names = {symbol, found.name, instrument}
        self.is_named = True


def asset_of(instrument: Instrument) -> str:
    """The currency that fees are paid in: that of the symbol where it names one."""
    try:
        return parse_symbol(instrument.symbol).settle
    except ConfigError:
        return instrument.spec.settle
