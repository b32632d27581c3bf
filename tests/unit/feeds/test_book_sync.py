"""`BookSync`: states, the venues' rules, what makes a book stale, what is refused."""

import threading
import time

import numpy as np
import pytest
from benches.workloads import depth_stream

from alipes import BookSync, SyncState
from alipes._core import FeedDecoder, InstrumentSpec
from alipes.errors import BookBusyError, DecodeError, InputError

TERMS = {
    "binance": {"tick_size": "0.01", "lot_size": "0.00001"},
    "binanceusdm": {"tick_size": "0.1", "lot_size": "0.001"},
}
BIDS, ASKS = [["100.0", "1"], ["99.9", "2"]], [["100.1", "1"], ["100.2", "2"]]


def text(levels):
    return "[" + ",".join(f'["{price}","{size}"]' for price, size in levels) + "]"


def snapshot(last, bids=BIDS, asks=ASKS):
    return f'{{"lastUpdateId":{last},"bids":{text(bids)},"asks":{text(asks)}}}'.encode()


def usdm(first, last, previous, bids=(), asks=()):
    head = f'"e":"depthUpdate","E":5,"T":4,"s":"BTCUSDT","U":{first},"u":{last},"pu":{previous}'
    return f'{{{head},"b":{text(bids)},"a":{text(asks)}}}'.encode()


def spot(first, last, bids=(), asks=()):
    head = f'"e":"depthUpdate","E":5,"s":"BTCUSDT","U":{first},"u":{last}'
    return f'{{{head},"b":{text(bids)},"a":{text(asks)}}}'.encode()


def sync_of(venue):
    return BookSync(venue, "BTCUSDT", **TERMS[venue])


@pytest.fixture
def futures():
    return sync_of("binanceusdm")


def test_states_are_strings_and_members(futures):
    assert futures.state is SyncState.EMPTY
    assert futures.state == "empty"
    assert [state.value for state in SyncState] == ["empty", "buffering", "synced", "stale"]
    assert futures.reason is None
    assert futures.last_update_id is None
    assert np.isnan(futures.book.bbo()).all()


def test_events_wait_for_the_snapshot_and_are_replayed(futures):
    assert futures.feed(usdm(90, 95, 89)) == "buffering"
    assert futures.feed(usdm(96, 105, 95, bids=[["100.0", "5"]])) == "buffering"
    assert futures.feed(usdm(106, 110, 105, asks=[["100.1", "0"]])) == "buffering"
    assert futures.wants_snapshot
    assert futures.snapshot_from == 90
    assert futures.feed(snapshot(100)) == "synced"
    assert futures.book.bbo() == (100.0, 5.0, 100.2, 2.0)
    assert futures.last_update_id == 110
    assert not futures.wants_snapshot


def test_waiting_events_are_replayed_in_order(futures):
    futures.feed(usdm(96, 105, 95, bids=[["100.0", "5"]]))
    futures.feed(usdm(106, 110, 105, bids=[["100.0", "6"]]))
    futures.feed(snapshot(100))
    assert futures.book.bbo()[:2] == (100.0, 6.0)


@pytest.mark.parametrize(
    ("first", "last", "state"), [(101, 105, "stale"), (100, 100, "synced"), (95, 99, "synced")]
)
def test_usdm_first_event_must_hold_the_snapshots_id(futures, first, last, state):
    futures.snapshot(snapshot(100))
    assert futures.feed(usdm(first, last, 94)) == state
    assert futures.stats()["depths"] == (last == 100)


@pytest.mark.parametrize(
    ("first", "last", "state"), [(102, 105, "stale"), (101, 101, "synced"), (95, 100, "synced")]
)
def test_spot_first_event_must_hold_the_update_after_the_snapshot(first, last, state):
    sync = sync_of("binance")
    sync.snapshot(snapshot(100))
    assert sync.feed(spot(first, last)) == state
    assert sync.stats()["depths"] == (first == 101)


def test_spot_events_may_overlap_but_not_leave_a_gap():
    sync = sync_of("binance")
    sync.snapshot(snapshot(100))
    assert sync.feed(spot(101, 105)) == "synced"
    assert sync.feed(spot(104, 107, bids=[["100.00", "3"]])) == "synced"
    assert sync.book.bbo()[1] == 3.0
    assert sync.feed(spot(109, 110)) == "stale"
    assert sync.reason == "gap: event 109..110 does not follow update 107"


