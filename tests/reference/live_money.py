"""Reference of the live exchange, part 2: wallets, ledger, fees and margin (rules B, F, G)."""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.reference.ledger import Ledger
from tests.reference.market import Fees, Terms


def to_8_decimals(amount: Fraction) -> Fraction:
    """Halves to even."""
    return Fraction(round(amount * 10**8), 10**8)


@dataclass
class Rules:
    """An instrument: its terms, fees and margin rules, and the positions in it by account."""

    terms: Terms
    fees: Fees
    max_leverage: int
    maintenance: Fraction
    price_decimals: int
    ledger: Ledger = field(init=False)
    mark: int | None = None
    leverage: dict[int, int] = field(default_factory=dict)
    own_fees: dict[int, Fees] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.terms)

    def position(self, account: int) -> int:
        """In size steps."""
        return self.ledger.positions[str(account)].units

    def value(self, account: int) -> Fraction:
        """G1, G2: the signed value of a position."""
        position = self.ledger.positions[str(account)]
        ticks = position.cost if self.mark is None else self.mark * position.units
        return ticks * self.ledger.cost_unit

    def unrealised(self, account: int) -> Fraction:
        """G1."""
        return self.value(account) - self.ledger.positions[str(account)].cost * self.ledger.cost_unit

    def leverage_of(self, account: int) -> int:
        """G3."""
        return self.leverage.get(account, min(20, self.max_leverage))

    def average(self, amount: Fraction, size: int) -> Fraction:
        """An average price: 8 decimals more than the tick, halves to even."""
        scale = 10**self.price_decimals
        return Fraction(round(amount / (size * self.terms.step) * scale), scale)

    def entry_price(self, account: int) -> Fraction | None:
        """Average price of a position."""
        position = self.ledger.positions[str(account)]
        if position.units == 0 or position.units * position.cost <= 0:
            return None
        return self.average(Fraction(position.cost) * self.ledger.cost_unit, position.units)

    def fee(
        self, account: int, wallets: dict[str, Fraction], deal: tuple[int, int, bool]
    ) -> tuple[Fraction, str]:
        """F1, F2."""
        price, size, is_maker = deal
        fees = self.own_fees.get(account, self.fees)
        fee = fees.of(self.terms, price, size, is_maker=is_maker)
        if fees.asset != self.terms.quote and fee > 0 and wallets.get(fees.asset, Fraction(0)) < fee:
            fees = Fees(fees.maker, fees.taker, self.terms.quote)
            fee = fees.of(self.terms, price, size, is_maker=is_maker)
        return fee, fees.asset


class Money:
    """Wallets and ledgers of all accounts, and the exchange's fees."""

    def __init__(self) -> None:
        self.wallets: list[dict[str, Fraction]] = [{}]
        self.ledgers: list[list[tuple[Any, ...]]] = [[]]
        self.fees: dict[str, Fraction] = defaultdict(Fraction)
        self.entries = 0

    def book(self, now: int, account: int, asset: str, amount: Fraction, *why: Any) -> None:
        """B3; `why` is kind, instrument, trade id."""
        if amount == 0:
            return
        self.entries += 1
        self.wallets[account][asset] = self.wallets[account].get(asset, Fraction(0)) + amount
        self.ledgers[account].append((self.entries, now, asset, amount, *why))

    def balance(
        self, now: int, account: int, asset: str, change: Fraction, why: str
    ) -> list[tuple[Any, ...]]:
        """The report of a changed wallet."""
        if account == 0 or change == 0:
            return []
        return [(9, account, asset, self.wallets[account][asset], change, now, why)]
