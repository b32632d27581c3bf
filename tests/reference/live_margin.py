"""Reference of the live exchange, part 4: what binds an account's money (rule G) and what it holds."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.reference.live_money import Money, Rules, to_8_decimals

if TYPE_CHECKING:
    from tests.reference.live_order import Order


class Margins:
    """Accounts, the orders that bind their money, and the instruments' rules."""

    def __init__(self) -> None:
        self.now = -(2**63)
        self.rules: dict[int, Rules] = {}
        self.money = Money()
        self.orders: list[Order] = []

    def add_account(self) -> int:
        self.money.wallets.append({})
        self.money.ledgers.append([])
        return len(self.money.wallets) - 1

    def deposit(self, now: int, account: int, asset: str, amount: Fraction) -> list[tuple[Any, ...]]:
        self.now = max(self.now, now)
        self.money.book(self.now, account, asset, amount, "transfer", None, None)
        return self.money.balance(self.now, account, asset, amount, "transfer")

    def open_orders(self, account: int, index: int | None = None) -> list[Order]:
        """By id."""
        mine = [order for order in self.orders if order.account == account and order.is_open]
        return [order for order in mine if index is None or order.index == index]

    def initial(self, account: int, index: int, more: tuple[int, int] = (0, 0)) -> tuple[Fraction, Fraction]:
        """G2: of the position, and of the open orders beyond it."""
        rules = self.rules[index]
        sums = list(more)
        for order in self.open_orders(account, index):
            if not order.is_reduce_only:
                sums[order.side] += order.price * order.left
        bids, asks = (each * rules.ledger.cost_unit for each in sums)
        value, leverage = rules.value(account), rules.leverage_of(account)
        most = max(abs(value + bids), abs(value - asks))
        position = to_8_decimals(abs(value) / leverage)
        return position, to_8_decimals(most / leverage) - position

    def maintenance(self, account: int, index: int) -> Fraction:
        """G5."""
        return abs(self.rules[index].value(account)) * self.rules[index].maintenance

    def margin(
        self, account: int, asset: str, more: tuple[int, tuple[int, int]] | None = None
    ) -> tuple[Fraction, ...]:
        """G1, G2, G5: wallet, unrealised, initial of positions and of orders, maintenance, available."""
        wallet = self.money.wallets[account].get(asset, Fraction(0))
        sums = [Fraction(0)] * 4
        for index, rules in self.rules.items():
            if rules.terms.quote == asset:
                extra = more[1] if more is not None and more[0] == index else (0, 0)
                initial = self.initial(account, index, extra)
                parts = (rules.unrealised(account), *initial, self.maintenance(account, index))
                sums = [total + part for total, part in zip(sums, parts, strict=True)]
        return (wallet, *sums, wallet + sums[0] - sums[1] - sums[2])

    def lacks(self, account: int, index: int, side: int, cost: int, whole: tuple[int, int]) -> bool:
        """G4; `whole` is price times size, and size."""
        rules, (value, size) = self.rules[index], whole
        beyond = 0 if rules.mark is None else (value - rules.mark * size) * (1 if side == 0 else -1)
        asset = self.rules[index].terms.quote
        before = self.margin(account, asset)[-1]
        after = self.margin(account, asset, (index, (cost, 0) if side == 0 else (0, cost)))[-1]
        return after < before and after < max(0, beyond) * rules.ledger.cost_unit

    def is_carried(self, account: int, asset: str) -> bool:
        """L1: whether equity reaches the maintenance margin."""
        wallet, unrealised, _, _, maintenance, _ = self.margin(account, asset)
        return wallet + unrealised >= maintenance

    def set_leverage(self, account: int, index: int, leverage: int) -> str | None:
        """G3."""
        rules = self.rules[index]
        if not 1 <= leverage <= rules.max_leverage:
            return "leverage"
        before = rules.leverage_of(account)
        known = rules.leverage.get(account)
        rules.leverage[account] = leverage
        if leverage < before and self.margin(account, rules.terms.quote)[-1] < 0:
            del rules.leverage[account]
            if known is not None:
                rules.leverage[account] = known
            return "insufficient_margin"
        return None

    def holding(self, account: int, index: int) -> tuple[Any, ...]:
        """Size, entry price, unrealised and realised profit."""
        rules = self.rules[index]
        position = rules.ledger.positions[str(account)]
        realised = position.realised * rules.ledger.cost_unit
        return position.units, rules.entry_price(account), rules.unrealised(account), realised

    def total(self, asset: str) -> Fraction:
        """B4."""
        parts = [wallets.get(asset, Fraction(0)) for wallets in self.money.wallets]
        for rules in self.rules.values():
            if rules.terms.quote == asset:
                mark = rules.mark or 1
                parts += [rules.ledger.unrealised(name, mark) for name in rules.ledger.positions]
        return sum(parts, self.money.fees[asset])