def test_usdm_events_name_the_one_before(futures):
    futures.snapshot(snapshot(100))
    assert futures.feed(usdm(99, 105, 98)) == "synced"
    assert futures.feed(usdm(120, 125, 105)) == "synced"
    assert futures.feed(usdm(126, 130, 124)) == "stale"
    assert "it follows 124" in futures.reason


def test_a_snapshot_older_than_a_synced_book_changes_nothing(futures):
    futures.snapshot(snapshot(100))
    futures.feed(usdm(99, 105, 98, bids=[["100.0", "7"]]))
    assert futures.snapshot(snapshot(101)) == "synced"
    assert futures.book.bbo()[1] == 7.0
    assert futures.stats()["snapshots_refused"] == 1


def test_a_newer_snapshot_replaces_a_synced_book(futures):
    futures.snapshot(snapshot(100))
    assert futures.snapshot(snapshot(200, bids=[["90.0", "1"]], asks=[["91.0", "1"]])) == "synced"
    assert futures.book.bbo() == (90.0, 1.0, 91.0, 1.0)
    assert len(futures.book) == 2, "no level of the old book is left"


def test_a_crossed_book_is_stale_until_a_new_snapshot(futures):
    futures.snapshot(snapshot(100))
    assert futures.feed(usdm(99, 105, 98, bids=[["100.1", "1"]])) == "stale"
    assert futures.reason == "crossed after update 105: best bid 100.1 at or above best ask 100.1"
    assert futures.snapshot(snapshot(106)) == "synced"


def test_a_crossed_snapshot_is_refused(futures):
    futures.snapshot(snapshot(100))
    assert futures.snapshot(snapshot(200, bids=ASKS, asks=BIDS)) == "synced"
    assert futures.reason == "snapshot 200 is crossed: best bid 100.2 at or above best ask 99.9"
    assert futures.book.bbo() == (100.0, 1.0, 100.1, 1.0)


@pytest.mark.parametrize(
    "raw", [usdm(99, 105, 98, bids=[["100.05", "1"], ["99.9", "9"]]), snapshot(200, asks=[["100.15", "1"]])]
)
def test_a_price_off_the_grid_makes_the_book_stale_and_is_not_applied(futures, raw):
    futures.snapshot(snapshot(100))
    before = futures.book.levels("bid").tobytes()
    assert futures.feed(raw) == "stale"
    assert "off the grid of 0.1" in futures.reason
    assert futures.book.levels("bid").tobytes() == before


def test_a_size_finer_than_the_step_is_rounded_to_nearest_and_counted(futures):
    futures.snapshot(snapshot(100))
    futures.feed(usdm(99, 105, 98, bids=[["100.0", "1.0000005"], ["99.9", "2.0000004"]]))
    assert futures.book.levels("bid")[:, 1].tolist() == [1.000001, 2.0]
    assert futures.stats()["sizes_rounded"] == 2


def test_more_decimals_than_the_grid_needs_are_read(futures):
    futures.snapshot(snapshot(100, bids=[["100.00000000", "1.000000000"]], asks=[["100.1", "1e-1"]]))
    assert futures.book.bbo() == (100.0, 1.0, 100.1, 0.1)


def test_other_streams_and_symbols_are_counted_and_ignored(futures):
    futures.snapshot(snapshot(100))
    futures.feed(b'{"result":null,"id":1}')
    futures.feed(b'{"e":"kline","s":"BTCUSDT","k":{}}')
    futures.feed(b'{"stream":"btcusdt@depth5","data":%s}' % usdm(1, 2, 0, bids=[["100.0", "9"]]))
    futures.feed(usdm(1, 2, 0).replace(b"BTCUSDT", b"ETHUSDT"))
    stats = futures.stats()
    assert (stats["other_streams"], stats["other_symbols"]) == (3, 1)
    assert futures.book.bbo()[1] == 1.0


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (spot(101, 105), "needs the member pu"),
        (b'{"topic":"orderbook.50.BTCUSDT","data":{}}', "no message of binanceusdm"),
        (usdm(99, 105, 98)[:-4], "EOF while parsing"),
        (b"", "at byte 0"),
        (b"[1]", "expected an object at byte 0"),
        (usdm(99, 105, 98, bids=[["-1", "1"]]), 'found "-1" at byte 74'),
        (usdm(99, 105, 98, bids=[["1", "9" * 30]]), "out of range"),
        (b'{"e":"trade","E":1,"s":"BTCUSDT","t":1,"p":"1","q":"1","m":2}', "expected true or false, found 2"),
        (b"\xff{}", "not UTF-8 at byte 0"),
    ],
)
def test_a_message_that_is_none_is_refused_with_its_place(futures, raw, said):
    futures.snapshot(snapshot(100))
    with pytest.raises(DecodeError, match=r"at byte \d+") as caught:
        futures.feed(raw)
    assert said in str(caught.value)
    assert futures.state == "synced"
    assert futures.book.bbo() == (100.0, 1.0, 100.1, 1.0)
    assert futures.stats()["errors"] == 1


