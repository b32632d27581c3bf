"""The bus never blocks the publisher: queues are bounded, and what is lost is counted."""

import asyncio

from alipes.bus import Bus, Topic

FILLS: Topic[int] = Topic("fills")
BARS: Topic[str] = Topic("bars")


def test_every_subscriber_of_a_topic_gets_each_message_in_order() -> None:
    bus = Bus()
    first, second, other = bus.subscribe(FILLS), bus.subscribe(FILLS), bus.subscribe(BARS)
    for number in range(3):
        bus.publish(FILLS, number)
    assert (list(first.drain()), list(second.drain()), list(other.drain())) == ([0, 1, 2], [0, 1, 2], [])


def test_a_full_queue_drops_the_oldest_and_counts_it() -> None:
    bus = Bus()
    slow = bus.subscribe(FILLS, capacity=2)
    for number in range(5):
        bus.publish(FILLS, number)
    assert (list(slow.drain()), slow.dropped, bus.dropped()) == ([3, 4], 3, {"fills": 3})


def test_latest_keeps_one() -> None:
    bus = Bus()
    latest = bus.subscribe(FILLS, policy="latest")
    bus.publish(FILLS, 1)
    bus.publish(FILLS, 2)
    assert (list(latest.drain()), latest.dropped) == ([2], 1)


def test_after_unsubscribing_nothing_arrives() -> None:
    bus = Bus()
    gone = bus.subscribe(FILLS)
    bus.publish(FILLS, 1)
    bus.unsubscribe(FILLS, gone)
    bus.publish(FILLS, 2)
    assert list(gone.drain()) == [1]


def test_publishing_without_subscribers_is_nothing() -> None:
    bus = Bus()
    bus.publish(FILLS, 1)
    assert bus.dropped() == {}


def test_a_waiting_reader_wakes_up() -> None:
    async def scene() -> list[int]:
        bus = Bus()
        queue = bus.subscribe(FILLS)
        reader = asyncio.ensure_future(queue.wait_next())
        await asyncio.sleep(0)
        bus.publish(FILLS, 7)
        bus.publish(FILLS, 8)
        return [await reader, await queue.wait_next()]

    assert asyncio.run(scene()) == [7, 8]


def test_a_reader_that_gave_up_loses_nothing() -> None:
    async def scene() -> int:
        bus = Bus()
        queue = bus.subscribe(FILLS)
        reader = asyncio.ensure_future(queue.wait_next())
        await asyncio.sleep(0)
        reader.cancel()
        bus.publish(FILLS, 9)
        return await queue.wait_next()

    assert asyncio.run(scene()) == 9
