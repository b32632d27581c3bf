"""What the venue lists: the grids of each perpetual, and its numbers as the wire writes them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from alipes._core import InstrumentSpec
from alipes.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

MONEY_DECIMALS: Final = 8
TEXTS_KEPT: Final = 1 << 14
"""Numbers whose text is remembered."""
MOST_DECIMALS: Final = 10
"""Decimals of the finest grid."""
MOST_TICKS: Final = 10**8
"""Ticks of the finest grid in a price: the largest order's value stays below what the core counts."""
MOST_LOTS: Final = 10**11
"""Lots of the finest grid in the largest order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Terms of a perpetual; numbers are text, exact.

    Attributes:
        tick: Price step in quote.
        lot: Size step in base units.
        price: Where the synthetic market begins and what it returns to.
        price_decimals: Decimals of a price on the wire, at least those of the tick.
        min_notional: Least value of an order in quote.
        most: Largest limit order in base units.
        most_market: Largest market order in base units.
    """

    tick: str = "0.01"
    lot: str = "0.001"
    price: str = "100"
    price_decimals: int = 2
    min_notional: str = "5"
    most: str = "10000"
    most_market: str = "2000"


CATALOG: Final[Mapping[str, Terms]] = {
    "BTC/USDT:USDT": Terms(tick="0.1", price="60000", min_notional="100", most="1000", most_market="120"),
    "ETH/USDT:USDT": Terms(price="3000", min_notional="20"),
    "BNB/USDT:USDT": Terms(lot="0.01", price="600", price_decimals=3),
    "SOL/USDT:USDT": Terms(lot="0.01", price="150", price_decimals=4, most="1000000"),
    "XRP/USDT:USDT": Terms(tick="0.0001", lot="0.1", price="2", price_decimals=4, most="10000000"),
    "DOGE/USDT:USDT": Terms(tick="0.00001", lot="1", price="0.2", price_decimals=6, most="50000000"),
}
"""Terms by unified symbol; others list under the defaults of `Terms`."""


def _decimals(step: str) -> int:
    exponent = Decimal(step).normalize().as_tuple().exponent
    if not isinstance(exponent, int):
        raise InputError(f"step {step!r}: expected a number such as 0.1")
    return max(0, -exponent)


@lru_cache(maxsize=TEXTS_KEPT)
def _fixed(units: int, decimals: int) -> str:
    """A number of units of the last decimal, written out; the same prices and sizes come again and again."""
    if not decimals:
        return str(units)
    whole, part = divmod(abs(units), 10**decimals)
    return f"{'-' if units < 0 else ''}{whole}.{part:0{decimals}d}"


def _step(name: str, given: object) -> Decimal:
    try:
        step = Decimal(str(given))
    except InvalidOperation:
        step = Decimal(0)
    if not (step.is_finite() and step > 0 and _decimals(f"{step:f}") <= MOST_DECIMALS):
        raise InputError(f"{name} {given!r}: expected a positive number of at most {MOST_DECIMALS} decimals")
    return step


def on_grids(terms: Terms, *, tick: object, lot: object) -> Terms:
    """Terms on other grids; prices keep the decimals that they had on the wire, or get more.

    Args:
        terms: The terms.
        tick: Price step in quote.
        lot: Size step in base units.

    Raises:
        InputError: A step is no positive number, or too large or small for the price or the largest order.
    """
    price_step, size_step = _step("tick_size", tick), _step("lot_size", lot)
    price, most, least = Decimal(terms.price), Decimal(terms.most), Decimal(terms.most_market)
    if not 1 <= price / price_step <= MOST_TICKS:
        raise InputError(f"tick_size {tick!r}: expected 1 to {MOST_TICKS} ticks in the price, {terms.price}")
    if size_step > least or most / size_step > MOST_LOTS:
        raise InputError(
            f"lot_size {lot!r}: expected no more than the largest market order, {least}, and at most"
            f" {MOST_LOTS} lots in the largest order, {most}"
        )
    tick_text = f"{price_step:f}"
    return replace(
        terms,
        tick=tick_text,
        lot=f"{size_step:f}",
        price=f"{price // price_step * price_step:f}",
        price_decimals=max(terms.price_decimals, _decimals(tick_text)),
    )


