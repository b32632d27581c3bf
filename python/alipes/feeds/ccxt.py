"""The venue's own market through ccxt: every message as it came, and snapshots where a book wants one.

ccxt subscribes, pings and dials again; what its calls return is not read, because they wake for the next
message only and merge what came between. Each message of the venue is taken before ccxt looks at it and goes
on as bytes to the decoder, so that books follow the venue's sequence numbers by our rules, and a recording of
the run holds what the venue sent.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson
import structlog

from alipes.errors import ConfigError, VenueError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from alipes.net.ccxt_session import CcxtSession

SNAPSHOT_LEVELS = 1000
"""Levels a side of a REST snapshot."""
WANTS_SNAPSHOT = 1 << 28
"""The flag of `alipes._core.FeedDecoder.on_frame` that asks for a snapshot."""
SNAPSHOT_PAUSE_S = 1.0
"""Least time between two snapshots of one instrument, seconds."""
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 10.0
"""Pauses between attempts to watch again, seconds."""


class _Venue(NamedTuple):
    """How a venue gives its market: the REST method of a snapshot, and the events of its streams."""

    snapshot: str
    events: frozenset[str]


_EVENTS = frozenset({"depthUpdate", "trade", "aggTrade", "bookTicker"})
_VENUES = {
    "binance": _Venue("publicGetDepth", _EVENTS),
    "binanceusdm": _Venue("fapiPublicGetDepth", _EVENTS),
}


class Sink(Protocol):
    """Who takes the frames, each at once."""

    def on_frame(self, ts_recv: int, raw: bytes, snapshot_of: int | None = None) -> int:
        """Takes a frame, or the snapshot of an instrument; returns what the decoder says of it."""

    def on_disconnect(self, ts_recv: int) -> None:
        """Market data were lost: every book is out of step."""


class CcxtFeed:
    """Market data of some instruments of one venue.

    Args:
        session: The account's session, open.
        symbols: Symbols by instrument index.
        sink: Who takes the frames.

    Attributes:
        drops: How often a stream broke.

    Raises:
        ConfigError: A venue whose messages there is no decoder for.
    """

    def __init__(self, *, session: CcxtSession, symbols: Mapping[int, str], sink: Sink) -> None:
        if session.venue not in _VENUES:
            raise ConfigError(
                f"[feed] type = 'ccxt' has no decoder for {session.venue!r}: expected {' or '.join(_VENUES)}"
            )
        self.drops = 0
        self._session, self._symbols, self._sink = session, dict(symbols), sink
        self._venue = _VENUES[session.venue]
        self._index = {session.exchange.markets[each]["id"]: index for index, each in symbols.items()}
        self._asked: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("alipes").bind(account=session.account)
        self._hook()

    async def run(self) -> None:
        """Keeps the streams until it is cancelled.

        Raises:
            InvariantError: What the sink raises of that kind ends the feed.
        """
        async with asyncio.TaskGroup() as group:
            for symbol in self._symbols.values():
                group.create_task(self._keep("watch_order_book", symbol))
                group.create_task(self._keep("watch_trades", symbol))

    async def close(self) -> None:
        """Ends the requests for snapshots that are under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, method: str, symbol: str) -> None:
        pause = FIRST_PAUSE_S
        while True:
            try:
                await getattr(self._session.exchange, method)(symbol)
                pause = FIRST_PAUSE_S
                continue
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    raise
                reason = "closed"  # ccxt rejects its watchers so when a client closes
            except Exception as error:  # noqa: BLE001 - whatever it is, the stream is dialled again
                reason = f"{type(error).__name__}: {self._session.scrub(str(error))}"
            self.drops += 1
            self._log.warning(
                "market stream broken", stream=method, symbol=symbol, reason=reason, again_in_s=pause
            )
            if method == "watch_order_book":
                self._sink.on_disconnect(self._session.now())
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    # ccxt's seam

    def _hook(self) -> None:
        exchange = self._session.exchange
        handle, events = exchange.handle_message, self._venue.events

        def handle_message(client: Any, message: Any) -> None:
            if isinstance(message, dict):
                event = message.get("data", message)
                if isinstance(event, dict) and event.get("e") in events:
                    self._take(event)
            handle(client, message)

        exchange.handle_message = handle_message

    def _take(self, event: dict[str, Any]) -> None:
        packed = self._sink.on_frame(self._session.now(), orjson.dumps(event))
        if packed & WANTS_SNAPSHOT:
            index = self._index.get(event.get("s", ""))
            if index is not None and index not in self._asked:
                self._asked.add(index)
                self._start(self._snapshot(index))

    async def _snapshot(self, index: int) -> None:
        market = self._session.exchange.markets[self._symbols[index]]
        request = {"symbol": market["id"], "limit": SNAPSHOT_LEVELS}
        try:
            reply = await self._session.read(self._venue.snapshot, request)
            self._sink.on_frame(self._session.now(), orjson.dumps(reply), index)
        except VenueError as error:
            self._log.warning("no snapshot", symbol=self._symbols[index], reason=str(error))
        finally:
            await asyncio.sleep(SNAPSHOT_PAUSE_S)  # the next event asks again if this one did not help
            self._asked.discard(index)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
