"""Columns the slow and obvious way: json, dictionaries, exact fractions.

Nothing is shared with the compiled code but the formulas, written out again. Sums are exact integers.
"""

import json
import math
import re
from fractions import Fraction

NS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9}
NAN = math.nan
FLOWS = {
    "ofi": ["ofi"],
    "ofi_ticker": ["ofi_ticker"],
    "trade_count": ["buys", "sells"],
    "buy_count": ["buys"],
    "sell_count": ["sells"],
    "volume": ["bought", "sold"],
    "buy_volume": ["bought"],
    "sell_volume": ["sold"],
}


def duration(text):
    number, unit = re.fullmatch(r"([\d.]+) ?([a-z]+)", text).groups()
    return int(Fraction(number) * NS[unit])


class Grid:
    def __init__(self, step, decimals):
        self.step, self.scale = step, 10.0**decimals
        self.unit = Fraction(step, 10**decimals)

    def units(self, text):
        value = Fraction(text) / self.unit
        floor = value.numerator // value.denominator
        return floor + (value - floor >= Fraction(1, 2))

    def value(self, units):
        return float(units) * float(self.step) / self.scale


class Book:
    """Dictionary book and the venue's alignment rule."""

    def __init__(self, price, size, *, is_usdm):
        self.price, self.size, self.is_usdm = price, size, is_usdm
        self.bids, self.asks, self.waiting, self.last = {}, {}, [], None

    def put(self, bids, asks):
        for side, levels in ((self.bids, bids), (self.asks, asks)):
            for price, size in levels:
                ticks, steps = self.price.units(price), self.size.units(size)
                if steps:
                    side[ticks] = steps
                else:
                    side.pop(ticks, None)

    def on_snapshot(self, data):
        self.put(data["bids"], data["asks"])
        self.last = data["lastUpdateId"]
        for event in self.waiting:
            if event["u"] < self.last if self.is_usdm else event["u"] <= self.last:
                continue
            self.put(event["b"], event["a"])
            self.last = event["u"]

    def on_depth(self, event):
        if self.last is None:
            self.waiting.append(event)
            return False
        self.put(event["b"], event["a"])
        self.last = event["u"]
        return True

    def touch(self):
        bid = max(self.bids, default=None)
        ask = min(self.asks, default=None)
        return (bid, self.bids.get(bid)), (ask, self.asks.get(ask))


def ofi(before, now):
    """Cont, Kukanov, Stoikov (2014), eq. (4), in size steps."""
    if before is None or None in (before[0][0], before[1][0], now[0][0], now[1][0]):
        return 0
    (pb, qb), (pa, qa) = before
    (pb2, qb2), (pa2, qa2) = now
    return (pb2 >= pb) * qb2 - (pb2 <= pb) * qb - (pa2 <= pa) * qa2 + (pa2 >= pa) * qa


def measure(name, argument, book):
    if book.last is None:
        return NAN
    (bid, bid_size), (ask, ask_size) = book.touch()
    price, size = book.price.value, book.size.value
    measures = {
        "bid": lambda: price(bid),
        "ask": lambda: price(ask),
        "bid_size": lambda: size(bid_size),
        "ask_size": lambda: size(ask_size),
        "mid": lambda: price(bid + ask) / 2,
        "spread": lambda: price(ask - bid),
        "microprice": lambda: price(bid + float(ask - bid) * (bid_size / (bid_size + ask_size))),
        "imbalance": lambda: imbalance(book, int(argument or 1)),
        "depth_bid": lambda: depth(book, book.bids, (bid + ask) / 2, argument),
        "depth_ask": lambda: depth(book, book.asks, (bid + ask) / 2, argument),
    }
    return measures[name]()


def imbalance(book, levels):
    bids = sum(book.bids[price] for price in sorted(book.bids, reverse=True)[:levels])
    asks = sum(book.asks[price] for price in sorted(book.asks)[:levels])
    return (bids - asks) / (bids + asks)


def depth(book, side, mid, argument):
    reach = mid * float(argument.removesuffix("bps")) / 1e4
    return book.size.value(sum(steps for ticks, steps in side.items() if abs(ticks - mid) <= reach))


