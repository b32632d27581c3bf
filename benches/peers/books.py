"""One depth stream through every order book; run by `run.py` in the environment of the peers.

Every contender gets the same bytes, keeps a full book and reads the touch after each message, and must end on
the same touch. A figure is the best of several runs; the order of contenders rotates, so a slow moment of the
machine does not fall on one of them alone. The last line is one JSON object.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import orjson

import alipes

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from workloads import LOT_SIZE, TICK_SIZE, DepthStream, depth_stream

ROUNDS = 5
READS = 200_000

Touch = tuple[float, float]
Contender = Callable[[DepthStream], tuple[float, Touch, Callable[[], object]]]


def orjson_alone(stream: DepthStream) -> tuple[float, Touch, Callable[[], object]]:
    """The floor of every Python book: parsing, and nothing else."""
    start = time.perf_counter()
    for raw in stream.messages:
        orjson.loads(raw)
    return time.perf_counter() - start, touch_of(stream), lambda: None


def alipes_feed(stream: DepthStream) -> tuple[float, Touch, Callable[[], object]]:
    """`sync.feed(raw)` and a touch read, message by message."""
    sync = alipes.BookSync("binanceusdm", "BTC/USDT:USDT", tick_size=TICK_SIZE, lot_size=LOT_SIZE)
    sync.snapshot(stream.snapshot)
    book, feed = sync.book, sync.feed
    start = time.perf_counter()
    for raw in stream.messages:
        feed(raw)
        book.best_bid, book.best_ask  # noqa: B018 -- the read is the work
    elapsed = time.perf_counter() - start
    return elapsed, (book.best_bid, book.best_ask), lambda: (book.best_bid, book.best_ask)


def alipes_feed_many(stream: DepthStream) -> tuple[float, Touch, Callable[[], object]]:
    """`sync.feed_many(messages)`: the touch after each message as one array."""
    sync = alipes.BookSync("binanceusdm", "BTC/USDT:USDT", tick_size=TICK_SIZE, lot_size=LOT_SIZE)
    sync.snapshot(stream.snapshot)
    start = time.perf_counter()
    bbo = sync.feed_many(stream.messages)
    elapsed = time.perf_counter() - start
    return elapsed, (bbo[-1, 0], bbo[-1, 2]), sync.book.bbo


def ccxt_pro(stream: DepthStream) -> tuple[float, Touch, Callable[[], object]]:
    """ccxt.pro's order book, as its exchange classes drive it."""
    from ccxt.async_support.base.ws.order_book import OrderBook

    snapshot = orjson.loads(stream.snapshot)
    sides = {side: [[float(p), float(q)] for p, q in snapshot[side]] for side in ("bids", "asks")}
    book = OrderBook(sides)
    bids, asks = book["bids"], book["asks"]
    start = time.perf_counter()
    for raw in stream.messages:
        message = orjson.loads(raw)
        for price, size in message["b"]:
            bids.storeArray([float(price), float(size)])
        for price, size in message["a"]:
            asks.storeArray([float(price), float(size)])
        bids[0][0], asks[0][0]
    elapsed = time.perf_counter() - start
    return elapsed, (bids[0][0], asks[0][0]), lambda: (bids[0][0], asks[0][0])


def order_book_c(stream: DepthStream) -> tuple[float, Touch, Callable[[], object]]:
    """The C extension `order-book`."""
    from order_book import OrderBook

    book, snapshot = OrderBook(), orjson.loads(stream.snapshot)
    bids, asks = book.bids, book.asks
    for side, name in ((bids, "bids"), (asks, "asks")):
        for price, size in snapshot[name]:
            side[float(price)] = float(size)
    start = time.perf_counter()
    for raw in stream.messages:
        message = orjson.loads(raw)
        for side, name in ((bids, "b"), (asks, "a")):
            for text, lots in message[name]:
                price, size = float(text), float(lots)
                if size:
                    side[price] = size
                elif price in side:
                    del side[price]
        bids.index(0), asks.index(0)
    elapsed = time.perf_counter() - start
    return elapsed, (bids.index(0)[0], asks.index(0)[0]), lambda: (bids.index(0), asks.index(0))


