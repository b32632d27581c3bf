"""Reference of the live exchange, part 6: requests, the outside market, marks, funding (rules C, A, X, L, N).

Drives like `alipes._core.LiveExchange`, so a test can hold one against the other, event by event.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from tests.reference.live_matching import Matching
from tests.reference.live_order import (
    ACCEPTED,
    AMEND_REJECTED,
    AMENDED,
    CANCEL_REJECTED,
    CANCELLED,
    EXPIRED,
    FOK,
    GTC,
    IOC,
    REJECTED,
    Event,
    Order,
    Walk,
    reducible,
)
from tests.reference.market import BUY, SELL, Level


class LiveExchange(Matching):
    """The live exchange."""

    # --- Requests ---

    def submit(self, now: int, account: int, name: str, index: int, side: int, *terms: Any) -> list[Event]:
        """C1, C2; the terms are type, tif, post_only, reduce_only, price, size, stp."""
        self.begin(now)
        order = self.made(account, (name, index, side), terms)
        walk = self.walk(order)
        reason = self.refusal(order, walk)
        if reason:
            order.status = "rejected"
            self.tell(REJECTED, order, reason)
        else:
            self.accept(order, walk)
        return self.finish()

    def made(self, account: int, what: tuple[str, int, int], terms: tuple[Any, ...]) -> Order:
        """An order that has just come: name, instrument and side; type, tif, flags, price, size, stp."""
        return Order(0, account, *what, *terms, self.now, self.now)

    def accept(self, order: Order, walk: Walk) -> None:
        """C2, M3."""
        order.id = len(self.orders) + 1
        self.orders.append(order)
        self.tell(ACCEPTED, order, "")
        if order.tif == FOK and walk.lots * self.books[order.index].lot < order.size:
            self.end(order, EXPIRED, "fok")
            return
        self.carry_out(order, walk)
        if order.left == 0:
            return
        ends = "no_liquidity" if order.kind == 1 else ["", "ioc", "fok"][order.tif]
        reason = "stp" if walk.is_stopped else ends
        if reason:
            self.end(order, EXPIRED, reason)
        else:
            self.rest(order)

    def rest(self, order: Order) -> None:
        """M2, R2."""
        book = self.books[order.index]
        book.lots[order.side, order.price] += [order.id] * (order.left // book.lot)
        self.moved.add((order.account, order.index))

    def value_of(self, order: Order, walk: Walk) -> int:
        """Price times size of what a taker takes."""
        return sum(step[1] * step[2] for step in walk.trades) * self.books[order.index].lot

    def grid_refusal(self, order: Order, walk: Walk) -> str:
        """The first checks of C1 and A2."""
        rules = self.rules[order.index]
        if order.size <= 0 or order.size % rules.terms.lot:
            return "lot"
        if order.limit is not None and order.limit <= 0:
            return "price_rule"
        price = (rules.mark or 1) if order.limit is None else order.limit
        value = max(price * order.size, self.value_of(order, walk) if order.id == 0 else 0)
        return "notional_too_large" if value > 10**22 or order.size > 10**15 else ""

    def is_small(self, order: Order) -> bool:
        terms = self.rules[order.index].terms
        is_exempt = order.limit is None or terms.min_notional is None or order.is_reduce_only
        return not is_exempt and terms.value_in_quote(order.price, order.size) < (terms.min_notional or 0)

    def refusal(self, order: Order, walk: Walk) -> str:
        """C1."""
        position = self.rules[order.index].position(order.account)
        names = [other.name for other in self.open_orders(order.account)]
        whole = (order.price * order.size, order.size)
        if order.kind == 1:
            whole = (self.value_of(order, walk), walk.lots * self.books[order.index].lot)
        lacks = self.lacks(order.account, order.index, order.side, whole[0], whole)
        is_short = not order.is_reduce_only and lacks
        checks = {
            "post_only_tif": order.is_post_only and (order.kind == 1 or order.tif != GTC),
            "duplicate_client_order_id": order.name in names,
            "reduce_only": order.is_reduce_only and reducible(position, order.side) == 0,
            "min_notional": self.is_small(order),
            "insufficient_margin": is_short,
            "post_only_would_take": order.is_post_only and walk.is_taking,
        }
        failed = [reason for reason, is_failed in checks.items() if is_failed]
        return self.grid_refusal(order, walk) or next(iter(failed), "")

    def cancel(self, now: int, account: int, order_id: int) -> list[Event]:
        """A1."""
        self.begin(now)
        order = self.known(account, order_id)
        if order.is_open:
            self.end(order, CANCELLED, "")
        else:
            self.tell(CANCEL_REJECTED, order, "unknown_order")
        return self.finish()

    def cancel_all(self, now: int, account: int, index: int) -> list[Event]:
        """A1."""
        self.begin(now)
        for order in self.open_orders(account, index):
            self.end(order, CANCELLED, "")
        return self.finish()

    def known(self, account: int, order_id: int) -> Order:
        """An order of the account, or the empty one of A2."""
        for order in self.orders:
            if (order.id, order.account) == (order_id, account):
                return order
        empty = self.made(account, ("", 0, 0), (0, GTC, False, False, 0, 0, 0))
        empty.id, empty.status = order_id, "rejected"
        return empty

    def amend(self, now: int, account: int, order_id: int, price: int, size: int) -> list[Event]:
        """A2."""
        self.begin(now)
        order = self.known(account, order_id)
        if not order.is_open:
            self.tell(AMEND_REJECTED, order, "unknown_order")
            return self.finish()
        new = Order(**(vars(order) | {"price": price, "size": size}))
        walk = self.walk(new)
        reason = self.amend_refusal(order, new, walk)
        if reason:
            self.tell(AMEND_REJECTED, order, reason)
            return self.finish()
        keeps_place = price == order.price and size <= order.size
        book = self.books[order.index]
        gone = order.left - new.left if keeps_place else order.left
        lots = book.lots[order.side, order.price]
        for _ in range(gone // book.lot):
            lots.remove(order.id)
        order.price, order.size, order.updated = price, size, self.now
        self.tell(AMENDED, order, "")
        if not keeps_place:
            self.carry_out(order, walk)
            if order.left and walk.is_stopped:
                self.end(order, EXPIRED, "stp")
            elif order.left:
                self.rest(order)
        return self.finish()

    def amend_refusal(self, order: Order, new: Order, walk: Walk) -> str:
        """A2."""
        reason = self.grid_refusal(new, walk)
        if reason:
            return reason
        if new.size <= order.filled:
            return "size_not_above_filled"
        if self.is_small(new):
            return "min_notional"
        cost = new.price * new.left - order.price * order.left
        whole = (new.price * new.left, new.left)
        if not new.is_reduce_only and self.lacks(order.account, order.index, order.side, cost, whole):
            return "insufficient_margin"
        is_taking = new.price != order.price and walk.is_taking
        return "post_only_would_take" if order.is_post_only and is_taking else ""

    # --- The outside market ---

    def ingest_events(self, now: int, events: list[Event]) -> list[Event]:
        """X1 to X5."""
        self.begin(now)
        for index, kind, _, *what in events:
            book = self.books[index]
            if kind in {"trade", "agg_trade"}:
                self.outside_trade(index, kind, what)
                continue
            if kind == "touch":
                book.refine(*what)
            elif kind == "stale":
                book.stale()
            else:
                book.update(*what, is_reset=kind == "reset")
            self.cross(index)
        return self.finish()

    def outside_trade(self, index: int, kind: str, what: list[Any]) -> None:
        """X4."""
        price, size, side, _ = what
        lot = self.books[index].lot
        if kind == "trade":
            self.has_single_trades.add(index)
        elif index in self.has_single_trades:
            return
        size -= size % lot
        if size == 0:
            return
        taker = self.made(0, ("", index, side), (0, IOC, False, False, price, size, 0))
        walk = self.walk(taker)
        self.carry_out(taker, walk)
        if size > walk.lots * lot:
            self.publish(index, price, size - walk.lots * lot, side)

    def cross(self, index: int) -> None:
        """X5."""
        book = self.books[index]
        for side in (BUY, SELL):
            resting = [owner for price in book.prices(side) for owner in book.lots[side, price] if owner]
            for owner in dict.fromkeys(resting):
                order = self.orders[owner - 1]
                for price, there in list(self.offers(index, 1 - side, order.price)):
                    position = self.rules[index].position(order.account)
                    left = min(order.left, reducible(position, side)) if order.is_reduce_only else order.left
                    lots = min(left // book.lot, there)
                    if lots > 0:
                        book.remove(1 - side, price, 0, lots, is_taken=True)
                        book.remove(side, order.price, owner, lots)
                        self.trade(index, order.price, lots * book.lot, 1 - side, order, None)

    def offers(self, index: int, side: int, limit: int) -> Iterator[Level]:
        """Outside lots at each price that reaches a limit, best first."""
        book = self.books[index]
        for price in book.prices(side, limit):
            yield price, book.lots[side, price].count(0)

    # --- Marks and funding ---

    def fund(self, now: int, index: int, rate: str) -> list[Event]:
        """N1."""
        self.begin(now)
        for account in range(1, len(self.money.wallets)):
            exact = self.rules[index].value(account) * Fraction(rate) * 10**8
            paid = Fraction((exact + Fraction(1, 2)).__floor__(), 10**8)
            self.move(account, self.rules[index].terms.quote, -paid, "funding", index)
        self.liquidate(index)
        return self.finish()

    def mark(self, now: int, index: int, price: int) -> list[Event]:
        """L1."""
        self.begin(now)
        self.rules[index].mark = price
        self.liquidate(index)
        return self.finish()

    def liquidate(self, index: int) -> None:
        """L1, L2."""
        asset = self.rules[index].terms.quote
        for account in range(1, len(self.money.wallets)):
            if self.rules[index].position(account) == 0 or self.is_carried(account, asset):
                continue
            indices = sorted(i for i, rules in self.rules.items() if rules.terms.quote == asset)
            for at in indices:
                for order in self.open_orders(account, at):
                    self.end(order, EXPIRED, "liquidation")
            for at in indices:
                self.close(account, at)
            wallet = self.money.wallets[account].get(asset, Fraction(0))
            if wallet < 0 and not any(self.rules[at].position(account) for at in indices):
                self.move(account, asset, -wallet, "insurance_clear", None)

    def close(self, account: int, index: int) -> None:
        """L1."""
        position = self.rules[index].position(account)
        name = f"autoclose-{self.liquidations + 1}"
        side = SELL if position > 0 else BUY
        order = self.made(account, (name, index, side), (1, IOC, False, True, 0, abs(position), 0))
        walk = self.walk(order)
        if walk.lots:
            self.liquidations += 1
            self.accept(order, walk)

    def move(self, account: int, asset: str, amount: Fraction, why: str, index: int | None) -> None:
        """Money from the outside market to an account."""
        for at, change in ((0, -amount), (account, amount)):
            self.money.book(self.now, at, asset, change, why, index, None)
            self.events += self.money.balance(self.now, at, asset, change, why)
