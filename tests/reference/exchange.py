"""Reference of the simulated exchange, part 2: orders, queues and time (rules T, O, M, Q).

Drives like `alipes._core.SimExchange`, so a test can hold one against the other, response by response.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.reference.market import BUY, SELL, Book, Fees, Terms

ACCEPTED, REJECTED, FILL, CANCELLED, EXPIRED, AMENDED, AMEND_REJECTED, CANCEL_REJECTED = range(8)
GTC, IOC, FOK = range(3)
LOWEST = -(2**63)
Response = tuple[int, str, int, str, int, int, str, bool, Decimal, str, str]


@dataclass
class Order:
    """One of our orders."""

    name: str
    side: int
    is_market: bool
    tif: int
    is_post_only: bool
    is_reduce_only: bool
    price: int
    size: int
    venue_id: str = ""
    filled: int = 0
    ahead: int = 0

    @property
    def left(self) -> int:
        return self.size - self.filled

    @property
    def limit(self) -> int | None:
        return None if self.is_market else self.price


@dataclass
class Market:
    """One instrument."""

    terms: Terms
    fees: Fees
    position: int
    book: Book
    orders: list[Order] = field(default_factory=list)
    has_single_trades: bool = False
    last: dict[str, int] = field(default_factory=dict)
    watermark: int = LOWEST
    late: int = 0
    waiting: list[tuple[int, int, int, Any]] = field(default_factory=list)

    def by_priority(self) -> list[Order]:
        """Q5, Q6."""
        bids = sorted((o for o in self.orders if o.side == BUY), key=lambda o: -o.price)
        asks = sorted((o for o in self.orders if o.side == SELL), key=lambda o: o.price)
        return bids + asks

    def reducible(self, side: int) -> int:
        """O4."""
        return max(0, -self.position if side == BUY else self.position)


class Exchange:
    """The simulated exchange."""

    def __init__(self, entry_latency: int, response_latency: int, offset: int | None = None) -> None:
        self.entry_latency, self.response_latency, self.measured = entry_latency, response_latency, offset
        self.offsets, self.highest, self.now = [0], LOWEST, LOWEST
        self.markets: dict[int, Market] = {}
        self.alive: dict[str, int] = {}
        self.out: list[tuple[int, int, Response]] = []
        self.count = self.order_ids = self.trade_ids = 0

    # --- Time ---

    def add_instrument(self, index: int, terms: Terms, fees: Fees, position: int = 0) -> None:
        self.markets[index] = Market(terms, fees, position, Book(terms.lot))

    def offset(self) -> int:
        """T2."""
        return max(self.offsets) if self.measured is None else self.measured

    def arrival(self, now: int) -> int:
        """T3, T4."""
        self.now = max(self.now, now)
        return max(now + self.offset(), self.highest) + self.entry_latency

    def ingest_events(self, ts_recv: int, events: list[tuple[Any, ...]]) -> None:
        """T5 to T8."""
        self.now = max(self.now, ts_recv)
        for index, kind, ts_event, *what in events:
            if ts_event is not None:
                self.highest = max(self.highest, ts_event)
                self.offsets.append(ts_event - ts_recv)
            if index in self.markets:
                self.enqueue_event(self.markets[index], kind, ts_event, what)
        for index in [event[0] for event in events]:
            if index in self.markets:
                self.serve(self.markets[index])

    def enqueue_event(self, market: Market, kind: str, ts_event: int | None, what: list[Any]) -> None:
        """T6, T7."""
        stream = {"reset": "depth", "stale": "depth"}.get(kind, kind)
        if ts_event is not None:
            market.last[stream] = max(ts_event, market.last.get(stream, ts_event))
            market.late += ts_event < market.watermark
            time = max(ts_event, market.watermark)
        else:
            time = max(market.last.values(), default=LOWEST)
        rank = 0 if kind in {"trade", "agg_trade"} else 1
        self.enqueue(market, time, rank, (kind, what))

    def enqueue(self, market: Market, time: int, rank: int, item: Any) -> None:
        self.count += 1
        market.waiting.append((time, rank, self.count, item))

    def serve(self, market: Market) -> None:
        """T5, T7."""
        if market.last:
            lowest, highest = min(market.last.values()), max(market.last.values())
            market.watermark = max(market.watermark, lowest, highest - 250_000_000)
        market.waiting.sort(key=lambda entry: entry[:3])
        while market.waiting and market.waiting[0][0] < market.watermark:
            time, rank, _, (kind, what) = market.waiting.pop(0)
            if rank == 2:
                getattr(self, f"on_{kind}")(market, time, *what)
            else:
                self.on_event(market, time, kind, what)
            self.expire_reduce_only(market, time)
            self.forget_the_dead(market)

    def respond(self, kind: int, time: int, name: str, **details: Any) -> None:
        """T9."""
        due = max(time - self.offset() + self.response_latency, self.now)
        self.count += 1
        d: dict[str, Any] = {"id": "", "price": 0, "size": 0, "trade": "", "maker": False, "fee": Decimal(0)}
        d |= {"asset": "", "reason": ""} | details
        row = (kind, name, time, d["id"], d["price"], d["size"], d["trade"], d["maker"], d["fee"], d["asset"])
        self.out.append((due, self.count, (*row, d["reason"])))

    def poll(self, now: int) -> list[Response]:
        self.now = max(self.now, now)
        self.out.sort(key=lambda entry: entry[:2])
        ready = [response for due, _, response in self.out if due <= now]
        self.out = [entry for entry in self.out if entry[0] > now]
        return ready

    def next_due(self) -> int | None:
        return min((due for due, _, _ in self.out), default=None)

    def queue_ahead(self, name: str) -> int | None:
        orders = [order for market in self.markets.values() for order in market.orders if order.name == name]
        return orders[0].ahead if orders else None

    # --- Requests on their way ---

    def submit(self, now: int, name: str, index: int, *terms: Any) -> None:
        """T4, T10; terms: side, type, tif, post-only, reduce-only, price, size."""
        side, kind, tif, post_only, reduce_only, price, size = terms
        time = self.arrival(now)
        if name in self.alive:
            self.respond(REJECTED, time, name, price=price, size=size, reason="duplicate_client_order_id")
            return
        self.alive[name] = index
        order = Order(name, side, kind == 1, tif, post_only, reduce_only, price, size)
        self.enqueue(self.markets[index], time, 2, ("submit", [order]))

    def amend(self, now: int, name: str, price: int, size: int) -> None:
        """T4, T10."""
        time = self.arrival(now)
        if name in self.alive:
            self.enqueue(self.markets[self.alive[name]], time, 2, ("amend", [name, price, size]))
        else:
            self.respond(AMEND_REJECTED, time, name, price=price, size=size, reason="unknown_order")

    def cancel(self, now: int, name: str) -> None:
        """T4, T10."""
        time = self.arrival(now)
        if name in self.alive:
            self.enqueue(self.markets[self.alive[name]], time, 2, ("cancel", [name]))
        else:
            self.respond(CANCEL_REJECTED, time, name, reason="unknown_order")

    def forget_the_dead(self, market: Market) -> None:
        """T10: ids that are neither open nor on their way."""
        market.orders = [order for order in market.orders if order.left > 0]
        known = {order.name for each in self.markets.values() for order in each.orders}
        for each in self.markets.values():
            known |= {
                item[1][0].name for _, rank, _, item in each.waiting if rank == 2 and item[0] == "submit"
            }
        self.alive = {name: index for name, index in self.alive.items() if name in known}

    # --- Requests at the exchange ---

    def terms_reason(self, market: Market, price: int | None, size: int) -> str:
        if size <= 0 or size % market.terms.lot:
            return "lot"
        if price is not None and price <= 0:
            return "price_rule"
        return ""

    def is_too_small(self, market: Market, order: Order, price: int, size: int) -> bool:
        least = market.terms.min_notional
        if least is None or order.is_market or order.is_reduce_only:
            return False
        return market.terms.value_in_quote(price, size) < least

    def why_not(self, market: Market, order: Order) -> str:
        """O1."""
        reasons = {
            "no_market_data": not market.book.is_known,
            **{reason: True for reason in [self.terms_reason(market, order.limit, order.size)] if reason},
            "post_only_tif": order.is_post_only and (order.is_market or order.tif != GTC),
            "reduce_only": order.is_reduce_only and market.reducible(order.side) == 0,
            "min_notional": self.is_too_small(market, order, order.price, order.size),
            "post_only_would_take": order.is_post_only
            and bool(market.book.takeable(order.side, order.limit)),
        }
        return next((reason for reason, applies in reasons.items() if applies), "")

    def on_submit(self, market: Market, time: int, order: Order) -> None:
        """O1 to O3."""
        details = {"price": order.price, "size": order.size}
        reason = self.why_not(market, order)
        if reason:
            self.respond(REJECTED, time, order.name, **details, reason=reason)
            return
        self.order_ids += 1
        order.venue_id = str(self.order_ids)
        self.respond(ACCEPTED, time, order.name, id=order.venue_id, **details)
        allowed = min(order.size, market.reducible(order.side)) if order.is_reduce_only else order.size
        there = sum(size for _, size in market.book.takeable(order.side, order.limit))
        if order.tif != FOK or min(there, allowed) >= order.size:
            self.take(market, time, order)
        self.rest_or_expire(market, time, order)

    def take(self, market: Market, time: int, order: Order) -> None:
        """M1 to M3, O4."""
        for price, there in market.book.takeable(order.side, order.limit):
            size = min(there, self.allowed(market, order))
            if size > 0:
                market.book.take(order.side, price, size)
                self.fill(market, time, order, price, size, is_maker=False)

    def rest_or_expire(self, market: Market, time: int, order: Order) -> None:
        """O2, Q1."""
        if order.left == 0:
            return
        if order.tif == FOK or order.is_market or order.tif == IOC:
            reason = "fok" if order.tif == FOK else "no_liquidity" if order.is_market else "ioc"
            self.expire(time, order, reason)
        else:
            order.ahead = market.book.queue(order.side, order.price)
            market.orders.append(order)

    def expire(self, time: int, order: Order, reason: str) -> None:
        details = {"id": order.venue_id, "price": order.price, "size": order.left}
        self.respond(EXPIRED, time, order.name, **details, reason=reason)

    def on_cancel(self, market: Market, time: int, name: str) -> None:
        """O5."""
        for order in market.orders:
            if order.name == name:
                details = {"id": order.venue_id, "price": order.price, "size": order.left}
                self.respond(CANCELLED, time, name, **details)
                market.orders.remove(order)
                return
        self.respond(CANCEL_REJECTED, time, name, reason="unknown_order")

    def on_amend(self, market: Market, time: int, name: str, price: int, size: int) -> None:
        """O6."""
        order = next((order for order in market.orders if order.name == name), None)
        if order is None:
            self.respond(AMEND_REJECTED, time, name, price=price, size=size, reason="unknown_order")
            return
        reasons = {
            "no_market_data": not market.book.is_known,
            **{reason: True for reason in [self.terms_reason(market, price, size)] if reason},
            "size_not_above_filled": size <= order.filled,
            "min_notional": price > 0 and self.is_too_small(market, order, price, size),
            "post_only_would_take": order.is_post_only
            and price != order.price
            and bool(market.book.takeable(order.side, price)),
        }
        reason = next((reason for reason, applies in reasons.items() if applies), "")
        kind = AMEND_REJECTED if reason else AMENDED
        self.respond(kind, time, name, id=order.venue_id, price=price, size=size, reason=reason)
        if reason:
            return
        loses_place = price != order.price or size > order.size
        order.price, order.size = price, size
        if loses_place:
            market.orders.remove(order)
            self.take(market, time, order)
            self.rest_or_expire(market, time, order)

    # --- What the market does ---

    def on_event(self, market: Market, time: int, kind: str, what: list[Any]) -> None:
        if kind in {"trade", "agg_trade"}:
            market.has_single_trades |= kind == "trade"
            if kind == "trade" or not market.has_single_trades:
                self.on_trade(market, time, *what)
        elif kind == "stale":
            market.book.stale()
        else:
            {"reset": market.book.reset, "depth": market.book.depth, "touch": market.book.refine}[kind](*what)
            self.after_book(market, time)

    def after_book(self, market: Market, time: int) -> None:
        """Q4, Q5."""
        if not market.book.is_known:
            return
        for order in market.orders:
            order.ahead = min(order.ahead, market.book.queue(order.side, order.price))
        for order in market.by_priority():
            for price, there in market.book.takeable(order.side, order.price):
                size = min(there, self.allowed(market, order))
                if size > 0:
                    self.fill(market, time, order, order.price, size, is_maker=True)
                    market.book.take(order.side, price, size)

    def on_trade(self, market: Market, time: int, price: int, size: int, taker: int, _id: int) -> None:
        """Q2, Q3, Q6."""
        left = size // market.terms.lot * market.terms.lot
        for order in market.by_priority():
            if (order.price > price) if order.side == BUY else (order.price < price):
                through = self.allowed(market, order)
                if through > 0:
                    self.fill(market, time, order, order.price, through, is_maker=True)
                left -= through
        for order in market.by_priority():
            if order.price == price and order.side != taker and left > 0:
                served = min(order.ahead, left)
                order.ahead -= served
                ours = min(left - served, self.allowed(market, order))
                if ours > 0:
                    self.fill(market, time, order, order.price, ours, is_maker=True)
                left -= ours

    def allowed(self, market: Market, order: Order) -> int:
        """O4."""
        return min(order.left, market.reducible(order.side)) if order.is_reduce_only else order.left

    def fill(self, market: Market, time: int, order: Order, price: int, size: int, *, is_maker: bool) -> None:
        self.trade_ids += 1
        order.filled += size
        market.position += size if order.side == BUY else -size
        fee = market.fees.of(market.terms, price, size, is_maker=is_maker)
        details: dict[str, Any] = {"id": order.venue_id, "price": price, "size": size, "maker": is_maker}
        details |= {"fee": Decimal(fee.numerator) / Decimal(fee.denominator), "asset": market.fees.asset}
        self.respond(FILL, time, order.name, trade=str(self.trade_ids), **details)

    def expire_reduce_only(self, market: Market, time: int) -> None:
        """O4."""
        for order in list(market.orders):
            if order.left > 0 and order.is_reduce_only and market.reducible(order.side) == 0:
                self.expire(time, order, "reduce_only")
                market.orders.remove(order)
