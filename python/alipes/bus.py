"""Messages for everyone beside the critical path: recorder, metrics, api.

Publishing never waits: each subscriber has a bounded queue that keeps the latest message or drops the oldest,
and counts what it dropped. Order events are not for the bus; their readers follow the journal, which drops
nothing. One thread, the engine's, publishes and reads.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
Policy = Literal["latest", "drop_oldest"]


class Topic(Generic[T]):
    """A named kind of message; the type parameter is the message's type."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Topic({self.name})"


class Subscription(Generic[T]):
    """The queue of one subscriber.

    Attributes:
        dropped: Messages lost because the subscriber was slower than the publisher.
    """

    __slots__ = ("_queue", "_waiter", "dropped")

    def __init__(self, capacity: int) -> None:
        self._queue: deque[T] = deque(maxlen=capacity)
        self._waiter: asyncio.Future[None] | None = None
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._queue)

    def push(self, message: T) -> None:
        """Add a message, dropping the oldest when the queue is full."""
        if len(self._queue) == self._queue.maxlen:
            self.dropped += 1
        self._queue.append(message)
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def drain(self) -> Iterator[T]:
        """Take the messages that are there, oldest first, without waiting."""
        while self._queue:
            yield self._queue.popleft()

    async def wait_next(self) -> T:
        """Take the oldest message, waiting for one if there is none. One task at a time may wait."""
        while not self._queue:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._queue.popleft()


class Bus:
    """Topics and their subscribers."""

    __slots__ = ("_subscriptions",)

    def __init__(self) -> None:
        self._subscriptions: dict[str, list[Subscription[object]]] = {}

    def subscribe(
        self, topic: Topic[T], *, policy: Policy = "drop_oldest", capacity: int = 1024
    ) -> Subscription[T]:
        """Start to receive a topic.

        Args:
            topic: What to receive.
            policy: ``latest`` keeps one message; ``drop_oldest`` keeps `capacity`.
            capacity: Size of the queue, at least 1.

        Returns:
            The queue to read from.
        """
        subscription: Subscription[T] = Subscription(1 if policy == "latest" else capacity)
        self._subscriptions.setdefault(topic.name, []).append(subscription)  # type: ignore[arg-type]
        return subscription

    def unsubscribe(self, topic: Topic[T], subscription: Subscription[T]) -> None:
        """Stop to receive; what is queued stays readable."""
        self._subscriptions.get(topic.name, []).remove(subscription)  # type: ignore[arg-type]

    def publish(self, topic: Topic[T], message: T) -> None:
        """Hand a message to every subscriber of the topic."""
        for subscription in self._subscriptions.get(topic.name, ()):
            subscription.push(message)

    def dropped(self) -> dict[str, int]:
        """Messages lost so far, per topic."""
        return {name: sum(each.dropped for each in queues) for name, queues in self._subscriptions.items()}
