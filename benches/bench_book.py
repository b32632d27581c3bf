"""Arrays into the order book, and the reads a strategy makes of it; the stream is that of `workloads.py`."""

from itertools import repeat

import numpy as np
import pytest
from benches.workloads import LOT_SIZE, TICK_SIZE, depth_stream

from alipes import OrderBook

READS = 1_000


@pytest.fixture
def stream():
    return depth_stream()


@pytest.fixture
def book(stream):
    """A book that holds what the stream leaves behind."""
    book = OrderBook(tick_size=TICK_SIZE, lot_size=LOT_SIZE)
    book.apply_columns(stream.is_bid, stream.ticks, stream.steps)
    return book


def columns(stream, dtype):
    """Prices and sizes as ticks and size steps, or as floats."""
    return (stream.ticks, stream.steps) if dtype == "int64" else (stream.ticks / 10, stream.steps / 1e6)


@pytest.mark.parametrize("dtype", ["int64", "float64"])
def test_apply_columns(benchmark, book, stream, dtype):
    benchmark.extra_info.update(unit="update", per_round=len(stream.ticks))
    arguments = (stream.is_bid, *columns(stream, dtype))
    benchmark.pedantic(book.apply_columns, arguments, rounds=20, warmup_rounds=2)


@pytest.mark.parametrize("dtype", ["int64", "float64"])
def test_apply_per_message(benchmark, book, stream, dtype):
    levels = np.column_stack(columns(stream, dtype))
    bounds = zip(np.concatenate(([0], stream.ends[:-1])), stream.ends, strict=True)
    parts = [(levels[first:last], stream.is_bid[first:last]) for first, last in bounds]
    messages = [(part[is_bid], part[~is_bid]) for part, is_bid in parts]

    def apply_all():
        for bids, asks in messages:
            book.apply(bids, asks)

    benchmark.extra_info.update(unit="message", per_round=len(messages))
    benchmark.pedantic(apply_all, rounds=10, warmup_rounds=1)


# Reads are timed with the loop around them, some 10 ns each.


def test_book_best_bid(benchmark, book):
    def read():
        for _ in repeat(None, READS):
            _ = book.best_bid

    benchmark.extra_info.update(unit="read", per_round=READS)
    benchmark(read)


def test_book_bbo(benchmark, book):
    def read():
        for _ in repeat(None, READS):
            book.bbo()

    benchmark.extra_info.update(unit="read", per_round=READS)
    benchmark(read)


def test_book_microprice(benchmark, book):
    def read():
        for _ in repeat(None, READS):
            _ = book.microprice

    benchmark.extra_info.update(unit="read", per_round=READS)
    benchmark(read)


def test_book_depth_of_ten(benchmark, book):
    def read():
        for _ in repeat(None, READS):
            book.depth(10)

    benchmark.extra_info.update(unit="read", per_round=READS)
    benchmark(read)