class Column:
    def __init__(self, text):
        self.name, self.argument = re.fullmatch(r"(\w+)(?:\((.*)\))?", text).groups()
        if self.name == "ewma":
            inner, half_life = self.argument.rsplit(",", 1)
            self.inner, self.half_life = Column(inner.strip()), duration(half_life.strip())
            self.mean = self.held = NAN
            self.held_at = None

    def settle(self, at):
        """The exponential mean up to a time, the held value being constant since it came."""
        if self.held_at is not None and at > self.held_at:
            self.mean = self.held + (self.mean - self.held) * 2.0 ** (-(at - self.held_at) / self.half_life)
            self.held_at = at

    def hold(self, at, value):
        self.settle(at)
        if math.isnan(self.mean):
            self.mean = value
        self.held, self.held_at = value, at


class Slow:
    def __init__(self, names, *, price, size, is_usdm, every=None):
        self.names, self.columns = names, [Column(name) for name in names]
        self.book = Book(price, size, is_usdm=is_usdm)
        self.every, self.due = every and duration(every), None
        self.events, self.since = [], 0
        self.now = self.ts_event = 0
        self.last_trade = self.quote = self.ticker = None
        self.rows = {name: [] for name in names}

    def run(self, frames):
        for ts_recv, raw in frames:
            self.on_frame(ts_recv, json.loads(raw))
        return self.rows

    def on_frame(self, ts_recv, message):
        data = message.get("data", message)
        kind = data.get("e") or ("snapshot" if "lastUpdateId" in data else "bookTicker")
        if kind == "depthUpdate" and self.book.last is None:
            self.book.on_depth(data)
            return
        self.now = max(self.now, ts_recv)
        if self.every:
            while self.due is not None and self.due <= self.now:
                self.row(self.due)
            self.due = (self.now // self.every + 1) * self.every
        self.take(kind, data)
        if not self.every:
            self.row(self.now)

    def take(self, kind, data):
        time = data.get("T", data.get("E"))
        self.ts_event = self.ts_event if time is None else time * 10**6
        flow = {"ofi": 0, "ofi_ticker": 0, "buys": 0, "sells": 0, "bought": 0, "sold": 0}
        if kind in {"depthUpdate", "snapshot"}:
            before = self.book.touch() if kind == "depthUpdate" else None
            (self.book.on_depth if kind == "depthUpdate" else self.book.on_snapshot)(data)
            flow["ofi"] = ofi(before, self.book.touch())
            for column in self.columns:
                if column.name == "ewma":
                    column.hold(self.now, measure(column.inner.name, column.inner.argument, self.book))
        elif kind == "bookTicker":
            price, size = self.book.price.units, self.book.size.units
            now = (price(data["b"]), size(data["B"])), (price(data["a"]), size(data["A"]))
            flow["ofi_ticker"] = ofi(self.ticker, now)
            self.ticker = now
        else:
            self.last_trade = self.book.price.units(data["p"]), self.book.size.units(data["q"])
            flow["sells" if data["m"] else "buys"] = 1
            flow["sold" if data["m"] else "bought"] = self.last_trade[1]
        self.events.append((self.now, flow))

    def row(self, at):
        for name, column in zip(self.names, self.columns, strict=True):
            self.rows[name].append(self.value(column, at))
        self.since = len(self.events)
        if self.every:
            self.due = at + self.every

    def value(self, column, at):
        name, size = column.name, self.book.size.value
        if name in FLOWS:
            total = self.total(column, at, *FLOWS[name])
            return float(total) if name.endswith("count") else size(total)
        if name == "ewma":
            column.settle(at)
            return column.mean
        if name.startswith("last"):
            price, steps = self.last_trade or (NAN, NAN)
            return self.book.price.value(price) if name == "last_price" else size(steps)
        times = {"ts_event": self.ts_event, "ts_recv": at}
        return times[name] if name in times else measure(name, column.argument, self.book)

    def total(self, column, at, *keys):
        if column.argument is None:
            events = self.events[self.since :]
        else:
            start = at - duration(column.argument)
            events = [event for event in self.events[-3000:] if event[0] >= start]
        return sum(flow[key] for _, flow in events for key in keys)
