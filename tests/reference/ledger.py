"""Reference of docs/accounting.md with Python's integers and fractions; clauses A1 to A12."""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from tests.reference.market import BUY, Terms

INVERSE_UNIT = Fraction(1, 10**12)
SPOT_UNIT = Fraction(1, 10**8)


def nearest_even(value: Fraction) -> int:
    """The nearest integer, halves to even: what `round` does with a fraction."""
    return round(value)


@dataclass
class Position:
    """One strategy in one instrument."""

    units: int = 0
    cost: int = 0
    realised: int = 0
    fees: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))


class Ledger:
    """Accounts of one instrument."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.unit = min(terms.step, SPOT_UNIT) if terms.kind == "spot" else terms.step
        self.cost_unit = INVERSE_UNIT if terms.kind == "inverse" else terms.tick * self.unit
        self.positions: dict[str, Position] = defaultdict(Position)
        self.balances: dict[str, Fraction] = defaultdict(Fraction)

    def value(self, price: int, units: int) -> int:
        """A2."""
        amount = units * self.unit
        if self.terms.kind == "inverse":
            return nearest_even(amount * self.terms.contract / (price * self.terms.tick) / INVERSE_UNIT)
        return nearest_even(price * self.terms.tick * amount / self.cost_unit)

    def gain(self, position: Position, price: int, closed: int, removed: int) -> int:
        """A6."""
        sign = 1 if position.units > 0 else -1
        profit = sign * self.value(price, closed) - removed
        return -profit if self.terms.kind == "inverse" else profit

    def fill(self, strategy: str, side: int, price: int, steps: int, paid: tuple[Fraction, str]) -> None:
        """A4 to A8, A12."""
        position, sign = self.positions[strategy], 1 if side == BUY else -1
        units = int(steps * self.terms.step / self.unit)
        closed = min(units, abs(position.units)) if position.units * sign < 0 else 0
        profit = 0
        if closed:
            removed = nearest_even(Fraction(position.cost * closed, abs(position.units)))
            profit = self.gain(position, price, closed, removed)
            position.cost -= removed
            position.units += sign * closed
            position.realised += profit
        position.units += sign * (units - closed)
        position.cost += sign * self.value(price, units - closed)
        if self.terms.kind == "spot":
            self.balances[self.terms.base] += sign * units * self.unit
            self.balances[self.terms.quote] -= sign * self.value(price, units) * self.cost_unit
        else:
            settle = self.terms.base if self.terms.kind == "inverse" else self.terms.quote
            self.balances[settle] += profit * self.cost_unit
        self.pay(position, price, *paid)

    def pay(self, position: Position, price: int, fee: Fraction, fee_asset: str) -> None:
        """A7, A8."""
        if fee == 0:
            return
        position.fees[fee_asset] += fee
        self.balances[fee_asset] -= fee
        if self.terms.kind != "spot" or fee_asset != self.terms.base:
            return
        leaving = int(fee / self.unit)
        sign = 1 if leaving > 0 else -1
        at_cost = min(abs(leaving), abs(position.units)) if position.units * sign > 0 else 0
        if at_cost:
            position.cost -= nearest_even(Fraction(position.cost * at_cost, abs(position.units)))
        position.cost -= sign * self.value(price, abs(leaving) - at_cost)
        position.units -= leaving

    def unrealised(self, strategy: str, mark: int) -> Fraction:
        """A9."""
        position = self.positions[strategy]
        if position.units == 0:
            return Fraction(0)
        return self.gain(position, mark, abs(position.units), position.cost) * self.cost_unit

    def average_price(self, strategy: str) -> Fraction | None:
        """A10, before rounding."""
        position = self.positions[strategy]
        if position.units == 0 or position.cost * position.units <= 0:
            return None
        if self.terms.kind == "inverse":
            return position.units * self.unit * self.terms.contract / (position.cost * INVERSE_UNIT)
        return position.cost * self.cost_unit / (position.units * self.unit)