def nautilus(stream: DepthStream) -> tuple[float, Touch, Callable[[], object]]:
    """nautilus_trader's compiled book, fed with the delta objects its adapters make from Python."""
    from nautilus_trader.core import nautilus_pyo3 as nt

    instrument = nt.InstrumentId.from_str("BTCUSDT-PERP.BINANCE")
    book = nt.OrderBook(instrument, nt.BookType.L2_MBP)
    names = ((nt.OrderSide.BUY, "b", "bids"), (nt.OrderSide.SELL, "a", "asks"))

    def deltas(message: dict[str, list[list[str]]], key: int, sequence: int) -> object:
        rows = []
        for name in names:
            for price, size in message[name[key]]:
                action = nt.BookAction.UPDATE if float(size) else nt.BookAction.DELETE
                order = nt.BookOrder(name[0], nt.Price.from_str(price), nt.Quantity.from_str(size), 0)
                rows.append(nt.OrderBookDelta(instrument, action, order, 0, sequence, sequence, sequence))
        return nt.OrderBookDeltas(instrument, rows)

    book.apply_deltas(deltas(orjson.loads(stream.snapshot), 2, 0))
    start = time.perf_counter()
    for sequence, raw in enumerate(stream.messages, 1):
        book.apply_deltas(deltas(orjson.loads(raw), 1, sequence))
        book.best_bid_price(), book.best_ask_price()
    elapsed = time.perf_counter() - start
    touch = float(str(book.best_bid_price())), float(str(book.best_ask_price()))
    return elapsed, touch, lambda: (book.best_bid_price(), book.best_ask_price())


CONTENDERS: dict[str, Contender] = {
    "alipes sync.feed": alipes_feed,
    "alipes sync.feed_many": alipes_feed_many,
    "orjson.loads alone": orjson_alone,
    "ccxt.pro order book": ccxt_pro,
    "order-book (C)": order_book_c,
    "nautilus_trader book": nautilus,
}


def touch_of(stream: DepthStream) -> Touch:
    """The true touch after the last message."""
    return stream.touch[0] / 10, stream.touch[1] / 10


def time_reads(read: Callable[[], object]) -> float:
    """Nanoseconds of one read of both best prices, the call of the lambda included for everyone."""
    start = time.perf_counter()
    for _ in range(READS):
        read()
    return (time.perf_counter() - start) / READS * 1e9


def main() -> None:
    """Runs every contender, rotating, and prints the table and the JSON line."""
    stream = depth_stream(20_000, 7)
    best: dict[str, float] = {}
    reads: dict[str, float] = {}
    names = list(CONTENDERS)
    for turn in range(ROUNDS):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            elapsed, touch, read = CONTENDERS[name](stream)
            if max(abs(touch[0] - touch_of(stream)[0]), abs(touch[1] - touch_of(stream)[1])) > 1e-9:
                sys.exit(f"{name} ends on {touch}, not on {touch_of(stream)}")
            best[name] = min(best.get(name, elapsed), elapsed)
            reads[name] = min(reads.get(name, 1e12), time_reads(read))
    report(stream, best, reads)


def report(stream: DepthStream, best: dict[str, float], reads: dict[str, float]) -> None:
    """Prints microseconds a message, nanoseconds an update, and how many times slower than `sync.feed`."""
    ours, messages, updates = best["alipes sync.feed"], len(stream.messages), len(stream.ticks)
    print(
        f"{messages} messages, {updates / messages:.1f} updates and "
        f"{sum(map(len, stream.messages)) / messages:.0f} bytes each; best of {ROUNDS}"
    )
    print(f"{'':24}{'us/message':>12}{'ns/update':>12}{'x sync.feed':>12}{'touch, ns':>12}")
    for name, elapsed in best.items():
        row = f"{name:24}{elapsed / messages * 1e6:12.2f}{elapsed / updates * 1e9:12.1f}"
        print(f"{row}{elapsed / ours:12.1f}{reads[name]:12.0f}")
    figures = {name: round(elapsed / messages * 1e6, 3) for name, elapsed in best.items()}
    ratios = {name: round(elapsed / ours, 2) for name, elapsed in best.items()}
    print(json.dumps({"us_per_message": figures, "ratio_to_sync_feed": ratios}))


if __name__ == "__main__":
    main()
