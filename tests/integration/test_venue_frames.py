"""Frames whose results are published with them: books and trades follow from the bytes."""

import json

import pytest

from alipes import BookSync, InstrumentSpec
from alipes._core import FeedDecoder

TERMS = {
    "BTC/USDT:USDT": ("binanceusdm", {"tick_size": "0.1", "lot_size": "0.001"}),
    "BTC/USDT": ("binance", {"tick_size": "0.01", "lot_size": "0.00001"}),
}


@pytest.fixture(scope="module")
def methods(data_dir):
    path = data_dir / "frames" / "binance.json"
    if not path.is_file():
        pytest.skip(f"no frames at {path}")
    return json.loads(path.read_bytes())["methods"]


def raw(frame):
    return json.dumps(frame, separators=(",", ":")).encode()


def check_book(sync, expected):
    for side, name in (("bid", "bids"), ("ask", "asks")):
        levels = sync.book.levels(side)[: len(expected[name])]
        assert levels.tolist() == [[float(price), float(size)] for price, size in expected[name]]


@pytest.mark.parametrize("is_snapshot_first", [True, False])
def test_books_are_as_published(methods, is_snapshot_first):
    for case in methods["watchOrderBook"]:
        venue, terms = TERMS[case["input"][0]]
        sync = BookSync(venue, case["input"][0], **terms)
        expected = dict(zip(case["expected_after"], case["expected"], strict=True))
        if is_snapshot_first:
            sync.snapshot(raw(case["rest"]))
        if is_snapshot_first and -1 in expected:
            check_book(sync, expected[-1])
        for at, frame in enumerate(case["messages"]):
            sync.feed(raw(frame))
            if is_snapshot_first and at in expected:
                assert sync.state == "synced"
                check_book(sync, expected[at])
        if not is_snapshot_first:
            assert sync.snapshot(raw(case["rest"])) == "synced", case["description"]
        check_book(sync, case["expected"][-1])
        assert sync.last_update_id == case["expected"][-1]["nonce"]
        assert sync.stats()["gaps"] == 0


def test_the_snapshot_of_the_recorded_case_holds_all_but_the_last_event(methods):
    case = next(case for case in methods["watchOrderBook"] if case["nature"] == "recorded")
    sync = BookSync("binanceusdm", "BTC/USDT:USDT", tick_size="0.1", lot_size="0.001")
    for frame in case["messages"]:
        sync.feed(raw(frame))
    sync.snapshot(raw(case["rest"]))
    stats = sync.stats()
    assert (stats["replayed"], stats["scanned"], stats["strict"]) == (1, 12, 1), (
        "only the reply is no known shape"
    )


def test_trades_are_as_published(methods):
    for case in methods["watchTrades"]:
        symbol = case["input"][0]
        venue, terms = TERMS[symbol]
        decoder, seen = FeedDecoder(venue), []
        decoder.add(symbol, 0, InstrumentSpec(symbol=symbol, base="BTC", quote="USDT", **terms))
        for frame in case["messages"]:
            decoder.on_frame(raw(frame), 0)
            seen += decoder.last_trades()
        published = [trade for batch in case["expected"] for trade in batch]
        assert len(seen) == len(published)
        for (_, ts_event, price, size, taker, trade_id), expected in zip(seen, published, strict=True):
            assert ts_event == expected["timestamp"] * 1_000_000
            assert (price, size, taker) == (expected["price"], expected["amount"], expected["side"])
            assert str(trade_id) == expected["id"]


def venues_of(frame):
    """Venues that may send a frame: only futures name the event before in a depth event."""
    if frame.get("e") == "depthUpdate":
        return ["BTC/USDT:USDT" if "pu" in frame else "BTC/USDT"]
    return list(TERMS)


def test_no_frame_of_the_venue_is_refused(methods):
    frames = [frame for cases in methods.values() for case in cases for frame in case["messages"]]
    assert len(frames) > 40
    for frame in frames:
        for symbol in venues_of(frame):
            venue, terms = TERMS[symbol]
            assert BookSync(venue, symbol, **terms).feed(raw(frame)) in {"empty", "buffering"}, frame
