"""Arrays into the order book, and the reads a strategy makes of it.

The stream is the one of `workloads.py`. A time of `apply` is that of the whole stream; `extra_info` holds it
per update and per message.
"""

import numpy as np
import pytest
from benches.workloads import LOT_SIZE, TICK_SIZE, depth_stream

from alipes import OrderBook


@pytest.fixture
def stream():
    return depth_stream()


@pytest.fixture
def book(stream):
    """A book that holds what the stream leaves behind."""
    book = OrderBook(tick_size=TICK_SIZE, lot_size=LOT_SIZE)
    book.apply_columns(stream.is_bid, stream.ticks, stream.steps)
    return book


def per(benchmark, **counts):
    """Adds nanoseconds per unit, from the fastest round."""
    if benchmark.stats is not None:
        for unit, count in counts.items():
            benchmark.extra_info[f"ns_per_{unit}"] = round(benchmark.stats.stats.min / count * 1e9, 2)


def test_apply_columns_int64(benchmark, book, stream):
    benchmark.pedantic(
        book.apply_columns, (stream.is_bid, stream.ticks, stream.steps), rounds=15, warmup_rounds=2
    )
    per(benchmark, update=len(stream.ticks))


def test_apply_columns_float64(benchmark, book, stream):
    price, size = stream.ticks / 10, stream.steps / 1_000_000
    benchmark.pedantic(book.apply_columns, (stream.is_bid, price, size), rounds=10, warmup_rounds=1)
    per(benchmark, update=len(stream.ticks))


def messages_of(stream, *columns):
    """For each message its bids and asks as (k, 2) arrays."""
    levels = np.column_stack(columns)
    starts = np.concatenate(([0], stream.ends[:-1]))
    rows = [(slice(a, b), stream.is_bid[a:b]) for a, b in zip(starts, stream.ends, strict=True)]
    return [(levels[part][is_bid], levels[part][~is_bid]) for part, is_bid in rows]


@pytest.mark.parametrize("dtype", ["int64", "float64"])
def test_apply_per_message(benchmark, book, stream, dtype):
    columns = (stream.ticks, stream.steps) if dtype == "int64" else (stream.ticks / 10, stream.steps / 1e6)
    messages = messages_of(stream, *columns)

    def apply_all():
        apply = book.apply
        for bids, asks in messages:
            apply(bids, asks)

    benchmark.pedantic(apply_all, rounds=7, warmup_rounds=1)
    per(benchmark, message=len(messages), update=len(stream.ticks))


def test_best_bid(benchmark, book):
    benchmark(lambda: book.best_bid)


def test_bbo(benchmark, book):
    benchmark(book.bbo)


def test_depth_of_ten_levels(benchmark, book):
    benchmark(book.depth, 10)


def test_microprice(benchmark, book):
    benchmark(lambda: book.microprice)
