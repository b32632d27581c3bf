"""How many requests of each kind arrived, whatever became of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alipes.mockvenue.call import Call


class Counts:
    """Requests by transport, method and path."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, str]] = Counter()

    def arrived(self, call: Call) -> None:
        """Counts a request."""
        self._requests[call.transport, call.method, call.path] += 1

    def of(self, method: str, path: str, *, transport: str | None = None) -> int:
        """How many requests arrived, over one transport or over both."""
        return sum(
            count
            for (way, *rest), count in self._requests.items()
            if rest == [method, path] and transport in (None, way)
        )

    def view(self) -> list[dict[str, str | int]]:
        """What the control endpoint tells."""
        return [
            {"transport": transport, "method": method, "path": path, "count": count}
            for (transport, method, path), count in self._requests.items()
        ]
