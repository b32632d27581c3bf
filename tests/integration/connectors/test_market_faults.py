"""A market stream with faults, through ccxt into the sequence rules: a book falls out of step and is back."""

import asyncio

import orjson
import pytest
from tests.integration.venue.clients import raw
from tests.support.rigs import BTC, PATIENCE_S
from tests.support.venue_rigs import session_of

import alipes
from alipes.feeds.ccxt import WANTS_SNAPSHOT, CcxtFeed
from alipes.mockvenue import Faults, VenueConfig, VenueServer

STEP_NS = 100_000_000
STEADY = ["empty", "buffering", "synced"]
RECOVERED = [*STEADY, "stale", "synced"]


def new_sync():
    return alipes.BookSync("binanceusdm", BTC, tick_size="0.1", lot_size="0.001")


class Book:
    """A sink that keeps a book in step, and notes the states it went through."""

    def __init__(self):
        self.sync = new_sync()
        self.raws = []
        self.states = [self.sync.state]

    def on_frame(self, ts_recv, raw, snapshot_of=None):
        if snapshot_of is None:
            self.raws.append(raw)
            self.sync.feed(raw)
        else:
            self.sync.snapshot(raw)
        self.note()
        return WANTS_SNAPSHOT if self.sync.wants_snapshot else 0

    def on_disconnect(self, ts_recv):
        self.sync.disconnect()
        self.note()

    def note(self):
        if self.states[-1] != self.sync.state:
            self.states.append(self.sync.state)


@pytest.mark.parametrize(
    ("fault", "states"),
    [
        ({"name": "frame_duplicate"}, STEADY),
        ({"name": "sequence_gap", "nth": 8}, RECOVERED),
        ({"name": "frame_drop", "nth": 8, "count": 5}, RECOVERED),
        ({"name": "frame_reorder", "nth": 8}, RECOVERED),
        ({"name": "disconnect", "nth": 8}, RECOVERED),
        ({"name": "disconnect", "nth": 8, "clean": True}, RECOVERED),
        ({"name": "frame_truncate", "nth": 8}, RECOVERED),
        ({"name": "frame_truncate", "nth": 8, "keep": 0.0}, RECOVERED),
    ],
    ids=lambda given: given["name"] if isinstance(given, dict) else "",
)
def test_a_book_that_lost_its_step_is_back_in_it_and_equal_to_the_venues(fault, states):
    async def main():
        config = VenueConfig(symbols=(BTC,), speed=0)
        faults = Faults([{"stream": "btcusdt@depth*", **fault}])
        async with VenueServer(config, faults) as server, raw(server) as client:
            session, book = session_of(server), Book()
            await session.open()
            feed = CcxtFeed(session=session, symbols={0: BTC}, sink=book)
            running = asyncio.ensure_future(feed.run())
            try:
                await stepped_until(server, lambda: book.states == states)
                return await compared(server, client, book)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                await feed.close()
                await session.close()

    ours, theirs = asyncio.run(main())
    assert ours == theirs


async def stepped_until(server, is_so):
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():
            server.step(STEP_NS)
            await asyncio.sleep(0.02)  # the venue's time runs, five times as fast


async def compared(server, client, book):
    """Our best levels, and those of a snapshot with the frames since applied, at one update id."""
    book.raws.clear()
    _, _, snapshot = await client.public("GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=1000")
    last = orjson.loads(snapshot)["lastUpdateId"]
    await stepped_until(server, lambda: (book.sync.last_update_id or 0) > last)
    truth = new_sync()
    truth.feed_many(book.raws)
    truth.snapshot(snapshot)
    assert truth.last_update_id == book.sync.last_update_id
    return [[side.tolist() for side in each.book.depth(50)] for each in (book.sync, truth)]