def plain(value: Decimal, decimals: int = MONEY_DECIMALS) -> str:
    """A number as the venue writes money: fixed decimals, half to even."""
    return f"{value:.{decimals}f}"


@dataclass(slots=True, kw_only=True)
class Listing:
    """One perpetual.

    Attributes:
        index: Its number at the core.
        symbol: Unified symbol.
        terms: Its terms.
        status: ``"TRADING"``, ``"BREAK"`` or ``"SETTLING"``.
        past: Terms that it had, with the last time of each (int ns UTC), earliest first.
    """

    index: int
    symbol: str
    terms: Terms
    status: str = "TRADING"
    past: list[tuple[int, Terms]] = field(default_factory=list)
    base: str = field(init=False)
    quote: str = field(init=False)
    id: str = field(init=False)
    spec: InstrumentSpec = field(init=False)
    lot_decimals: int = field(init=False)
    _tick_units: int = field(init=False)
    _price_scale: int = field(init=False)
    _value_unit: Decimal = field(init=False)
    _old: list[tuple[int, Listing]] = field(init=False)

    def __post_init__(self) -> None:
        """Works out the grids.

        Raises:
            InputError: The symbol is no linear perpetual, or the wire's prices are coarser than the tick.
        """
        pair, _, settle = self.symbol.partition(":")
        self.base, _, self.quote = pair.partition("/")
        if not (self.base and self.quote and settle == self.quote):
            raise InputError(f"symbol {self.symbol!r}: expected a linear perpetual such as BTC/USDT:USDT")
        terms = self.terms
        if terms.price_decimals < _decimals(terms.tick):
            raise InputError(f"{self.symbol}: price_decimals {terms.price_decimals} is coarser than the tick")
        self.id = self.base + self.quote
        self.lot_decimals = _decimals(terms.lot)
        self._price_scale = 10**terms.price_decimals
        self._tick_units = int(Decimal(terms.tick) * self._price_scale)
        self.spec = InstrumentSpec(
            symbol=self.symbol,
            base=self.base,
            quote=self.quote,
            tick_size=terms.tick,
            lot_size=terms.lot,
            min_notional=terms.min_notional,
        )
        self._value_unit = self.spec.notional(1, 1)
        self._old = [(until, replace(self, terms=terms, past=[])) for until, terms in self.past]

    def change(self, terms: Terms, until: int) -> None:
        """Goes on under other terms.

        Args:
            terms: The new ones.
            until: Last time of the old ones, int ns UTC.

        Raises:
            InputError: The terms are refused; those in force stay.
        """
        replace(self, terms=terms)
        self.past.append((until, self.terms))
        self.terms = terms
        self.__post_init__()

    def at(self, time: int) -> Listing:
        """The perpetual on the grids of a time (int ns UTC), which closed orders, fills and trades keep."""
        return next((old for until, old in self._old if time <= until), self)

    def price_text(self, ticks: int) -> str:
        """A price as the wire writes it."""
        return _fixed(ticks * self._tick_units, self.terms.price_decimals)

    def size_text(self, steps: int) -> str:
        """A size as the wire writes it: the lot's decimals, all of them where the size is off the lot."""
        if steps % 1000:
            return _fixed(steps, self.lot_decimals + 3)
        return _fixed(steps // 1000, self.lot_decimals)

    def levels(self, levels: list[tuple[int, int]]) -> list[tuple[str, str]]:
        """Book levels as the wire writes them."""
        return [(self.price_text(ticks), self.size_text(steps)) for ticks, steps in levels]

    def value_text(self, ticks: int, steps: int) -> str:
        """Price times size in quote, as the wire writes it."""
        return plain(self._value_unit * (ticks * steps), self.terms.price_decimals + self.lot_decimals)
