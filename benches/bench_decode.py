"""Raw messages into a book that is kept in step: decode, sequence rules, apply, best bid and ask.

The stream is the one of `workloads.py`; a time is that of a whole stream, reported per message.
"""

import gzip
import os
from functools import cache
from pathlib import Path

import pytest
from benches.workloads import LOT_SIZE, TICK_SIZE, depth_stream

from alipes import BookSync, InstrumentSpec
from alipes._core import FeedDecoder

CAPTURE = "binance_usdm_btcusdt_20240808.jsonl.gz"
DEFAULT_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@cache
def stream():
    """Snapshot and messages of the made stream."""
    made = depth_stream()
    return [made.snapshot], made.messages


@cache
def capture():
    """What a real capture needs before its book is in step, and its depth messages after."""
    path = Path(os.environ.get("ALIPES_DATA", DEFAULT_DATA)) / CAPTURE
    if not path.is_file():
        pytest.skip(f"no capture at {path}: set ALIPES_DATA")
    with gzip.open(path) as file:
        messages = [line.rstrip(b"\n").split(b" ", 1)[1] for line in file]
    start = next(at for at, raw in enumerate(messages) if raw.startswith(b'{"lastUpdateId"')) + 1
    return messages[:start], [raw for raw in messages[start:] if b"depthUpdate" in raw]


SOURCES = {"stream": stream, "real_capture": capture}


def new_sync(before):
    sync = BookSync("binanceusdm", "BTC/USDT:USDT", tick_size=TICK_SIZE, lot_size=LOT_SIZE)
    for raw in before:
        sync.feed(raw)
    return sync


def run(benchmark, work, make, messages, rounds=20):
    """Times ``work`` on a fresh subject each round."""
    benchmark.extra_info |= {"unit": "message", "per_round": len(messages)}
    benchmark.pedantic(work, setup=lambda: ((make(), messages), {}), rounds=rounds, warmup_rounds=2)


@pytest.mark.parametrize("source", SOURCES)
def test_feed(benchmark, source):
    before, messages = SOURCES[source]()
    synced = []

    def feed(sync, messages):
        feed = sync.feed
        for raw in messages:
            feed(raw)
        synced.append(sync.state == "synced")

    run(benchmark, feed, lambda: new_sync(before), messages)
    assert all(synced)


@pytest.mark.parametrize("source", SOURCES)
def test_feed_many(benchmark, source):
    before, messages = SOURCES[source]()
    run(benchmark, lambda sync, messages: sync.feed_many(messages), lambda: new_sync(before), messages)


def test_feed_and_read_touch(benchmark):
    before, messages = stream()

    def feed(sync, messages):
        feed, book = sync.feed, sync.book
        for raw in messages:
            feed(raw)
            book.bbo()

    run(benchmark, feed, lambda: new_sync(before), messages)


def test_feed_strict_parser(benchmark):
    """What a message costs that the scanner does not take."""
    before, messages = stream()

    def make():
        sync = new_sync(before)
        sync._force_parser("strict")
        return sync

    run(benchmark, lambda sync, messages: sync.feed_many(messages), make, messages[:2_000], rounds=5)


def test_feed_decoder_on_frame(benchmark):
    before, messages = stream()
    grids = {"tick_size": TICK_SIZE, "lot_size": LOT_SIZE}
    spec = InstrumentSpec(symbol="BTC/USDT:USDT", base="BTC", quote="USDT", **grids)

    def make():
        decoder = FeedDecoder("binanceusdm")
        decoder.add("BTC/USDT:USDT", 0, spec)
        for raw in before:
            decoder.on_frame(raw, 0)
        return decoder

    def feed(decoder, messages):
        on_frame = decoder.on_frame
        for at, raw in enumerate(messages):
            on_frame(raw, at)

    run(benchmark, feed, make, messages)
