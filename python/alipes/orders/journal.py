"""The journal in memory: for backtests, paper without persistence, and tests."""

from alipes.model import Record


class MemoryJournal:
    """Keeps rows in a list; nothing survives the process.

    Attributes:
        records: The rows, oldest first.
    """

    __slots__ = ("records",)

    def __init__(self) -> None:
        self.records: list[Record] = []

    def append(self, record: Record) -> None:
        """Add a row."""
        self.records.append(record)

    def commit(self) -> None:
        """Do nothing: memory is as durable as it gets."""
