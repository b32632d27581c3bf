"""Frames, stream names, fan-out and numbered depth updates."""

from __future__ import annotations

import pytest

from alipes.mockvenue.depth import DepthFeed
from alipes.mockvenue.hooks import Hooks
from alipes.mockvenue.streams.frames import combined, text_frame
from alipes.mockvenue.streams.hub import Hub
from alipes.mockvenue.streams.names import path_of

SYMBOLS = frozenset({"btcusdt", "1000shibusdt"})


class _Listener:
    address, path = "127.0.0.1", "/public/ws"

    def __init__(self, *, is_combined: bool = False, events: tuple[str, ...] = ()) -> None:
        self.is_combined = is_combined
        self.events = events
        self.frames: list[bytes] = []

    def wants_event(self, event: str) -> bool:
        return not self.events or event in self.events

    def send_frame(self, frame: bytes) -> None:
        self.frames.append(frame)

    def drop(self) -> None:
        self.frames.append(b"dropped")


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65535, b"\x81\x7e\xff\xff"),
        (65536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_a_frame_is_head_and_payload_of_rfc_6455(size, head):
    assert text_frame(b"x" * size) == head + b"x" * size


@pytest.mark.parametrize(
    ("stream", "path"),
    [
        ("btcusdt@depth", "public"),
        ("btcusdt@depth@100ms", "public"),
        ("btcusdt@depth20@500ms", "public"),
        ("btcusdt@bookTicker", "public"),
        ("!bookTicker", "public"),
        ("btcusdt@trade", "public"),
        ("btcusdt@aggTrade", "market"),
        ("btcusdt@kline_1m", "market"),
        ("btcusdt@markPrice@1s", "market"),
        ("!markPrice@arr@1s", "market"),
        ("!miniTicker@arr", "market"),
        ("1000shibusdt@ticker", "market"),
        ("ethusdt@trade", None),
        ("btcusdt@depth@150ms", None),
        ("btcusdt@kline_7m", None),
        ("BTCUSDT@trade", None),
        ("!trade", None),
    ],
)
def test_every_stream_has_one_path(stream, path):
    assert path_of(stream, SYMBOLS) == path


def test_a_message_is_encoded_once_and_framed_once_for_all_who_want_it():
    hub, made = Hub(Hooks()), []
    listeners = [_Listener(), _Listener(), _Listener(is_combined=True), _Listener(is_combined=True)]
    for listener in listeners:
        hub.subscribe(listener, "s")

    def encode() -> bytes:
        made.append(1)
        return b"{}"

    hub.publish("s", encode)
    hub.publish("nobody wants it", encode)
    assert made == [1]
    assert [listener.frames for listener in listeners[:2]] == [[text_frame(b"{}")]] * 2
    assert listeners[0].frames[0] is listeners[1].frames[0]
    assert listeners[2].frames == [text_frame(combined("s", b"{}"))]
    assert listeners[2].frames[0] is listeners[3].frames[0]
    assert combined("s", b"{}") == b'{"stream":"s","data":{}}'


def test_unsubscribing_stops_a_stream_and_frees_it():
    hub, listener = Hub(Hooks()), _Listener()
    hub.subscribe(listener, "s")
    hub.unsubscribe(listener, "s")
    hub.unsubscribe(listener, "s")
    hub.publish("s", lambda: b"{}")
    assert (listener.frames, hub.wants("s")) == ([], False)


def test_events_that_a_listener_did_not_ask_for_stay_away():
    hub, listener = Hub(Hooks()), _Listener(events=("ACCOUNT_UPDATE",))
    hub.subscribe(listener, "key")
    hub.publish("key", lambda: b"1", event="ORDER_TRADE_UPDATE")
    hub.publish("key", lambda: b"2", event="ACCOUNT_UPDATE")
    assert listener.frames == [text_frame(b"2")]


def test_a_frame_hook_drops_duplicates_and_sees_the_stream():
    class Faulty(Hooks):
        def on_frame(self, subscriber, stream, frame):
            seen.append((subscriber.path, stream))
            return () if stream == "lost" else (frame, frame)

    seen: list[tuple[str, str]] = []
    hub, listener = Hub(Faulty()), _Listener()
    for stream in ("lost", "twice"):
        hub.subscribe(listener, stream)
        hub.publish(stream, lambda: b"x")
    assert listener.frames == [text_frame(b"x")] * 2
    assert seen == [("/public/ws", "lost"), ("/public/ws", "twice")]


class _Book:
    """A book whose changes the test writes."""

    def __init__(self) -> None:
        self.changes: tuple[dict[int, int], dict[int, int]] = ({}, {})

    def take(self):
        bids, asks = self.changes
        self.changes = ({}, {})
        return list(bids.items()), list(asks.items())

    def read(self, levels):
        return [(100, 5)][:levels], [(101, 6)][:levels]


def test_depth_updates_chain_at_every_speed_and_hold_the_last_size():
    book = _Book()
    feed = DepthFeed(book.take, book.read, first_id=1000)
    book.changes = ({100: 5, 99: 1}, {101: 6})
    first = feed.flush(100)
    assert first is not None
    assert (first.first_id, first.last_id, first.previous_id) == (1001, 1003, 1000)
    assert (first.bids, first.asks) == ([(100, 5), (99, 1)], [(101, 6)])
    book.changes = ({100: 0}, {})
    second = feed.flush(100)
    assert second is not None
    assert (second.first_id, second.last_id, second.previous_id) == (1004, 1004, 1003)
    assert feed.flush(100) is None
    slow = feed.flush(250)
    assert slow is not None
    assert (slow.first_id, slow.last_id, slow.previous_id) == (1001, 1004, 1000)
    assert (slow.bids, slow.asks) == ([(100, 0), (99, 1)], [(101, 6)])


def test_the_update_after_a_snapshot_spans_its_id_even_right_after_a_flush():
    book = _Book()
    feed = DepthFeed(book.take, book.read, first_id=1000)
    book.changes = ({100: 5}, {})
    feed.flush(100)
    snapshot_id, bids, asks = feed.snapshot(5)
    assert (snapshot_id, bids, asks) == (1002, [(100, 5)], [(101, 6)])
    assert feed.flush(100) is None
    book.changes = ({}, {102: 1})
    after = feed.flush(100)
    assert after is not None
    assert after.previous_id == 1001
    assert after.first_id <= snapshot_id <= after.last_id


def test_changes_are_told_at_every_speed_whichever_is_due_first():
    changes = [([(100, 5)], []), ([(100, 7), (99, 1)], [(102, 2)]), ([], [(102, 0)]), ([], [])]
    feed = DepthFeed(lambda: changes.pop(0), lambda levels: ([], []), first_id=1000)
    feed.collect()
    feed.collect()
    slow = feed.flush(500)
    assert (slow.first_id, slow.last_id, slow.bids, slow.asks) == (
        1001,
        1005,
        [(100, 7), (99, 1)],
        [(102, 0)],
    )
    fast = feed.flush(100)
    assert (fast.first_id, fast.last_id, fast.bids, fast.asks) == (
        1001,
        1005,
        [(100, 7), (99, 1)],
        [(102, 0)],
    )
