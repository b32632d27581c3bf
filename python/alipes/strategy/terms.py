"""What a strategy asks for when it orders: the arguments of `Context.buy` and `Context.sell` as one value."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

Number = float | str | Decimal
"""A price, size or amount as strategies give it: a float on the grid to within rounding, or exact text or
Decimal."""

Rounding = Literal["error", "passive", "aggressive"]
"""What to do with a price off the tick grid: refuse it, or round it away from or towards the other side."""

QuoteSide = tuple[Number, Number]
"""One side of a two-sided quote: (price, size)."""


class Terms(msgspec.Struct, gc=False):
    """Terms of one order; the docstring of `Context.buy` explains each."""

    size: Number | None = None
    notional: Number | None = None
    contracts: Number | None = None
    price: Number | None = None
    stop_price: Number | None = None
    tif: str = "GTC"
    post_only: bool = False
    reduce_only: bool = False
    round: Rounding = "error"
    stop_loss: Number | None = None
    take_profit: Number | None = None
    tag: str | None = None
