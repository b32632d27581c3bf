"""Reference of the live exchange, part 3: an order, and what a taker does."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.reference.market import BUY

ACCEPTED, REJECTED, FILL, CANCELLED, EXPIRED, AMENDED, AMEND_REJECTED, CANCEL_REJECTED, TRADE = range(9)
GTC, IOC, FOK = range(3)
Event = tuple[Any, ...]


@dataclass
class Order:
    """An order."""

    id: int
    account: int
    name: str
    index: int
    side: int
    kind: int
    tif: int
    is_post_only: bool
    is_reduce_only: bool
    price: int
    size: int
    stp: int
    created: int
    updated: int
    filled: int = 0
    value: Fraction = Fraction(0)
    average: Fraction | None = None
    status: str = "new"

    @property
    def left(self) -> int:
        return self.size - self.filled

    @property
    def is_open(self) -> bool:
        return self.status in {"new", "partially_filled"}

    @property
    def limit(self) -> int | None:
        return None if self.kind == 1 else self.price

    def row(self) -> tuple[Any, ...]:
        """As the exchange reports it."""
        terms = (self.id, self.name, self.index, self.side, self.kind, self.tif, self.is_post_only)
        state = (self.average, self.status, self.created, self.updated, self.stp)
        return (*terms, self.is_reduce_only, self.price, self.size, self.filled, *state)


@dataclass
class Walk:
    """What a taker does: ("trade", price, lots, owner) or ("expire", id)."""

    steps: list[list[Any]] = field(default_factory=list)
    lots: int = 0
    is_stopped: bool = False

    @property
    def trades(self) -> list[list[Any]]:
        return [step for step in self.steps if step[0] == "trade"]

    @property
    def is_taking(self) -> bool:
        return self.is_stopped or bool(self.steps)


def reducible(position: int, side: int) -> int:
    """How much an order of a side can reduce a position."""
    return max(0, -position if side == BUY else position)
