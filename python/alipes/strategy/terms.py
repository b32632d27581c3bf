"""What a strategy asks for when it orders: the arguments of `Context.buy` and `Context.sell` as one value.

The words and flags are checked here, where they come in, so that nothing behind has to doubt them; prices and
sizes are checked where the instrument's grid is known.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, Protocol, get_args

import msgspec

from alipes.errors import InputError
from alipes.model import TimeInForce

Number = float | str | Decimal
"""A price, size or amount as strategies give it: a float on the grid to within rounding, or exact text or
Decimal."""


class Ratio(Protocol):
    """A distance as a ratio of the price it starts from, such as `alipes.rules.pct` makes."""

    @property
    def value(self) -> Any:
        """The ratio, > 0."""


Distance = Number | Ratio
"""How far an exit is from the entry fill: in price, or as a ratio of the fill's price."""

Rounding = Literal["error", "passive", "aggressive"]
"""What to do with a price off the tick grid: refuse it, or round it away from or towards the other side."""

QuoteSide = tuple[Number, Number]
"""One side of a two-sided quote: (price, size)."""


TIFS = {str(tif): tif for tif in TimeInForce}
"""Times in force by the word that strategies use."""
_ROUNDINGS = get_args(Rounding)


class Terms(msgspec.Struct, gc=False):
    """Terms of one order; the docstring of `Context.buy` explains each.

    Raises:
        InputError: A flag that is no bool, an unknown word, or a tag that is no text.
    """

    size: Number | None = None
    notional: Number | None = None
    contracts: Number | None = None
    price: Number | None = None
    stop_price: Number | None = None
    tif: str = "GTC"
    post_only: bool = False
    reduce_only: bool = False
    round: Rounding = "error"
    stop_loss: Any = None
    take_profit: Any = None
    tag: str | None = None

    def __post_init__(self) -> None:
        if (
            self.tif == "GTC"
            and self.post_only is self.reduce_only is False
            and self.round == "error"
            and self.tag is None
        ):
            return  # the usual case
        if self.post_only is not True and self.post_only is not False:
            raise _unexpected("post_only", self.post_only, "True or False")
        if self.reduce_only is not True and self.reduce_only is not False:
            raise _unexpected("reduce_only", self.reduce_only, "True or False")
        if not isinstance(self.tif, str) or self.tif not in TIFS:
            raise _unexpected("tif", self.tif, f"one of {', '.join(TIFS)}")
        if self.round != "error":
            check_rounding(self.round)
        if self.tag is not None:
            check_text("tag", self.tag)


def check_rounding(value: object) -> None:
    """Passes a word for what to do with a price off the grid.

    Raises:
        InputError: Any other value.
    """
    if not isinstance(value, str) or value not in _ROUNDINGS:
        raise _unexpected("round", value, f"one of {', '.join(_ROUNDINGS)}")


def check_text(name: str, value: object) -> None:
    """Passes text that a journal can keep.

    Raises:
        InputError: No text, or text that is not UTF-8 (a lone surrogate).
    """
    if not isinstance(value, str):
        raise _unexpected(name, value, "text")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise _unexpected(name, value, "text that encodes to UTF-8") from error


def check_side(name: str, value: object) -> None:
    """Passes one side of a quote.

    Raises:
        InputError: Not a pair of price and size.
    """
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise _unexpected(name, value, "(price, size) or None")


def _unexpected(name: str, value: Any, expected: str) -> InputError:
    return InputError(f"{name} {value!r}: expected {expected}")
