"""A frame lost, repeated or out of order, at every place of a stream: the book is right or says it is not."""

from functools import cache

import pytest
from benches.workloads import LOT_SIZE, TICK_SIZE, DepthStream, depth_stream
from tests.counts import scaled

from alipes import BookSync, SyncState

FRAMES = 500
EVERY = scaled(7, 1)
POSITIONS = range(0, FRAMES, EVERY)


@cache
def stream() -> DepthStream:
    return depth_stream(FRAMES, seed=11)


def new_sync() -> BookSync:
    sync = BookSync("binanceusdm", "BTCUSDT", tick_size=TICK_SIZE, lot_size=LOT_SIZE)
    assert sync.snapshot(stream().snapshot) is SyncState.SYNCED
    return sync


def contents(sync: BookSync) -> bytes:
    return sync.book.levels("bid").tobytes() + b"--" + sync.book.levels("ask").tobytes()


@cache
def contents_after() -> list[bytes]:
    """The true book after each frame."""
    sync, out = new_sync(), []
    for raw in stream().messages:
        assert sync.feed(raw) is SyncState.SYNCED
        out.append(contents(sync))
    return out


def snapshot_of(sync: BookSync) -> bytes:
    """A REST answer that shows the book of a synced machine."""
    bids, asks = (
        ",".join(f'["{price:.1f}","{size:.3f}"]' for price, size in sync.book.levels(side))
        for side in ("bid", "ask")
    )
    return f'{{"lastUpdateId":{sync.last_update_id},"bids":[{bids}],"asks":[{asks}]}}'.encode()


@cache
def snapshots() -> list[bytes]:
    """The venue's snapshot after each frame."""
    sync, out = new_sync(), []
    for raw in stream().messages:
        sync.feed(raw)
        out.append(snapshot_of(sync))
    return out


def feed_all(sync: BookSync, messages: list[bytes]) -> list[SyncState]:
    return [sync.feed(raw) for raw in messages]


def test_an_unmodified_stream_stays_synced():
    sync = new_sync()
    assert set(feed_all(sync, stream().messages)) == {SyncState.SYNCED}
    assert contents(sync) == contents_after()[-1]
    best_bid, _, best_ask, _ = sync.book.bbo()
    assert (round(best_bid * 10), round(best_ask * 10)) == stream().touch


@pytest.mark.parametrize("distance", [1, 3])
def test_a_repeated_frame_stays_synced(distance):
    for at in POSITIONS:
        sync = new_sync()
        end = min(at + distance, FRAMES)
        states = feed_all(sync, stream().messages[:end])
        states.append(sync.feed(stream().messages[at]))
        assert contents(sync) == contents_after()[end - 1], at
        states += feed_all(sync, stream().messages[end:])
        assert set(states) == {SyncState.SYNCED}, at
        assert contents(sync) == contents_after()[-1], at
        assert sync.stats()["repeats"] == 1


def test_a_dropped_frame_is_noticed_at_the_next_one():
    for at in POSITIONS:
        sync = new_sync()
        feed_all(sync, stream().messages[:at])
        later = stream().messages[at + 1 :]
        if not later:
            continue
        assert sync.feed(later[0]) is SyncState.STALE, at
        assert sync.reason.startswith("gap:")
        assert sync.wants_snapshot
        assert set(feed_all(sync, later[1:])) <= {SyncState.STALE}, at
        assert sync.stats()["gaps"] == 1


def test_a_new_snapshot_recovers_without_help():
    for at in POSITIONS[:-1]:
        sync = new_sync()
        feed_all(sync, stream().messages[:at])
        shown = min(at + 5, FRAMES - 1)
        feed_all(sync, stream().messages[at + 1 : shown + 4])
        assert sync.state is SyncState.STALE
        assert sync.snapshot_from > 0
        # Too old: it shows the book before the frame that was lost.
        if at > 0:
            assert sync.snapshot(snapshots()[at - 1]) is SyncState.STALE, at
            assert "too old" in sync.reason
        assert sync.snapshot(snapshots()[shown]) is SyncState.SYNCED, at
        assert sync.reason is None
        assert set(feed_all(sync, stream().messages[shown + 4 :])) <= {SyncState.SYNCED}, at
        assert contents(sync) == contents_after()[-1], at
        assert sync.stats()["resyncs"] == 1


def test_two_frames_out_of_order_are_noticed():
    for at in POSITIONS[:-1]:
        messages = list(stream().messages)
        messages[at], messages[at + 1] = messages[at + 1], messages[at]
        sync = new_sync()
        states = feed_all(sync, messages[: at + 2])
        assert states[at] is SyncState.STALE, at
        assert states[at + 1] is SyncState.STALE, at


def test_a_disconnect_at_any_place_waits_for_a_new_snapshot():
    for at in POSITIONS[:-8]:
        sync = new_sync()
        feed_all(sync, stream().messages[:at])
        assert sync.disconnect() is SyncState.STALE
        assert sync.reason == "disconnected"
        assert not sync.wants_snapshot, "nothing has come since"
        feed_all(sync, stream().messages[at + 3 : at + 6])
        assert sync.wants_snapshot
        assert sync.snapshot(snapshots()[at + 4]) is SyncState.SYNCED, at
        assert contents(sync) == contents_after()[at + 5], at


def test_a_stale_or_waiting_book_shows_no_touch_to_batches():
    messages = list(stream().messages)
    del messages[100]
    sync = new_sync()
    rows = sync.feed_many(messages)
    assert not (rows[:100] != rows[:100]).any()
    assert (rows[100:] != rows[100:]).all()
