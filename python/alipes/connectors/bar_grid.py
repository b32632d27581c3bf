"""Floats to the integers of an instrument's grid and back, as strategies on bars need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alipes._core import InstrumentSpec


class Grid:
    """Floats to an instrument's integers and back.

    Args:
        spec: The instrument's terms.

    Attributes:
        spec: As given.
        lot_steps: Size steps in a lot.
        lots_per_unit: Lots in a base unit.
        ticks_per_unit: Ticks in a quote unit.
    """

    __slots__ = ("_steps", "_tick", "lot_steps", "lots_per_unit", "spec", "ticks_per_unit")

    def __init__(self, spec: InstrumentSpec) -> None:
        self.spec = spec
        self.lot_steps = spec.lot_steps
        self._steps = int(1 / spec.size(1))
        self.lots_per_unit = float(1 / spec.lot_size)
        self._tick = spec.tick_size.as_integer_ratio()
        self.ticks_per_unit = float(1 / spec.tick_size)

    def units(self, steps: int) -> float:
        """The base units nearest to so many size steps."""
        return steps / self._steps

    def steps(self, units: float) -> int:
        """The whole lots nearest to so many base units, in size steps."""
        return round(units * self.lots_per_unit) * self.lot_steps

    def price(self, ticks: int) -> float:
        """The price nearest to so many ticks."""
        numerator, denominator = self._tick
        return ticks * numerator / denominator

    def ticks(self, price: float) -> int:
        """The tick nearest to a price."""
        return round(price * self.ticks_per_unit)
