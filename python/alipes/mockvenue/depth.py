"""Depth of one perpetual as the wire tells it: update ids, changes since the last message, snapshots."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

Levels = list[tuple[int, int]]
"""Price in ticks and size in size steps."""

SPEEDS_MS: Final = (100, 250, 500)


@dataclass(slots=True)
class _Changes:
    """What changed since the last message at one speed."""

    last_id: int
    bids: dict[int, int] = field(default_factory=dict)
    asks: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Diff:
    """A depth update: ``U``, ``u``, ``pu``, and absolute sizes by price; 0 removes."""

    first_id: int
    last_id: int
    previous_id: int
    bids: Levels
    asks: Levels


class DepthFeed:
    """Turns the book into numbered updates, at three speeds at once.

    Every change of a level takes an update id, and so does every snapshot: the update that follows a snapshot
    then always spans the snapshot's id, as the venue's rule for the first update wants it.

    Args:
        take: Levels that changed since it was last called: bids, asks.
        read: The best levels: bids, asks.
        first_id: Update id to begin after.
    """

    def __init__(
        self,
        take: Callable[[], tuple[Levels, Levels]],
        read: Callable[[int], tuple[Levels, Levels]],
        *,
        first_id: int,
    ) -> None:
        self.update_id = first_id
        self._take = take
        self._read = read
        self._fresh: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._waiting = {speed: _Changes(first_id) for speed in SPEEDS_MS}

    def collect(self) -> None:
        """Takes in what changed."""
        bids, asks = self._take()
        if not bids and not asks:
            return
        self.update_id += len(bids) + len(asks)
        self._fresh[0].update(bids)
        self._fresh[1].update(asks)

    def flush(self, speed_ms: int) -> Diff | None:
        """The update that is due at one of `SPEEDS_MS`; `None` where nothing changed."""
        self.collect()
        self._share_fresh()
        changes = self._waiting[speed_ms]
        if not changes.bids and not changes.asks:
            return None
        self._waiting[speed_ms] = _Changes(self.update_id)
        return Diff(
            changes.last_id + 1,
            self.update_id,
            changes.last_id,
            sorted(changes.bids.items(), reverse=True),
            sorted(changes.asks.items()),
        )

    def _share_fresh(self) -> None:
        bids, asks = self._fresh
        if bids or asks:
            for changes in self._waiting.values():
                changes.bids.update(bids)
                changes.asks.update(asks)
            self._fresh = ({}, {})

    def restart(self) -> None:
        """Breaks the chain, where prices and sizes are about to mean something else.

        What changed so far is never told, and the next update does not follow the last one: its ``pu`` is not
        the ``u`` before, so that every client takes a new snapshot.
        """
        self.collect()
        self._fresh = ({}, {})
        self.update_id += 1
        self._waiting = {speed: _Changes(self.update_id) for speed in SPEEDS_MS}

    def snapshot(self, levels: int) -> tuple[int, Levels, Levels]:
        """The best levels of each side with the update id that they stand at."""
        self.collect()
        self.update_id += 1
        bids, asks = self._read(levels)
        return self.update_id, bids, asks

    def top(self, levels: int) -> tuple[Levels, Levels]:
        """The best levels of each side."""
        return self._read(levels)
