"""Lists of a venue, complete or an error: a page that may have been cut is never taken for the end.

Binance lists from a time upwards, a thousand entries at a time. Other venues list the newest entries of a
stretch, often fifty, whatever is asked for: a stretch that comes back with so many is halved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from alipes.connectors.ccxt_replies import NS_PER_MS
from alipes.errors import InputError, VenueError

if TYPE_CHECKING:
    from alipes.net.ccxt_session import CcxtSession

REQUESTS = 200
"""Requests for one list at most; a longer list is an error, not a part."""

DAY_MS = 24 * 3600 * 1000

_KEY = ("id", "side", "type")
"""What tells entries apart: a trade with oneself has two sides, and Binance numbers income by its type."""

Reply = dict[str, Any]


class Paging(NamedTuple):
    """How a venue lists.

    Attributes:
        full: Entries from which on a page may have been cut.
        ascends: Whether a page starts at the time asked for.
        window_ms: Longest stretch of orders and trades per request, ms; None sets no limit.
        begins: First character of a list on the wire: ccxt reads an empty object as an empty list.
    """

    full: int = 50
    ascends: bool = False
    window_ms: int | None = None
    begins: str = ""


PAGING = {
    "binance": Paging(1000, ascends=True, begins="["),
    "binanceusdm": Paging(1000, ascends=True, window_ms=6 * 24 * 3600 * 1000, begins="["),
}
"""By ccxt's venue id; the venue's limit is 7 days."""


def paging_of(venue: str) -> Paging:
    """How a venue lists; the cautious way for one that nobody looked at."""
    return PAGING.get(venue, Paging())


class Pages:
    """One list, being read.

    Args:
        session: The account's session.
        method: Name of ccxt's method, called with (symbol, since, limit, params).
        symbol: What the list is of; None is everything.
    """

    def __init__(self, session: CcxtSession, method: str, symbol: str | None) -> None:
        self._session, self._method, self._symbol = session, method, symbol
        self._paging = paging_of(session.venue)
        self._found: dict[tuple[Any, ...], Reply] = {}
        self._requests = 0

    async def since(self, start: int, *, is_windowed: bool = True) -> list[Reply]:
        """Every entry since `start` (int ns UTC), oldest first, each once.

        Args:
            start: From when on.
            is_windowed: Whether the venue's limit on stretches holds for this list.

        Raises:
            InputError: A start so long ago that it would take too many requests.
            VenueError: Not all of it could be read.
        """
        first, now = start // NS_PER_MS, self._session.now() // NS_PER_MS
        if not self._paging.ascends:
            await self._halved(first, now + 60_000)  # the venue's clock may be ahead of ours
        else:
            window = self._paging.window_ms if is_windowed else None
            if window is not None and (now - first) // window >= REQUESTS:
                raise InputError(
                    f"since {first} ms is {(now - first) // DAY_MS:,} days ago: {self._session.venue} lists"
                    f" {window // DAY_MS} days a request, and a list is {REQUESTS} requests at most: expected"
                    f" a start within {REQUESTS * window // DAY_MS:,} days"
                )
            while window is not None and now - first > window:
                await self._ascending(first, {"until": first + window})
                first += window
            await self._ascending(first, {})
        return sorted(self._found.values(), key=_moment)

    async def _ascending(self, start: int, params: dict[str, Any]) -> None:
        while True:
            known = len(self._found)
            page = await self._page(start, params)
            if len(page) < self._paging.full:
                return
            if len(self._found) == known:
                raise self._endless()
            start = max(int(each.get("timestamp") or 0) for each in page)

    async def _halved(self, start: int, end: int) -> None:
        page = await self._page(start, {"until": end})
        if len(page) < self._paging.full:
            return
        if end - start <= 1:
            raise self._endless()
        middle = (start + end) // 2
        await self._halved(start, middle)
        await self._halved(middle, end)

    async def _page(self, start: int, params: dict[str, Any]) -> list[Reply]:
        self._requests += 1
        if self._requests > REQUESTS:
            raise self._endless()
        page: list[Reply] = await self._session.read(
            self._method, self._symbol, start, self._paging.full, params, begins=self._paging.begins
        )
        self._found.update({tuple(map(each.get, _KEY)): each for each in page})
        return page

    def _endless(self) -> VenueError:
        return VenueError(
            f"{self._session.account}: {self._method}: the list does not end after {len(self._found)} entries"
            f" in {self._requests} requests: ask for a later start"
        )


def _moment(entry: Reply) -> tuple[int, int]:
    """Time, then number: ccxt sorts trades of one millisecond by the text of their ids, 1000 before 999."""
    name = str(entry.get("id"))
    return int(entry.get("timestamp") or 0), int(name) if name.isdecimal() else 0