def test_a_futures_event_on_the_spot_venue_is_refused():
    with pytest.raises(DecodeError, match="binanceusdm sends it"):
        sync_of("binance").feed(usdm(99, 105, 98))


def test_snapshot_takes_only_snapshots(futures):
    with pytest.raises(DecodeError, match="expected a snapshot"):
        futures.snapshot(usdm(99, 105, 98))
    assert futures.state == "empty"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, bytes.decode])
def test_any_bytes_like_or_text_is_taken(futures, kind):
    assert futures.feed(kind(snapshot(100))) == "synced"
    assert futures.feed_many([kind(usdm(99, 105, 98))]).shape == (1, 4)


def test_what_is_no_message_at_all_is_an_input_error(futures):
    for raw in (None, 1, ["x"], np.zeros(3)):
        with pytest.raises(InputError, match="must be bytes"):
            futures.feed(raw)
    with pytest.raises(InputError):
        futures.feed_many([snapshot(100), None])
    assert futures.state == "empty", "nothing of the batch was applied"


def test_feed_many_stops_at_a_message_that_is_refused(futures):
    with pytest.raises(DecodeError, match="message 1:"):
        futures.feed_many([snapshot(100), b"{", usdm(99, 105, 98)])
    assert futures.last_update_id == 100


@pytest.mark.parametrize(
    "arguments",
    [
        {"venue": "bybit"},
        {"symbol": "BTC/USDT:BTC"},
        {"symbol": ""},
        {"tick_size": "0"},
        {"tick_size": "-0.1"},
        {"tick_size": float("nan")},
        {"lot_size": "abc"},
        {"lot_size": 0.0},
    ],
)
def test_terms_that_cannot_be_are_refused(arguments):
    terms = {
        "venue": "binanceusdm",
        "symbol": "BTC/USDT:USDT",
        "tick_size": "0.1",
        "lot_size": "0.001",
    } | arguments
    with pytest.raises(InputError):
        BookSync(terms.pop("venue"), terms.pop("symbol"), **terms)


def test_reading_during_a_batch_in_another_thread_is_refused_at_once():
    stream = depth_stream(2_000, seed=3)
    sync = BookSync("binanceusdm", "BTC/USDT:USDT", tick_size="0.1", lot_size="0.001")
    messages, is_done = [stream.snapshot, *stream.messages], threading.Event()

    def feed_until_done():
        while not is_done.is_set():
            sync.feed_many(messages)

    def read_until_refused():
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert not sync.book.is_crossed

    batches = threading.Thread(target=feed_until_done)
    batches.start()
    try:
        with pytest.raises(BookBusyError, match="in use by a batch call"):
            read_until_refused()
    finally:
        is_done.set()
        batches.join()
    assert sync.state == "synced"


@pytest.mark.parametrize(
    ("venue", "symbol", "example"),
    [
        ("binanceusdm", "BTC/USDT", "BTC/USDT:USDT or BTCUSDT"),
        ("binanceusdm", "BTC", "BTC/USDT:USDT or BTCUSDT"),
        ("binance", "BTC/USDT:USDT", "BTC/USDT or BTCUSDT"),
    ],
)
def test_a_symbol_of_another_kind_of_market_is_refused(venue, symbol, example):
    with pytest.raises(InputError, match=f"{symbol}.* is no symbol of {venue}: expected one like {example}"):
        BookSync(venue, symbol, **TERMS[venue])
    with pytest.raises(InputError, match=example):
        FeedDecoder(venue).add(
            symbol, 0, InstrumentSpec(symbol=symbol, base="BTC", quote="USDT", **TERMS[venue])
        )
