"""Limits of an instrument, as numbers the compiled gate takes."""

from decimal import Decimal

import msgspec

DEFAULT_COLLAR_BPS = Decimal(100)
"""How far beyond the best price an order may reach when nothing else is said."""


class InstrumentLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of one order and of the position it leads to; None sets none, a value equal to it passes.

    Attributes:
        max_order_size: In base units; contracts for inverse instruments.
        max_order_notional: In quote.
        max_position: Absolute position with every open order of a side filled, in base units (contracts).
        collar_bps: How far a price may be beyond the opposite best price, in basis points of that price.
    """

    max_order_size: Decimal | None = None
    max_order_notional: Decimal | None = None
    max_position: Decimal | None = None
    collar_bps: Decimal | None = DEFAULT_COLLAR_BPS
