"""Reference of the live exchange, part 5: takers in the book, both sides of a trade (rules P, M, S, R, B)."""

from fractions import Fraction

from tests.reference.live_margin import Margins
from tests.reference.live_money import Rules
from tests.reference.live_order import CANCELLED, EXPIRED, FILL, TRADE, Event, Order, Walk, reducible
from tests.reference.live_queue import Queues
from tests.reference.market import BUY, SELL


class Matching(Margins):
    """Books and what happens in them."""

    def __init__(self) -> None:
        super().__init__()
        self.books: dict[int, Queues] = {}
        self.trades: dict[int, list[Event]] = {}
        self.fills: dict[tuple[int, int], list[Event]] = {}
        self.has_single_trades: set[int] = set()
        self.liquidations = 0
        self.moved: set[tuple[int, int]] = set()
        self.events: list[Event] = []

    def add_instrument(self, index: int, rules: Rules) -> None:
        self.rules[index], self.books[index] = rules, Queues(rules.terms.lot)
        self.trades[index] = []

    # --- Matching ---

    def walk(self, order: Order) -> Walk:
        """M1, S1, R1, X4: lot by lot."""
        rules, book, walk = self.rules[order.index], self.books[order.index], Walk()
        positions = {account: rules.position(account) for account in range(len(self.money.wallets))}
        side = SELL if order.side == BUY else BUY
        for price in book.prices(side, order.limit):
            before: int | None = None
            for owner in book.lots[side, price]:
                if walk.is_stopped or not self.has_room(order, walk, positions):
                    return walk
                if not self.is_met(order, walk, positions, (price, owner)):
                    before = before if owner == 0 else None
                    continue
                if before == owner:
                    walk.steps[-1][2] += 1
                else:
                    walk.steps.append(["trade", price, 1, owner])
                walk.lots += 1
                before = owner
                change = book.lot if order.side == BUY else -book.lot
                positions[order.account] += change
                positions[self.orders[owner - 1].account if owner else 0] -= change
        return walk

    def is_met(self, order: Order, walk: Walk, positions: dict[int, int], lot: tuple[int, int]) -> bool:
        """Whether the taker trades with a lot; expires what a self-trade rule says."""
        price, owner = lot
        if owner == 0:
            return order.account != 0 or price == order.limit
        maker = self.orders[owner - 1]
        rule = self.rule(order, maker)
        if rule in {2, 3} and ["expire", owner] not in walk.steps:
            walk.steps.append(["expire", owner])
        walk.is_stopped = rule in {1, 3}
        return rule == 0 and not (
            maker.is_reduce_only and reducible(positions[maker.account], maker.side) == 0
        )

    def has_room(self, order: Order, walk: Walk, positions: dict[int, int]) -> bool:
        """R1."""
        left = order.left - walk.lots * self.books[order.index].lot
        if order.is_reduce_only:
            left = min(left, reducible(positions[order.account], order.side))
        return left > 0

    @staticmethod
    def rule(taker: Order, maker: Order) -> int:
        """S1."""
        if taker.account != maker.account:
            return 0
        is_reducing = taker.is_reduce_only or maker.is_reduce_only
        return 1 if taker.stp == 0 and is_reducing else taker.stp

    def carry_out(self, order: Order, walk: Walk) -> None:
        """M1."""
        book = self.books[order.index]
        side = SELL if order.side == BUY else BUY
        for step, *what in walk.steps:
            if step == "expire":
                self.end(self.orders[what[0] - 1], EXPIRED, "stp")
                continue
            price, lots, owner = what
            book.remove(side, price, owner, lots, is_taken=owner == 0 and order.account != 0)
            maker = self.orders[owner - 1] if owner else None
            if maker is None and order.account == 0:
                self.publish(order.index, price, lots * book.lot, order.side)
            else:
                self.trade(
                    order.index, price, lots * book.lot, order.side, maker, order if order.account else None
                )

    def publish(self, index: int, price: int, size: int, taker_side: int) -> None:
        trade = (len(self.trades[index]) + 1, self.now, price, size, taker_side)
        self.trades[index].append(trade)
        self.events.append((TRADE, index, self.now, trade[0], *trade[2:]))

    def trade(self, index: int, price: int, size: int, taker_side: int, *orders: Order | None) -> None:
        """B1 for maker and taker; `None` is the outside market."""
        self.publish(index, price, size, taker_side)
        trade_id = len(self.trades[index])
        for order, side, is_maker in zip(orders, (1 - taker_side, taker_side), (True, False), strict=True):
            account = 0 if order is None else order.account
            rules = self.rules[index]
            position = rules.ledger.positions[str(account)]
            before = position.realised
            rules.ledger.fill(str(account), side, price, size, (Fraction(0), ""))
            self.moved.add((account, index))
            realised = (position.realised - before) * rules.ledger.cost_unit
            settle = rules.terms.quote
            if order is None:
                self.money.book(self.now, 0, settle, realised, "realized_pnl", index, trade_id)
                continue
            order.filled += size
            order.value += rules.terms.value_in_quote(price, size)
            order.average = rules.average(order.value, order.filled)
            order.status = "partially_filled" if order.left else "filled"
            order.updated = self.now
            fee, asset = rules.fee(account, self.money.wallets[account], (price, size, is_maker))
            self.money.book(self.now, account, settle, realised, "realized_pnl", index, trade_id)
            self.money.book(self.now, account, asset, -fee, "commission", index, trade_id)
            if fee:
                self.money.fees[asset] += fee
            self.report(order, (price, size, side, is_maker), fee, asset, realised)

    def report(
        self, order: Order, deal: tuple[int, int, int, bool], fee: Fraction, asset: str, realised: Fraction
    ) -> None:
        """B1."""
        (price, size, side, is_maker), account, index = deal, order.account, order.index
        details, trade_id = (price, size, is_maker, fee, asset, realised), len(self.trades[index])
        self.events.append((FILL, account, order.row(), self.now, trade_id, *details))
        fill = (trade_id, order.id, self.now, side, *details)
        self.fills.setdefault((account, index), []).append(fill)
        settle = self.rules[index].terms.quote
        changes = [(settle, realised - fee)] if asset == settle else [(settle, realised), (asset, -fee)]
        for changed, change in changes:
            self.events += self.money.balance(self.now, account, changed, change, "fill")
        self.events.append((10, account, index, *self.holding(account, index), self.now))

    # --- Calls ---

    def begin(self, now: int) -> None:
        self.now = max(self.now, now)

    def finish(self) -> list[Event]:
        """R2."""
        for account, index in sorted(self.moved):
            for order in self.open_orders(account, index):
                position = self.rules[index].position(account)
                if order.is_reduce_only and reducible(position, order.side) == 0:
                    self.end(order, EXPIRED, "reduce_only")
        self.moved.clear()
        events, self.events = self.events, []
        return events

    def tell(self, kind: int, order: Order, reason: str) -> None:
        self.events.append((kind, order.account, order.row(), order.updated, reason))

    def end(self, order: Order, kind: int, reason: str) -> None:
        """An open order leaves."""
        if not order.is_open:
            return
        book = self.books[order.index]
        book.lots[order.side, order.price] = [o for o in book.lots[order.side, order.price] if o != order.id]
        order.status = "canceled" if kind == CANCELLED else "expired"
        order.updated = self.now
        self.tell(kind, order, reason)
