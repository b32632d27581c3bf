"""What the engine needs from the outside, as protocols: one side to fake in tests, many to implement.

A port's methods never wait. A connector's answer to a request is an order event that `poll` returns later.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from alipes.model import Order, OrderEvent, Record


class Connector(Protocol):
    """The way to one account at one venue.

    Each `submit` is answered by exactly one of accepted, rejected, not sent, unknown; each `amend` and
    `cancel` by its outcome, not sent or unknown. The order's intent is in the journal before a request is
    made.
    """

    def submit(self, order: Order) -> None:
        """Send the order."""

    def amend(self, order: Order) -> None:
        """Ask for the price and total size in `order.amend_price_ticks` and `order.amend_size_steps`."""

    def cancel(self, order: Order) -> None:
        """Ask the venue to take the order off the market, by client id."""

    def poll(self, now: int) -> Sequence[OrderEvent]:
        """Take the events that are due at `now` (int ns UTC), in order."""

    def next_due(self) -> int | None:
        """When the next event is due, int ns UTC; None when nothing is scheduled or time is not simulated."""


class Feed(Protocol):
    """Market data of one connection, as it arrived."""

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yield (receipt time int ns UTC, raw message)."""


class Journal(Protocol):
    """Where intents, order events, state changes and commands are kept, in order, for ever."""

    def append(self, record: Record) -> None:
        """Add a row.

        Raises:
            StoreError: It could not be kept; nothing may be sent.
        """

    def commit(self) -> None:
        """Make the rows appended so far survive the end of the process; once per input that added some.

        Raises:
            StoreError: They could not be kept; nothing may be sent.
        """


class StatusSource(Protocol):
    """A part of the engine that can say how it is."""

    def status(self) -> Mapping[str, object]:
        """Names and values, cheap to read and safe to print."""
