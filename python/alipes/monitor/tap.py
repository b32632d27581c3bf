"""What the engine leaves for whoever counts: the rows of its journal, and times from a frame to an order.

The engine only appends; the reader takes the rows away, often enough that they stay few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alipes.monitor.histogram import Histogram

if TYPE_CHECKING:
    from alipes.model import Record


class Tap:
    """Put on an engine before it starts.

    Attributes:
        records: Rows of the journal since they were last taken, in order.
        tick_to_order: From the receipt of a frame to the moment when the requests that it caused were
            handed over.
    """

    __slots__ = ("records", "tick_to_order")

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.tick_to_order = Histogram()

    def take(self) -> list[Record]:
        """The rows since the last call; they are gone from here."""
        taken, self.records = self.records, []
        return taken
